#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rig/base/double_double.hpp"
#include "rig/calibrate/calibration.hpp"
#include "rig/calibrate/prediction.hpp"
#include "rig/calibrate/slope_fit.hpp"
#include "rig/measure/budget.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

using Points = std::span<const double>;

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
  conclude_evaluation(e, value, value * value, std::move(s->budget), known);
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
  conclude_evaluation(e, share * 1e6, 1e6 / nominal, std::move(s->budget), known);
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
    budget.push_back(standard_line(standard, *standard.u * (standard.relative ? std::abs(s.mean) : 1)));
  }
  conclude_evaluation(e, s.mean, 1, std::move(budget), known);
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
  conclude_evaluation(e, s->b * kUsPerTurn, kUsPerTurn, std::move(s->budget), known);
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
  if (s->b < 0 || (mass && s->b == 0)) {
    return fail(Errc::bad_data, fmt::format("{} falls as {} rises: change the sign of one of them", e.y, e.x));
  }
  add_hysteresis(*s, e, points);
  const bool known = add_standards(*s, e, input.standards);
  const double unit = mass ? 1000 : 1;  // N/(m/s²) = kg
  conclude_evaluation(e, s->b * unit, unit, std::move(s->budget), known);
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
  conclude_evaluation(e, total, 1,
                      {observed_line("slope, flatness and standards", own, static_cast<double>(s->line.dof))}, known);
  return e;
}

Result<CalibrationEvaluation> evaluate_kind(const CalibrationTarget& target, const PointTable& points,
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

}  // namespace

Result<CalibrationEvaluation> evaluate(const CalibrationTarget& target, const PointTable& points,
                                       const EvaluationInput& input) {
  Result<CalibrationEvaluation> e = evaluate_kind(target, points, input);
  if (e && !lies_in(target.range, e->value)) {
    return fail(Errc::bad_data,
                fmt::format("{} comes out as {}, and must be {}: is a unit or a sign wrong?", target.factor,
                            number_text(e->value), range_text(target.factor, target.range)));
  }
  return e;
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
  // Of columns in one unit the first is meant, the reference's.
  std::vector<std::string_view> possible;
  for (const std::string_view column : form->columns) {
    const auto u = converted_to_key_unit(written, column);
    if (!u) continue;
    if (is_in_key_unit(written, column)) return accept(*u, false, column);
    const auto same_unit = [&](std::string_view c) { return unit_of_key(c).unit == unit_of_key(column).unit; };
    if (std::ranges::none_of(possible, same_unit)) possible.push_back(column);
  }
  if (possible.size() > 1) {
    std::string units;
    for (const std::string_view column : possible)
      units += fmt::format("{}{} for {}", units.empty() ? "" : ", ", unit_of_key(column).unit, column);
    return fail(Errc::usage, fmt::format("'{}' may stand behind {} columns (write it in the unit of the one that is "
                                         "meant: {})",
                                         written, possible.size(), units));
  }
  if (!possible.empty()) {
    return accept(*converted_to_key_unit(written, possible.front()), false, possible.front());
  }
  return fail(Errc::usage, fmt::format("'{}' is no standard uncertainty (write 0.02 %, 3 ppm, or a number in {})",
                                       written, unit_of_key(form->columns.front()).unit));
}

}  // namespace penrig
