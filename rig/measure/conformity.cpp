#include "rig/measure/conformity.hpp"

#include <algorithm>
#include <cmath>

#include "rig/base/portable_math.hpp"
#include "rig/measure/probability.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

/// What is known of a true value: a half of a distribution on each side of the measured one.
struct Knowledge {
  double value = 0;
  double u_below = 0, u_above = 0;                ///< standard uncertainty of each half
  double weight_below = 0.5, weight_above = 0.5;  ///< their probabilities
  double nu = 0;                                  ///< of Student; 0: normal
  double floor = kNoFloor;

  double tail(double distance, double u) const {
    return u > 0 ? student_above(distance / u, nu) : distance > 0 ? 0 : 0.5;
  }
  double above(double x) const {
    return x >= value ? 2 * weight_above * tail(x - value, u_above) : 1 - 2 * weight_below * tail(value - x, u_below);
  }
  double below(double x) const {
    return x <= value ? 2 * weight_below * tail(value - x, u_below) : 1 - 2 * weight_above * tail(x - value, u_above);
  }
  /// Probabilities of the two sides beyond the limits and of what lies between, each without cancellation.
  struct Parts {
    double inside = 0, outside = 0;
  };
  Parts parts(const Bounds& bounds) const {
    const double cut = floor == kNoFloor ? 0 : below(floor);  // of the distribution as it is without a floor
    const double whole = 1 - cut;
    const double too_low = bounds.lower && *bounds.lower > floor ? below(*bounds.lower) : cut;
    const double too_high = bounds.upper ? (*bounds.upper >= floor ? above(*bounds.upper) : whole) : 0;
    double inside = 1 - too_low - too_high;
    if (bounds.upper && value > *bounds.upper) inside = below(*bounds.upper) - too_low;
    if (bounds.lower && value < *bounds.lower) inside = above(*bounds.lower) - too_high;
    return {std::clamp(inside / whole, 0.0, 1.0), std::clamp((too_low - cut + too_high) / whole, 0.0, 1.0)};
  }
};

/// Nothing where a measurement gives no distribution.
std::optional<Knowledge> knowledge_of(const Measurement& m, double floor) {
  if (!m.value || !std::isfinite(*m.value) || m.censored_high) return std::nullopt;
  if (!(m.k > 0) || !std::isfinite(m.k) || !(m.nu_eff >= 0) || !(m.expanded_u >= 0)) return std::nullopt;
  Knowledge known;
  known.value = *m.value;
  known.nu = m.nu_eff;
  // Of the interval at 95.45 %: where a uniform input made k smaller than Student's, m.expanded_u / m.k would be wider.
  known.u_above = known.u_below = m.expanded_u / coverage_factor(m.nu_eff);
  known.floor = floor;
  if (m.low || m.high) {
    if (m.high) known.u_above = std::max(*m.high - *m.value, 0.0) / m.k;
    if (m.low) known.u_below = std::max(*m.value - *m.low, 0.0) / m.k;
    // Intervals by chi squared or from counts hold their degrees of freedom already.
    if (!(std::abs(m.k - coverage_factor(m.nu_eff)) <= 1e-9 * m.k)) known.nu = 0;
    known.floor = kNoFloor;  // and their floor
    if (known.u_below == 0 || known.u_above == 0) {
      known.weight_below = known.u_below > 0 ? 1 : 0;
      known.weight_above = 1 - known.weight_below;
    }
  }
  const double most = std::max(known.u_above, known.u_below);
  if (!(most > 0) || !std::isfinite(known.u_above) || !std::isfinite(known.u_below)) return std::nullopt;
  return known;
}

bool usable(const Bounds& bounds) {
  return (bounds.lower || bounds.upper) && (!bounds.lower || std::isfinite(*bounds.lower)) &&
         (!bounds.upper || std::isfinite(*bounds.upper)) &&
         !(bounds.lower && bounds.upper && *bounds.lower > *bounds.upper);
}

std::optional<double> recorded(double probability) {
  if (!std::isfinite(probability)) return std::nullopt;
  return to_ten_digits(std::clamp(probability, 0.0, 1.0));
}

constexpr double kPi = 3.14159265358979323846;
constexpr double kShareOutside = 0.01;
constexpr double kOneSided = 2.3263478740408411;  ///< normal_above of it is 1 %
constexpr double kTwoSided = 2.5758293035489004;  ///< and of this 0.5 %

