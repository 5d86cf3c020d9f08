#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rig/base/portable_math.hpp"
#include "rig/calibrate/calibration.hpp"
#include "rig/calibrate/polynomial_fit.hpp"
#include "rig/calibrate/prediction.hpp"
#include "rig/measure/budget.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

using Points = std::span<const double>;

/// A tenth of the range: below it a relative deviation says more about the zero, which every run takes anew.
constexpr double kSmall = 0.1;

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

/// Of a column of counts: one, where whole ones were written down; 0 where they are means of many, or no counts.
double resolution_of(std::string_view column, Points y) {
  if (!column.ends_with("_counts") && !column.ends_with("_ticks")) return 0;
  return std::ranges::all_of(y, [](double v) { return v == std::trunc(v); }) ? 1 : 0;
}

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

/// A line through the points with what may be wrong with its slope, all in units of the slope.
struct Slope {
  double b = 0;
  std::vector<BudgetLine> budget;
  PolynomialFit line;
  double x_range = 0;
  double bound = 0;  ///< sum |x - mean| / sum (x - mean)^2: slope error of the least favourable unit errors
};

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

Result<Slope> fit_slope(CalibrationEvaluation& e, Points x, Points y, bool intercept, const EvaluationInput& input) {
  const std::size_t needed = intercept ? 3 : 2;
  if (const std::size_t have = different_values(x); have < needed) {
    return fail(Errc::bad_data, fmt::format("the points have {} different {}: a slope with its uncertainty needs at "
                                            "least {}",
                                            have, e.x, needed));
  }
  auto choice = choose_degree(x, y, intercept, input.max_degree);
  if (!choice) return choice.error();
  describe(e, *choice, x);
  Slope s;
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
  return s;
}

/// The standards' part of the slope's uncertainty. False where one has no u: then nobody can say it.
bool add_standards(Slope& s, const CalibrationEvaluation& e, const std::vector<ReferenceStandard>& standards) {
  bool known = !standards.empty();
  for (const ReferenceStandard& standard : standards) {
    if (!standard.u) {
      known = false;
      continue;
    }
    double u = *standard.u * std::abs(s.b);
    // Errors of the single values may hang together in any way; this is the most that they can do to the slope.
    if (!standard.relative) u = *standard.u * s.bound * (standard.column == e.x ? std::abs(s.b) : 1);
    BudgetLine line = normal_line("", u);
    line.source = "reference standard " + standard.id;
    s.budget.push_back(std::move(line));
  }
  return known;
}

