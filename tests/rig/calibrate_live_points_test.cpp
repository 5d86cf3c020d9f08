#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/calibrate/live_points.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const CalibrationTarget& cell() { return *find_target("load-cell"); }
const CalibrationTarget& needle() { return *find_target("encoder"); }
const CalibrationTarget& stage() { return *find_target("encoder:stage"); }

std::vector<double> applied(const std::vector<PlannedPoint>& points) {
  std::vector<double> values;
  for (const PlannedPoint& p : points) values.push_back(p.applied.value_or(-1));
  return values;
}

/// Noise about a level that moves by `moves` over the window, counts.
std::vector<std::int32_t> counts(double sd, double moves, std::size_t n = 10'000) {
  Random random(1, "reading");
  std::vector<std::int32_t> all;
  for (std::size_t i = 0; i < n; ++i) {
    all.push_back(static_cast<std::int32_t>(
        std::lround(1000 + sd * random.normal() + moves * static_cast<double>(i) / static_cast<double>(n))));
  }
  return all;
}

TEST(SteadyReading, IsTheMeanOfWhatIsAtRest) {
  const auto r = steady_reading(counts(20, 0), {250, 10}, 50'000);
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_NEAR(r->mean, 1000, 3 * 20 / std::sqrt(1e4));
  EXPECT_NEAR(r->sd, 20, 1);
  EXPECT_LT(r->moved, 5);
  EXPECT_EQ(r->samples, 10'000U);
}

TEST(SteadyReading, ThatMovesOrIsNoisyOrAtTheEndOfItsRangeIsRefused) {
  const struct {
    double sd, moves, range;
    const char* why;
  } cases[] = {{20, 30, 50'000, "the reading moves"},
               {400, 0, 50'000, "the reading"},
               {300, 0, 50'000, "the reading is noisy: sd 30"},
               {20, 0, 1060, "at the end of its range"}};
  for (const auto& c : cases) {
    const auto r = steady_reading(counts(c.sd, c.moves, c.sd > 20 ? 1'000'000 : 10'000), {250, 10}, c.range);
    ASSERT_FALSE(r) << c.why;
    EXPECT_EQ(r.error().code, Errc::not_determined);
    EXPECT_THAT(r.error().message, HasSubstr(c.why));
  }
  EXPECT_EQ(steady_reading(counts(20, 0, 99), {250, 10}, 0).error().code, Errc::bad_data);
}

TEST(SteadyReading, HasLimitsThatFollowFromTheRig) {
  const SteadyLimits force = steady_limits(cell(), bench_example()),
                     position = steady_limits(needle(), bench_example());
  EXPECT_DOUBLE_EQ(force.sd_max, 250);
  EXPECT_DOUBLE_EQ(force.moved_max, 10);
  EXPECT_NEAR(position.sd_max, 100, 0.1);
  EXPECT_NEAR(position.moved_max, 10, 0.01);
}

TEST(LiveSeriesPlan, GoesUpAndDownAndTakesTurningPointsOnce) {
  const auto plan = up_and_down(plan_of_values({0, 1, 2}).value(), 2, cell());
  EXPECT_THAT(applied(plan), ElementsAre(0, 1, 2, 1, 0, 1, 2, 1, 0));
  std::vector<int> directions;
  for (const PlannedPoint& p : plan) directions.push_back(p.direction);
  EXPECT_THAT(directions, ElementsAre(1, 1, 1, -1, -1, 1, 1, -1, -1));
}

TEST(LiveSeriesPlan, TurnsTheCrankOnSoThatTheNeedleComesBackByTheOtherHalf) {
  const auto plan = up_and_down(default_plan(needle(), bench_example()).value(), 1, needle());
  ASSERT_EQ(plan.size(), 21U);
  for (std::size_t i = 1; i < plan.size(); ++i) EXPECT_GT(plan[i].drive_to, plan[i - 1].drive_to) << i;
  EXPECT_EQ(plan[10].drive_to, 180);
  EXPECT_EQ(plan[20].drive_to, 360);
}

TEST(LiveSeriesPlan, KeepsBelowTheForceInterlockAndClearOfThePen) {
  const auto forces = default_plan(cell(), bench_example()).value();
  EXPECT_THAT(applied(forces), ::testing::Contains(4.0));
  EXPECT_EQ(forces.size(), 11U);
  for (const PlannedPoint& p : forces) EXPECT_TRUE(check_applied(*p.applied, cell(), bench_example())) << *p.applied;
  EXPECT_TRUE(check_applied(4.75, cell(), bench_example()));
  for (const double bad : {4.76, -4.76, 9.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_FALSE(check_applied(bad, cell(), bench_example())) << bad;
  const auto places = default_plan(stage(), bench_example()).value();
  EXPECT_EQ(places.front().drive_to, -8);
  EXPECT_EQ(places.back().drive_to, -3);
  RigDescription narrow = bench_example();
  narrow.stage.withdrawn_axial_mm = -3.5;
  EXPECT_THAT(default_plan(stage(), narrow).error().message, HasSubstr("only 0.50 mm"));
}

TEST(LiveSeriesPlan, IsRefusedWhereValuesDoNotRiseOrAreTooFew) {
  EXPECT_THAT(plan_of_values({0, 2, 1}).error().message, HasSubstr("1 does not come after 2"));
  EXPECT_THAT(plan_of_values({0, 1}).error().message, HasSubstr("at least three"));
}

TEST(Standards, AreReadWithWhatAPersonDoes) {
  const auto loaded = load_standards(
      "standards:\n  - {force_n: 0, do: take everything off}\n  - {force_n: 0.4905, do: 'hang 0.050 kg (M1-7)'}\n"
      "  - {force_n: 0.981}\n",
      "s.yaml", CalibrationKind::load_cell);
  ASSERT_EQ(render_all(loaded.mistakes), "");
  EXPECT_THAT(applied(loaded.value), ElementsAre(0, 0.4905, 0.981));
  EXPECT_EQ(loaded.value[1].what, "hang 0.050 kg (M1-7)");
}

TEST(Standards, ShowEveryMistakeAtItsPlace) {
  const auto loaded = load_standards("standards:\n  - {force_n: 1}\n  - {force_n: 0.5}\n  - {mass_kg: 1}\n", "s.yaml",
                                     CalibrationKind::load_cell);
  const std::string said = render_all(loaded.mistakes);
  EXPECT_THAT(said, HasSubstr("s.yaml:3:15: values rise"));
  EXPECT_THAT(said, HasSubstr("s.yaml:4:6: unknown key 'mass_kg'"));
  EXPECT_THAT(
      render_all(load_standards("standards:\n  - {force_n: 1}\n", "s.yaml", CalibrationKind::load_cell).mistakes),
      HasSubstr("at least three"));
}

LivePoint point(double value, double seen) {
  LivePoint p;
  p.values = {value, seen, 0};
  p.by_description = seen;
  p.direction = 1;
  return p;
}

TEST(LivePoints, MustFollowTheReference) {
  const std::vector<LivePoint> before{point(0, 0), point(4, 4)};
  for (const double good : {2.0, 1.1, 2.9}) EXPECT_TRUE(follows_reference(before, point(2, good), cell())) << good;
  // The value is not on, a unit is wrong, a sign is wrong, it was not taken off, no number.
  for (const auto& [value, seen] : {std::pair{2.0, 0.0},
                                    {2.0, 2000.0},
                                    {2.0, -2.0},
                                    {0.0, 4.0},
                                    {0.5, 0.0},
                                    {2.0, std::numeric_limits<double>::quiet_NaN()}}) {
    const auto refused = follows_reference(before, point(value, seen), cell());
    ASSERT_FALSE(refused) << value << " " << seen;
    EXPECT_EQ(refused.error().code, Errc::not_determined);
  }
  EXPECT_TRUE(follows_reference({}, point(2, 0), cell())) << "the first says where the zero is";
}

TEST(LivePoints, OnDiskAreReadBackToTheLastBit) {
  std::vector<LivePoint> taken{point(0.1 + 0.2, -1234.56789), point(1.0 / 3, 1e-4)};
  taken[1].direction = -1;
  const std::string text = points_csv(CalibrationKind::load_cell, {"load-cell of BENCH-2", "by A. Meier"}, taken);
  const auto loaded = load_points(text, "p.csv", CalibrationKind::load_cell);
  ASSERT_EQ(render_all(loaded.mistakes), "") << text;
  ASSERT_EQ(loaded.value.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(loaded.value.values[c][i], taken[i].values[c]);
  }
  EXPECT_THAT(loaded.value.direction, ElementsAre(1, -1));
}

TEST(LivePoints, AreTakenOfKindsThatTheRigCanDoAndOthersSayWhatToDo) {
  std::vector<std::string> live;
  for (const CalibrationTarget& target : calibration_targets()) {
    const std::string why = why_not_live(target);
    if (why.empty()) {
      live.emplace_back(target.name);
    } else {
      EXPECT_THAT(why, HasSubstr("into a file")) << target.name;
    }
  }
  EXPECT_THAT(live, ElementsAre("load-cell", "encoder", "encoder:stage", "time-base"));
}

}  // namespace
}  // namespace penrig
