#include "reports/statistics/gage_bias.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "reports/counted.hpp"
#include "reports/statistics/distributions.hpp"
#include "reports/statistics/not_finite.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// An estimate with Student's interval; se 0 gives no width.
Estimate with_student(double value, double se, double df) {
  const double reach = se > 0 ? student_quantile(0.975, df) * se : 0;
  return {value, {value - reach, value + reach}};
}

/// Two-sided; without a spread a difference is certain, none is none.
double p_of(double value, double se, double df) {
  if (se > 0) return student_two_sided(value / se, df);
  return value == 0 ? 1 : 0;
}

/// The smallest step between two readings.
double smallest_step(std::span<const double> readings) {
  std::vector<double> sorted(readings.begin(), readings.end());
  std::sort(sorted.begin(), sorted.end());
  double least = kInfinite;
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i] > sorted[i - 1]) least = std::min(least, sorted[i] - sorted[i - 1]);
  return std::isfinite(least) ? least : 0;
}

}  // namespace

Result<Bias> bias_of(std::span<const double> readings, double reference) {
  if (readings.size() < 2) return fail(Errc::usage, "a bias needs at least two readings of the reference");
  if (!finite(readings) || !std::isfinite(reference))
    return fail(Errc::usage, "a reading or the reference is no number");
  const Spread s = spread_of(readings);
  const auto n = static_cast<double>(s.n);
  Bias b;
  b.n = s.n;
  b.reference = reference;
  b.mean = s.mean;
  b.sd = s.sd;
  const double bias = s.mean - reference, se = s.sd / std::sqrt(n);
  b.bias = with_student(bias, se, n - 1);
  b.t = se > 0 ? bias / se : 0;
  b.p = p_of(bias, se, n - 1);
  return b;
}

Estimate Linearity::at(double reference) const {
  return with_student(line.at(reference), line.sd_at(reference), static_cast<double>(line.dof));
}

bool Linearity::holds_zero() const {
  return std::all_of(parts.begin(), parts.end(), [&](const Bias& b) { return at(b.reference).interval.holds(0); });
}

bool Linearity::lies_within(double allowed) const {
  return std::all_of(parts.begin(), parts.end(), [&](const Bias& b) {
    const Interval band = at(b.reference).interval;
    return band.low >= -allowed && band.high <= allowed;
  });
}

Result<Linearity> linearity_of(std::span<const ReferenceReading> readings) {
  std::vector<double> x, y;
  std::map<double, std::vector<double>> by_reference;
  for (const ReferenceReading& r : readings) {
    if (!std::isfinite(r.reference) || !std::isfinite(r.value))
      return fail(Errc::usage, fmt::format("part '{}' has a reference or a reading that is no number", r.part));
    x.push_back(r.reference);
    y.push_back(r.value - r.reference);
    by_reference[r.reference].push_back(r.value);
  }
  if (by_reference.size() < 2 || readings.size() < 3)
    return fail(Errc::usage,
                fmt::format("{} of {}: linearity needs at least two values", counted(readings.size(), "reading"),
                            counted(by_reference.size(), "reference value")));
  Linearity l;
  for (const auto& [reference, values] : by_reference) {
    Result<Bias> bias = bias_of(values, reference);
    if (!bias)
      return fail(Errc::usage, fmt::format("reference {} was read once: at least two readings of each", reference));
    l.parts.push_back(*bias);
    l.still = l.still && std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
  }
  Result<PolynomialFit> line = fit_polynomial(x, y, 1);
  if (!line) return line.error();
  l.line = std::move(*line);
  const auto df = static_cast<double>(l.line.dof);
  l.intercept = with_student(l.line.coefficients[0], l.line.coefficient_sd[0], df);
  l.slope = with_student(l.line.coefficients[1], l.line.coefficient_sd[1], df);
  l.intercept_p = p_of(l.line.coefficients[0], l.line.coefficient_sd[0], df);
  l.slope_p = p_of(l.line.coefficients[1], l.line.coefficient_sd[1], df);
  l.mean_bias = spread_of(y).mean;
  return l;
}

Result<GageTypeOne> type_one(std::span<const double> readings, double reference, double tolerance,
                             TypeOneWidths widths) {
  if (!(tolerance > 0) || !std::isfinite(tolerance))
    return fail(Errc::usage, "a type-1 study needs a tolerance (upper - lower limit) above 0");
  if (readings.size() < 10)
    return fail(Errc::usage, fmt::format("{}: a type-1 study needs at least 10 of one reference, better 25 or more",
                                         counted(readings.size(), "reading")));
  const Result<Bias> bias = bias_of(readings, reference);
  if (!bias) return bias.error();
  GageTypeOne g;
  g.bias = *bias;
  g.tolerance = tolerance;
  const double width = widths.share * tolerance;
  const SigmaFactors sigma = sigma_factors(static_cast<double>(readings.size() - 1));
  g.equal = std::all_of(readings.begin(), readings.end(), [&](double v) { return v == readings.front(); });
  // The mean of equal readings need not be equal to them.
  const double spread = g.equal ? 0 : widths.deviations * g.bias.sd;
  const double cg = spread > 0 ? width / spread : kInfinite;
  g.cg = {cg, {cg / sigma.high, cg / sigma.low}};
  const double room = width / 2 - std::abs(g.bias.bias.value);
  g.cgk = spread > 0 ? room / (spread / 2) : room > 0 ? kInfinite : -kInfinite;
  g.resolution_share = smallest_step(readings) / tolerance;
  g.repeatability_share = spread / tolerance;
  g.capable = cg >= widths.least && g.cgk >= widths.least && !g.equal && g.resolution_share <= widths.coarsest;
  return g;
}

Result<Drift> drift_of(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 3 || x.size() != y.size()) return fail(Errc::usage, "a drift needs at least three points");
  if (!finite(x) || !finite(y)) return fail(Errc::usage, "a point of the drift is no number");
  if (std::all_of(x.begin(), x.end(), [&](double v) { return v == x.front(); }))
    return fail(Errc::usage, "a drift needs more than one point of time");
  const Result<PolynomialFit> line = fit_polynomial(x, y, 1);
  if (!line) return line.error();
  const double slope = line->coefficients[1], se = line->coefficient_sd[1], df = static_cast<double>(line->dof);
  return Drift{with_student(slope, se, df), p_of(slope, se, df)};
}

}  // namespace penrig::statistics
