#include "rig/measure/stroke_faults.hpp"

#include <algorithm>
#include <cmath>

#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr double kDoubleShare = 0.7;  ///< of the median period: two tops nearer than this are a double stroke

double median_period(std::span<const SeenStroke> strokes) {
  std::vector<double> periods;
  for (std::size_t i = 1; i < strokes.size(); ++i) periods.push_back(strokes[i].top - strokes[i - 1].top);
  return median_of(periods);
}

/// The turn of every stroke, from any zero.
std::vector<double> turns_of(std::span<const SeenStroke> strokes, double period) {
  const std::size_t n = strokes.size();
  const auto near = [&](std::size_t a, std::size_t b) {
    return strokes[b].top - strokes[a].top < kDoubleShare * period;
  };
  const auto alone = [&](std::size_t i) { return !(i > 0 && near(i - 1, i)) && !(i + 1 < n && near(i, i + 1)); };
  std::size_t anchor = 0;
  while (anchor + 1 < n && !alone(anchor)) ++anchor;
  if (!alone(anchor)) anchor = 0;
  std::vector<double> turns(n, 0.0);
  // A stroke that is alone carries the phase on. One that is not falls into the turn in which it lies: from half a
  // period before the place of its stroke until half a period after it.
  double at = strokes[anchor].top, turn = 0;
  for (std::size_t i = anchor + 1; i < n; ++i) {
    const double step = std::floor((strokes[i].top - at) / period + 0.5);
    if (!alone(i)) {
      turns[i] = std::max(turns[i - 1], turn + step);
      continue;
    }
    turn = turns[i] = std::max(turns[i - 1] + 1, turn + step);
    at = strokes[i].top;
  }
  at = strokes[anchor].top;
  turn = 0;
  for (std::size_t i = anchor; i-- > 0;) {
    const double step = std::floor((at - strokes[i].top) / period + 0.5);
    if (!alone(i)) {
      turns[i] = std::min(turns[i + 1], turn - step);
      continue;
    }
    turn = turns[i] = std::min(turns[i + 1] - 1, turn - step);
    at = strokes[i].top;
  }
  return turns;
}

}  // namespace

StrokeFaults find_stroke_faults(std::span<const SeenStroke> strokes, std::size_t first, std::size_t last) {
  StrokeFaults out;
  const double period = median_period(strokes.subspan(first, last - first));
  const std::vector<double> turns = turns_of(strokes, period);
  std::vector<bool> shared(strokes.size(), false);  // a turn with another
  for (std::size_t i = 1; i < strokes.size(); ++i) {
    if (turns[i] == turns[i - 1]) shared[i] = shared[i - 1] = true;
  }
  std::vector<bool> doubled = shared;
  for (std::size_t i = 1; i < strokes.size(); ++i) {
    if (turns[i] == turns[i - 1]) {
      // Counted where one of the two is judged.
      if (i >= first && i - 1 < last) ++out.doubled;
    } else if (strokes[i].top - strokes[i - 1].top < kDoubleShare * period) {
      if (!shared[i] && !shared[i - 1] && i >= first && i - 1 < last) ++out.doubled;
      doubled[i] = doubled[i - 1] = true;
    }
  }
  for (std::size_t i = first; i < last; ++i) {
    const SeenStroke& s = strokes[i];
    if (i > first && turns[i] > turns[i - 1] + 1) out.missed += static_cast<std::uint64_t>(turns[i] - turns[i - 1]) - 1;
    StrokeVerdict v{turns[i] - turns[first], s.whole && s.below_floor && !doubled[i], doubled[i]};
    if (v.missed) ++out.missed;
    if (!s.whole && !v.doubled) {
      v.doubled = true;
      ++out.doubled;
    }
    out.strokes.push_back(v);
  }
  out.turns = static_cast<std::uint64_t>(turns[last - 1] - turns[first]) + 1;
  return out;
}

}  // namespace penrig
