#include "rig/measure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "rig/base/double_double.hpp"

namespace penrig {

namespace {

constexpr double kCoverage = 0.9545;

/// Sums over the significant autocorrelations of a series; f(i, r_i) is what each adds.
template <class Term>
double sum_significant(std::span<const double> values, bool stop_at_first, Term term) {
  const std::size_t n = values.size();
  const Spread s = spread_of(values);
  if (n < 8 || !(s.sd > 0)) return 0;
  const double c0 = s.sd * s.sd * static_cast<double>(n - 1);
  const double threshold = 2 / std::sqrt(static_cast<double>(n));
  double sum = 0;
  for (std::size_t lag = 1; lag <= n / 4; ++lag) {
    double c = 0;
    for (std::size_t i = lag; i < n; ++i) c += (values[i] - s.mean) * (values[i - lag] - s.mean);
    const double r = c / c0;
    if (std::abs(r) <= threshold) {
      if (stop_at_first) break;
      continue;
    }
    sum += term(lag, r);
    if (!stop_at_first && lag >= 4) break;  // timing noise between tops reaches two lags; further ones are chance
  }
  return sum;
}

}  // namespace

double to_ten_digits(double x) {
  if (!std::isfinite(x)) return x;
  char text[40];
  std::snprintf(text, sizeof text, "%.9e", x);
  return std::strtod(text, nullptr);
}

Spread spread_of(std::span<const double> values) {
  Spread s;
  s.n = values.size();
  if (values.empty()) return s;
  DoubleDouble sum;
  for (const double v : values) sum += v;
  const DoubleDouble mean = sum / DoubleDouble(static_cast<double>(s.n));
  s.mean = mean.rounded();
  if (s.n < 2) return s;
  DoubleDouble squares;
  for (const double v : values) {
    const double d = (DoubleDouble(v) - mean).rounded();
    squares += two_product(d, d);
  }
  s.sd = std::sqrt(squares.rounded() / static_cast<double>(s.n - 1));
  return s;
}

double effective_count(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  const double sum =
      sum_significant(values, true, [n](std::size_t lag, double r) { return (1 - static_cast<double>(lag) / n) * r; });
  return std::clamp(n / std::max(1 + 2 * sum, 1e-9), std::min(2.0, n), n);
}

double effective_count_of_variance(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  const double sum = sum_significant(values, false, [](std::size_t, double r) { return r * r; });
  return std::clamp(n / (1 + 2 * sum), std::min(2.0, n), n);
}

double quantile_of(std::span<const double> sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double share = at - static_cast<double>(below);
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

double coverage_factor(double nu) {
  if (nu == 0 || !(nu < 1e6)) return 2;
  const boost::math::students_t_distribution<double> t(std::max(nu, 1.0));
  return to_ten_digits(boost::math::quantile(t, 0.5 + kCoverage / 2));
}

double chi_squared_quantile(double p, double nu) {
  return to_ten_digits(boost::math::quantile(boost::math::chi_squared_distribution<double>(nu), p));
}

double tolerance_factor(double n, double share, double confidence) {
  if (!(n > 1)) return std::numeric_limits<double>::quiet_NaN();
  const double nu = n - 1;
  const double z = boost::math::quantile(boost::math::normal_distribution<double>(), 0.5 + share / 2);
  const double chi2 = boost::math::quantile(boost::math::chi_squared_distribution<double>(nu), 1 - confidence);
  return to_ten_digits(z * std::sqrt(nu * (1 + 1 / n) / chi2));
}

SigmaFactors sigma_factors(double nu) {
  nu = std::max(nu, 1.0);
  return {to_ten_digits(std::sqrt(nu / chi_squared_quantile(0.975, nu))),
          to_ten_digits(std::sqrt(nu / chi_squared_quantile(0.025, nu)))};
}

double clopper_pearson_upper(std::uint64_t hits, std::uint64_t n, double confidence) {
  if (n == 0 || hits >= n) return 1;
  return to_ten_digits(boost::math::binomial_distribution<double>::find_upper_bound_on_p(
      static_cast<double>(n), static_cast<double>(hits), 1 - confidence));
}

}  // namespace penrig
