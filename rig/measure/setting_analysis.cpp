#include "rig/measure/setting_analysis.hpp"

#include <algorithm>
#include <cmath>

#include "rig/measure/stroke_stream.hpp"

namespace penrig {

std::int32_t turning_hysteresis(const Motion& motion, double mm_per_count) {
  return static_cast<std::int32_t>(
      std::ceil(std::max({0.08 * motion.range_mm / mm_per_count, kMotionMm / mm_per_count, 12 * motion.noise_counts})));
}

double height_of_top(std::span<const std::int32_t> position, const RawCycle& cycle, double mm_per_count,
                     double needle_zero_mm) {
  const double height = height_by_parabola(position, cycle.top, parabola_half(cycle)), highest = position[cycle.top];
  const std::span<const std::int32_t> stroke =
      position.subspan(cycle.first_bottom, cycle.second_bottom + 1 - cycle.first_bottom);
  return (overshoots(highest - height, mm_per_count, stroke) ? highest : height) * mm_per_count - needle_zero_mm;
}

Result<SettingAnalysis> analyse_strokes(const SettingInput& input) {
  if (input.capture == nullptr || input.calibrations == nullptr || input.capture->size() == 0) {
    return fail(Errc::bad_data, "nothing was recorded for this setting");
  }
  constexpr std::size_t kBlock = 1 << 16;
  StrokeStream stream(input);
  replay(*input.capture, kBlock, stream);
  return stream.finish(input);
}

}  // namespace penrig
