#include "rig/calibrate/slope_fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "rig/base/double_double.hpp"
#include "rig/measure/budget.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

using Points = std::span<const double>;

/// A tenth of the range: below it a relative deviation says more about the zero, which every run takes anew.
constexpr double kSmall = 0.1;

/// The polynomial that fits goes into the evaluation; the factor comes from the line.
void describe(CalibrationEvaluation& e, const DegreeChoice& choice, Points x) {
  const PolynomialFit& fit = choice.fit();
  e.degree = fit.degree;
  e.degree_fits = choice.fits;
  e.intercept = fit.intercept;
  e.coefficients = fit.coefficients;
  e.coefficient_sd = fit.coefficient_sd;
  e.residual_sd = fit.residual_sd;
  e.residuals = fit.residuals;
  for (const double at : x) e.fitted.push_back(fit.at(at));
  for (const DegreeCandidate& c : choice.candidates) {
    DegreeLine line;
    line.degree = c.fit.degree;
    line.residual_sd = c.fit.residual_sd;
    if (c.lack) line.lack_f = c.lack->f, line.lack_p = c.lack->p;
    if (c.added) line.added_f = c.added->f, line.added_p = c.added->p;
    e.degrees.push_back(line);
  }
  if (!choice.fits) {
    e.notes.push_back(fmt::format(
        "no degree up to {} fits: the readings repeat better than any of them meets (hysteresis, or points that differ "
        "in more than {})",
        choice.candidates.back().fit.degree, e.x));
  }
}

/// How far the line is from the curve that fits, as a share of what is measured, at most over the upper nine tenths.
double nonlinearity(const PolynomialFit& line, const PolynomialFit& curve, Points x) {
  const double zero = line.intercept ? line.at(0) : 0, curve_zero = curve.intercept ? curve.at(0) : 0;
  double worst = 0;
  for (const double at : x) {
    if (std::abs(at) < kSmall * greatest(x)) continue;
    const double straight = line.at(at) - zero, bent = curve.at(at) - curve_zero;
    worst = std::max(worst, std::abs((bent - straight) / straight));
  }
  return worst;
}

/// How far the readings themselves are from a curve that does not fit, as an error of the slope. A run takes its own
/// zero, so that what the curve leaves there counts with what it leaves elsewhere; over the upper nine tenths.
double lack_of_fit_of_slope(const PolynomialFit& curve, Points x) {
  struct Place {
    DoubleDouble sum;
    double n = 0;
    double mean() const { return sum.rounded() / n; }
  };
  std::map<double, Place> places;
  for (std::size_t i = 0; i < x.size(); ++i) {
    places[x[i]].sum += DoubleDouble(curve.residuals[i]);
    places[x[i]].n += 1;
  }
  double zero = 0, left_there = 0, farthest = 0;
  if (curve.intercept) {
    const auto nearest = std::ranges::min_element(places, {}, [](const auto& p) { return std::abs(p.first); });
    zero = nearest->first;
    left_there = nearest->second.mean();
  }
  for (const auto& [at, place] : places) farthest = std::max(farthest, std::abs(at - zero));
  double worst = 0;
  for (const auto& [at, place] : places) {
    const double away = std::abs(at - zero);
    if (away < kSmall * farthest) continue;
    worst = std::max(worst, std::max(std::abs(place.mean()), std::abs(place.mean() - left_there)) / away);
  }
  return worst;
}

/// What up and down differ by, in units of x: twice the mean of the residuals' difference over the slope.
std::optional<double> reversal(const SlopeFit& s, const PointTable& points, Points residuals) {
  DoubleDouble up, down;
  double n_up = 0, n_down = 0;
  for (std::size_t i = 0; i < points.direction.size(); ++i) {
    (points.direction[i] > 0 ? up : down) += DoubleDouble(residuals[i]);
    (points.direction[i] > 0 ? n_up : n_down) += 1;
  }
  if (n_up == 0 || n_down == 0) return std::nullopt;
  return (up.rounded() / n_up - down.rounded() / n_down) / s.b;
}

/// How far readings at rest moved over the series, in units of x, if the points have times.
std::optional<double> drift(const SlopeFit& s, const PointTable& points, Points residuals) {
  if (!points.has("time_s")) return std::nullopt;
  const Points time = points.column("time_s");
  const auto fit = fit_polynomial(time, residuals, 1);
  if (!fit) return std::nullopt;
  return fit->coefficients[1] * (fit->x_max - fit->x_min) / s.b;
}

}  // namespace

