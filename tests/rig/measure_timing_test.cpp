#include <cmath>
#include <cstdio>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/timing.hpp"

namespace penrig {
namespace {

struct Series {
  std::vector<double> times, turns;
};

/// Tops midway between bottoms with timing noise about a walking phase; period 1.
Series make_series(std::size_t n, double noise, double walk, std::uint64_t seed) {
  Random random(seed, "series");
  Series s;
  double phase = 0, before = 0;
  for (std::size_t i = 0; i <= n; ++i) {
    const double bottom = phase + noise * random.normal();
    if (i > 0) {
      s.times.push_back((before + bottom) / 2);
      s.turns.push_back(static_cast<double>(i - 1));
    }
    before = bottom;
    phase += 1 + walk * random.normal();
  }
  return s;
}

TEST(ProcessPeriod, OfARegularSeriesIsItsPeriodWithoutDoubt) {
  const Series s = make_series(50, 0, 0, 1);
  const ProcessPeriod p = process_period(s.times, s.turns);
  EXPECT_NEAR(p.period, 1, 1e-12);
  EXPECT_LT(p.u, 1e-12);
}

TEST(ProcessPeriod, CountsTurnsWithoutATop) {
  Series s = make_series(60, 1e-6, 0, 2);
  for (const std::ptrdiff_t gone : {20, 33}) {
    s.times.erase(s.times.begin() + gone);
    s.turns.erase(s.turns.begin() + gone);
  }
  EXPECT_NEAR(process_period(s.times, s.turns).period, 1, 1e-6);
}

TEST(ProcessPeriod, IsFarBetterThanTheEndsWhenTimingNoiseDominates) {
  double ends = 0, fitted = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Series s = make_series(100, 2e-3, 0, seed);
    const double e = (s.times.back() - s.times.front()) / 99 - 1, f = process_period(s.times, s.turns).period - 1;
    ends += e * e;
    fitted += f * f;
  }
  EXPECT_LT(std::sqrt(fitted), 0.5 * std::sqrt(ends));
}

TEST(ProcessPeriod, CoversWhateverTheNoiseIs) {
  for (const double walk : {0.0, 1.5e-4, 4.5e-4, 2e-3}) {
    int covered = 0;
    constexpr int kSeeds = 300;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const Series s = make_series(150, 2e-3, walk, seed);
      const ProcessPeriod p = process_period(s.times, s.turns);
      covered += std::abs(p.period - 1) <= coverage_factor(p.nu) * p.u ? 1 : 0;
    }
    EXPECT_GE(covered, 0.88 * kSeeds) << "walk " << walk;
  }
}

TEST(PeriodJitter, IsFreedOfTheFloorOfItsEstimator) {
  Random random(4, "jitter");
  std::vector<double> periods(20'000);
  for (double& p : periods) p = 6667 + 3 * random.normal() + 4 * random.normal();
  const Jitter j = period_jitter(periods, 4);
  EXPECT_NEAR(j.sd, 3, 0.1);
  EXPECT_LT(j.low, 3);
  EXPECT_GT(j.high, 3);
}

TEST(PeriodJitter, BelowTheFloorIsZeroWithAnUpperLimit) {
  Random random(5, "jitter");
  std::vector<double> periods(150);
  for (double& p : periods) p = 6667 + 0.1 * random.normal();
  const Jitter j = period_jitter(periods, 0.101);
  EXPECT_EQ(j.sd, 0);
  EXPECT_EQ(j.low, 0);
  EXPECT_GT(j.high, 0);
}

TEST(PeriodJitter, DoesNotCountADriftOfTheRate) {
  std::vector<double> periods(100);
  for (std::size_t i = 0; i < periods.size(); ++i) periods[i] = 6667 + 0.5 * static_cast<double>(i);
  EXPECT_NEAR(period_jitter(periods, 0).sd, 0, 1e-9);
}

}  // namespace
}  // namespace penrig