/// Value and budget from those of the slope, times the derivative of the value by the slope.
void finish(CalibrationEvaluation& e, double value, double derivative, std::vector<BudgetLine> budget, bool known) {
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

/// What up and down differ by, in units of x: twice the mean of the residuals' difference over the slope.
std::optional<double> reversal(const Slope& s, const PointTable& points, Points residuals) {
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
std::optional<double> drift(const Slope& s, const PointTable& points, Points residuals) {
  if (!points.has("time_s")) return std::nullopt;
  const Points time = points.column("time_s");
  const auto fit = fit_polynomial(time, residuals, 1);
  if (!fit) return std::nullopt;
  return fit->coefficients[1] * (fit->x_max - fit->x_min) / s.b;
}

/// Up and down, and time: what the line does not know of, as a part of the slope.
void add_hysteresis(Slope& s, CalibrationEvaluation& e, const PointTable& points) {
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

/// Counts over a reference: the factor is the slope turned over.
Result<CalibrationEvaluation> evaluate_scale(const CalibrationTarget& target, const PointTable& points,
                                             const EvaluationInput& input) {
  CalibrationEvaluation e;
  e.x = target.kind == CalibrationKind::load_cell ? "force_n" : "position_mm";
  e.y = "reading_counts";
  const Points x = points.column(e.x), y = points.column(e.y);
  auto s = fit_slope(e, x, y, true, input);
  if (!s) return s.error();
  if (!(s->b > 0)) {
    return fail(Errc::bad_data,
                fmt::format("{} falls as {} rises ({:.4g} counts a unit): change the sign of one of them, or the wires",
                            e.y, e.x, s->b));
  }
  add_hysteresis(*s, e, points);
  const bool known = add_standards(*s, e, input.standards);
  if (target.kind == CalibrationKind::load_cell) {
    const auto line = fit_polynomial(x, y, e.degree);
    const LowerLimitFactor llf = lower_limit_factor(*line, x, y, resolution_of(e.y, y));
    e.results.push_back({"s_m (ASTM E74)", llf.s_m, "counts"});
    e.results.push_back({"LLF (ASTM E74)", llf.llf, "N"});
    e.results.push_back({"Class A loads from", llf.class_a_from, "N"});
    e.results.push_back({"Class AA loads from", llf.class_aa_from, "N"});
    if (!llf.class_a) e.notes.emplace_back("400 × LLF lies above the highest force: there are no Class A loads");
    if (x.size() < 30 || different_values(x) < 10) {
      e.notes.push_back(
          fmt::format("{} readings at {} forces: ASTM E74 asks for at least 30 readings, 10 forces three times",
                      x.size(), different_values(x)));
    }
  } else {
    e.results.push_back({"largest residual", greatest(e.residuals) / s->b * 1e3, "µm"});
  }
  const double value = 1 / s->b;
  finish(e, value, value * value, std::move(s->budget), known);
  return e;
}

Result<CalibrationEvaluation> evaluate_time_base(const PointTable& points, const EvaluationInput& input) {
  CalibrationEvaluation e;
  e.x = "reference_s";
  const bool ticks = points.has("device_ticks");
  e.y = ticks ? "device_ticks" : "device_s";
  const double nominal = ticks ? input.nominal_tick_hz : 1;
  if (!(nominal > 0)) {
    return fail(Errc::usage, "points in ticks need the nominal tick rate (write: --tick-hz 1000000)");
  }
  auto s = fit_slope(e, points.column(e.x), points.column(e.y), true, input);
  if (!s) return s.error();
  const bool known = add_standards(*s, e, input.standards);
  const double share = (DoubleDouble(s->b) / DoubleDouble(nominal) - DoubleDouble(1)).rounded();
  if (!(std::abs(share) < 1e-3)) {
    return fail(Errc::bad_data, fmt::format("the device's clock would be fast by {:.6g} ppm: wrong nominal tick rate, "
                                            "or wrong unit",
                                            share * 1e6));
  }
  finish(e, share * 1e6, 1e6 / nominal, std::move(s->budget), known);
  return e;
}

/// One number, measured several times.
Result<CalibrationEvaluation> evaluate_repeated(const PointTable& points, const EvaluationInput& input) {
  CalibrationEvaluation e;
  e.y = points.columns.front();
  const Points y = points.column(e.y);
  if (y.size() < 3) return fail(Errc::bad_data, "a delay that is given directly needs at least three values");
  const Spread s = spread_of(y);
  e.degree = 0;
  e.coefficients = {s.mean};
  e.coefficient_sd = {s.sd / std::sqrt(static_cast<double>(s.n))};
  e.residual_sd = s.sd;
  for (const double v : y) {
    e.fitted.push_back(s.mean);
    e.residuals.push_back(v - s.mean);
  }
  bool known = !input.standards.empty();
  std::vector<BudgetLine> budget{observed_line("scatter", e.coefficient_sd[0], static_cast<double>(s.n - 1))};
  for (const ReferenceStandard& standard : input.standards) {
    known = known && standard.u;
    if (!standard.u) continue;
    BudgetLine line = normal_line("", *standard.u * (standard.relative ? std::abs(s.mean) : 1));
    line.source = "reference standard " + standard.id;
    budget.push_back(std::move(line));
  }
  finish(e, s.mean, 1, std::move(budget), known);
  return e;
}

/// Phase over frequency: a pure delay is a line through the origin.
Result<CalibrationEvaluation> evaluate_delay(const PointTable& points, const EvaluationInput& input) {
  if (points.has("delay_us")) return evaluate_repeated(points, input);
  CalibrationEvaluation e;
  e.x = "frequency_hz";
  e.y = "phase_lag_deg";
  auto s = fit_slope(e, points.column(e.x), points.column(e.y), false, input);
  if (!s) return s.error();
  const bool known = add_standards(*s, e, input.standards);
  if (e.degree > 1) {
    e.notes.emplace_back(
        "the phase is not proportional to the frequency: no pure delay (a filter or a resonance; the value is that of "
        "the best line, its curvature is in u)");
  }
  constexpr double kUsPerTurn = 1e6 / 360;
  finish(e, s->b * kUsPerTurn, kUsPerTurn, std::move(s->budget), known);
  return e;
}

/// Of 1/H = A (1 − (f/f0)² + i 2ζ f/f0): its real part is a line over f², its imaginary part one through the origin
/// over f. Weights of gain² make errors that are a share of the gain equal.
Result<CalibrationEvaluation> evaluate_cell_response(const PointTable& points, const EvaluationInput& input) {
  CalibrationEvaluation e;
  e.x = "frequency_hz";
  e.y = "gain";
  const Points f = points.column(e.x), gain = points.column(e.y), lag = points.column("phase_lag_deg");
  if (different_values(f) < 4) return fail(Errc::bad_data, "a response needs at least four different frequencies");
  std::vector<double> f2, real, imaginary, weight;
  for (std::size_t i = 0; i < f.size(); ++i) {
    if (!(gain[i] > 0) || !(f[i] > 0))
      return fail(Errc::bad_data, fmt::format("point {}: gain and frequency must be above 0", i + 1));
    const SinCos turn = sin_cos_turns(lag[i] / 360);
    f2.push_back(f[i] * f[i]);
    real.push_back(turn.cos / gain[i]);
    imaginary.push_back(turn.sin / gain[i]);
    weight.push_back(gain[i] * gain[i]);
  }
  const auto stiff = fit_polynomial(f2, real, 1, true, weight);
  const auto damped = fit_polynomial(f, imaginary, 1, false, weight);
  if (!stiff) return stiff.error();
  if (!damped) return damped.error();
  const double a = stiff->coefficients[0], curve = -stiff->coefficients[1], d = damped->coefficients[0];
  const double u_a = stiff->coefficient_sd[0], u_curve = stiff->coefficient_sd[1], u_d = damped->coefficient_sd[0];
  if (!(a > 0)) return fail(Errc::bad_data, "the gain at rest comes out as 0 or less: is the phase lag's sign right?");
  // A resonance shows where the real part falls; else what is there is a first-order corner.
  const bool resonance = curve > 0 && curve > coverage_factor(static_cast<double>(stiff->dof)) * u_curve;
  double value = 0, u_share = 0, dof = 0;
  if (resonance) {
    value = std::sqrt(a / curve);
    const double cross = 2 * stiff->covariance[0][1] / (a * stiff->coefficients[1]);
    u_share = std::sqrt(std::max(0.0, u_a / a * (u_a / a) + u_curve / curve * (u_curve / curve) - cross)) / 2;
    dof = static_cast<double>(stiff->dof);
    e.results.push_back({"resonance", value, "Hz"});
    e.results.push_back({"damping ratio", d * value / (2 * a), "1"});
  } else {
    if (!(d > coverage_factor(static_cast<double>(damped->dof)) * u_d)) {
      return fail(Errc::bad_data,
                  "neither a resonance nor a corner stands out of the scatter: measure at higher frequencies");
    }
    value = a / d;
    u_share = std::sqrt(u_a / a * (u_a / a) + u_d / d * (u_d / d));
    dof = static_cast<double>(damped->dof);
    e.results.push_back({"first-order corner", value, "Hz"});
    e.notes.emplace_back("no resonance stands out: the value is the corner of a first-order response");
  }
  e.results.push_back({"gain at rest", 1 / a, "1"});
  // What is shown point by point is the gain.
  e.coefficients = {a, -curve, d};
  e.coefficient_sd = {u_a, u_curve, u_d};
  e.degree = 1;
  DoubleDouble squares;
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double re = stiff->at(f2[i]), im = damped->at(f[i]);
    e.fitted.push_back(1 / std::sqrt(re * re + im * im));
    e.residuals.push_back(gain[i] - e.fitted.back());
    squares += two_product(e.residuals.back(), e.residuals.back());
  }
  e.residual_sd = std::sqrt(squares.rounded() / static_cast<double>(f.size() - 3));
  std::vector<BudgetLine> budget{observed_line("scatter of the fit", u_share * value, dof)};
  bool known = !input.standards.empty();
  for (const ReferenceStandard& standard : input.standards) {
    known = known && standard.u;
    if (!standard.u) continue;
    // A share of the gain moves the resonance by half of it at most.
    BudgetLine line = normal_line("", standard.relative ? *standard.u * value / 2 : *standard.u);
    line.source = "reference standard " + standard.id;
    budget.push_back(std::move(line));
  }
  finish(e, value, 1, std::move(budget), known);
  return e;
}

/// A factor that is the slope itself, in the unit of the points times `unit`.
Result<CalibrationEvaluation> evaluate_ratio(const CalibrationTarget& target, const PointTable& points,
                                             const EvaluationInput& input) {
  const bool mass = target.kind == CalibrationKind::inertia;
  CalibrationEvaluation e;
  e.x = mass ? "acceleration_m_per_s2" : "force_n";
  e.y = mass ? "force_n" : "deflection_um";
  auto s = fit_slope(e, points.column(e.x), points.column(e.y), true, input);
  if (!s) return s.error();
  if (s->b < 0 || (target.positive && s->b == 0)) {
    return fail(Errc::bad_data, fmt::format("{} falls as {} rises: change the sign of one of them", e.y, e.x));
  }
  add_hysteresis(*s, e, points);
  const bool known = add_standards(*s, e, input.standards);
  const double unit = mass ? 1000 : 1;  // N/(m/s²) = kg
  finish(e, s->b * unit, unit, std::move(s->budget), known);
  return e;
}

/// The plate is out of square by a slope: over the array's half width that is what a needle may be off, either way.
/// The factor is that as a standard uncertainty of depth.
Result<CalibrationEvaluation> evaluate_tilt(const PointTable& points, const EvaluationInput& input) {
  if (!(input.span_mm > 0)) return fail(Errc::usage, "a tilt needs the width of the needle array (write: --span-mm 5)");
  CalibrationEvaluation e;
  e.x = "position_mm";
  e.y = "height_um";
  auto s = fit_slope(e, points.column(e.x), points.column(e.y), true, input);
  if (!s) return s.error();
  const bool known = add_standards(*s, e, input.standards);
  const double half_um = std::abs(s->b) * input.span_mm / 2;
  e.results.push_back({"slope", s->b, "µm/mm"});
  e.results.push_back({"tilt over the array", 2 * half_um, "µm"});
  e.results.push_back({"largest residual", greatest(e.residuals), "µm"});
  // Slope, its own uncertainty, and a surface that is not flat, together.
  std::vector<BudgetLine> budget{uniform_line("tilt over the array", half_um)};
  for (BudgetLine line : s->budget) {
    line.u *= input.span_mm / 2;
    budget.push_back(std::move(line));
  }
  budget.push_back(observed_line("flatness", s->line.residual_sd, static_cast<double>(s->line.dof)));
  const double total = combined(budget);
  // The value is itself an uncertainty; its own, from the part that was measured.
  const double own = combined({budget.begin() + 1, budget.end()});
  finish(e, total, 1, {observed_line("slope, flatness and standards", own, static_cast<double>(s->line.dof))}, known);
  return e;
}

}  // namespace

Result<CalibrationEvaluation> evaluate(const CalibrationTarget& target, const PointTable& points,
                                       const EvaluationInput& input) {
  using Kind = CalibrationKind;
  switch (target.kind) {
    case Kind::load_cell:
    case Kind::encoder:
      return evaluate_scale(target, points, input);
    case Kind::time_base:
      return evaluate_time_base(points, input);
    case Kind::delay:
      return evaluate_delay(points, input);
    case Kind::cell_response:
      return evaluate_cell_response(points, input);
    case Kind::compliance:
    case Kind::inertia:
      return evaluate_ratio(target, points, input);
    case Kind::tilt:
      break;
  }
  return evaluate_tilt(points, input);
}

Result<void> read_standard_u(std::string_view written, CalibrationKind kind, const PointTable& points,
                             ReferenceStandard& standard) {
  const auto accept = [&](double u, bool relative, std::string_view column) -> Result<void> {
    if (!(u > 0) || !std::isfinite(u)) {
      return fail(Errc::usage, fmt::format("an uncertainty is above 0, not '{}' (no standard is exact)", written));
    }
    standard.u = u;
    standard.relative = relative;
    standard.column = std::string(column);
    return {};
  };
  if (const auto share = converted_to_key_unit(written, "u_fraction")) return accept(*share, true, "");
  const PointForm* form = nullptr;
  for (const PointForm& candidate : point_forms(kind)) {
    if (form == nullptr && std::ranges::all_of(candidate.columns, [&](auto c) { return points.has(c); }))
      form = &candidate;
  }
  if (form == nullptr) return fail(Errc::internal, "the points have no form");
  if (const auto u = parse_number(written)) return accept(*u, false, form->columns.front());
  for (const std::string_view column : form->columns) {
    if (const auto u = converted_to_key_unit(written, column)) return accept(*u, false, column);
  }
  return fail(Errc::usage, fmt::format("'{}' is no standard uncertainty (write 0.02 %, 3 ppm, or a number in {})",
                                       written, unit_of_key(form->columns.front()).unit));
}

}  // namespace penrig
