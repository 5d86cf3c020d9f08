#include "rig/measure/turn_finder.hpp"

#include <algorithm>
#include <cmath>

#include "rig/base/eight.hpp"
#include "rig/measure/extremes.hpp"

namespace penrig {

namespace {

/// An extreme since the last turn, and where it is.
struct Extreme {
  std::int32_t counts;
  std::size_t at;
};

/// How many samples at the front of x, in whole eights, neither turn nor lie outside [low, high]; the extreme goes with
/// them.
PENRIG_EACH_PROCESSOR std::size_t goes_on(const std::int32_t* x, std::size_t n, bool rising, std::int64_t hysteresis,
                                          Extremes range, Extreme& extreme) {
  std::size_t at = 0, newest = n;
  for (; at + kEightCounts <= n; at += kEightCounts) {
    const Extremes e = extremes_of_eight(x + at);
    if (e.low < range.low || e.high > range.high) break;
    const bool is_new = rising ? e.high > extreme.counts : e.low < extreme.counts;
    const std::int32_t reached = !is_new ? extreme.counts : rising ? e.high : e.low;
    // Those of the eight before the extreme are held against it as well: then they are looked at one by one.
    const std::int64_t back = rising ? std::int64_t{reached} - e.low : std::int64_t{e.high} - reached;
    if (back >= hysteresis) break;
    if (!is_new) continue;
    extreme.counts = reached;
    newest = at;
  }
  if (newest == n) return at;
  extreme.at = newest;
  while (x[extreme.at] != extreme.counts) ++extreme.at;
  return at;
}

}  // namespace

TurnFinder::TurnFinder(TurnHysteresis hysteresis, std::size_t longest_wait, std::size_t first_index)
    : rule_(hysteresis), longest_wait_(longest_wait), index_(first_index), waiting_since_(first_index) {
  take_hysteresis();
}

void TurnFinder::take_hysteresis() {
  const double range = lowest_ > highest_ ? 0 : static_cast<double>(highest_) - lowest_;
  hysteresis_ = static_cast<std::int64_t>(std::ceil(std::max(rule_.least_counts, rule_.range_share * range)));
}

void TurnFinder::widen(std::int32_t low, std::int32_t high) {
  lowest_ = std::min(lowest_, low);
  highest_ = std::max(highest_, high);
  take_hysteresis();
}

std::size_t TurnFinder::go_on(std::span<const std::int32_t> x, std::size_t index) {
  Extreme extreme = rising_ ? Extreme{high_, 0} : Extreme{low_, 0};
  const std::int32_t before = extreme.counts;
  const std::size_t gone = goes_on(x.data(), x.size(), rising_, hysteresis_, {lowest_, highest_}, extreme);
  if (extreme.counts != before) {
    (rising_ ? high_ : low_) = extreme.counts;
    (rising_ ? high_at_ : low_at_) = index + extreme.at;
    if (!rising_) before_bottom_ = highest_before_;
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
    if (at >= one_by_one && !out_of_rest_ && index_ + at - waiting_since_ < longest_wait_) {
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
