#pragma once

#include <span>

#include "reports/statistics/interval.hpp"
#include "rig/base/random.hpp"

namespace penrig::statistics {

/// A mean square of an analysis of variance: its expectation times chi squared over df.
struct MeanSquare {
  double ms = 0, df = 0;  ///< df > 0
};

/// `weight` times its expectation is a part of a variance; weight > 0.
struct WeightedMeanSquare {
  double weight = 1;
  MeanSquare mean_square;
};

/// Two-sided interval of sum(weight * expectation). One term: exact, by chi squared. More: modified large sample.
/// Source: Graybill and Wang, J. Am. Stat. Assoc. 75 (1980); Burdick, Borror and Montgomery, "Design and Analysis of
/// Gauge R&R Studies", SIAM (2005).
Interval interval_of_sum(std::span<const WeightedMeanSquare> terms, double confidence = 0.95);

/// Two-sided interval of weight * (expectation of a - expectation of b), from below cut off at 0. Modified large
/// sample. Source: Ting, Burdick, Graybill, Jeyaratnam and Lu, J. Stat. Comput. Simul. 35 (1990); as above.
Interval interval_of_difference(double weight, const MeanSquare& a, const MeanSquare& b, double confidence = 0.95);

/// Draws chi squared with nu > 0 degrees of freedom. Source: Marsaglia and Tsang, "A simple method for generating gamma
/// variables" (2000).
double draw_chi_squared(Random& random, double nu);

}  // namespace penrig::statistics
