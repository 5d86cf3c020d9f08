#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "rig/measure/motion.hpp"
#include "rig/measure/setting.hpp"

namespace penrig {

namespace {
constexpr double kStrokeMm = 0.3;  ///< rise and fall that make a stroke
}  // namespace

StrokeCounter::StrokeCounter(double mm_per_count) : mm_per_count_(mm_per_count) {}

void StrokeCounter::samples(const SampleBlock& block) {
  if (block.position.empty()) return;
  const auto tick_of = [&block](std::size_t i) {
    return block.first_tick + static_cast<std::uint64_t>(static_cast<double>(i) * block.ticks_per_sample);
  };
  // Differences of counts need 33 bits; on a scale so fine that even those are no stroke, none is.
  const auto whole_counts = [this](double mm) {
    constexpr double kBeyondAll = 0x1p33;
    const double counts = std::floor(mm / mm_per_count_);
    return static_cast<std::int64_t>(counts < kBeyondAll ? counts : kBeyondAll);
  };
  const std::int64_t hysteresis = whole_counts(kStrokeMm), motion = whole_counts(kMotionMm);
  if (first_) {
    first_ = false;
    low_ = high_ = still_at_ = block.position[0];
    moved_tick_ = tick_of(0);
  }
  // Needles that stand turn nowhere.
  const auto [lowest, highest] = block.seen_position().extremes;
  const std::int64_t below = std::min<std::int64_t>(low_, lowest), over = std::max<std::int64_t>(high_, highest);
  if (highest - still_at_ <= motion && still_at_ - lowest <= motion &&
      (above_ ? over - lowest : highest - below) < hysteresis) {
    (above_ ? high_ : low_) = above_ ? over : below;
    last_tick_ = tick_of(block.position.size() - 1);
    return;
  }
  std::int64_t low = low_, high = high_, still_at = still_at_;
  std::optional<std::size_t> moved;
  for (std::size_t i = 0; i < block.position.size(); ++i) {
    const std::int64_t x = block.position[i];
    if (std::abs(x - still_at) > motion) {
      still_at = x;
      moved = i;
    }
    if (above_) {
      high = std::max(high, x);
      if (high - x < hysteresis) continue;
      above_ = false;
      low = x;
      ++strokes_;
    } else {
      low = std::min(low, x);
      if (x - low < hysteresis) continue;
      above_ = true;
      high = x;
    }
  }
  low_ = low;
  high_ = high;
  still_at_ = still_at;
  if (moved) moved_tick_ = tick_of(*moved);
  last_tick_ = tick_of(block.position.size() - 1);
}

void StrokeCounter::gap(const std::string&) { gap_seen_ = true; }

double StrokeCounter::still_for_s(double tick_hz) const {
  // A clock that was set back says nothing of how long it was.
  return tick_hz > 0 && last_tick_ > moved_tick_ ? static_cast<double>(last_tick_ - moved_tick_) / tick_hz : 0;
}

}  // namespace penrig
