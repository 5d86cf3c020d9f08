#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reports/recompute/comparison.hpp"
#include "reports/waveforms/kept_waveform.hpp"
#include "rig/run/analyses.hpp"

namespace penrig {

/// The phases of a record, derived again from its waveforms.
struct RederivedPhases {
  std::vector<PhaseRecord> phases;  ///< as many as the record has, in its order; what is told is the record's
  std::vector<bool> derived;        ///< of each phase: all its numbers were (or it has none)
  std::optional<ReferenceZero> zero_before, zero_after;  ///< by all corrections
  std::optional<Calibrations> calibrations;              ///< in force in the run; none: no capture was analysed
  WithoutCorrections without;
  std::vector<std::string> told;         ///< what is not derived from samples, and was taken from the record
  std::vector<std::string> missing;      ///< data that is not there or damaged, named: what hangs on it was not derived
  std::vector<RecordDifference> unlike;  ///< where inputs or errors of the record are not what its samples give
  std::uint64_t waveforms = 0, samples = 0;
  std::set<std::string> held;  ///< files whose bytes were read and have this SHA-256
};

/// Every analysis of the run again, in its order, by the functions that the run called: tare, touches, reference zeros,
/// settings, link loss. What one capture gives (tare, zero, surface) is used for those that follow, and held against
/// what the record says that they were given.
RederivedPhases rederive(const RunRecord& record, const WaveformSource& source);

}  // namespace penrig
