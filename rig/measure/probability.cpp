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

// Cody's rational functions for the normal distribution, nearest to it in the relative error (below 1e-17 each).
constexpr double kCentre = 0.67448975, kMiddle = 5.65685424949238;  ///< where each of them ends

/// Probability between 0 and y.
double centre(double y) {
  const double z = y * y;
  const double over = (((0.065682337918207449113 * z + 2.2352520354606839287) * z + 161.02823106855587881) * z +
                       1067.6894854603709582) *
                          z +
                      18154.981253343561249;
  const double under = (((z + 47.20258190468824187) * z + 976.09855173777669322) * z + 10260.932208618978205) * z +
                       45507.789335026729956;
  return y * over / under;
}

/// Probability above y, over e^(-y^2/2).
double middle(double y) {
  const double over = (((((((1.0765576773720192317e-8 * y + 0.39894151208813466764) * y + 8.8831497943883759412) * y +
                           93.506656132177855979) *
                              y +
                          597.27027639480026226) *
                             y +
                         2494.5375852903726711) *
                            y +
                        6848.1904505362823326) *
                           y +
                       11602.651437647350124) *
                          y +
                      9842.7148383839780218;
  const double under = (((((((y + 22.266688044328115691) * y + 235.38790178262499861) * y + 1519.377599407554805) * y +
                           6485.558298266760755) *
                              y +
                          18615.571640885098091) *
                             y +
                         34900.952721145977266) *
                            y +
                        38912.003286093271411) *
                           y +
                       19685.429676859990727;
  return over / under;
}
double far(double y) {
  const double z = 1 / (y * y);
  const double over =
      ((((0.02307344176494017303 * z + 0.21589853405795699) * z + 0.1274011611602473639) * z + 0.022235277870649807) *
           z +
       0.001421619193227893466) *
          z +
      2.9112874951168792e-5;
  const double under = ((((z + 1.28426009614491121) * z + 0.468238212480865118) * z + 0.0659881378689285515) * z +
                        0.00378239633202758244) *
                           z +
                       7.29751555083966205e-5;
  return (kInverseRootOf2Pi - z * over / under) / y;
}

}  // namespace

NormalTail normal_tail(double x) {
  if (std::isnan(x)) return {x, x};
  const double y = std::abs(x);
  if (y > 38) return {x < 0 ? 1.0 : 0.0, 0};
  const double bell = portable_exp(-0.5 * y * y);
  const double above = y <= kCentre ? 0.5 - centre(y) : bell * (y <= kMiddle ? middle(y) : far(y));
  return {x < 0 ? 1 - above : above, kInverseRootOf2Pi * bell};
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