/// How far the mean may lie from the middle of the limits in units of sigma, so that 99 % of a normal population lie
/// inside; tau: half their distance in sigma, at least kTwoSided.
class RoomForMean {
 public:
  double operator()(double tau) {
    if (tau > 6.5) return tau - kOneSided;  // what lies beyond the far limit is below 1e-25
    // The share outside is even in the distance: Newton on its square, held in a bracket, is regular at 0 too. It
    // starts where the tangent at the tau before leads.
    double low = 0, high = (tau - kOneSided) * (tau - kOneSided);
    double square = std::clamp(square_ + slope_ * (tau - tau_), low, high);
    for (int i = 0; i < 60; ++i) {
      const double x = std::sqrt(square);
      const NormalTail near = normal_tail(tau - x), far = normal_tail(tau + x);
      const double excess = near.above + far.above - kShareOutside;
      (excess > 0 ? high : low) = square;
      // By the square and by tau.
      const double steepness = x > 1e-4 ? (near.density - far.density) / (2 * x) : tau * near.density;
      slope_ = (near.density + far.density) / steepness;
      const double step = excess / steepness;
      if (std::abs(step) <= 1e-7 * square) {  // convergence is quadratic: what is left is below 1e-14
        square -= step;
        break;
      }
      const double next = square - step;
      square = next > low && next < high ? next : (low + high) / 2;
    }
    tau_ = tau;
    square_ = square;
    return std::sqrt(square);
  }

 private:
  double tau_ = kTwoSided, square_ = 0, slope_ = 2 / kTwoSided;  ///< of the call before, which was for a tau nearby
};

/// Strokes as the integral needs them.
struct Strokes {
  double mean = 0, s = 0, n_eff = 0, u_sys = 0;  ///< u_sys: standard
};

/// Probability that 99 % of normal strokes of this sigma lie inside, by what is known of their mean.
double inside_given(double sigma, const Strokes& strokes, const Bounds& bounds, RoomForMean& room_for_mean) {
  const double u = std::sqrt(sigma * sigma / strokes.n_eff + strokes.u_sys * strokes.u_sys);
  if (!bounds.lower) return normal_above((strokes.mean - (*bounds.upper - kOneSided * sigma)) / u);
  if (!bounds.upper) return normal_above((*bounds.lower + kOneSided * sigma - strokes.mean) / u);
  const double half = (*bounds.upper - *bounds.lower) / 2;
  if (!(half >= kTwoSided * sigma)) return 0;
  const double off = std::abs(strokes.mean - (*bounds.upper + *bounds.lower) / 2);
  const double room = room_for_mean(half / sigma) * sigma;
  return normal_above((off - room) / u) - normal_above((off + room) / u);
}

/// What is known of sigma: nu s^2 / sigma^2 is chi squared. In x = ln(chi^2 / nu) its density is e^(a (x + 1 - e^x)), a
/// = nu/2, over integral(); so is at most what lies below an x < 0 or above an x > 0, without the integral (Chernoff).
class LogChiSquared {
 public:
  explicit LogChiSquared(double nu) : a_(nu / 2) {}

  /// From root = e^(-x/2), by which s is to be multiplied for sigma.
  double density(double x, double root) const { return portable_exp(a_ * (x - (1 / (root * root) - 1))); }
  /// Gamma(a) e^a a^-a by Stirling's series, from a = 10 on; below by the recurrence.
  double integral() const {
    double a = a_, factors = 1;
    for (; a < 10; a += 1) factors *= a;
    const double w = 1 / a, w2 = w * w;
    const double series =
        w * (1.0 / 12 +
             w2 * (-1.0 / 360 +
                   w2 * (1.0 / 1260 + w2 * (-1.0 / 1680 + w2 * (1.0 / 1188 + w2 * (-691.0 / 360360 + w2 / 156))))));
    double exponent = series;
    if (a > a_) exponent += a * (portable_log(a) - 1) - a_ * (portable_log(a_) - 1);
    return std::sqrt(2 * kPi * w) * portable_exp(exponent) / factors;
  }
  /// Ends beyond which the density is below e^-drop.
  double left(double drop) const {
    const double close = std::sqrt(3 * drop / a_);
    return close <= 1 ? -close : -1 - drop / a_;
  }
  double right(double drop) const { return std::sqrt(2 * drop / a_); }

 private:
  double a_;
};

