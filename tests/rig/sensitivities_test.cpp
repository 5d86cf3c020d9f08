#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/input_lines.hpp"
#include "rig/measure/monte_carlo_setting.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "tests/rig/signal_generator.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

using Values = std::map<std::string, double>;

Values values_of(const SettingInput& input) {
  const Result<SettingAnalysis> a = analyse_strokes(input);
  EXPECT_TRUE(a) << a.error().message;
  Values values;
  if (!a) return values;
  for (const Measurement& m : measure_setting(input, *a)) {
    if (m.value) values[m.measurand] = *m.value;
  }
  return values;
}

/// Signed sum of the lines of one source.
double stated(const Measurement& m, const char* source) {
  double sum = 0;
  for (const BudgetLine& line : m.budget) {
    if (line.source == source) sum += contribution(line);
  }
  return sum;
}

struct Input {
  const char* source;
  Factor Calibrations::*factor;
};
const std::vector<Input> kInputs = {{input_name::kNeedleScale, &Calibrations::position_mm_per_count},
                                    {input_name::kStageScale, &Calibrations::stage_mm_per_count},
                                    {input_name::kForceScale, &Calibrations::force_n_per_count},
                                    {input_name::kTimeBase, &Calibrations::time_base_ppm},
                                    {input_name::kDelay, &Calibrations::force_delay_us},
                                    {input_name::kTip, &Calibrations::tip_um_per_n},
                                    {input_name::kFrame, &Calibrations::frame_um_per_n},
                                    {input_name::kCell, &Calibrations::cell_um_per_n},
                                    {input_name::kMass, &Calibrations::reciprocating_mass_g}};

/// A generated setting in which every input matters: much give, a heavy needle bar, a preload.
struct Generated {
  Generated() {
    parameters.strokes = 110;
    parameters.preload_n = 0.3;
    signal = make_signal(parameters, 5);
    setting.emplace(parameters, signal);
    Calibrations& c = setting->calibrations;
    c.cell_um_per_n = {0.5, 0.05};
    c.reciprocating_mass_g = {3, 0.3};
    setting->input.zero.u_mm = 4e-4;
    setting->input.surface->stage_by_give_n = 0.02;
    setting->input.surface->u_mm = 3e-4;
    setting->input.tare.u_counts = 2;
  }
  SignalParameters parameters;
  Signal signal;
  std::optional<SignalSetting> setting;
};

/// Whether the budget's derivatives are exact. What hangs on fitted contacts moves a little by chance with a sample
/// more or less in a fit, and its derivatives come from a few strokes; extremes have those of the mean stroke.
bool is_exact(const std::string& id) {
  for (const char* one :
       {"extension", "penetration", "penetration_error", "parked_extension", "stroke_rate", "rate_report_error"}) {
    if (id == one) return true;
  }
  return false;
}

/// Moves every factor by its u, and holds what every value does against its budget.
/// @return how many effects were large enough to say anything.
int check_every_factor(const Generated& g) {
  const SettingInput& input = g.setting->input;
  const Result<SettingResult> result = analyse_setting(input);
  EXPECT_TRUE(result) << result.error().message;
  int checked = 0;
  for (const Input& of : kInputs) {
    const Factor& factor = g.setting->calibrations.*of.factor;
    EXPECT_GT(factor.u, 0) << of.source;
    Calibrations up_factors = g.setting->calibrations, down_factors = up_factors, up_used, down_used;
    (up_factors.*of.factor).value += factor.u;
    (down_factors.*of.factor).value -= factor.u;
    const Values up = values_of(with_calibrations(input, up_factors, up_used)),
                 down = values_of(with_calibrations(input, down_factors, down_used));
    for (const Measurement& m : result->measurements) {
      if (!m.value || m.budget.empty() || m.measurand == "period_jitter") continue;
      if (m.measurand.find("latency") != std::string::npos) continue;  // of the clock exchange, not of factors
      SCOPED_TRACE(m.measurand + " by " + of.source);
      if (!up.contains(m.measurand) || !down.contains(m.measurand)) {
        ADD_FAILURE() << "no value";
        continue;
      }
      const double moved = (up.at(m.measurand) - down.at(m.measurand)) / 2, said = stated(m, of.source);
      const double u = combined(m.budget);
      const bool exact = is_exact(m.measurand);
      // Broad peaks are laid over one another at whole samples: which, moves them by chance, and in no direction.
      const double floor = exact                                                              ? 1e-3
                           : m.measurand == "peak_force" || m.measurand == "withdrawal_force" ? 0.02
                                                                                              : 0.01;
      EXPECT_NEAR(said, moved, (exact ? 0.005 : 0.05) * std::abs(moved) + floor * u) << "u_c " << u;
      if (std::abs(moved) > 0.02 * u) ++checked;
    }
  }
  return checked;
}

TEST(Sensitivities, AreTheDerivativesOfEveryMeasuredValueByEveryFactor) {
  const int checked = check_every_factor(Generated());
  std::printf("%d effects of more than 2 %% of u_c\n", checked);
  EXPECT_GE(checked, 30);
}

