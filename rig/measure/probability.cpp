#include "rig/measure/probability.hpp"

#include <algorithm>
#include <cmath>

#include "rig/base/portable_math.hpp"

namespace penrig {

namespace {

constexpr double kInverseRootOf2Pi = 0.39894228040143267794;
constexpr double kInverseRootOfPi = 0.56418958354775628695;

/// ln(1 + w), w >= 0: the rounding of 1 + w is taken out again.
double log_1p(double w) {
  const double u = 1 + w;
  return u == 1 ? w : portable_log(u) * (w / (u - 1));
}

/// Gamma(a + 1/2) / Gamma(a), a > 0: asymptotic series from a = 50 on, below by the recurrence.
double gamma_ratio(double a) {
  double factor = 1;
  while (a < 50) {
    factor *= a / (a + 0.5);
    a += 1;
  }
  const double w = 1 / a;
  const double series =
      1 + w * (-1.0 / 8 +
               w * (1.0 / 128 +
                    w * (5.0 / 1024 + w * (-21.0 / 32768 +
                                           w * (-399.0 / 262144 + w * (869.0 / 4194304 + w * (39325.0 / 33554432)))))));
  return factor * std::sqrt(a) * series;
}

/// B(a, b) I_x(a, b) / (x^a y^b), y = 1 - x given apart so that nothing cancels; Lentz's method. Converges fast for
/// x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x, double y) {
  constexpr double kTiny = 1e-300;
  const auto held = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double f = held(a * (a * y - b * x + 1) / (a + 1)), c = f, d = 0;
  for (int i = 1; i < 20000; ++i) {
    const double m = i, odd = a + 2 * m - 1;
    const double alpha = (a + m - 1) / odd * ((a + b + m - 1) / odd) * m * (b - m) * x * x;
    const double beta = m + m * (b - m) * x / odd + (a + m) / (odd + 2) * (a * y - b * x + 1 + m * (2 - x));
    d = 1 / held(beta + alpha * d);
    c = held(beta + alpha / c);
    const double step = c * d;
    f *= step;
    if (std::abs(step - 1) < 1e-16) break;
  }
  return 1 / f;
}

}  // namespace

NormalTail normal_tail(double x) {
  if (std::isnan(x)) return {x, x};
  if (x < 0) {
    const NormalTail mirrored = normal_tail(-x);
    return {1 - mirrored.above, mirrored.density};
  }
  if (x > 38) return {0, 0};
  const double density = kInverseRootOf2Pi * portable_exp(-0.5 * x * x);
  if (x < 2.5) {
    double term = x, sum = x;
    for (int k = 3; term > 1e-17 * sum; k += 2) {
      term *= x * x / k;
      sum += term;
    }
    return {0.5 - density * sum, density};
  }
  // x + 1/(x + 2/(x + 3/(x + ...))), from the inside: 90 levels suffice at 2.5, and fewer farther out.
  double fraction = x;
  for (int k = 10 + static_cast<int>(500 / (x * x)); k >= 1; --k) fraction = x + k / fraction;
  return {density / fraction, density};
}

double student_above(double x, double nu) {
  if (std::isnan(x) || std::isnan(nu)) return x + nu;
  if (nu == 0 || !(nu < 1e6)) return normal_above(x);
  nu = std::max(nu, 1.0);
  if (x < 0) return 1 - student_above(-x, nu);
  if (x > 1e150) return 0;  // its square has no number
  const double a = nu / 2, w = x * x / nu;
  const double below = 1 / (1 + w), above = w / (1 + w);  // nu/(nu + x^2) and what it lacks of 1
  const double front =
      portable_exp(-a * log_1p(w)) * std::sqrt(above) * gamma_ratio(a) * kInverseRootOfPi;  // / B(a, 1/2)
  if (below < (a + 1) / (a + 2.5)) return 0.5 * front * beta_fraction(a, 0.5, below, above);
  return 0.5 - 0.5 * front * beta_fraction(0.5, a, above, below);
}

}  // namespace penrig
