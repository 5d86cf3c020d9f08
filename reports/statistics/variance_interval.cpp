#include "reports/statistics/variance_interval.hpp"

#include <algorithm>
#include <cmath>

#include "reports/statistics/distributions.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

/// How far a mean square's expectation may lie below and above it, as a share of it: G and H of the sources.
struct Reach {
  double below, above;
};
Reach reach_of(double df, double tail) {
  return {1 - df / chi_squared_quantile(1 - tail, df), df / chi_squared_quantile(tail, df) - 1};
}

double square(double x) { return x * x; }

}  // namespace

Interval interval_of_sum(std::span<const WeightedMeanSquare> terms, double confidence) {
  const double tail = (1 - confidence) / 2;
  double sum = 0, below = 0, above = 0;
  for (const WeightedMeanSquare& t : terms) {
    const double part = t.weight * t.mean_square.ms;
    const Reach reach = reach_of(t.mean_square.df, tail);
    sum += part;
    below += square(reach.below * part);
    above += square(reach.above * part);
  }
  return {std::max(0.0, sum - std::sqrt(below)), sum + std::sqrt(above)};
}

Interval interval_of_difference(double weight, const MeanSquare& a, const MeanSquare& b, double confidence) {
  const double tail = (1 - confidence) / 2;
  const Reach ra = reach_of(a.df, tail), rb = reach_of(b.df, tail);
  // The cross terms make the interval exact when it just reaches 0.
  const double high = f_quantile(1 - tail, a.df, b.df), low = f_quantile(tail, a.df, b.df);
  const double cross_below = (square(high - 1) - square(ra.below * high) - square(rb.above)) / high;
  const double cross_above = (square(1 - low) - square(ra.above * low) - square(rb.below)) / low;
  const double below = square(ra.below * a.ms) + square(rb.above * b.ms) + cross_below * a.ms * b.ms;
  const double above = square(ra.above * a.ms) + square(rb.below * b.ms) + cross_above * a.ms * b.ms;
  const double difference = a.ms - b.ms;
  return {weight * std::max(0.0, difference - std::sqrt(std::max(0.0, below))),
          weight * std::max(0.0, difference + std::sqrt(std::max(0.0, above)))};
}

double draw_chi_squared(Random& random, double nu) {
  double boost = 1;
  if (nu < 2) {  // gamma(a) from gamma(a + 1)
    boost = portable_exp(portable_log(1 - random.uniform()) * 2 / nu);
    nu += 2;
  }
  const double d = nu / 2 - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal(), cube = 1 + c * x;
    if (cube <= 0) continue;
    const double v = cube * cube * cube, u = 1 - random.uniform();
    if (portable_log(u) < 0.5 * x * x + d - d * v + d * portable_log(v)) return 2 * d * v * boost;
  }
}

}  // namespace penrig::statistics
