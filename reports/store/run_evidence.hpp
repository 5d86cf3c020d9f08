#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/evidence/ed25519.hpp"
#include "reports/evidence/merkle_log.hpp"
#include "rig/base/result.hpp"

namespace penrig {

/// All that a stranger needs to check one record without the store.
struct RunEvidence {
  std::string record;           ///< the bytes that were hashed and signed: what `records show --json` prints
  std::string signature;        ///< SSHSIG, namespace penrig-record; empty: the record is not signed
  std::uint64_t leaf = 0;       ///< index of its leaf
  std::string checkpoint;       ///< the newest note of the log; without signature lines where no key was there
  std::vector<TreeHash> proof;  ///< from the leaf to the checkpoint's root
  std::string signer_name;      ///< of the key that signed the record; empty: not signed
  PublicKey signer{};
  PublicKey checkpoint_signer{};  ///< only where the checkpoint is signed
  std::string allowed_signers;    ///< for `ssh-keygen -Y verify -f`; empty: not signed
  std::string principal;          ///< the name in it, for -I
};

/// What is wrong with it, by itself: signature against record and key, leaf and proof against the checkpoint, the
/// checkpoint's own signature. Empty: all that is there fits. That nothing is signed is not wrong, but said by the
/// fields. Whether the keys are to be trusted is for the reader to say.
std::vector<std::string> faults_of(const RunEvidence& evidence);

/// A proof as a file: one hash a line, in base64, lowest first. Errc::bad_data for the way back.
std::string proof_text(const std::vector<TreeHash>& proof);
Result<std::vector<TreeHash>> proof_of(std::string_view text);

/// A line of an allowed-signers file: `M._Okafor namespaces="penrig-record,penrig-audit" ssh-ed25519 AAAA...`.
std::string allowed_signers_line(const PublicKey& key, const std::string& name);
/// The name in it: no spaces, commas, quotes or wildcards.
std::string principal_of(const std::string& name);

}  // namespace penrig
