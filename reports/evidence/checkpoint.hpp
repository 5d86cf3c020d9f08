#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reports/evidence/ed25519.hpp"
#include "reports/evidence/merkle_log.hpp"

namespace penrig {

/// What the log was when it was signed.
struct Checkpoint {
  std::string origin;  ///< which log: "penrig.example/line-3"
  std::uint64_t size = 0;
  TreeHash root{};
};

/// The note's text and its signature line, named `name` (no spaces, no '+'). Source: C2SP tlog-checkpoint,
/// signed-note (algorithm 1, Ed25519).
std::string signed_checkpoint(const Checkpoint& checkpoint, const SigningKey& key, std::string_view name);
/// The note's text alone, as it stands where no key was there to sign it.
std::string checkpoint_text(const Checkpoint& checkpoint);
/// What a note says, whoever signed it or nobody. Errc::bad_data: no checkpoint.
Result<Checkpoint> unverified_checkpoint(std::string_view note);
/// Errors: bad_data: no checkpoint, or no signature by that name and key that fits. Signatures of others are skipped.
Result<Checkpoint> verified_checkpoint(std::string_view note, const PublicKey& key, std::string_view name);

}  // namespace penrig
