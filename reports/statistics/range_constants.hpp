#pragma once

#include <cstddef>
#include <vector>

namespace penrig::statistics {

/// Highest less lowest of the values, in their unit; of one value at least.
double range_of(const std::vector<double>& values);

/// Constants of samples of n normal values, 2 <= n <= 100, in units of sigma. Computed, not tabulated: d2 and d3 by
/// integrating the distribution of the range (Tippett 1925), c4 from the gamma function. Relative error below 1e-8.

/// Mean of the range.
double d2(std::size_t n);
/// Standard deviation of the range.
double d3(std::size_t n);
/// Mean of the standard deviation.
double c4(std::size_t n);
/// d2* of one range of m values out of g of them: root of the mean square, sqrt(d2^2 + d3^2/g). Source: Duncan,
/// "Quality Control and Industrial Statistics", table D3; AIAG MSA 4th edition, appendix C.
double d2_star(std::size_t m, std::size_t g);
/// Degrees of freedom of a mean of g ranges of m values each, over d2: those of the chi variable with its relative
/// variance. Source: Patnaik (1950); its first-order value.
double degrees_of_mean_range(std::size_t m, std::size_t g);
/// Degrees of freedom of the mean moving range of two over d2(2), of n values. Source: variance of the mean moving
/// range by Hoel (1946), Cryer and Ryan, J. Qual. Technol. 22 (1990).
double degrees_of_moving_range(std::size_t n);

}  // namespace penrig::statistics
