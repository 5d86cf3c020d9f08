#include "rig/measure/monte_carlo.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/monte_carlo_setting.hpp"
#include "rig/measure/statistics.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

TEST(NumericalTolerance, IsHalfOfTheLastSignificantDigit) {
  // JCGM 101 7.9.2, examples 1 and 2, and where rounding gains a digit.
  EXPECT_DOUBLE_EQ(numerical_tolerance(0.00035, 2), 0.000005);
  EXPECT_DOUBLE_EQ(numerical_tolerance(2, 1), 0.5);
  EXPECT_DOUBLE_EQ(numerical_tolerance(32, 2), 0.5);
  EXPECT_DOUBLE_EQ(numerical_tolerance(32, 1), 5);
  EXPECT_DOUBLE_EQ(numerical_tolerance(9.96, 2), 0.5);
  EXPECT_DOUBLE_EQ(numerical_tolerance(1, 2), 0.05);
}

TEST(Draws, HaveTheMomentsOfTheirDistributions) {
  const std::uint64_t seed = 3;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed, "draws");
  const auto sd_of = [&](const BudgetLine& line) {
    std::vector<double> x(100'000);
    for (double& v : x) v = draw_line(random, line);
    const Spread s = spread_of(x);
    EXPECT_NEAR(s.mean, 0, 0.02);
    return s.sd;
  };
  EXPECT_NEAR(sd_of(normal_line("n", 1)), 1, 0.01);
  EXPECT_NEAR(sd_of(uniform_line("u", std::sqrt(3.0))), 1, 0.01);
  EXPECT_NEAR(sd_of(arcsine_line("a", std::sqrt(2.0))), 1, 0.01);
  EXPECT_NEAR(sd_of(observed_line("t", 1, 8)), std::sqrt(8 / 6.0), 0.02);
  std::vector<double> share(100'000);
  for (double& v : share) v = draw_chi_squared_share(random, 1.5);
  EXPECT_NEAR(spread_of(share).mean, 1, 0.02);
  EXPECT_NEAR(spread_of(share).sd, std::sqrt(2 / 1.5), 0.03);
}

Propagated of_one(const std::function<double(Random&)>& value, std::uint64_t trials) {
  MonteCarloOptions options;
  options.trials = trials;
  const MonteCarloModel model = [&](Random& random, std::span<double> out) {
    out[0] = value(random);
    return true;
  };
  return propagate(model, std::vector<double>{0}, options).front();
}

TEST(Propagate, OfALinearModelAgreesWithTheGum) {
  const Propagated p = of_one([](Random& r) { return 10 + 3 * r.normal() + 4 * r.normal(); }, 100'000);
  EXPECT_NEAR(p.y, 10, 0.06);
  EXPECT_NEAR(p.u, 5, 0.05);
  EXPECT_NEAR(p.low, 0, 0.15);
  EXPECT_NEAR(p.high, 20, 0.15);
  EXPECT_LT(p.low_sd, 0.1);
  EXPECT_GT(p.low_sd, 0.01);
  EXPECT_EQ(compare(p, 0, 20, 5, 1).agreement, Agreement::agrees);
  EXPECT_EQ(compare(p, 1.5, 18.5, 4.25, 1).agreement, Agreement::differs) << "a U that is 15 % too small";
}

TEST(Propagate, OfASquareNearZeroDiffers) {
  // JCGM 101 9.4: first order gives u = 0.
  const Propagated p = of_one([](Random& r) { return std::pow(0.1 * r.normal(), 2); }, 50'000);
  EXPECT_EQ(compare(p, -0.02, 0.02, 0.01, 1).agreement, Agreement::differs);
  EXPECT_NEAR(p.shortest_low, 0, 1e-6) << "the shortest interval begins where the density is highest";
  EXPECT_GT(p.low, 1e-6);
}

TEST(Propagate, WithTooFewTrialsSaysNeither) {
  const Propagated p = of_one([](Random& r) { return 9.4 * r.normal(); }, 300);
  EXPECT_EQ(compare(p, -18.8, 18.8, 9.4, 2).agreement, Agreement::open);
}

TEST(Propagate, NeverAgreesWhereTrialsFailed) {
  MonteCarloOptions options;
  options.trials = 20'000;
  int count = 0;
  const MonteCarloModel model = [&](Random& random, std::span<double> out) {
    out[0] = 2 * random.normal();
    return ++count % 5000 != 0;
  };
  const Propagated p = propagate(model, std::vector<double>{0}, options).front();
  EXPECT_EQ(p.failed, 4U);
  EXPECT_EQ(p.trials, 19'996U);
  EXPECT_EQ(compare(p, -4, 4, 2, 1).agreement, Agreement::open);
}

TEST(Propagate, StopsWhenTheTolerancesAreMetAndNotBefore) {
  std::uint64_t done = 0;
  MonteCarloOptions options;
  options.trials = 20'000;
  options.progress = [&](std::uint64_t now, std::uint64_t) { done = now; };
  const MonteCarloModel model = [](Random& random, std::span<double> out) {
    out[0] = random.normal();
    return true;
  };
  EXPECT_LT(propagate(model, std::vector<double>{10}, options).front().trials, 20'000U);
  EXPECT_EQ(done, 20'000U) << "whoever shows the progress sees its end";
  EXPECT_EQ(propagate(model, std::vector<double>{1e-3}, options).front().trials, 20'000U);
}

struct Checked {
  explicit Checked(const SignalParameters& p) : parameters(p), signal(make_signal(p, 3)), setting(parameters, signal) {
    setting.input.zero.u_mm = 4e-4;
    Calibrations& c = setting.calibrations;
    for (Factor* f : {&c.position_mm_per_count, &c.stage_mm_per_count}) {
      f->standard = "LASER-7";
      f->u_standard = 0.8 * f->u;
    }
  }
  const MonteCarloCheck* check(std::uint64_t trials, const char* id) {
    const Result<SettingResult> result = analyse_setting(setting.input);
    EXPECT_TRUE(result) << result.error().message;
    MonteCarloOptions options;
    options.trials = trials;
    checks = monte_carlo(setting.input, result->measurements, options);
    for (const Measurement& m : result->measurements) k[m.measurand] = m.k;
    return find(id);
  }
  const MonteCarloCheck* find(const std::string& id) const {
    const auto found = std::ranges::find(checks, id, &MonteCarloCheck::measurand);
    return found == checks.end() ? nullptr : &*found;
  }
  SignalParameters parameters;
  Signal signal;
  SignalSetting setting;
  std::vector<MonteCarloCheck> checks;
  std::map<std::string, double> k;  ///< coverage factors that the budget states
};

TEST(MonteCarloOfASetting, AgreesWithTheBudgetOfDepthsAndForces) {
  SignalParameters p;
  p.strokes = 50;
  Checked c(p);
  ASSERT_NE(c.check(1000, "penetration"), nullptr);
  for (const char* id : {"extension", "penetration", "penetration_contact", "surface_sink", "contact_speed", "dwell",
                         "peak_force", "insertion_work", "dissipated_work", "stroke_rate"}) {
    const MonteCarloCheck* check = c.find(id);
    ASSERT_NE(check, nullptr) << id;
    const double u_gum = (check->gum.high - check->gum.low) / (2 * c.k[id]);
    std::printf("%-20s u %.4g by Monte Carlo, U/k %.4g by the budget: %s\n", id, check->propagated.u, u_gum,
                name_of(check->gum.agreement));
    EXPECT_EQ(check->propagated.failed, 0U) << id;
    EXPECT_NEAR(check->propagated.u / u_gum, 1, 0.12) << id;
    EXPECT_NE(check->gum.agreement, Agreement::differs) << id;
  }
}

TEST(MonteCarloOfASetting, SeesALineThatTheBudgetLacks) {
  SignalParameters p;
  p.strokes = 50;
  Checked c(p);
  c.setting.calibrations.force_delay_us.u = 5;
  Result<SettingResult> result = analyse_setting(c.setting.input);
  ASSERT_TRUE(result);
  for (Measurement& m : result->measurements) {
    if (m.measurand != "penetration_contact") continue;
    std::erase_if(m.budget, [](const BudgetLine& line) { return line.source == "channel delay"; });
    finish(m);
  }
  MonteCarloOptions options;
  options.trials = 400;
  c.checks = monte_carlo(c.setting.input, result->measurements, options);
  EXPECT_EQ(c.find("penetration_contact")->gum.agreement, Agreement::differs);
  EXPECT_NE(c.find("penetration")->gum.agreement, Agreement::differs);
}

TEST(MonteCarloOfASetting, JitterNearItsFloorIsNotTheGumsInterval) {
  SignalParameters p;
  p.strokes = 50;
  p.bottom_noise_us = 0.35;
  p.walk_us = 0;
  Checked c(p);
  const MonteCarloCheck* check = c.check(1000, "period_jitter");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->gum.agreement, Agreement::differs);
  ASSERT_TRUE(check->stated) << "its own interval is asymmetric";
  std::printf("jitter: Monte Carlo %.3f to %.3f us, y +- U %.3f to %.3f, stated %.3f to %.3f: %s\n",
              check->propagated.low, check->propagated.high, check->gum.low, check->gum.high, check->stated->low,
              check->stated->high, name_of(check->stated->agreement));
  EXPECT_NE(check->stated->agreement, Agreement::differs);
}

TEST(MonteCarloOfASetting, GivesTheSameBitsForTheSameSeed) {
  SignalParameters p;
  p.strokes = 50;
  Checked a(p), b(p);
  const Propagated x = a.check(100, "penetration")->propagated, y = b.check(100, "penetration")->propagated;
  EXPECT_EQ(x.y, y.y);
  EXPECT_EQ(x.u, y.u);
  EXPECT_EQ(x.high, y.high);
}

TEST(Redrawn, FactorsOfOneStandardMoveTogether) {
  SignalParameters p;
  p.strokes = 50;
  Checked c(p);
  std::vector<double> products;
  double needle_squares = 0, stage_squares = 0, sum = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Random random(1, "redrawn", i);
    Calibrations drawn;
    redrawn(c.setting.input, random, drawn);
    const double needle = (drawn.position_mm_per_count.value - 1e-4) / 2e-8,
                 stage = (drawn.stage_mm_per_count.value - 1e-4) / 1e-8;
    needle_squares += needle * needle;
    stage_squares += stage * stage;
    sum += needle * stage;
  }
  EXPECT_NEAR(needle_squares / 2000, 1, 0.1);
  EXPECT_NEAR(stage_squares / 2000, 1, 0.1);
  EXPECT_NEAR(sum / 2000, 0.64, 0.07) << "0.8 of each u is the laser's";
}

}  // namespace
}  // namespace penrig
