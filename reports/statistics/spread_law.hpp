#pragma once

#include <cstddef>
#include <vector>

#include "reports/statistics/interval.hpp"

namespace penrig::statistics {

/// How an estimate of sigma from normal values lies about sigma: estimate / sigma = scale (chi squared / df)^power.
/// It is independent of the values' mean (Basu's theorem), whatever contrasts of them it is made of.
struct SpreadLaw {
  double df = 0;  ///< infinite: exactly known
  double power = 0.5, scale = 1;

  bool is_of_deviation() const { return power == 0.5 && scale == 1; }
  /// Of estimate / sigma.
  double quantile(double p) const;
};

/// Of a standard deviation with df degrees of freedom: exact.
SpreadLaw law_of_deviation(double df);
/// Of the mean moving range of n >= 3 values over d2(2): the law that has its first three moments. Its mean is sigma
/// (that of a standard deviation is c4 sigma), and it is more skewed than any chi variable of the same variance.
/// Source: the variance by Hoel (1946), Cryer and Ryan (1990); the third cumulant was integrated for this, and a test
/// draws it.
SpreadLaw law_of_moving_range(std::size_t n);

/// A law as points of equal steps of a normal variable, with their weights: what expectations are sums over.
struct LawPoints {
  std::vector<double> ratio, weight;
};
/// @param steps  to each side of the middle; 120 are exact to 1e-6 for indices up to 10.
LawPoints points_of(const SpreadLaw& law, int steps);

/// Probability beyond each side of a two-sided 95 % interval, without unit.
inline constexpr double kTail = 0.025;

/// Exact 95 % interval of sigma, as factors of its estimate.
Interval factors_of(const SpreadLaw& law);

/// 95 % interval of (limit - mean) / (3 sigma), a side's index, from n values: `room` is that distance as estimated.
/// Exact for the law: T = sqrt(n) room / estimate has P(T <= t) = E[Phi(t W - sqrt(n) 3 index)] over W = estimate /
/// sigma (noncentral t where W is a standard deviation's; Owen).
Interval side_interval(const LawPoints& law, double room, double estimate, double n);

/// The variance of reading, known or estimated: `estimate` squared, over the points of its own law.
struct ReadingVariance {
  double variance = 0;
  LawPoints law;  ///< of the deviation
};
/// 95 % interval of a side's index without the spread of reading: sigma_process^2 = sigma^2 - u^2. Generalised
/// confidence interval: sigma, u and the mean are what estimates and pivots make them. Source: Weerahandi, J. Am. Stat.
/// Assoc. 88 (1993); Mathew, Sebastian and Kurian, Qual. Reliab. Eng. Int. 23 (2007). A bound is infinite where nothing
/// may be left.
Interval side_interval_without(const LawPoints& law, const ReadingVariance& reading, double room, double estimate,
                               double n);
/// The same of sigma_process; a bound is 0 where nothing may be left.
Interval deviation_without(const LawPoints& law, const ReadingVariance& reading, double estimate);

}  // namespace penrig::statistics
