#include <algorithm>
#include <cmath>

#include "rig/measure/setting.hpp"

namespace penrig {

namespace {
constexpr double kMotionMm = 0.05;  ///< what counts as having moved
constexpr double kStrokeMm = 0.3;   ///< rise and fall that make a stroke
}  // namespace

StrokeCounter::StrokeCounter(double mm_per_count) : mm_per_count_(mm_per_count) {}

void StrokeCounter::samples(const SampleBlock& block) {
  const auto hysteresis = static_cast<std::int32_t>(kStrokeMm / mm_per_count_);
  const auto motion = static_cast<std::int32_t>(kMotionMm / mm_per_count_);
  for (std::size_t i = 0; i < block.position.size(); ++i) {
    const std::int32_t x = block.position[i];
    const auto tick = block.first_tick + static_cast<std::uint64_t>(static_cast<double>(i) * block.ticks_per_sample);
    last_tick_ = tick;
    if (first_) {
      first_ = false;
      low_ = high_ = still_at_ = x;
      moved_tick_ = tick;
    }
    if (std::abs(x - still_at_) > motion) {
      still_at_ = x;
      moved_tick_ = tick;
    }
    if (above_) {
      high_ = std::max(high_, x);
      if (high_ - x >= hysteresis) {
        above_ = false;
        low_ = x;
        ++strokes_;
      }
    } else {
      low_ = std::min(low_, x);
      if (x - low_ >= hysteresis) {
        above_ = true;
        high_ = x;
      }
    }
  }
}

void StrokeCounter::gap(const std::string&) { gap_seen_ = true; }

double StrokeCounter::still_for_s(double tick_hz) const {
  return tick_hz > 0 ? static_cast<double>(last_tick_ - moved_tick_) / tick_hz : 0;
}

}  // namespace penrig
