#include "reports/statistics/normality.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "reports/statistics/not_finite.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/measure/probability.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

double p_of_anderson_darling(double a) {
  if (a >= 0.6) return std::min(1.0, portable_exp(1.2937 - 5.709 * a + 0.0186 * a * a));
  if (a > 0.34) return portable_exp(0.9177 - 4.279 * a - 1.38 * a * a);
  if (a > 0.2) return 1 - portable_exp(-8.318 + 42.796 * a - 59.938 * a * a);
  return 1 - portable_exp(-13.436 + 101.14 * a - 223.73 * a * a);
}

}  // namespace

Normality anderson_darling(std::span<const double> values) {
  const Spread s = spread_of(values);
  if (s.n < 8 || !(s.sd > 0)) return {kNaN, kNaN};
  std::vector<double> z(values.begin(), values.end());
  for (double& v : z) v = (v - s.mean) / s.sd;
  std::sort(z.begin(), z.end());
  const auto n = static_cast<double>(s.n);
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    // ln Phi(z_i) + ln(1 - Phi(z_(n+1-i))); a tail so far out that it has no number counts as its last one.
    const double below = std::max(normal_above(-z[i]), 1e-300),
                 above = std::max(normal_above(z[z.size() - 1 - i]), 1e-300);
    sum += (2 * static_cast<double>(i) + 1) * (portable_log(below) + portable_log(above));
  }
  const double a = (-n - sum / n) * (1 + 0.75 / n + 2.25 / (n * n));
  // The formula of p turns round beyond A = 153; far below anything that is asked for it is 0.
  return {a, a > 13 ? 0 : p_of_anderson_darling(a)};
}

}  // namespace penrig::statistics