double inside_of(const Strokes& strokes, const Bounds& bounds) {
  if (strokes.s == 0) {
    Knowledge known;
    known.value = strokes.mean;
    known.u_above = known.u_below = strokes.u_sys;
    return known.parts(bounds).inside;
  }
  const double nu = strokes.n_eff - 1;
  const LogChiSquared chi(nu);
  constexpr double kDrop = 34;  // what lies beyond is left out at both ends
  const double right = chi.right(kDrop);
  double start = chi.left(kDrop);
  // Above the sigma of which 99 % just fit nothing conforms, and the room for the mean begins there like a root: with
  // x = start + y^2 the integrand is smooth and even in y, and trapezoids converge like no power.
  if (bounds.lower && bounds.upper) {
    const double half = (*bounds.upper - *bounds.lower) / 2;
    if (!(half > 0)) return 0;
    start = std::max(start, 2 * portable_log(kTwoSided * strokes.s / half));
  }
  if (start >= right) return 0;
  const double step = std::min(0.35 * std::sqrt(2 / nu), 0.2);  // in x at the right end: leaves out less than 1e-12
  const double last = std::sqrt(right - start), fine = step / (2 * last);
  RoomForMean room_for_mean;
  double sum = 0;
  for (int i = 1; i * fine <= last; ++i) {
    const double y = i * fine, x = start + y * y, root = portable_exp(-x / 2);
    sum += 2 * y * chi.density(x, root) * inside_given(strokes.s * root, strokes, bounds, room_for_mean);
  }
  return sum * fine / chi.integral();
}

/// Whether all but 1e-11 lie inside: given the largest sigma that there may be they do.
bool inside_for_certain(const Strokes& strokes, const Bounds& bounds) {
  if (strokes.s == 0) return false;
  const double sigma = strokes.s * portable_exp(-LogChiSquared(strokes.n_eff - 1).left(27) / 2);  // e^-27 is 2e-12
  RoomForMean room_for_mean;
  return inside_given(sigma, strokes, bounds, room_for_mean) > 1 - 8e-12;
}

std::optional<Strokes> strokes_of(const ToleranceInterval& t, double n_eff) {
  const bool whole = std::isfinite(t.mean) && std::isfinite(t.s) && t.s >= 0 && std::isfinite(t.u_sys) && t.u_sys > 0 &&
                     std::isfinite(n_eff) && n_eff > 1;
  if (!whole) return std::nullopt;
  return Strokes{t.mean, t.s, n_eff, t.u_sys / 2};
}

}  // namespace

std::optional<double> conformity_of_value(const Measurement& m, const Bounds& bounds, double floor) {
  const std::optional<Knowledge> known = knowledge_of(m, floor);
  if (!known || !usable(bounds)) return std::nullopt;
  return recorded(known->parts(bounds).inside);
}

std::optional<double> false_acceptance_of_value(const Measurement& m, const Bounds& bounds, double r, double floor) {
  std::optional<Knowledge> known = knowledge_of(m, floor);
  if (!known || !usable(bounds) || !(r >= 0) || !std::isfinite(r)) return std::nullopt;
  const double above = m.high ? std::max(*m.high - *m.value, 0.0) : m.expanded_u;
  const double below = m.low ? std::max(*m.value - *m.low, 0.0) : m.expanded_u;
  const double highest = bounds.upper ? *bounds.upper - r * above : -kNoFloor;
  const double lowest = std::max(bounds.lower ? *bounds.lower + r * below : kNoFloor, floor);
  if (lowest > highest) return 0;
  // Between the two the probability of being inside has one maximum and no minimum: the worst is an end.
  double most = 0;
  for (const double end : {lowest, highest}) {
    if (!std::isfinite(end)) continue;
    known->value = end;
    most = std::max(most, known->parts(bounds).outside);
  }
  return recorded(most);
}

std::optional<double> conformity_of_strokes(const ToleranceInterval& t, double n_eff, const Bounds& bounds) {
  const std::optional<Strokes> strokes = strokes_of(t, n_eff);
  if (!strokes || !usable(bounds)) return std::nullopt;
  if (inside_for_certain(*strokes, bounds)) return 1;  // to ten digits
  return recorded(inside_of(*strokes, bounds));
}

std::optional<double> false_acceptance_of_strokes(const ToleranceInterval& t, double n_eff, const Bounds& bounds,
                                                  double r) {
  std::optional<Strokes> strokes = strokes_of(t, n_eff);
  if (!strokes || !usable(bounds) || !(r >= 0) || !std::isfinite(r) || !(t.k_factor > 0)) return std::nullopt;
  const double w = r * t.u_sys;
  Knowledge systematic;
  systematic.u_above = systematic.u_below = strokes->u_sys;
  if (!bounds.lower || !bounds.upper) {
    const Bounds at_most{std::nullopt, 0.0};  // a lower limit is its mirror image
    systematic.value = -w;
    const Strokes spread{-t.k_factor, 1, n_eff, 0};
    return recorded(std::max(systematic.parts(at_most).outside, 1 - inside_of(spread, at_most)));
  }
  const double half = (*bounds.upper - *bounds.lower) / 2, room = half - w;
  if (room < 0) return 0;
  const Bounds about_zero{-half, half};
  systematic.value = room;
  const Strokes spread{0, room / t.k_factor, n_eff, strokes->u_sys};
  return recorded(std::max(systematic.parts(about_zero).outside, 1 - inside_of(spread, about_zero)));
}

}  // namespace penrig
