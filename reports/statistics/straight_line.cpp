#include "reports/statistics/straight_line.hpp"

#include <cmath>

#include "rig/base/double_double.hpp"

namespace penrig::statistics {

double StraightLine::se_at(double x) const {
  return residual_sd * std::sqrt(1 / static_cast<double>(n) + (x - mean_x) * (x - mean_x) / sxx);
}

StraightLine straight_line(std::span<const double> x, std::span<const double> y) {
  StraightLine line;
  line.n = x.size();
  const DoubleDouble n(static_cast<double>(line.n));
  DoubleDouble mx, my, sxx, sxy, syy;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mx += x[i];
    my += y[i];
  }
  mx = mx / n;
  my = my / n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const DoubleDouble dx = DoubleDouble(x[i]) - mx, dy = DoubleDouble(y[i]) - my;
    sxx += dx * dx;
    sxy += dx * dy;
    syy += dy * dy;
  }
  const DoubleDouble slope = sxy / sxx;
  DoubleDouble residual;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const DoubleDouble e = DoubleDouble(y[i]) - my - slope * (DoubleDouble(x[i]) - mx);
    residual += e * e;
  }
  line.df = static_cast<double>(line.n) - 2;
  line.slope = slope.rounded();
  line.intercept = (my - slope * mx).rounded();
  line.mean_x = mx.rounded();
  line.sxx = sxx.rounded();
  line.residual_sd = std::sqrt(residual.rounded() / line.df);
  line.r_squared = syy.rounded() > 0 ? 1 - residual.rounded() / syy.rounded() : 0;
  line.slope_se = line.residual_sd / std::sqrt(line.sxx);
  line.intercept_se = line.se_at(0);
  return line;
}

}  // namespace penrig::statistics
