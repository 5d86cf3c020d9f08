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
  // In double, which holds the difference of any two counts, and the threshold of any scale.
  const double hysteresis = std::floor(kStrokeMm / mm_per_count_);
  const double motion = std::floor(kMotionMm / mm_per_count_);
  const auto apart = [](std::int32_t a, std::int32_t b) { return static_cast<double>(a) - static_cast<double>(b); };
  for (std::size_t i = 0; i < block.position.size(); ++i) {
    const std::int32_t x = block.position[i];
    const auto tick = block.first_tick + static_cast<std::uint64_t>(static_cast<double>(i) * block.ticks_per_sample);
    last_tick_ = tick;
    if (first_) {
      first_ = false;
      low_ = high_ = still_at_ = x;
      moved_tick_ = tick;
    }
    if (std::abs(apart(x, still_at_)) > motion) {
      still_at_ = x;
      moved_tick_ = tick;
    }
    if (above_) {
      high_ = std::max(high_, x);
      if (apart(high_, x) >= hysteresis) {
        above_ = false;
        low_ = x;
        ++strokes_;
      }
    } else {
      low_ = std::min(low_, x);
      if (apart(x, low_) >= hysteresis) {
        above_ = true;
        high_ = x;
      }
    }
  }
}

void StrokeCounter::gap(const std::string&) { gap_seen_ = true; }

double StrokeCounter::still_for_s(double tick_hz) const {
  // A clock that was set back says nothing of how long it was.
  return tick_hz > 0 && last_tick_ > moved_tick_ ? static_cast<double>(last_tick_ - moved_tick_) / tick_hz : 0;
}

}  // namespace penrig
