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

constexpr double kShareOutside = 0.01;
constexpr double kOneSided = 2.3263478740408411;  ///< normal_above of it is 1 %
constexpr double kTwoSided = 2.5758293035489004;  ///< and of this 0.5 %

/// How far the mean may lie from the middle of the limits in units of sigma, so that 99 % of a normal population lie
/// inside; tau: half their distance in sigma, at least kTwoSided.
class RoomForMean {
 public:
  double operator()(double tau) {
    if (tau > 6.5) return tau - kOneSided;  // what lies beyond the far limit is below 1e-25
    // The share outside is even in the distance: Newton on its square, held in a bracket, is regular at 0 too.
    double low = 0, high = (tau - kOneSided) * (tau - kOneSided), square = std::min(last_, high);
    for (int i = 0; i < 60; ++i) {
      const double x = std::sqrt(square);
      const NormalTail near = normal_tail(tau - x), far = normal_tail(tau + x);
      const double excess = near.above + far.above - kShareOutside;
      (excess > 0 ? high : low) = square;
      const double slope = x > 1e-4 ? (near.density - far.density) / (2 * x) : tau * near.density;
      double next = square - excess / slope;
      if (!(next > low && next < high)) next = (low + high) / 2;
      const double step = std::abs(next - square);
      square = next;
      if (step <= 1e-8 * square) break;  // convergence is quadratic: what is left is below 1e-15
    }
    last_ = square;
    return std::sqrt(square);
  }

 private:
  double last_ = std::numeric_limits<double>::infinity();  ///< of the call before, which was for a tau nearby
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

double inside_of(const Strokes& strokes, const Bounds& bounds) {
  if (strokes.s == 0) {
    Knowledge known;
    known.value = strokes.mean;
    known.u_above = known.u_below = strokes.u_sys;
    return known.parts(bounds).inside;
  }
  // Trapezoids over x = ln(chi^2 / nu), density e^(nu/2 (x - e^x)) but for its factor: they converge like no power.
  const double nu = strokes.n_eff - 1;
  constexpr double kDrop = 34;  // e^-34 of the peak is left out at both ends
  const double left = std::sqrt(6 * kDrop / nu) <= 1 ? -std::sqrt(6 * kDrop / nu) : -1 - 2 * kDrop / nu;
  const double right = std::sqrt(4 * kDrop / nu);
  const double step = 0.2 * std::sqrt(2 / nu);
  const auto density = [nu](double x) { return portable_exp(nu / 2 * (x - (portable_exp(x) - 1))); };
  double whole = 0;
  for (int i = 0; left + i * step <= right; ++i) whole += density(left + i * step);
  whole *= step;
  // Above the sigma of which 99 % just fit nothing conforms, and the room for the mean begins there like a root: with
  // x = start + y^2 the integrand is smooth and even in y.
  double start = left;
  if (bounds.lower && bounds.upper) {
    const double half = (*bounds.upper - *bounds.lower) / 2;
    if (!(half > 0)) return 0;
    start = std::max(start, 2 * portable_log(kTwoSided * strokes.s / half));
  }
  if (start >= right) return 0;
  const double last = std::sqrt(right - start), fine = step / (2 * last);
  RoomForMean room_for_mean;
  double sum = 0;
  for (int i = 1; i * fine <= last; ++i) {
    const double y = i * fine, x = start + y * y;
    sum += 2 * y * density(x) * inside_given(strokes.s * portable_exp(-x / 2), strokes, bounds, room_for_mean);
  }
  return sum * fine / whole;
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