TEST(Sensitivities, HoldWhereForceAndGiveAreHardlyKnown) {
  // So large that what is small above is not.
  Generated g;
  Calibrations& c = g.setting->calibrations;
  c.force_n_per_count.u = 0.03 * c.force_n_per_count.value;
  c.tip_um_per_n.u = 1;
  c.frame_um_per_n.u = c.cell_um_per_n.u = 0.4;
  g.setting->input.surface->stage_by_give_n = 0.2;
  const int checked = check_every_factor(g);
  std::printf("%d effects of more than 2 %% of u_c\n", checked);
  EXPECT_GE(checked, 50);
}

TEST(Sensitivities, ToTareZeroAndTouchHoldToo) {
  Generated g;
  const SettingInput& input = g.setting->input;
  const Result<SettingResult> result = analyse_setting(input);
  ASSERT_TRUE(result) << result.error().message;
  SettingInput tare = input, zero = input, touch = input;
  tare.tare.zero_counts += 50 * input.tare.u_counts;  // one u of it is less than rounding
  zero.zero.needle_zero_mm += input.zero.u_mm;
  touch.surface->stage_mm += input.surface->u_mm;
  const Values base = values_of(input), by_tare = values_of(tare), by_zero = values_of(zero),
               by_touch = values_of(touch);
  for (const char* id : {"extension", "penetration", "penetration_contact", "surface_sink", "peak_force", "dwell",
                         "penetration_max", "parked_extension"}) {
    SCOPED_TRACE(id);
    const Measurement* m = find_measurement(*result, id);
    ASSERT_NE(m, nullptr);
    const double u = combined(m->budget);
    EXPECT_NEAR(stated(*m, input_name::kTare), (by_tare.at(id) - base.at(id)) / 50, 0.002 * u);
    EXPECT_NEAR(stated(*m, input_name::kZero), by_zero.at(id) - base.at(id), 0.01 * u);
    EXPECT_NEAR(stated(*m, input_name::kSurfaceTouch), by_touch.at(id) - base.at(id), 0.01 * u);
  }
}

TEST(Sensitivities, OfLinesWithAnInputGiveTheirU) {
  Generated g;
  g.setting->calibrations.position_mm_per_count.nu = 12;
  const Result<SettingResult> result = analyse_setting(g.setting->input);
  ASSERT_TRUE(result);
  int inputs = 0;
  for (const Measurement& m : result->measurements) {
    for (const BudgetLine& line : m.budget) {
      if (line.unit.empty()) continue;
      ++inputs;
      EXPECT_DOUBLE_EQ(line.u, std::abs(line.sensitivity) * line.u_input) << m.measurand << " " << line.source;
      EXPECT_EQ(line.nu, line.source == input_name::kNeedleScale ? 12
                         : line.source == input_name::kZero      ? 10
                                                                 : 0)
          << m.measurand << " " << line.source;
      EXPECT_GT(line.u_input, 0) << m.measurand << " " << line.source;
    }
    // One input, one line (or one of its own and one of its standard).
    for (std::size_t i = 0; i < m.budget.size(); ++i) {
      for (std::size_t k = i + 1; k < m.budget.size(); ++k) {
        EXPECT_FALSE(m.budget[i].source == m.budget[k].source && m.budget[i].cause == m.budget[k].cause)
            << m.measurand << " " << m.budget[i].source;
      }
    }
  }
  EXPECT_GT(inputs, 40);
}

TEST(Sensitivities, OneLaserBehindBothEncodersIsCorrelatedInAPenetration) {
  Generated g;
  Calibrations& c = g.setting->calibrations;
  c.stage_mm_per_count.u = c.position_mm_per_count.u;
  const auto u_of = [&] {
    const Result<SettingResult> r = analyse_setting(g.setting->input);
    EXPECT_TRUE(r);
    const Measurement* m = find_measurement(*r, "penetration");
    std::vector<BudgetLine> scales;
    for (const BudgetLine& line : m->budget) {
      if (line.unit == "mm/count") scales.push_back(line);
    }
    return combined(scales);
  };
  const double apart = u_of();
  for (Factor* f : {&c.position_mm_per_count, &c.stage_mm_per_count}) {
    f->standard = "LASER-7";
    f->u_standard = f->u;
  }
  const double together = u_of();
  const double needle = g.parameters.depth_mm - g.parameters.surface_mm - 0.7, stage = 0.7;
  EXPECT_NEAR(apart, 2e-4 * std::sqrt(needle * needle + stage * stage), 5e-6);
  EXPECT_NEAR(together, 2e-4 * (needle + stage), 5e-6);
}

