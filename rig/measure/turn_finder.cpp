#include "rig/measure/turn_finder.hpp"

#include <algorithm>
#include <cmath>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"

namespace penrig {

namespace {

/// Samples that have come since the last turn: how high they rise, and by how much they may fall from there.
struct Rise {
  std::int32_t highest;
  std::size_t highest_at;  ///< set where it is among those that are gone over
  std::int64_t hysteresis;
  Extremes range;  ///< seen so far
};

/// How many samples at the front of x, in whole eights, neither turn nor lie outside of what was seen; the highest goes
/// with them. What falls is given upside down: ~v is as much lower as v is higher.
template <bool kFalls>
[[gnu::always_inline]] inline std::size_t gone_over(const std::int32_t* x, std::size_t n, Rise& rise) {
  constexpr std::int32_t kFlip = kFalls ? -1 : 0;
  const std::int64_t hysteresis = rise.hysteresis, below_seen = std::int64_t{rise.range.low} - 1;
  const std::int32_t highest_seen = rise.range.high;
  std::int32_t highest = rise.highest;
  std::size_t at = 0, newest = n;
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
