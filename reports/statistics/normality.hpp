#pragma once

#include <span>

namespace penrig::statistics {

/// Anderson and Darling's test of a normal distribution whose mean and deviation come from the values themselves.
/// Source: D'Agostino and Stephens, "Goodness-of-Fit Techniques" (1986), table 4.9, case 3.
struct Normality {
  double a_squared = 0;  ///< adjusted for n
  double p = 1;
};
/// NaN for fewer than eight values or values that are all the same: nothing can be said.
Normality anderson_darling(std::span<const double> values);

}  // namespace penrig::statistics
