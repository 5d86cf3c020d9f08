#pragma once

#include <set>
#include <string>
#include <vector>

#include "reports/recompute/comparison.hpp"
#include "reports/recompute/run_descriptions.hpp"
#include "reports/waveforms/kept_waveform.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// One measurement of a run, derived again.
struct RecomputedMeasurement {
  std::string name;  ///< "2.5 mm at 9000/min: penetration"
  bool same = true;
  bool told = false;  ///< not from samples: taken from the record
};

/// A run derived again from its waveforms, calibrations and plan, held against its record.
struct Recomputation {
  std::string run_id;
  std::string recorded_algorithm, algorithm;  ///< what measured then, and now; recorded empty: before it had a version
  std::vector<RecomputedMeasurement> measurements;  ///< of the run, in the record's order
  std::vector<RecordDifference> differences;
  std::vector<std::string> told;     ///< what was taken from the record
  std::vector<std::string> missing;  ///< data that is not there or damaged
  std::uint64_t waveforms = 0, samples = 0, compared = 0;
  std::set<std::string> held;  ///< files whose bytes the source gave and which have this SHA-256
  RunOutcome outcome;          ///< as judged again
  /// Differences are those between two versions of what measures, and no sign that somebody altered the record.
  bool newer_algorithm() const { return recorded_algorithm != algorithm; }
};

/// Every number and decision again, by the functions that a run uses. What data are missing for is not compared.
Recomputation recompute(const RunRecord& record, const WaveformSource& source, const RunDescriptions& run);

}  // namespace penrig
