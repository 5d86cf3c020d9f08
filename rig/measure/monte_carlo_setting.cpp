#include "rig/measure/monte_carlo_setting.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "rig/measure/budget.hpp"
#include "rig/measure/input_lines.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/timing.hpp"

namespace penrig {

namespace {

constexpr std::array kDrawnFactors = {
    &Calibrations::position_mm_per_count, &Calibrations::stage_mm_per_count, &Calibrations::force_n_per_count,
    &Calibrations::time_base_ppm,         &Calibrations::force_delay_us,     &Calibrations::tip_um_per_n,
    &Calibrations::frame_um_per_n,        &Calibrations::cell_um_per_n,      &Calibrations::reciprocating_mass_g,
    &Calibrations::position_ppm_per_k,    &Calibrations::stage_ppm_per_k,    &Calibrations::force_ppm_per_k};

double give_mm_per_n(const Calibrations& c) {
  return (c.tip_um_per_n.value + c.frame_um_per_n.value + c.cell_um_per_n.value) * kMmPerUm;
}

/// What was measured, what is drawn beside the inputs, and where it stands among the outputs.
struct Target {
  const Measurement* measurement;
  std::vector<const BudgetLine*> own_lines;
};

bool is_checked(const Measurement& m) {
  return m.value && m.expanded_u > 0 && !m.budget.empty() && !m.interval && std::isfinite(m.expanded_u);
}

/// Jitter is a root of a difference of squares: its one input is the variance that was seen, and the floor is known.
double redrawn_jitter(const SettingAnalysis& a, Random& random) {
  const double floor = std::sqrt(2.0) * a.mean_u_time * 1e6;
  const Jitter j = period_jitter(whole_periods_us(a), floor);
  const double s = j.s / std::sqrt(draw_chi_squared_share(random, std::max(j.n_eff - 2, 1.0)));
  return s > floor ? std::sqrt((s - floor) * (s + floor)) : 0;
}

}  // namespace

SettingInput with_calibrations(const SettingInput& input, const Calibrations& other, Calibrations& calibrations) {
  const Calibrations& was = *input.calibrations;
  const double needle = other.position_mm_per_count.value / was.position_mm_per_count.value;
  const double stage = other.stage_mm_per_count.value / was.stage_mm_per_count.value;
  const double force = other.force_n_per_count.value / was.force_n_per_count.value;
  SettingInput out = input;
  const double reading = input.zero.needle_zero_mm + input.zero.tip_extension_mm;
  out.zero.tip_extension_mm *= stage;
  out.zero.nose_stage_mm *= stage;
  out.zero.needle_zero_mm = reading * needle - out.zero.tip_extension_mm;
  if (out.surface) {
    out.surface->needle_reading_mm *= needle;
    out.surface->stage_mm = out.surface->stage_mm * stage +
                            out.surface->stage_by_give_n * (give_mm_per_n(other) * force - give_mm_per_n(was));
  }
  out.working_stage_reading_mm *= stage;
  calibrations = other;
  out.calibrations = &calibrations;
  return out;
}

SettingInput redrawn(const SettingInput& input, Random& random, Calibrations& calibrations) {
  Calibrations drawn = *input.calibrations;
  std::map<std::string, double> standards;
  for (Factor Calibrations::*member : kDrawnFactors) {
    Factor& f = drawn.*member;
    const FactorParts parts = parts_of(f);
    // Every factor takes its numbers, so that one without u shifts no other's.
    double error = parts.own_u * draw_student(random, parts.own_nu);
    if (parts.standard_u > 0) {
      const auto [known, is_new] = standards.try_emplace(parts.standard_cause, 0.0);
      if (is_new) known->second = draw_student(random, parts.standard_nu);
      error += parts.standard_u * known->second;
    }
    f = {f.value + error, 0};
  }
  if (input.temperature_c && drawn.temperature_c) {
    // The scales are those at the temperature of the measurement already; what differs is the coefficient's error.
    const double warmer_k = *input.temperature_c - *drawn.temperature_c;
    for (const auto& [scale, per_k] :
         {std::pair{&Calibrations::position_mm_per_count, &Calibrations::position_ppm_per_k},
          std::pair{&Calibrations::stage_mm_per_count, &Calibrations::stage_ppm_per_k},
          std::pair{&Calibrations::force_n_per_count, &Calibrations::force_ppm_per_k}}) {
      (drawn.*scale).value *= 1 + 1e-6 * warmer_k * ((drawn.*per_k).value - (input.calibrations->*per_k).value);
    }
  }
  SettingInput out = with_calibrations(input, drawn, calibrations);
  out.tare.zero_counts += input.tare.u_counts * random.normal();
  out.zero.needle_zero_mm += input.zero.u_mm * draw_student(random, input.zero.nu);
  const double touch = random.normal();
  if (out.surface) out.surface->stage_mm += input.surface->u_mm * touch;
  return out;
}

std::vector<MonteCarloCheck> monte_carlo(const SettingInput& input, std::span<const Measurement> measurements,
                                         const MonteCarloOptions& options) {
  std::vector<Target> targets;
  std::vector<double> tolerances;
  for (const Measurement& m : measurements) {
    if (!is_checked(m)) continue;
    Target target{&m, {}};
    for (const BudgetLine& line : m.budget) {
      if (!is_input_line(line)) target.own_lines.push_back(&line);
    }
    targets.push_back(std::move(target));
    tolerances.push_back(numerical_tolerance(m.expanded_u / m.k, options.digits));
  }
  Calibrations calibrations;
  const MonteCarloModel model = [&](Random& random, std::span<double> outputs) {
    const SettingInput trial = redrawn(input, random, calibrations);
    const Result<SettingAnalysis> analysis = analyse_strokes(trial);
    if (!analysis) return false;
    const std::vector<Measurement> values = measure_setting(trial, *analysis);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const Measurement& of = *targets[i].measurement;
      if (of.measurand == "period_jitter") {
        outputs[i] = redrawn_jitter(*analysis, random);
        continue;
      }
      const auto value = std::ranges::find(values, of.measurand, &Measurement::measurand);
      if (value == values.end() || !value->value) return false;
      outputs[i] = *value->value;
      for (const BudgetLine* line : targets[i].own_lines) outputs[i] += draw_line(random, *line);
    }
    return true;
  };
  const std::vector<Propagated> propagated = propagate(model, tolerances, options);
  std::vector<MonteCarloCheck> checks;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Measurement& m = *targets[i].measurement;
    const double u = m.expanded_u / m.k;
    MonteCarloCheck check{m.measurand, propagated[i],
                          compare(propagated[i], *m.value - m.expanded_u, *m.value + m.expanded_u, u, options.digits),
                          std::nullopt};
    if (m.low && m.high) check.stated = compare(propagated[i], *m.low, *m.high, u, options.digits);
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace penrig
