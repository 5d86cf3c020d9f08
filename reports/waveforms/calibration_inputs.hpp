#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "rig/record/waveform_record.hpp"

namespace penrig {

/// A stretch of an analysis' inputs.
struct InputRange {
  AnalysisInputs::const_iterator first, behind;
  AnalysisInputs::const_iterator begin() const { return first; }
  AnalysisInputs::const_iterator end() const { return behind; }
};

/// Those that say how the bench was calibrated ("calibrations.force_n_per_count.value"): the analyses of a run are
/// mostly given the same.
InputRange calibrations_among(const AnalysisInputs& inputs);

/// The different sets of them, numbered 0, 1, ... as they first come up.
class CalibrationInputs {
 public:
  /// The number of the set among these inputs, which outlive this; nothing where none is of calibrations.
  std::optional<std::size_t> number_of(const AnalysisInputs& inputs);
  const std::vector<InputRange>& all() const { return sets_; }

 private:
  std::vector<InputRange> sets_;
};

}  // namespace penrig
