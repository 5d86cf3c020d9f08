#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "rig/base/double_double.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/calibrate/slope_fit.hpp"
#include "rig/measure/budget.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

using Points = std::span<const double>;

namespace {

constexpr const char *kResonance = "resonance", *kDamping = "damping ratio", *kCorner = "first-order corner";

/// What a force that changes evenly is read too late by.
double lag_us(const CellResponse& r) {
  const double share = r.corner_hz > 0 ? 1 / r.corner_hz : 2 * r.damping / r.resonance_hz;
  return share / (2 * std::numbers::pi) * 1e6;
}

/// A run takes the force through the model, which brings the cell's own lag with it.
void tell_lag(CalibrationEvaluation& e, const CellResponse& response) {
  e.results.push_back({"lag of the cell", lag_us(response), "µs"});
  e.notes.push_back(
      fmt::format("runs take the force through this response: force_delay_us must be without the cell's own {:.3g} µs",
                  lag_us(response)));
}

}  // namespace

Result<CellResponse> cell_response_of(const CalibrationEvaluation& e) {
  const auto result = [&](std::string_view name) -> const CalibrationResult* {
    const auto found = std::ranges::find(e.results, name, &CalibrationResult::name);
    return found == e.results.end() ? nullptr : &*found;
  };
  CellResponse response;
  if (result(kCorner) != nullptr) {
    response.corner_hz = e.value;
    return response;
  }
  const CalibrationResult* damping = result(kDamping);
  if (result(kResonance) == nullptr || damping == nullptr) {
    return fail(Errc::bad_data, "it says neither a first-order corner nor a resonance with its damping");
  }
  response.resonance_hz = e.value;
  response.damping = damping->value;
  if (!(response.damping > 0 && response.damping <= kMostCellDamping)) {
    return fail(Errc::bad_data, fmt::format("the damping of its resonance is {:.3g}, and must be above 0 and at most "
                                            "{} (is the phase lag's sign right?)",
                                            response.damping, kMostCellDamping));
  }
  return response;
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
    e.results.push_back({kResonance, value, "Hz"});
    e.results.push_back({kDamping, d * value / (2 * a), "1"});
  } else {
    if (!(d > coverage_factor(static_cast<double>(damped->dof)) * u_d)) {
      return fail(Errc::bad_data,
                  "neither a resonance nor a corner stands out of the scatter: measure at higher frequencies");
    }
    value = a / d;
    u_share = std::sqrt(u_a / a * (u_a / a) + u_d / d * (u_d / d));
    dof = static_cast<double>(damped->dof);
    e.results.push_back({kCorner, value, "Hz"});
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
    budget.push_back(standard_line(standard, standard.relative ? *standard.u * value / 2 : *standard.u));
  }
  conclude_evaluation(e, value, 1, std::move(budget), known);
  const Result<CellResponse> response = cell_response_of(e);
  if (!response) return response.error();
  tell_lag(e, *response);
  return e;
}

}  // namespace penrig
