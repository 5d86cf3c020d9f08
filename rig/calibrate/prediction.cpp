#include "rig/calibrate/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "rig/measure/statistics.hpp"

namespace penrig {
namespace {

constexpr double kBeyond = 0.05;    ///< of the range: how far a value may lie outside
constexpr double kIntervalEnd = 1;  ///< of the range: how far an interval may reach outside
constexpr int kSteps = 64;

/// Where the rising function crosses zero between low and high; nothing if it does not.
template <class F>
std::optional<double> root_of(F rising, double low, double high) {
  if (rising(low) > 0 || rising(high) < 0) return std::nullopt;
  for (int i = 0; i < 2000; ++i) {  // ends when the doubles do
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (rising(middle) < 0 ? low : high) = middle;
  }
  return std::abs(rising(low)) <= std::abs(rising(high)) ? low : high;
}

}  // namespace

Result<InversePrediction> predict_inverse(const PolynomialFit& fit, double y, std::size_t readings) {
  const double width = fit.x_max - fit.x_min;
  const double first = fit.slope_at(fit.x_min);
  for (int i = 1; i <= kSteps; ++i) {
    if (!(fit.slope_at(fit.x_min + width * i / kSteps) * first > 0))
      return fail(Errc::not_determined,
                  "the calibration curve turns within its range: a reading stands for two values");
  }
  const double sign = first > 0 ? 1 : -1;
  const auto x = root_of([&](double at) { return sign * (fit.at(at) - y); }, fit.x_min - width * kBeyond,
                         fit.x_max + width * kBeyond);
  if (!x) {
    return fail(Errc::not_determined,
                fmt::format("the reading {:.6g} lies beyond what was calibrated, {:.6g} to {:.6g}", y,
                            fit.at(fit.x_min), fit.at(fit.x_max)));
  }
  InversePrediction p;
  p.x = *x;
  p.nu = static_cast<double>(fit.dof);
  p.k = coverage_factor(p.nu);
  const double scatter = fit.residual_sd * fit.residual_sd / static_cast<double>(std::max<std::size_t>(readings, 1));
  const auto s_pred = [&](double at) {
    const double s = fit.sd_at(at);
    return std::sqrt(scatter + s * s);
  };
  p.u = s_pred(p.x) / std::abs(fit.slope_at(p.x));
  if (p.k * s_pred(p.x) <= std::abs(fit.at(p.x) - y)) {  // an exact fit: what is left is the last bit of x
    p.low = p.high = p.x;
    return p;
  }
  // The nearest end on each side: further out a curve may turn.
  const auto below = [&](double at) { return sign * (fit.at(at) - y) + p.k * s_pred(at); };
  const auto above = [&](double at) { return sign * (fit.at(at) - y) - p.k * s_pred(at); };
  const double step = width / kSteps, furthest = width * kIntervalEnd;
  std::optional<double> lower, upper;
  for (double at = p.x; !lower && at > fit.x_min - furthest; at -= step) lower = root_of(below, at - step, at);
  for (double at = p.x; !upper && at < fit.x_max + furthest; at += step) upper = root_of(above, at, at + step);
  if (!lower || !upper) {
    return fail(Errc::not_determined,
                fmt::format("the interval of {:.6g} has no end near the calibrated range: the points scatter too much "
                            "for the slope",
                            y));
  }
  p.low = *lower;
  p.high = *upper;
  return p;
}

LowerLimitFactor lower_limit_factor(const PolynomialFit& fit, std::span<const double> forces,
                                    std::span<const double> indications, double resolution) {
  constexpr double kFactor = 2.4, kClassA = 400, kClassAa = 2000;
  LowerLimitFactor f;
  f.s_m = fit.residual_sd;
  const double zero = fit.intercept ? fit.at(0) : 0;
  f.lowest_force = std::numeric_limits<double>::infinity();
  DoubleDouble sum;
  double n = 0;
  for (std::size_t i = 0; i < forces.size(); ++i) {
    const double force = std::abs(forces[i]);
    f.highest_force = std::max(f.highest_force, force);
    if (force == 0 || indications[i] == zero) continue;
    f.lowest_force = std::min(f.lowest_force, force);
    sum += DoubleDouble(forces[i]) / (DoubleDouble(indications[i]) - DoubleDouble(zero));
    ++n;
  }
  if (n > 0) f.ratio = std::abs((sum / DoubleDouble(n)).rounded());
  f.llf = std::max(kFactor * f.s_m, resolution) * f.ratio;
  f.class_a_from = std::max(kClassA * f.llf, f.lowest_force);
  f.class_aa_from = std::max(kClassAa * f.llf, f.lowest_force);
  f.class_a = f.class_a_from <= f.highest_force;
  f.class_aa = f.class_aa_from <= f.highest_force;
  return f;
}

}  // namespace penrig
