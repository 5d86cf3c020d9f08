#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace penrig {

/// What somebody said about a run after it was closed.
struct RunRemark {
  std::string who, text;
  std::int64_t at_utc_ns = 0;
};

/// A signature under a run's record that holds.
struct RunSignature {
  std::string name;         ///< of the key's holder, as it was entered with the key
  std::string fingerprint;  ///< "SHA256:..."
  std::int64_t signed_utc_ns = 0;
};

/// How a run stands now: what was added beside its record, which itself never changes. From the audit trail and the
/// log; not part of what is signed.
struct RunStanding {
  std::optional<RunRemark> voided;  ///< nothing of the run counts any more
  std::string superseded_by;        ///< of a voided run; empty: by none
  std::vector<RunRemark> comments;  ///< oldest first
  std::vector<RunSignature> signatures;
  std::string signature_fault;            ///< why a signature that is there does not count; empty: none such
  std::optional<std::uint64_t> log_leaf;  ///< index in the log; none: not closed, or closed before there was a log
};

}  // namespace penrig
