#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reports/evidence/key_ring.hpp"
#include "reports/store/record_store.hpp"

namespace penrig {

/// What to hold a store against beside itself.
struct VerifyOptions {
  std::vector<std::string> runs{};               ///< these alone, with log and trail; empty: all
  std::optional<std::string> kept_checkpoint{};  ///< a note that somebody kept: the log must have grown from it
  std::shared_ptr<const KeyRing> keys{};         ///< whose keys the store's must be, and have signed; none: any
  /// Told every run as it was read, before its own checks. Says of which of its files it has just read the bytes in
  /// this store and found this SHA-256: they are not read once more.
  std::function<std::set<std::string>(const RunRecord&)> seen{};
};

/// One thing that is wrong.
struct VerifyFault {
  std::string where;  ///< "R-000012", "A-000003", "log", "database", "waveform 3fa9..."
  std::string what;   ///< what was found, and what was expected
};

struct Verification {
  std::vector<VerifyFault> faults;  ///< empty: everything that can be checked fits
  std::vector<std::string> notes;   ///< what a reader must know to judge that: what is not signed, what no log covers
  std::uint64_t runs = 0, signed_runs = 0;            ///< closed ones that were checked
  std::uint64_t open_runs = 0, runs_before_log = 0;   ///< not covered by the log
  std::uint64_t audit_entries = 0, calibrations = 0;  ///< that were checked
  std::uint64_t waveforms = 0, archived_waveforms = 0, link_traces = 0;
  std::string origin, checkpoint;  ///< of the log, as its newest leaf left it; empty: it has none
  std::uint64_t log_size = 0;
  std::string root_hex;
  std::string key_name, key_fingerprint;  ///< of the newest key; empty: there is none
};

/// Derives every record again from its rows and holds it against its leaf, its signature and the log; likewise the
/// audit trail, the calibrations, the waveform files, and the archives that some were moved into. A run that cannot be
/// read is a fault like any other. Faults of signatures: a certifying run without one; since the log has a key, a
/// calibration, void or approval without one; where keys are named, a checkpoint without one too, and a log without a
/// key. Errors: usage: no such run; io and bad_data: it cannot be read
/// at all.
Result<Verification> verify_store(RecordStore& store, const VerifyOptions& options);

}  // namespace penrig
