#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/setting.hpp"
#include "tests/rig/find_measurement.hpp"

namespace penrig {
namespace {

PhaseRecord setting(double depth, double rate, double penetration, const char* kind = "setting") {
  PhaseRecord p;
  p.kind = kind;
  p.name = std::to_string(depth) + "/" + std::to_string(rate);
  p.depth_mm = depth;
  p.rate_per_min = rate;
  Measurement m;
  m.measurand = "penetration";
  m.unit = "mm";
  m.value = penetration;
  // What all settings have in common, one as large as the other or in proportion to the depth; and what each has alone.
  m.budget = {input_line({"tilt, Abbe and cosine", "µm", 0, 1.5, 0, "tilt, Abbe and cosine"}, 1e-3),
              input_line({"needle encoder scale", "1", 1, 2e-4, 0, "needle encoder scale"}, depth),
              observed_line(kRepeatability, 5e-4, 100)};
  finish(m);
  p.measurements.push_back(m);
  Measurement r;
  r.measurand = "stroke_rate";
  r.value = rate;
  r.budget = {input_line({"time base", "ppm", 0, 5, 0, "time base"}, rate * 1e-6),
              observed_line(kRepeatability, rate * 5e-6, 100)};
  finish(r);
  p.measurements.push_back(r);
  p.strokes.resize(3);
  for (StrokeRow& row : p.strokes) row.u_penetration_mm = 1e-3;
  return p;
}

TEST(RunLevel, LinearityIsTheLargestResidualFromTheLineOfARate) {
  // Slope and offset are no residual; the bent middle is. Weights of three points: 1/6, -1/3, 1/6 of the second
  // difference.
  std::vector<PhaseRecord> phases = {setting(0.5, 6000, 0.60), setting(1.5, 6000, 1.73), setting(2.5, 6000, 2.80),
                                     setting(0.5, 9000, 0.70), setting(1.5, 9000, 1.80), setting(2.5, 9000, 2.90)};
  const auto out = run_level(phases, std::nullopt);
  const Measurement* m = find_measurement(out, "depth_linearity");
  ASSERT_NE(m, nullptr);
  EXPECT_NEAR(*m->value, 0.02, 1e-9);
  EXPECT_GT(m->expanded_u, 5e-4);
  EXPECT_LT(m->expanded_u, 2e-3);
}

TEST(RunLevel, LinearityHasNoUOfAZeroOrAScaleThatAllSettingsShare) {
  std::vector<PhaseRecord> phases = {setting(0.5, 6000, 0.60), setting(1.5, 6000, 1.73), setting(2.5, 6000, 2.80)};
  const auto lines = [&] {
    const auto out = run_level(phases, std::nullopt);
    return find_measurement(out, "depth_linearity")->budget;
  };
  ASSERT_EQ(lines().size(), 1U) << "repeatability alone";
  EXPECT_NEAR(lines()[0].u, 5e-4 * std::sqrt(2 / 3.0), 1e-9);
  // A scale that does not go with the depth, but bends: it stays by what it bends.
  phases[1].measurements[0].budget[1].sensitivity += 1;
  phases[1].measurements[0].budget[1].u += 2e-4;
  ASSERT_EQ(lines().size(), 2U);
  EXPECT_NEAR(lines()[0].u, 2e-4 * 2 / 3, 1e-9);
}

TEST(RunLevel, TwoSettingsThatWentApartByAScaleShowItInTheirDifference) {
  std::vector<PhaseRecord> phases = {setting(0.5, 6000, 0.5), setting(1.5, 6000, 1.50), setting(2.5, 6000, 2.5),
                                     setting(1.5, 6000, 1.53)};
  EXPECT_EQ(find_measurement(run_level(phases, std::nullopt), "depth_hysteresis")->budget.size(), 1U)
      << "all that is common cancels";
  phases[3].measurements[0].budget[1].sensitivity = 1.7;
  phases[3].measurements[0].budget[1].u = 1.7 * 2e-4;
  const auto out = run_level(phases, std::nullopt);
  ASSERT_EQ(find_measurement(out, "depth_hysteresis")->budget.size(), 2U);
  EXPECT_NEAR(find_measurement(out, "depth_hysteresis")->budget[0].u, 0.2 * 2e-4, 1e-9);
}

TEST(RunLevel, LinearityOfTwoDepthsIsNotDetermined) {
  std::vector<PhaseRecord> phases = {setting(0.5, 6000, 0.5), setting(1.5, 6000, 1.5)};
  const auto out = run_level(phases, std::nullopt);
  const Measurement* m = find_measurement(out, "depth_linearity");
  ASSERT_NE(m, nullptr);
  EXPECT_FALSE(m->value);
  EXPECT_FALSE(m->note.empty());
}

TEST(RunLevel, HysteresisComparesTheWayUpWithTheWayDown) {
  std::vector<PhaseRecord> phases = {setting(0.5, 6000, 0.5), setting(1.5, 6000, 1.50), setting(2.5, 6000, 2.5),
                                     setting(1.5, 6000, 1.53)};
  const auto out = run_level(phases, std::nullopt);
  ASSERT_NE(find_measurement(out, "depth_hysteresis"), nullptr);
  EXPECT_NEAR(*find_measurement(out, "depth_hysteresis")->value, 0.03, 1e-12);
}

TEST(RunLevel, TheFirstSettingBelongsToTheWayThatItBegins) {
  std::vector<PhaseRecord> phases = {setting(0.5, 6000, 0.50), setting(1.5, 6000, 1.5), setting(0.5, 6000, 0.52)};
  const auto out = run_level(phases, std::nullopt);
  ASSERT_NE(find_measurement(out, "depth_hysteresis"), nullptr);
  EXPECT_NEAR(*find_measurement(out, "depth_hysteresis")->value, 0.02, 1e-12);
}

TEST(RunLevel, DroopComparesTheFreeRunWithTheLoadedSetting) {
  std::vector<PhaseRecord> phases = {setting(1.5, 9000, 1.5), setting(1.5, 9000, 1.5, "free-run")};
  phases[0].measurements[1].value = 8910;
  const auto out = run_level(phases, std::nullopt);
  const Measurement* m = find_measurement(out, "rate_droop");
  ASSERT_NE(m, nullptr);
  EXPECT_NEAR(*m->value, 1, 1e-9);
  EXPECT_NEAR(m->expanded_u, 2 * 100 * std::sqrt(2.0) * 5e-6, 2e-4);
}

TEST(RunLevel, ARepeatedAttemptReplacesTheOneBefore) {
  std::vector<PhaseRecord> phases = {setting(0.5, 6000, 0.5), setting(1.5, 6000, 1.9), setting(1.5, 6000, 1.5),
                                     setting(2.5, 6000, 2.5)};
  phases[1].verdict = Verdict::error;
  phases[2].attempt = 2;
  EXPECT_NEAR(*find_measurement(run_level(phases, std::nullopt), "depth_linearity")->value, 0, 1e-9);
}

// The zero before is the one that counts: the last setting's depth may be wrong by all of it.
TEST(RunLevel, AllOfTheThermalGrowthGoesIntoEveryDepth) {
  std::vector<PhaseRecord> phases = {setting(1.5, 9000, 1.5)};
  const double before = phases[0].measurements[0].expanded_u, rate = phases[0].measurements[1].expanded_u;
  const auto out = run_level(phases, 0.006);
  EXPECT_NEAR(*find_measurement(out, "thermal_growth")->value, 0.006, 1e-12);
  EXPECT_GT(phases[0].measurements[0].expanded_u, before + 5e-4);
  EXPECT_EQ(phases[0].measurements[0].budget.back().source, "thermal growth");
  EXPECT_NEAR(phases[0].measurements[0].budget.back().u, 0.006 / std::sqrt(3.0), 1e-12);
  EXPECT_EQ(phases[0].measurements[1].expanded_u, rate);
  EXPECT_GE(phases[0].strokes[0].u_penetration_mm, 0.006 / std::sqrt(3.0));
  EXPECT_TRUE(phases[0].measurements[0].value);
}

TEST(RunLevel, MoreThanTenMicrometresOfGrowthLeaveNoDepth) {
  for (const double growth : {0.0101, -0.0101, std::nan("")}) {
    std::vector<PhaseRecord> phases = {setting(1.5, 9000, 1.5)};
    run_level(phases, growth);
    EXPECT_FALSE(phases[0].measurements[0].value);
    EXPECT_NE(phases[0].measurements[0].note.find("10 µm"), std::string::npos);
  }
}

}  // namespace
}  // namespace penrig
