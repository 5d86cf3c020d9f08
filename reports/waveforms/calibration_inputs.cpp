#include "reports/waveforms/calibration_inputs.hpp"

#include <algorithm>

#include "reports/same_bits.hpp"

namespace penrig {

InputRange calibrations_among(const AnalysisInputs& inputs) {
  return {inputs.lower_bound("calibrations."), inputs.lower_bound("calibrations/")};  // '/' follows '.'
}

std::optional<std::size_t> CalibrationInputs::number_of(const AnalysisInputs& inputs) {
  const InputRange wanted = calibrations_among(inputs);
  if (wanted.begin() == wanted.end()) return std::nullopt;
  const auto known = std::ranges::find_if(sets_, [&wanted](const InputRange& set) {
    return std::ranges::equal(
        set, wanted, [](const auto& a, const auto& b) { return same_bits(a.value, b.value) && a.name == b.name; });
  });
  if (known != sets_.end()) return static_cast<std::size_t>(known - sets_.begin());
  sets_.push_back(wanted);
  return sets_.size() - 1;
}

}  // namespace penrig
