#pragma once

#include <cstdint>

#include "reports/statistics/interval.hpp"

namespace penrig::statistics {

/// Probabilities and quantiles of Boost.Math, in one file, since its headers are slow to compile. What is shown or kept
/// of them is rounded to ten digits there (rig/measure/statistics.hpp says why). p between 0 and 1, nu > 0 and may be
/// infinite; what lies outside gives NaN.

double normal_below(double z);
double normal_quantile(double p);

double student_below(double t, double nu);
double student_quantile(double p, double nu);
/// Probability of |T| >= |t|.
double student_two_sided(double t, double nu);

double chi_squared_below(double x, double nu);

/// Probability above f. nu2 may be infinite.
double f_above(double f, double nu1, double nu2);
double f_quantile(double p, double nu1, double nu2);

double beta_quantile(double p, double a, double b);

/// Of the noncentral t distribution below t.
double noncentral_t_below(double t, double nu, double delta);
/// The noncentrality at which the probability below t is p: what an exact interval for a standardised distance comes
/// from.
double noncentrality_of_t(double p, double t, double nu);

/// Probability of at most k in n, each with probability p.
double binomial_at_most(std::uint64_t k, std::uint64_t n, double p);

/// Two-sided Clopper-Pearson interval of a share. `hits` and `n` need not be whole (an effective number of trials).
/// n = 0 gives 0 to 1.
Interval clopper_pearson(double hits, double n, double confidence = 0.95);

/// ln Gamma(x), x > 0.
double log_gamma(double x);

}  // namespace penrig::statistics
