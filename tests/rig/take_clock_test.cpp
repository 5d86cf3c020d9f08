#include "rig/run/take_clock.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/input_lines.hpp"

namespace penrig {
namespace {

/// A time base of -20 ppm, U = 10 ppm, against exchanges that leave 15 ppm open.
Result<double> disagree(double fast_ppm) {
  Calibrations calibrations;
  calibrations.head.id = "C-7";
  calibrations.time_base_ppm = {-20, 5};
  ClockRelation clock;
  clock.tick_hz = 1e6;
  clock.rates = {{-20, 40}, {fast_ppm, 15}};
  return clocks_disagree_by_ppm(clock, calibrations);
}

TEST(RatesOfClocks, AgreeWithinWhatTheCalibrationAndTheExchangesLeaveOpen) {
  for (const double ppm : {-44.9, -20.0, 0.0, 4.9}) EXPECT_EQ(disagree(ppm).value(), 0) << ppm;
}

TEST(RatesOfClocks, ThatDisagreeDoSoByAllOfIt) {
  EXPECT_NEAR(disagree(30).value(), 50 + 15, 1e-9) << "a host's crystal may be off by as much";
  EXPECT_NEAR(disagree(-144).value(), 124 + 15, 1e-9);
}

TEST(RatesOfClocks, FurtherApartThanAHostsCrystalExplainsAreACalibrationThatDoesNotHold) {
  for (const double ppm : {106.0, -146.0, -290.0, std::numeric_limits<double>::quiet_NaN()}) {
    const auto off = disagree(ppm);
    ASSERT_FALSE(off) << ppm;
    EXPECT_EQ(off.error().code, Errc::calibration);
    EXPECT_THAT(off.error().message, ::testing::HasSubstr("calibration C-7 says -20.0 ppm"));
  }
}

TEST(RatesOfClocks, ThatDisagreeAreInUOfWhatHangsOnTheTimeBase) {
  const Calibrations calibrations;
  SettingInput input;
  input.calibrations = &calibrations;
  input.tare.u_counts = 0;
  Sensitivities rate;
  rate.time_base_ppm = 7500e-6;
  EXPECT_TRUE(lines_of_inputs(input, rate).empty());
  input.clock.rate_off_ppm = 100;
  const auto lines = lines_of_inputs(input, rate);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().source, input_name::kClocks);
  EXPECT_GE(coverage_factor_of(lines) * combined(lines), 0.75) << "a rate that is off by as much";
  EXPECT_TRUE(lines_of_inputs(input, {}).empty());
}

}  // namespace
}  // namespace penrig
