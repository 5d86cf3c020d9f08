#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/budget.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {
namespace {

TEST(ToleranceFactor, IsTheTabulatedOneFor99PercentOfStrokesWith95PercentConfidence) {
  // ISO 16269-6, two-sided, unknown sigma.
  EXPECT_NEAR(tolerance_factor(10), 4.433, 0.02);
  EXPECT_NEAR(tolerance_factor(40), 3.213, 0.005);
  EXPECT_NEAR(tolerance_factor(150), 2.861, 0.01);
  EXPECT_NEAR(tolerance_factor(300), 2.767, 0.005);
}

TEST(ToleranceFactor, At5PercentConfidenceIsBelowTheQuantileItself) {
  for (const double n : {10.0, 40.0, 300.0}) {
    EXPECT_LT(tolerance_factor(n, 0.99, 0.05), 2.576);
    EXPECT_GT(tolerance_factor(n, 0.99, 0.05), 1.5);
  }
}

TEST(ToleranceFactor, HoldsTheShareOfStrokesWithItsConfidence) {
  const std::uint64_t seed = 3;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed, "tolerance");
  int held = 0;
  constexpr int kTrials = 4000, kStrokes = 40;
  for (int t = 0; t < kTrials; ++t) {
    std::vector<double> x(kStrokes);
    for (double& v : x) v = random.normal();
    const Spread s = spread_of(x);
    const double k = tolerance_factor(kStrokes);
    const double inside =
        0.5 * (std::erf((s.mean + k * s.sd) / std::sqrt(2.0)) - std::erf((s.mean - k * s.sd) / std::sqrt(2.0)));
    held += inside >= 0.99 ? 1 : 0;
  }
  EXPECT_NEAR(held / static_cast<double>(kTrials), 0.95, 0.015) << "seed " << seed;
}

TEST(ToleranceFactor, OfASingleStrokeIsNotANumber) { EXPECT_TRUE(std::isnan(tolerance_factor(1))); }

TEST(ClopperPearson, GivesTheTabulatedUpperLimits) {
  EXPECT_NEAR(clopper_pearson_upper(0, 10), 0.2589, 1e-4);
  EXPECT_NEAR(clopper_pearson_upper(1, 10), 0.3942, 1e-4);
  EXPECT_NEAR(clopper_pearson_upper(0, 150), 0.01977, 1e-5);
  EXPECT_NEAR(clopper_pearson_upper(2, 20), 0.2826, 1e-4);
  EXPECT_EQ(clopper_pearson_upper(5, 5), 1);
  EXPECT_EQ(clopper_pearson_upper(0, 0), 1);
}

TEST(CoverageFactor, IsStudentsAt95Point45Percent) {
  EXPECT_NEAR(coverage_factor(1), 13.97, 0.01);
  EXPECT_NEAR(coverage_factor(10), 2.28, 0.01);  // GUM table G.2
  EXPECT_NEAR(coverage_factor(50), 2.05, 0.01);
  EXPECT_EQ(coverage_factor(0), 2);
  EXPECT_EQ(coverage_factor(std::numeric_limits<double>::infinity()), 2);
}

TEST(CoverageFactor, AgreesWithBoostToAllItsTenDigits) {
  for (double nu = 1; nu < 1e6; nu *= 1.0031) EXPECT_EQ(coverage_factor(nu), coverage_factor(nu, 0.9545)) << nu;
}

TEST(TenDigits, RoundsAwayWhatLibrariesDifferIn) {
  EXPECT_EQ(to_ten_digits(2.57582930354890), 2.575829304);
  EXPECT_EQ(to_ten_digits(-1.00000000004e-7), -1e-7);
  EXPECT_TRUE(std::isnan(to_ten_digits(std::nan(""))));
}

TEST(EffectiveCount, IsNForIndependentValuesAndLessForAWalk) {
  Random random(5, "effective");
  std::vector<double> white(400), slow(400);
  double state = 0;
  for (std::size_t i = 0; i < white.size(); ++i) {
    white[i] = random.normal();
    state = 0.8 * state + random.normal();
    slow[i] = state;
  }
  EXPECT_GT(effective_count(white, spread_of(white)), 250);
  // AR(1) with 0.8: n (1 - 0.8)/(1 + 0.8) = 44.
  EXPECT_GT(effective_count(slow, spread_of(slow)), 20);
  EXPECT_LT(effective_count(slow, spread_of(slow)), 90);
}

