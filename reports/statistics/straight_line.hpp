#pragma once

#include <span>

namespace penrig::statistics {

/// y = intercept + slope x by least squares.
struct StraightLine {
  double slope = 0, intercept = 0;
  double slope_se = 0, intercept_se = 0;
  double residual_sd = 0, r_squared = 0;
  double mean_x = 0, sxx = 0, df = 0;
  std::size_t n = 0;
  double at(double x) const { return intercept + slope * x; }
  /// Standard error of the line at x.
  double se_at(double x) const;
};
/// At least three points, x not all the same.
StraightLine straight_line(std::span<const double> x, std::span<const double> y);

}  // namespace penrig::statistics
