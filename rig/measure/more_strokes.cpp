#include "rig/measure/more_strokes.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr double kMost = 1e6;  ///< more strokes than that are none that anyone would make

/// Up to two significant digits, so that an estimate does not look like a count.
double rounded_up(double strokes) {
  double step = 1;
  while (strokes / step >= 100) step *= 10;
  return std::ceil(strokes / step) * step;
}

}  // namespace

MoreStrokes strokes_to_decide(const Measurement& m, double distance, double r) {
  std::vector<BudgetLine> rest;
  for (const BudgetLine& line : m.budget) {
    if (line.source != kRepeatability) rest.push_back(line);
  }
  double guard = m.expanded_u;
  if (m.high) guard = std::max(guard, *m.high - *m.value);
  if (m.low) guard = std::max(guard, *m.value - *m.low);
  const double stays = m.k * combined(rest), allowed = distance / r;
  const double shrinks = guard * guard - stays * stays, room = allowed * allowed - stays * stays;
  const MoreStrokes none{std::nullopt, stays > 0 ? "systematic uncertainty" : "the nearness to the limit"};
  // With nothing but rounding to it, what repeats is no part of this budget.
  if (!(m.n > 0) || !(shrinks > 1e-12 * guard * guard) || !(room > 0)) return none;
  const double strokes = static_cast<double>(m.n) * shrinks / room;
  if (!(strokes < kMost)) return none;
  return {rounded_up(std::max(strokes, static_cast<double>(m.n) + 1)), ""};
}

MoreStrokes strokes_to_decide(const ToleranceInterval& interval, double n_eff, double n, double room) {
  constexpr MoreStrokes kNone{std::nullopt, "the spread of the strokes"};
  if (!(interval.s > 0) || !(n_eff > 1) || !(room > 0)) return kNone;
  const double allowed = room / interval.s;
  // Bisection on the logarithm of the effective number: the factor falls towards 2.576.
  double low = n_eff, high = kMost;
  if (!(tolerance_factor(high) <= allowed)) return kNone;
  for (int i = 0; i < 60; ++i) {
    const double middle = std::sqrt(low * high);
    (tolerance_factor(middle) <= allowed ? high : low) = middle;
  }
  return {rounded_up(std::max(high * n / n_eff, n + 1)), ""};
}

std::string in_words(const MoreStrokes& more) {
  if (more.in_all)
    return fmt::format("; some {:.0f} strokes in all would decide it, if they go on like this", *more.in_all);
  return fmt::format("; no number of strokes would: {} decides", more.what_decides);
}

}  // namespace penrig