TEST(MeanOfBlocks, SeesADriftBeneathNoiseThatNeighboursHardlyShow) {
  constexpr std::size_t kStrokes = 150;
  constexpr int kSeries = 400;
  int outside = 0;
  for (int series = 0; series < kSeries; ++series) {
    Random random(static_cast<std::uint64_t>(series), "drift beneath noise");
    std::vector<double> values(kStrokes);
    double drift = random.normal();
    for (std::size_t i = 0; i < kStrokes; ++i) {
      drift = 0.97 * drift + std::sqrt(1 - 0.97 * 0.97) * random.normal();
      values[i] = 2.5 * random.normal() + drift;
    }
    const Spread spread = spread_of(values);
    const double n_eff = effective_count(values, spread);
    const MeanOfBlocks by_neighbours{deviation_of_process(spread, n_eff) / std::sqrt(n_eff), n_eff - 1};
    const auto blocks = mean_of_blocks(values, spread);
    outside += std::abs(spread.mean) > std::max(by_neighbours.expanded(), blocks ? blocks->expanded() : 0) ? 1 : 0;
  }
  // By neighbours alone 40 % lie outside.
  EXPECT_LT(outside, kSeries * 35 / 100);
}

TEST(MeanOfBlocks, LosesLittleOfWhiteNoise) {
  constexpr std::size_t kStrokes = 150;
  constexpr int kSeries = 400;
  double wider = 0;
  for (int series = 0; series < kSeries; ++series) {
    Random random(static_cast<std::uint64_t>(series), "white");
    std::vector<double> values(kStrokes);
    for (double& value : values) value = random.normal();
    const Spread spread = spread_of(values);
    const double usual = 2 * spread.sd / std::sqrt(kStrokes);
    const auto blocks = mean_of_blocks(values, spread);
    wider += blocks ? blocks->expanded() / usual - 1 : 0;
  }
  // One series in fifty has blocks that stand out by chance.
  EXPECT_LT(wider / kSeries, 0.1);
}

TEST(EffectiveCount, NeverExceedsTheCountForValuesThatAlternate) {
  std::vector<double> x(100);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 2 == 0 ? 1.0 : -1.0;
  EXPECT_EQ(effective_count(x, spread_of(x)), 100);
}

TEST(EffectiveCount, OfAVarianceCountsEveryProductOfTheSeries) {
  for (const std::size_t n : {8U, 13U, 21U, 40U}) {
    Random random(n, "effective");
    std::vector<double> x(n);
    double state = 0;
    for (double& v : x) v = state = 0.8 * state + random.normal();
    const Spread spread = spread_of(x);
    const auto r = [&](std::size_t lag) {
      double c = 0;
      for (std::size_t i = lag; i < n; ++i) c += (x[i] - spread.mean) * (x[i - lag] - spread.mean);
      return c / (spread.sd * spread.sd * static_cast<double>(n - 1));
    };
    const auto values = static_cast<double>(n);
    double sum = 0;
    for (std::size_t lag = 1; lag <= std::min<std::size_t>(4, n / 4); ++lag) {
      if (lag <= 2 || std::abs(r(lag)) > 2 / std::sqrt(values)) sum += r(lag) * r(lag);
    }
    sum = std::max(sum, r(1) * r(1) / (1 - r(1) * r(1)));
    EXPECT_NEAR(effective_count_of_variance(x, spread), std::max(2.0, values / (1 + 2 * sum)), 1e-10) << n;
  }
}

TEST(Budget, CombinesBySquaresAndWelchSatterthwaite) {
  // GUM H.1 style: u = 3, 4 with nu = 9 and infinite -> u = 5, nu = 625/(81/9) = 69.4.
  const std::vector<BudgetLine> lines = {observed_line("a", 3, 9), normal_line("b", 4)};
  EXPECT_DOUBLE_EQ(combined(lines), 5);
  EXPECT_NEAR(effective_freedom(lines), 69.444, 0.001);
  EXPECT_DOUBLE_EQ(uniform_line("c", 3).u, 3 / std::sqrt(3.0));
}

TEST(Budget, LeavesRepeatabilityOutOfTheRealisedValue) {
  Measurement m;
  m.value = 1;
  m.budget = {normal_line("scale", 3), observed_line(kRepeatability, 4, 1000)};
  finish(m);
  EXPECT_NEAR(m.expanded_u, 10, 0.02);
  EXPECT_DOUBLE_EQ(m.realised_u, 6);
  EXPECT_EQ(m.realised, 1);
}

}  // namespace
}  // namespace penrig
