#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "rig/base/extremes.hpp"
#include "rig/measure/motion.hpp"
#include "rig/measure/setting.hpp"

namespace penrig {

namespace {

constexpr double kStrokeMm = 0.3;  ///< rise and fall that make a stroke
/// Where the needle was when it last moved, and which of the samples said so.
struct Moved {
  std::int64_t still_at;
  std::optional<std::size_t> sample;
};
/// Goes on from where it stood still. Without a branch: a needle that goes fast moves with every third sample or so.
Moved last_move(std::span<const std::int32_t> position, std::int64_t still_at, std::int64_t motion) {
  if (motion < 0) return {position.back(), position.size() - 1};  // a scale without sense: it stands nowhere
  const auto width = static_cast<std::uint64_t>(2 * motion);
  const std::size_t none = position.size();
  std::int64_t low = still_at - motion;
  std::size_t moved = none;
  for (std::size_t i = 0; i < position.size(); ++i) {
    const std::int64_t x = position[i];
    const bool moves = static_cast<std::uint64_t>(x - low) > width;
    low = moves ? x - motion : low;
    moved = moves ? i : moved;
  }
  return {low + motion, moved == none ? std::nullopt : std::optional(moved)};
}

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
  last_tick_ = tick_of(block.position.size() - 1);
  const SeenCounts position = block.seen_position();
  const auto [lowest, highest] = position.extremes;
  if (highest - still_at_ > motion || still_at_ - lowest > motion) {
    const Moved moved = last_move(position.counts, still_at_, motion);
    still_at_ = moved.still_at;
    if (moved.sample) moved_tick_ = tick_of(*moved.sample);
  }
  if (turns_nowhere(position.extremes, hysteresis)) return;
  // Few enough that a needle at its fastest is within the hysteresis meanwhile.
  std::size_t i = 0;
  for (; i + kEightCounts <= position.counts.size(); i += kEightCounts) {
    const auto eight = position.counts.subspan(i, kEightCounts);
    if (!turns_nowhere(extremes_of_eight(eight.data()), hysteresis)) count_turns(eight, hysteresis);
  }
  count_turns(position.counts.subspan(i), hysteresis);
}

/// Whether no stroke begins or ends within counts of these extremes; then they are taken note of.
bool StrokeCounter::turns_nowhere(const Extremes& extremes, std::int64_t hysteresis) {
  const std::int64_t below = std::min<std::int64_t>(low_, extremes.low),
                     over = std::max<std::int64_t>(high_, extremes.high);
  if ((above_ ? over - extremes.low : extremes.high - below) >= hysteresis) return false;
  (above_ ? high_ : low_) = above_ ? over : below;
  return true;
}

void StrokeCounter::count_turns(std::span<const std::int32_t> position, std::int64_t hysteresis) {
  for (const std::int64_t x : position) {
    if (above_) {
      high_ = std::max(high_, x);
      if (high_ - x < hysteresis) continue;
      above_ = false;
      low_ = x;
      ++strokes_;
    } else {
      low_ = std::min(low_, x);
      if (x - low_ < hysteresis) continue;
      above_ = true;
      high_ = x;
    }
  }
}

void StrokeCounter::gap(const std::string&) { gap_seen_ = true; }

double StrokeCounter::still_for_s(double tick_hz) const {
  // A clock that was set back says nothing of how long it was.
  return tick_hz > 0 && last_tick_ > moved_tick_ ? static_cast<double>(last_tick_ - moved_tick_) / tick_hz : 0;
}

}  // namespace penrig
