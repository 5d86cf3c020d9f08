#include "rig/measure/turn_finder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"
#include "rig/base/unroll.hpp"

namespace penrig {

namespace {

/// Samples that have come since the last turn: how high they rise, and by how much they may fall from there.
struct Rise {
  std::int32_t highest;
  std::size_t highest_at;  ///< set where it is among those that are gone over
  std::int64_t hysteresis;
  Extremes range;  ///< seen so far
};

struct SmallerOf {
  [[gnu::always_inline]] EightCounts operator()(const EightCounts& a, const EightCounts& b) const {
    return a < b ? a : b;
  }
};
struct LargerOf {
  [[gnu::always_inline]] EightCounts operator()(const EightCounts& a, const EightCounts& b) const {
    return a > b ? a : b;
  }
};

/// Of eight eights the smallest or the largest of each, in their order.
using EightEights = std::array<EightCounts, kEightCounts>;
template <class Choose>
[[gnu::always_inline]] inline EightCounts of_each(const EightEights& x, Choose choose) {
  std::array<EightCounts, 4> of_two;  // halves of one next to those of the other
  PENRIG_UNROLL(4)
  for (std::size_t k = 0; k < 4; ++k) {
    of_two[k] = choose(__builtin_shufflevector(x[2 * k], x[2 * k + 1], 0, 1, 2, 3, 8, 9, 10, 11),
                       __builtin_shufflevector(x[2 * k], x[2 * k + 1], 4, 5, 6, 7, 12, 13, 14, 15));
  }
  std::array<EightCounts, 2> of_four;
  PENRIG_UNROLL(2)
  for (std::size_t k = 0; k < 2; ++k) {
    of_four[k] = choose(__builtin_shufflevector(of_two[2 * k], of_two[2 * k + 1], 0, 1, 8, 9, 4, 5, 12, 13),
                        __builtin_shufflevector(of_two[2 * k], of_two[2 * k + 1], 2, 3, 10, 11, 6, 7, 14, 15));
  }
  const EightCounts all = choose(__builtin_shufflevector(of_four[0], of_four[1], 0, 2, 8, 10, 4, 6, 12, 14),
                                 __builtin_shufflevector(of_four[0], of_four[1], 1, 3, 9, 11, 5, 7, 13, 15));
  return __builtin_shufflevector(all, all, 0, 4, 1, 5, 2, 6, 3, 7);
}
[[gnu::always_inline]] inline bool is_any(const EightCounts& lanes) {
  using FourLongs = std::int64_t __attribute__((vector_size(32)));
  const auto is = std::bit_cast<FourLongs>(lanes);
  return (is[0] | is[1] | is[2] | is[3]) != 0;
}

/// Each lane the largest of those up to it.
[[gnu::always_inline]] inline EightCounts largest_so_far(EightCounts x) {
  constexpr LargerOf larger_of;
  x = larger_of(x, __builtin_shufflevector(x, x, 0, 0, 1, 2, 3, 4, 5, 6));
  x = larger_of(x, __builtin_shufflevector(x, x, 0, 1, 0, 1, 2, 3, 4, 5));
  return larger_of(x, __builtin_shufflevector(x, x, 0, 1, 2, 3, 0, 1, 2, 3));
}

constexpr std::size_t kEights = kEightCounts * kEightCounts;

/// Where the highest lies, as far as is known: in one of the eights from `from` on, whose highest are these.
struct Newest {
  std::size_t from;
  EightCounts highest;
};

/// gone_over() by eight eights, as long as all of them are.
template <bool kFalls>
[[gnu::always_inline]] inline std::size_t gone_over_by_eights(const std::int32_t* x, std::size_t n, const Rise& rise,
                                                              std::int32_t& highest, Newest& newest) {
  constexpr std::int32_t kFlip = kFalls ? -1 : 0;
  // Nothing that was seen less the hysteresis may go beyond what a count holds.
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min(),
                         kMost = std::numeric_limits<std::int32_t>::max();
  if (rise.hysteresis > kMost || rise.range.low - rise.hysteresis <= kLeast) return 0;
  const auto hysteresis = static_cast<std::int32_t>(rise.hysteresis);
  const std::int32_t below_seen = rise.range.low - 1;
  constexpr LargerOf larger_of;
  std::size_t at = 0;
  for (; at + kEights <= n; at += kEights) {
    EightEights eights;
    PENRIG_UNROLL(8)
    for (std::size_t k = 0; k < kEightCounts; ++k) eights[k] = eight_counts_at(x + at + k * kEightCounts) ^ kFlip;
    const EightCounts low = of_each(eights, SmallerOf{}), high = of_each(eights, larger_of),
                      after = larger_of(largest_so_far(high), EightCounts{} + highest),
                      too_low = larger_of(after - hysteresis, EightCounts{} + below_seen);
    const std::int32_t highest_after = after[kEightCounts - 1];
    if (highest_after > rise.range.high || is_any(low <= too_low)) break;
    if (highest_after > highest) newest = {at, high};
    highest = highest_after;
  }
  return at;
}

/// How many samples at the front of x, in whole eights, neither turn nor lie outside of what was seen; the highest goes
/// with them. What falls is given upside down: ~v is as much lower as v is higher.
template <bool kFalls>
[[gnu::always_inline]] inline std::size_t gone_over(const std::int32_t* x, std::size_t n, Rise& rise) {
  constexpr std::int32_t kFlip = kFalls ? -1 : 0;
  const std::int64_t hysteresis = rise.hysteresis, below_seen = std::int64_t{rise.range.low} - 1;
  const std::int32_t highest_seen = rise.range.high;
  std::int32_t highest = rise.highest;
  Newest of_eights{n, {}};
  std::size_t at = gone_over_by_eights<kFalls>(x, n, rise, highest, of_eights), newest = of_eights.from;
  // Below what was seen, or a turn from the highest. Those of the eight before that are held against it as well: then
  // they are looked at one by one.
  const auto is_too_low = [hysteresis, below_seen](std::int32_t low, std::int32_t from) {
    return low <= std::max(from - hysteresis, below_seen);
  };
  for (; at + 2 * kEightCounts <= n; at += 2 * kEightCounts) {
    const auto [a, b] =
        extremes_of_both(eight_counts_at(x + at) ^ kFlip, eight_counts_at(x + at + kEightCounts) ^ kFlip);
    const std::int32_t after_a = std::max(highest, a.high), after_b = std::max(after_a, b.high);
    if (after_b > highest_seen || is_too_low(a.low, after_a) || is_too_low(b.low, after_b)) break;
    newest = b.high > after_a ? at + kEightCounts : a.high > highest ? at : newest;
    highest = after_b;
  }
  for (; at + kEightCounts <= n; at += kEightCounts) {
    const EightCounts eight = eight_counts_at(x + at) ^ kFlip;
    const Extremes e = extremes_of_lanes(eight, eight);
    const std::int32_t after = std::max(highest, e.high);
    if (after > highest_seen || is_too_low(e.low, after)) break;
    newest = e.high > highest ? at : newest;
    highest = after;
  }
  if (newest == n) return at;
  rise.highest = highest;
  if (newest == of_eights.from) {
    for (std::size_t k = 0; of_eights.highest[k] != highest; ++k) newest += kEightCounts;
  }
  while ((x[newest] ^ kFlip) != highest) ++newest;
  rise.highest_at = newest;
  return at;
}
PENRIG_EACH_PROCESSOR std::size_t gone_over_rising(const std::int32_t* x, std::size_t n, Rise& rise) {
  return gone_over<false>(x, n, rise);
}
PENRIG_EACH_PROCESSOR std::size_t gone_over_falling(const std::int32_t* x, std::size_t n, Rise& rise) {
  return gone_over<true>(x, n, rise);
}

/// The same where none may be lower than the lowest so far, for what counts is how high it was before that.
PENRIG_EACH_PROCESSOR std::size_t gone_over_above(const std::int32_t* x, std::size_t n, std::int32_t lowest,
                                                  std::int64_t hysteresis, Extremes range, std::int32_t& highest) {
  std::size_t at = 0;
  for (; at + kEightCounts <= n; at += kEightCounts) {
    const Extremes e = extremes_of_eight(x + at);
    if (e.low < lowest || e.low < range.low || e.high > range.high) break;
    if (std::int64_t{e.high} - lowest >= hysteresis) break;
    highest = std::max(highest, e.high);
  }
  return at;
}

}  // namespace

TurnFinder::TurnFinder(TurnHysteresis hysteresis, std::size_t longest_wait, std::size_t first_index)
    : rule_(hysteresis), longest_wait_(longest_wait), index_(first_index), waiting_since_(first_index) {
  take_hysteresis();
}

void TurnFinder::take_hysteresis() {
  constexpr double kBeyondAll = 0x1p33;  // no two counts are so far apart
  const double range = lowest_ > highest_ ? 0 : static_cast<double>(highest_) - lowest_;
  const double counts = std::ceil(std::max(rule_.least_counts, rule_.range_share * range));
  hysteresis_ = static_cast<std::int64_t>(std::min(counts, kBeyondAll));
}

void TurnFinder::widen(std::int32_t low, std::int32_t high) {
  lowest_ = std::min(lowest_, low);
  highest_ = std::max(highest_, high);
  take_hysteresis();
}

std::size_t TurnFinder::go_on(std::span<const std::int32_t> x, std::size_t index) {
  if (out_of_rest_ && !rising_ && !open_)
    return gone_over_above(x.data(), x.size(), low_, hysteresis_, {lowest_, highest_}, highest_before_);
  const std::int32_t before = rising_ ? high_ : ~low_;
  Rise rise{before, 0, hysteresis_, rising_ ? Extremes{lowest_, highest_} : Extremes{~highest_, ~lowest_}};
  const std::size_t gone =
      rising_ ? gone_over_rising(x.data(), x.size(), rise) : gone_over_falling(x.data(), x.size(), rise);
  if (rise.highest == before) return gone;
  if (rising_) {
    high_ = rise.highest;
    high_at_ = index + rise.highest_at;
  } else {
    low_ = ~rise.highest;
    low_at_ = index + rise.highest_at;
    before_bottom_ = highest_before_;
  }
  return gone;
}

bool TurnFinder::next(std::span<const std::int32_t>& x, Found& found) {
  rested_ = false;
  if (!started_ && !x.empty()) {
    started_ = true;
    low_ = high_ = highest_before_ = before_bottom_ = x[0];
    low_at_ = high_at_ = index_;
  }
  const auto apart = [](std::int32_t high, std::int32_t low) { return static_cast<std::int64_t>(high) - low; };
  std::size_t at = 0, one_by_one = 0;
  bool whole = false;
  while (at < x.size() && !whole && !rested_) {
    if (at >= one_by_one && index_ + at - waiting_since_ < longest_wait_) {
      const std::size_t n = std::min(x.size() - at, longest_wait_ - (index_ + at - waiting_since_));
      at += go_on(x.subspan(at, n), index_ + at);
      one_by_one = at + kEightCounts;
      if (at == x.size()) break;
    }
    const std::int32_t v = x[at];
    const std::size_t i = index_ + at++;
    if (v > highest_ || v < lowest_) widen(v, v);
    if (rising_) {
      if (v > high_) {
        high_ = v;
        high_at_ = i;
      } else if (apart(high_, v) >= hysteresis_) {
        rising_ = false;
        cycle_.first_bottom = low_at_;
        cycle_.top = high_at_;
        cycle_.top_counts = high_;
        open_ = true;
        low_ = v;
        low_at_ = i;
        waiting_since_ = i;
        one_by_one = at;
      }
    } else {
      if (out_of_rest_ && !open_) highest_before_ = std::max(highest_before_, v);
      if (v < low_) {
        low_ = v;
        low_at_ = i;
        before_bottom_ = highest_before_;
      } else if (apart(v, low_) >= hysteresis_) {
        if (open_) {
          cycle_.second_bottom = low_at_;
          found = cycle_;
          whole = true;
          open_ = out_of_rest_ = gone_ = false;
          cycle_.cut = false;
        } else {
          cycle_.cut = apart(before_bottom_, low_) < hysteresis_;
        }
        rising_ = true;
        high_ = v;
        high_at_ = i;
        waiting_since_ = i;
        one_by_one = at;
      }
    }
    if (i - waiting_since_ >= longest_wait_) {
      waiting_since_ = i;
      whole = rest(v, i, found);
    }
  }
  index_ += at;
  x = x.subspan(at);
  return whole;
}

bool TurnFinder::rest(std::int32_t x, std::size_t at, Found& found) {
  rested_ = true;
  if (rising_) {
    gone_ = true;
    cycle_.cut = true;
    return false;
  }
  const bool whole = finish(found);
  low_ = highest_before_ = before_bottom_ = x;
  low_at_ = at;
  out_of_rest_ = true;
  return whole;
}

bool TurnFinder::finish(Found& found) {
  if (!open_) return false;
  cycle_.second_bottom = low_at_;
  cycle_.cut = true;
  found = cycle_;
  open_ = gone_ = false;
  return true;
}

std::size_t TurnFinder::needed_from() const {
  if (!started_) return index_;
  if (gone_) return rising_ ? index_ : low_at_;
  return open_ ? cycle_.first_bottom : low_at_;
}

}  // namespace penrig
