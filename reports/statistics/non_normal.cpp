#include "reports/statistics/non_normal.hpp"

#include <algorithm>
#include <cmath>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/not_finite.hpp"
#include "reports/statistics/power_transform.hpp"
#include "reports/statistics/search.hpp"

namespace penrig::statistics {

namespace {

struct Percentiles {
  double low, median, high;
};
Percentiles percentiles(const PowerTransform& t) {
  return {t.inverse(t.mean() - 3 * t.sd()), t.inverse(t.mean()), t.inverse(t.mean() + 3 * t.sd())};
}

double least_index(const Percentiles& q, const Tolerance& tolerance) {
  double least = kInfinite;
  if (tolerance.upper) least = std::min(least, (*tolerance.upper - q.median) / (q.high - q.median));
  if (tolerance.lower) least = std::min(least, (q.median - *tolerance.lower) / (q.median - q.low));
  return least;
}

double spread_index(const Percentiles& q, const Tolerance& tolerance) {
  return (*tolerance.upper - *tolerance.lower) / (q.high - q.low);
}

/// Parameters whose likelihood ratio against the best is not beyond chi squared's 95 % quantile of one degree: a value
/// of them has the interval between its least and its greatest there, that of its profile likelihood.
class LikelihoodRegion {
 public:
  explicit LikelihoodRegion(const PowerTransform& t) : t_(t) {
    constexpr double kChiSquared = 3.841458820694124;
    reach_ = kChiSquared / 2 / static_cast<double>(t.values());
    low_ = t.lambda() - edge(-1);
    high_ = t.lambda() + edge(1);
  }

  template <class Value>
  Interval interval_of(Value value) const {
    return {-most([&](const PowerTransform& at) { return -value(at); }), most(value)};
  }

 private:
  /// How far lambda may go to one side.
  double edge(int sign) const {
    const auto beyond = [&](double by) { return t_.profile_at(t_.lambda() + sign * by).loss - reach_; };
    double far = 0.05;
    for (int i = 0; i < 20 && beyond(far) < 0; ++i) far *= 2;
    return where(0, 0, far, beyond);
  }

  /// Of one lambda the region is that of a normal mean m + a s and deviation s e^b: b + (1 + a^2) e^(-2b) / 2 - 1/2 is
  /// no more than what is left of the reach. A value's extremes lie on its border.
  template <class Value>
  double most_at(double lambda, Value value) const {
    const PowerTransform::Profile p = t_.profile_at(lambda);
    const double left = reach_ - p.loss;
    if (!(left >= 0)) return -kInfinite;
    const auto beyond = [left](double b) { return b + 0.5 * std::exp(-2 * b) - 0.5 - left; };
    const double low = -where(0, 0, 3, [&](double b) { return beyond(-b); }), high = where(0, 0, 3, beyond);
    const Peak peak = greatest(0, 2 * M_PI, 24, 20, [&](double angle) {
      const double b = (low + high) / 2 + (high - low) / 2 * std::cos(angle);
      const double a = std::sqrt(std::max(0.0, 2 * std::exp(2 * b) * (left + 0.5 - b) - 1));
      return value(t_.with(lambda, p.mean + (std::sin(angle) < 0 ? -a : a) * p.sd, p.sd * std::exp(b)));
    });
    return peak.value;
  }
  template <class Value>
  double most(Value value) const {
    return greatest(low_, high_, 16, 12, [&](double lambda) { return most_at(lambda, value); }).value;
  }

  const PowerTransform& t_;
  double reach_ = 0, low_ = 0, high_ = 0;
};

/// A percentile that lies beyond all that the transformation reaches is infinite, and the index to its side 0: so much
/// of the distribution lies there that no limit is far enough. To have no answer then would leave out the samples
/// whose lambda is farthest off, and the intervals of the others would hold too often.
double finite_or_0(double index) { return std::isfinite(index) ? index : 0; }

}  // namespace

std::optional<NonNormal> non_normal_capability(std::span<const double> values, const Tolerance& tolerance) {
  if (values.size() < 100) return std::nullopt;
  const std::optional<PowerTransform> t = PowerTransform::fit(values);
  if (!t) return std::nullopt;
  const Percentiles q = percentiles(*t);
  if (!(q.low < q.median) || !(q.median < q.high)) return std::nullopt;
  NonNormal n;
  n.lambda = t->lambda();
  n.of_logarithm = t->of_logarithm();
  std::vector<double> transformed;
  for (const double v : values) transformed.push_back(t->forward(v));
  n.after = anderson_darling(transformed);
  n.low = q.low;
  n.median = q.median;
  n.high = q.high;
  const LikelihoodRegion region(*t);
  Interval least{kInfinite, kInfinite};
  for (const Tolerance& side : {Tolerance{tolerance.lower, {}}, Tolerance{{}, tolerance.upper}}) {
    if (!side.lower && !side.upper) continue;
    const Interval i =
        region.interval_of([&](const PowerTransform& at) { return finite_or_0(least_index(percentiles(at), side)); });
    least = {std::min(least.low, i.low), std::min(least.high, i.high)};
  }
  n.least = {finite_or_0(least_index(q, tolerance)), least};
  if (tolerance.lower && tolerance.upper)
    n.spread = Estimate{finite_or_0(spread_index(q, tolerance)), region.interval_of([&](const PowerTransform& at) {
                          return finite_or_0(spread_index(percentiles(at), tolerance));
                        })};
  if (!std::isfinite(n.least.interval.low) || !std::isfinite(n.least.interval.high)) return std::nullopt;
  const auto below = [&](double x) { return normal_below((t->forward(x) - t->mean()) / t->sd()); };
  if (tolerance.lower) n.beyond += below(*tolerance.lower);
  if (tolerance.upper) n.beyond += 1 - below(*tolerance.upper);
  return n;
}

}  // namespace penrig::statistics
