#include "rig/measure/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gmock/gmock.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;

std::vector<double> stamps(std::size_t n, double rate_hz, double from = 0, double step = 0) {
  std::vector<double> t;
  for (std::size_t i = 0; i < n; ++i) {
    const double exact = from + static_cast<double>(i) / rate_hz;
    t.push_back(step > 0 ? std::round(exact / step) * step : exact);
  }
  return t;
}

TEST(Sampling, IsFoundFromAllStamps) {
  const auto s = find_sampling(stamps(100'000, 48'000.5, 3), 0);
  ASSERT_TRUE(s);
  EXPECT_NEAR(s->rate_hz / 48'000.5, 1, 1e-12);
  EXPECT_NEAR(s->start_s, 3, 1e-9);
}

TEST(Sampling, StampsOfFewDigitsAreEven) {
  for (const double step : {1e-6, 1e-5, 1e-4, 1e-3}) {
    SCOPED_TRACE(step);
    const auto s = find_sampling(stamps(100'000, 50'000, 0, step), step);
    ASSERT_TRUE(s) << s.error().error.message;
    EXPECT_NEAR(s->rate_hz / 50'000, 1, 2 * step / 2 / std::sqrt(100'000) + 1e-9);
  }
}

TEST(Sampling, StampsSince1970AreEven) {
  const auto s = find_sampling(stamps(100'000, 50'000, 1.76e9, 1e-6), 1e-6);
  ASSERT_TRUE(s) << s.error().error.message;
  EXPECT_NEAR(s->rate_hz / 50'000, 1, 1e-8);
}

TEST(Sampling, RefusesAGapWithItsRow) {
  for (const std::size_t lost : {1U, 2U, 1000U}) {
    std::vector<double> t = stamps(10'000, 50'000, 0, 1e-6);
    t.erase(t.begin() + 4321, t.begin() + 4321 + static_cast<std::ptrdiff_t>(lost));
    const auto s = find_sampling(t, 1e-6);
    ASSERT_FALSE(s);
    EXPECT_EQ(s.error().row, 4321U);
    EXPECT_EQ(s.error().error.code, Errc::gap_in_record);
    EXPECT_THAT(s.error().error.message, HasSubstr("a gap"));
  }
}

TEST(Sampling, RefusesATimeThatGoesBackOrRepeatsWithItsRow) {
  std::vector<double> t = stamps(10'000, 50'000);
  t[77] = t[76];
  EXPECT_THAT(find_sampling(t, 0).error().error.message, HasSubstr("repeats"));
  EXPECT_EQ(find_sampling(t, 0).error().row, 77U);
  t[77] = t[70];
  EXPECT_THAT(find_sampling(t, 0).error().error.message, HasSubstr("goes back"));
  EXPECT_EQ(find_sampling(t, 0).error().row, 77U);
  EXPECT_FALSE(find_sampling(std::vector<double>(1000, 1.5), 0)) << "a clock that stands still";
  std::vector<double> backwards = stamps(1000, 50'000);
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_FALSE(find_sampling(backwards, 0));
}

TEST(Sampling, RefusesIntervalsThatScatterByMoreThanOnePercent) {
  for (const double scatter : {0.002, 0.02, 0.2, 2.0}) {
    Random random(1, "stamps");
    std::vector<double> t = stamps(10'000, 1000);
    for (double& x : t) x += scatter * 1e-3 / std::sqrt(2.0) * random.normal();
    const auto s = find_sampling(t, 0);
    EXPECT_EQ(s.has_value(), scatter < 0.01) << scatter;
    if (!s) {
      EXPECT_THAT(s.error().error.message, HasSubstr("irregular sampling"));
    }
  }
}

TEST(Sampling, RefusesRatesThatNoEstimatorIsMeantFor) {
  EXPECT_FALSE(find_sampling(stamps(100, 10), 0));
  EXPECT_FALSE(find_sampling(stamps(100, 1e6), 0));
  EXPECT_FALSE(stated_sampling(0, 1000));
  EXPECT_FALSE(stated_sampling(50'000, 3));
  EXPECT_TRUE(find_sampling(stamps(100, 50), 0));
  EXPECT_TRUE(find_sampling(stamps(100, 200'000), 0));
  EXPECT_THAT(find_sampling(stamps(1000, 0.05), 0).error().error.message, HasSubstr("t_us"));
}

TEST(Sampling, SaysHowFarTheStampsWander) {
  std::vector<double> t = stamps(10'000, 1000);
  for (std::size_t i = 0; i < t.size(); ++i) t[i] += 5e-3 * std::sin(static_cast<double>(i) * 2e-3);
  const auto s = find_sampling(t, 0);
  ASSERT_TRUE(s);
  EXPECT_GT(s->wander_s, 3e-3);
}

}  // namespace
}  // namespace penrig
