#pragma once

#include <limits>
#include <optional>

#include "rig/record/measurement.hpp"

namespace penrig {

/// Limits in the measurement's unit; one at least.
struct Bounds {
  std::optional<double> lower, upper;
};

/// No value lies below it, in the measurement's unit; minus infinity: there is no such floor.
inline constexpr double kNoFloor = -std::numeric_limits<double>::infinity();

/// Probability that the true value lies inside the limits, given what was measured (JCGM 106, 7), for a value of which
/// nothing but its floor was known before. What is known of it:
/// - with U alone: value + u T, u = U/k and T of Student with nu_eff (JCGM 101, 6.4.9), cut at the floor (JCGM
/// 106, 6.3:
///   a flat prior above it);
/// - with an interval low..high of its own: two halves of a normal distribution about the value, of half the
/// probability
///   each, whose ends k standard deviations away are low and high. So it has the stated interval with the stated
///   probability in both tails, as intervals by chi squared have theirs. Halves of Student's where k is Student's;
/// - where low or high is the value itself, one half that holds all: the interval is a limit of confidence.
///
/// @return 0..1, ten digits, the same on every machine; nothing where there is no distribution: no value, no U, a value
///         that is only known to be larger (censored_high), a number that is not finite.
std::optional<double> conformity_of_value(const Measurement& m, const Bounds& bounds, double floor = kNoFloor);

/// The largest probability of false acceptance under the rule "inside by r U": that of a value at the acceptance limit,
/// with this measurement's uncertainty. 2.3 % at r = 1 and any nu_eff (2.275 % by U at 95.45 %), 50 % at r = 0, more
/// where the limits are so near to each other that both can be violated. 0 where no value at all would be accepted.
std::optional<double> false_acceptance_of_value(const Measurement& m, const Bounds& bounds, double r,
                                                double floor = kNoFloor);

/// Probability that at least 99 % of the strokes lie inside the limits, for strokes that are normal with the mean and s
/// of n_eff of them, all displaced by one systematic error, normal with the interval U_sys at 95.45 %.
/// Given sigma, 99 % lie inside if their mean is within h(sigma) of the middle; the mean is normal about the measured
/// one with sigma^2 / n_eff + u_sys^2; and sigma^2 = nu s^2 / chi^2, nu = n_eff - 1: one integral over chi squared. For
/// u_sys = 0 this is the confidence at which a tolerance interval about that mean fits between the limits; k_T after
/// Howe is that for 95 % in the middle between two.
/// Source: Krishnamoorthy and Mathew, Statistical Tolerance Regions (2009), 1.5 and 2.3 (generalised pivots: sigma and
/// mean); JCGM 106, 7.
///
/// @return as above; nothing for n_eff <= 1.
std::optional<double> conformity_of_strokes(const ToleranceInterval& strokes, double n_eff, const Bounds& bounds);

/// The largest probability of false acceptance under the rule "mean +- k_T s inside by r U_sys", over all means and s
/// of this n_eff and U_sys. It is found at an end of the acceptance limit: s = 0 and the systematic part decides, or
/// the largest s that is accepted (two limits; without end for one) and the spread decides; between them the sum k_T s
/// + r U_sys exceeds what its parts need in squares.
std::optional<double> false_acceptance_of_strokes(const ToleranceInterval& strokes, double n_eff, const Bounds& bounds,
                                                  double r);

}  // namespace penrig
