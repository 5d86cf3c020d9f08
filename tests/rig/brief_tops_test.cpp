#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "rig/measure/decide.hpp"
#include "rig/measure/strokes_in_air.hpp"
#include "tests/rig/decision_cases.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

constexpr double kAboveMm = 0.4, kSigmaS = 1e-4;  // 15 thousandths of a turn at 9000/min

/// A stroke, and from there on every so many-th, overshoots at its top.
Signal overshooting(const SignalParameters& p, std::size_t first, std::size_t every) {
  Signal s = make_signal(p, 1);
  const auto reach = static_cast<std::ptrdiff_t>(6 * kSigmaS * p.sample_rate_hz);
  for (std::size_t stroke = first; stroke + 5 < s.top_s.size(); stroke += every) {
    const auto middle = static_cast<std::ptrdiff_t>(std::lround(s.top_s[stroke] * p.sample_rate_hz));
    for (std::ptrdiff_t i = middle - reach; i <= middle + reach; ++i) {
      const double x = (static_cast<double>(i) / p.sample_rate_hz - s.top_s[stroke]) / kSigmaS;
      s.capture.position[static_cast<std::size_t>(i)] +=
          static_cast<std::int32_t>(std::lround(kAboveMm * std::exp(-0.5 * x * x) / 1e-4));
    }
  }
  return s;
}

SignalParameters of_no_sink() {
  SignalParameters p;
  p.sink_mm = 0;
  return p;
}

class BriefTopsOfStrokes : public testing::TestWithParam<std::size_t> {};

TEST_P(BriefTopsOfStrokes, CountAsObservedHoweverOftenAndFailALimitOnStrokes) {
  const SignalParameters p = of_no_sink();
  const Signal signal = overshooting(p, 5, GetParam());
  const SignalSetting setting(p, signal);
  Result<SettingResult> result = analyse_setting(setting.input);
  ASSERT_TRUE(result) << result.error().message;
  std::size_t deep = 0;
  for (const StrokeRow& row : result->strokes) {
    if (row.extension_mm < 1.7) continue;
    ++deep;
    EXPECT_NEAR(row.extension_mm, p.depth_mm + kAboveMm, 0.03);
    EXPECT_NEAR(row.penetration_mm, p.depth_mm + kAboveMm - p.surface_mm, 0.03);
    EXPECT_LT(row.u_penetration_mm, 0.01);
  }
  EXPECT_EQ(deep, setting.input.strokes / GetParam());
  EXPECT_EQ(result->strokes.size(), setting.input.strokes) << "each stroke has one row";
  EXPECT_NEAR(*find_measurement(*result, "penetration_max")->value, p.depth_mm + kAboveMm - p.surface_mm, 0.03);
  for (const char* measurand : {"extension_ti", "penetration_ti"}) {
    Measurement m = *find_measurement(*result, measurand);
    EXPECT_EQ(decide(decisions::requirement(measurand, decisions::within(0.15)), m, result->strokes).verdict,
              Verdict::fail)
        << measurand;
  }
}

TEST(BriefTops, OfStrokesThatAreNotAveragedCountAsObservedToo) {
  const SignalParameters p = of_no_sink();
  const Signal signal = overshooting(p, 49, p.strokes);
  SignalSetting setting(p, signal);
  setting.input.settle_strokes = 60;
  setting.input.strokes = 35;
  const Result<SettingResult> result = analyse_setting(setting.input);
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->strokes.size(), setting.input.strokes + 1);
  EXPECT_NEAR(result->strokes.front().extension_mm, p.depth_mm + kAboveMm, 0.03);
}

TEST(BriefTops, CountInAir) {
  const SignalParameters p = of_no_sink();
  const Signal signal = overshooting(p, 15, 30);
  const SignalSetting setting(p, signal);
  const std::vector<StrokeRow> rows =
      strokes_in_air(signal.capture, setting.input.tick_hz, setting.input.zero, setting.calibrations);
  EXPECT_EQ(std::ranges::count_if(rows, [&](const StrokeRow& r) { return r.extension_mm > p.depth_mm + 0.37; }), 3);
}

TEST(BriefTops, AreNotSeenInNoiseHumOrACoarseEncoder) {
  for (const double noise_um : {0.0, 1.0, 20.0}) {
    for (const std::int32_t step : {1, 200}) {  // counts of 0.1 um
      SignalParameters p = of_no_sink();
      p.position_noise_um = noise_um;
      Signal signal = make_signal(p, 2);
      double hum = 0;
      for (std::int32_t& z : signal.capture.position) {
        z = (z + static_cast<std::int32_t>(std::lround(100 * std::sin(hum)))) / step * step;
        hum += 2 * M_PI * 50 / p.sample_rate_hz;
      }
      const SignalSetting setting(p, signal);
      const Result<SettingResult> result = analyse_setting(setting.input);
      ASSERT_TRUE(result) << result.error().message;
      for (const std::string& warning : result->warnings) EXPECT_EQ(warning.find("for a moment"), std::string::npos);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(HowOften, BriefTopsOfStrokes, testing::Values(90, 30, 3));

}  // namespace
}  // namespace penrig
