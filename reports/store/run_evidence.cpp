#include "reports/store/run_evidence.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/evidence/audit_entry.hpp"
#include "reports/evidence/base64.hpp"
#include "reports/evidence/checkpoint.hpp"
#include "reports/evidence/ssh_key.hpp"

namespace penrig {

std::string principal_of(const std::string& name) {
  std::string principal;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                       c == '-' || c == '_' || c == '@';
    principal += plain ? c : '_';
  }
  return principal.empty() ? "penrig" : principal;
}

std::string allowed_signers_line(const PublicKey& key, const std::string& name) {
  return fmt::format("{} namespaces=\"{},{}\" {}\n", principal_of(name), kRecordSpace, kAuditSpace,
                     public_line(key, principal_of(name)));
}

std::string proof_text(const std::vector<TreeHash>& proof) {
  std::string text;
  for (const TreeHash& hash : proof)
    text += base64_of({reinterpret_cast<const char*>(hash.data()), hash.size()}) + "\n";
  return text;
}

Result<std::vector<TreeHash>> proof_of(std::string_view text) {
  std::vector<TreeHash> proof;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::optional<std::string> bytes = bytes_of_base64(text.substr(0, end));
    TreeHash hash{};
    if (end == std::string_view::npos || !bytes || bytes->size() != hash.size()) {
      return fail(Errc::bad_data, fmt::format("this is no inclusion proof: line {} is not 32 bytes in base64 with a "
                                              "line feed",
                                              proof.size() + 1));
    }
    std::transform(bytes->begin(), bytes->end(), hash.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    proof.push_back(hash);
    text.remove_prefix(end + 1);
  }
  return proof;
}

std::vector<std::string> faults_of(const RunEvidence& e) {
  std::vector<std::string> faults;
  if (!e.signature.empty()) {
    const Result<PublicKey> signer = signer_of(e.signature, kRecordSpace, e.record);
    if (!signer) {
      faults.push_back("the record's signature: " + signer.error().message);
    } else if (*signer != e.signer) {
      faults.push_back(fmt::format("the record is signed by {}, and the log's key was {}", fingerprint(*signer),
                                   fingerprint(e.signer)));
    }
  }
  const Result<Checkpoint> checkpoint = unverified_checkpoint(e.checkpoint);
  if (!checkpoint) {
    faults.push_back(checkpoint.error().message);
    return faults;
  }
  if (e.leaf >= checkpoint->size || !includes(leaf_hash(e.record), e.leaf, checkpoint->size, e.proof, checkpoint->root))
    faults.push_back(fmt::format("the record is not leaf {} of the log that the checkpoint stands for", e.leaf));
  if (e.checkpoint_signer != PublicKey{}) {
    const auto signed_one = verified_checkpoint(e.checkpoint, e.checkpoint_signer, checkpoint->origin);
    if (!signed_one) faults.push_back(signed_one.error().message);
  }
  return faults;
}

}  // namespace penrig