TEST(Sensitivities, OfATemperatureCoefficientAreThoseOfItsScaleTimesTheDifference) {
  Generated g;
  Calibrations& c = g.setting->calibrations;
  c.position_ppm_per_k = {11, 2};
  c.stage_ppm_per_k = {8, 3};
  c.force_ppm_per_k = {-20, 50};
  const auto lines_of = [&](const char* id) {
    const Result<SettingResult> r = analyse_setting(g.setting->input);
    EXPECT_TRUE(r);
    std::map<std::string, BudgetLine> lines;
    for (const BudgetLine& line : find_measurement(*r, id)->budget) lines[line.source] = line;
    return lines;
  };
  c.temperature_c = 20;
  g.setting->input.temperature_c = 30;
  const auto at_30 = lines_of("penetration");
  for (const auto& [per_k, scale, factor] :
       {std::tuple{input_name::kNeedlePerK, input_name::kNeedleScale, &Calibrations::position_mm_per_count},
        std::tuple{input_name::kStagePerK, input_name::kStageScale, &Calibrations::stage_mm_per_count},
        std::tuple{input_name::kForcePerK, input_name::kForceScale, &Calibrations::force_n_per_count}}) {
    ASSERT_TRUE(at_30.contains(per_k)) << per_k;
    const BudgetLine &line = at_30.at(per_k), &of = at_30.at(scale);
    EXPECT_EQ(line.unit, "ppm/K");
    EXPECT_NEAR(line.sensitivity, of.sensitivity * (c.*factor).value * 10e-6, 1e-12) << per_k;
  }
  g.setting->input.temperature_c = 20;
  EXPECT_FALSE(lines_of("penetration").contains(input_name::kNeedlePerK)) << "nothing at the calibration's own";
}

TEST(SubDivisionalError, AndBandwidthHaveLinesWhereTheyAreStatedAlone) {
  Generated g;
  const auto lines = [&](const char* id, const char* word) {
    const Result<SettingResult> r = analyse_setting(g.setting->input);
    EXPECT_TRUE(r);
    std::vector<BudgetLine> found;
    for (const BudgetLine& line : find_measurement(*r, id)->budget) {
      if (line.source.find(word) != std::string::npos) found.push_back(line);
    }
    return found;
  };
  EXPECT_TRUE(lines("penetration", "sub-divisional").empty());
  EXPECT_TRUE(lines("extension", "bandwidth").empty());
  Calibrations& c = g.setting->calibrations;
  c.position_sde_um = 0.2;
  c.stage_sde_um = 0.3;
  c.position_bandwidth_hz = 10'000;
  EXPECT_EQ(lines("extension", "sub-divisional").size(), 2U) << "at the tops and at the reference";
  EXPECT_EQ(lines("penetration", "sub-divisional").size(), 4U) << "of both encoders, at the tops and at the touch";
  EXPECT_NEAR(lines("penetration", "sub-divisional")[0].u, 0.2e-3 / std::sqrt(2.0), 1e-12);
  EXPECT_EQ(lines("extension", "sub-divisional")[0].distribution, "arcsine");
  // A slider-crank of 3 mm with a rod of 10 at 150 Hz: at its top 1.5 mm (2 pi 150)^2 (1 + 1.5/10).
  const double rate = 2 * M_PI * 150, tau = 1 / (2 * M_PI * 10'000);
  const double lost = 0.5 * tau * tau * 1.5 * rate * rate * 1.15;
  ASSERT_EQ(lines("extension", "bandwidth").size(), 1U);
  EXPECT_NEAR(lines("extension", "bandwidth")[0].u, lost / std::sqrt(3.0), 0.02 * lost);
}

TEST(SubDivisionalError, AndBandwidthAreReadFromTheRigsDescription) {
  const std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const Calibrations without = load_rig(text, "bench.yaml").value.calibrations;
  EXPECT_EQ(without.position_sde_um + without.stage_sde_um + without.position_bandwidth_hz, 0);
  const auto with =
      load_rig(text + "  position_sde_um: 0.2\n  stage_sde_um: 0.3\n  position_bandwidth_hz: 10000\n", "bench.yaml");
  ASSERT_EQ(render_all(with.mistakes), "");
  EXPECT_EQ(with.value.calibrations.position_sde_um, 0.2);
  EXPECT_EQ(with.value.calibrations.stage_sde_um, 0.3);
  EXPECT_EQ(with.value.calibrations.position_bandwidth_hz, 10'000);
  EXPECT_FALSE(load_rig(text + "  position_sde_um: -0.2\n", "bench.yaml").ok());
}

TEST(SurfaceThatIsSaid, HasNoLawOfContactOfATouch) {
  Generated g;
  const auto has_law = [&] {
    const Result<SettingResult> r = analyse_setting(g.setting->input);
    EXPECT_TRUE(r);
    return std::ranges::any_of(find_measurement(*r, "penetration")->budget,
                               [](const BudgetLine& line) { return line.source == "contact law of the touch"; });
  };
  EXPECT_TRUE(has_law());
  g.setting->input.surface->touched = false;
  EXPECT_FALSE(has_law());
}

}  // namespace
}  // namespace penrig