std::size_t different_values(Points x) {
  std::vector<double> sorted(x.begin(), x.end());
  std::ranges::sort(sorted);
  return static_cast<std::size_t>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
}

double greatest(Points x) {
  double most = 0;
  for (const double v : x) most = std::max(most, std::abs(v));
  return most;
}

double resolution_of(std::string_view column, Points y) {
  if (!column.ends_with("_counts") && !column.ends_with("_ticks")) return 0;
  return std::ranges::all_of(y, [](double v) { return v == std::trunc(v); }) ? 1 : 0;
}

Result<SlopeFit> fit_slope(CalibrationEvaluation& e, Points x, Points y, bool intercept, const EvaluationInput& input) {
  const std::size_t needed = intercept ? 3 : 2;
  if (const std::size_t have = different_values(x); have < needed) {
    return fail(Errc::bad_data, fmt::format("the points have {} different {}: a slope with its uncertainty needs at "
                                            "least {}",
                                            have, e.x, needed));
  }
  auto choice = choose_degree(x, y, intercept, input.max_degree);
  if (!choice) return choice.error();
  describe(e, *choice, x);
  SlopeFit s;
  s.line = choice->candidates.front().fit;
  s.b = s.line.coefficients.back();
  s.x_range = s.line.x_max - s.line.x_min;
  const double mean = intercept ? spread_of(x).mean : 0;
  double squares = 0, absolutes = 0;
  for (const double at : x) {
    squares += (at - mean) * (at - mean);
    absolutes += std::abs(at - mean);
  }
  s.bound = absolutes / squares;
  s.budget.push_back(
      observed_line("scatter of the fit", s.line.coefficient_sd.back(), static_cast<double>(s.line.dof)));
  if (const double step = resolution_of(e.y, y); step > 0) {
    s.budget.push_back(uniform_line("resolution of one count", step / 2 / std::sqrt(squares)));
  }
  if (e.degree > 1) {
    const double share = nonlinearity(s.line, choice->fit(), x);
    e.results.push_back({"nonlinearity", share * 100, "%"});
    s.budget.push_back(uniform_line("nonlinearity", share * std::abs(s.b)));
  }
  if (!e.degree_fits) {
    const double off = lack_of_fit_of_slope(choice->fit(), x);
    if (off < std::abs(s.b)) e.results.push_back({"lack of fit", off / std::abs(s.b) * 100, "%"});
    s.budget.push_back(uniform_line("lack of fit", off));
  }
  return s;
}

bool add_standards(SlopeFit& s, const CalibrationEvaluation& e, const std::vector<ReferenceStandard>& standards) {
  bool known = !standards.empty();
  for (const ReferenceStandard& standard : standards) {
    if (!standard.u) {
      known = false;
      continue;
    }
    double u = *standard.u * std::abs(s.b);
    // Errors of the single values may hang together in any way; this is the most that they can do to the slope.
    if (!standard.relative) u = *standard.u * s.bound * (standard.column == e.x ? std::abs(s.b) : 1);
    s.budget.push_back(standard_line(standard, u));
  }
  return known;
}

BudgetLine standard_line(const ReferenceStandard& standard, double u) {
  BudgetLine line = normal_line("", u);
  line.source = "reference standard " + standard.id;
  return line;
}

void conclude_evaluation(CalibrationEvaluation& e, double value, double derivative, std::vector<BudgetLine> budget,
                         bool known) {
  for (BudgetLine& line : budget) line.u *= std::abs(derivative);
  e.value = value;
  e.budget = std::move(budget);
  if (!known) {
    e.notes.emplace_back("a reference standard without uncertainty: the result has none, and no run will take it");
    return;
  }
  e.u = combined(e.budget);
  e.nu = effective_freedom(e.budget);
  e.k = coverage_factor(e.nu);
}

void add_hysteresis(SlopeFit& s, CalibrationEvaluation& e, const PointTable& points) {
  const std::string unit(unit_of_key(e.x).unit);
  if (const auto back = reversal(s, points, e.residuals)) {
    e.results.push_back({"reversal (up − down)", *back, unit});
    s.budget.push_back(uniform_line("reversal", std::abs(*back) / 2 / s.x_range * std::abs(s.b)));
  }
  if (const auto moved = drift(s, points, e.residuals)) {
    e.results.push_back({"drift over the series", *moved, unit});
    s.budget.push_back(uniform_line("drift", std::abs(*moved) / s.x_range * std::abs(s.b)));
  }
}

}  // namespace penrig
