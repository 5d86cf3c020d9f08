#include "reports/statistics/non_normal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/power_transform.hpp"

namespace penrig::statistics {

namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

struct Percentiles {
  double low, median, high;
};
Percentiles percentiles(const PowerTransform& t) {
  return {t.inverse(t.mean() - 3 * t.sd()), t.inverse(t.mean()), t.inverse(t.mean() + 3 * t.sd())};
}

double least_index(const Percentiles& q, const Tolerance& tolerance) {
  double least = std::numeric_limits<double>::infinity();
  if (tolerance.upper) least = std::min(least, (*tolerance.upper - q.median) / (q.high - q.median));
  if (tolerance.lower) least = std::min(least, (q.median - *tolerance.lower) / (q.median - q.low));
  return least;
}

double spread_index(const Percentiles& q, const Tolerance& tolerance) {
  return (*tolerance.upper - *tolerance.lower) / (q.high - q.low);
}

PowerTransform moved(const PowerTransform& t, const Vector& by) {
  return t.with(t.lambda() + by[0], t.mean() + by[1], t.sd() + by[2]);
}

Vector steps_of(const PowerTransform& t) { return {1e-3, 1e-3 * t.sd(), 1e-3 * t.sd()}; }

/// Second derivatives of -ln likelihood by central differences.
Matrix information(const PowerTransform& t) {
  const Vector h = steps_of(t);
  const auto cost = [&](int i, int a, int j, int b) {
    Vector by{};
    by[static_cast<std::size_t>(i)] += a * h[static_cast<std::size_t>(i)];
    by[static_cast<std::size_t>(j)] += b * h[static_cast<std::size_t>(j)];
    const PowerTransform at = moved(t, by);
    double sum = 0;
    for (const double l : t.exponents()) sum += at.cost(l);
    return sum;
  };
  Matrix m{};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j <= i; ++j) {
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
      const double second = cost(i, 1, j, 1) - cost(i, 1, j, -1) - cost(i, -1, j, 1) + cost(i, -1, j, -1);
      m[a][b] = m[b][a] = second / (4 * h[a] * h[b]);
    }
  }
  return m;
}

/// g' M^-1 g by Cholesky's factor; NaN where M is not positive definite.
double quadratic_in_inverse(const Matrix& m, const Vector& g) {
  Matrix l{};
  Vector y{};
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = m[i][j];
      for (std::size_t k = 0; k < j; ++k) rest -= l[i][k] * l[j][k];
      if (i != j) {
        l[i][j] = rest / l[j][j];
      } else if (rest > 0) {
        l[i][i] = std::sqrt(rest);
      } else {
        return std::numeric_limits<double>::quiet_NaN();
      }
    }
    double rest = g[i];
    for (std::size_t k = 0; k < i; ++k) rest -= l[i][k] * y[k];
    y[i] = rest / l[i][i];
    sum += y[i] * y[i];
  }
  return sum;
}

/// value(transform) with its interval. On the scale of the logarithm where the value is above 0, since an index is a
/// ratio.
template <class Value>
Estimate by_delta(const PowerTransform& t, const Matrix& information, Value value) {
  constexpr double kReach = 1.959963984540054;
  const Vector h = steps_of(t);
  Vector gradient{};
  for (std::size_t i = 0; i < 3; ++i) {
    Vector up{}, down{};
    up[i] = h[i];
    down[i] = -h[i];
    gradient[i] = (value(moved(t, up)) - value(moved(t, down))) / (2 * h[i]);
  }
  const double at = value(t), se = std::sqrt(quadratic_in_inverse(information, gradient));
  if (!(at > 0)) return {at, {at - kReach * se, at + kReach * se}};
  const double factor = std::exp(kReach * se / at);
  return {at, {at / factor, at * factor}};
}

}  // namespace

std::optional<NonNormal> non_normal_capability(std::span<const double> values, const Tolerance& tolerance) {
  if (values.size() < 100) return std::nullopt;
  const std::optional<PowerTransform> t = PowerTransform::fit(values);
  if (!t) return std::nullopt;
  const Percentiles q = percentiles(*t);
  if (!std::isfinite(q.low) || !std::isfinite(q.high) || !(q.low < q.median) || !(q.median < q.high))
    return std::nullopt;
  NonNormal n;
  n.lambda = t->lambda();
  n.of_logarithm = t->of_logarithm();
  std::vector<double> transformed;
  for (const double v : values) transformed.push_back(t->forward(v));
  n.after = anderson_darling(transformed);
  n.low = q.low;
  n.median = q.median;
  n.high = q.high;
  const Matrix m = information(*t);
  n.least = by_delta(*t, m, [&](const PowerTransform& at) { return least_index(percentiles(at), tolerance); });
  if (tolerance.lower && tolerance.upper)
    n.spread = by_delta(*t, m, [&](const PowerTransform& at) { return spread_index(percentiles(at), tolerance); });
  if (!std::isfinite(n.least.interval.low)) return std::nullopt;
  const auto below = [&](double x) { return normal_below((t->forward(x) - t->mean()) / t->sd()); };
  if (tolerance.lower) n.beyond += below(*tolerance.lower);
  if (tolerance.upper) n.beyond += 1 - below(*tolerance.upper);
  return n;
}

}  // namespace penrig::statistics
