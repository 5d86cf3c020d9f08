#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reports/evidence/key_ring.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/rig_slots.hpp"
#include "tools/penrig/prepare_run.hpp"

namespace penrig::cli {

/// Whether a run certifies, and what its record says of that.
struct Certifying {
  bool certifies = false;
  std::string because;                    ///< why not, one line; empty if it does
  std::string reason;                     ///< of a retest
  std::vector<std::string> earlier_runs;  ///< certifying ones of this serial number, oldest first
};

/// A run certifies on a real rig, with a key, with the very bytes of plan, product and rig approved, with filed
/// calibrations that a key of the store signed, nothing switched off, and when nobody asked for less. It must then come
/// after everything that is recorded, and a retest needs a reason and must be within the product's bound. A clock that
/// went back is entered into the audit trail, whatever the run is.
///
/// @param filed   the filed calibrations that it measures with.
/// @param keys    those that the store signs with; null: none.
/// @param utc_ns  now, by the rig's timeline.
/// Errors, all before anything moves: refused: the clock stands before the newest record, or no retest is left; usage:
/// a retest without a reason; else as the store.
Result<Certifying> decide_certifying(RecordStore& store, const RunOptions& options, const PreparedRun& prepared,
                                     const std::vector<Calibration>& filed, const std::shared_ptr<const KeyRing>& keys,
                                     std::int64_t utc_ns);

/// What a run that would certify lacks to be a retest; asks and enters nothing else.
Result<StartLacks> retest_lacks(RecordStore& store, const RunOptions& options, const PreparedRun& prepared,
                                const std::vector<Calibration>& filed, const std::shared_ptr<const KeyRing>& keys);

/// Writes it into the header.
void enter_certifying(RunHeader& header, const Certifying& certifying);

}  // namespace penrig::cli
