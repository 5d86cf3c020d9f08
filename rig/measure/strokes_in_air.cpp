#include "rig/measure/strokes_in_air.hpp"

#include <cmath>

#include "rig/measure/setting_analysis.hpp"

namespace penrig {

namespace {

constexpr double kParabolaMm = 1e-3;  ///< how far a local parabola may be off

}  // namespace

std::vector<StrokeRow> strokes_in_air(const Capture& capture, double tick_hz, const ReferenceZero& zero,
                                      const Calibrations& calibrations) {
  const double scale = calibrations.position_mm_per_count.value;
  const double fs_hz = capture.sample_rate_hz(tick_hz) * (1 + calibrations.time_base_ppm.value * 1e-6);
  const Motion motion =
      find_motion(capture.position, scale, static_cast<std::size_t>(kRestSeconds * capture.sample_rate_hz(tick_hz)));
  std::vector<StrokeRow> rows;
  if (!motion.moved) return rows;
  ExtensionUncertainty of_height(zero, calibrations);
  for (const RawCycle& cycle : find_cycles(capture.position, turning_hysteresis(motion, scale))) {
    StrokeRow row;
    row.top_s = static_cast<double>(cycle.top) / fs_hz;
    row.extension_mm = height_of_top(capture.position, cycle, scale, zero.needle_zero_mm);
    const double u = of_height.at(row.extension_mm);
    row.u_penetration_mm = std::sqrt(u * u + kParabolaMm * kParabolaMm);
    if (!rows.empty()) rows.back().period_us = (row.top_s - rows.back().top_s) * 1e6;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace penrig
