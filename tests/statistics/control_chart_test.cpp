#include "reports/statistics/control_chart.hpp"

#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/range_constants.hpp"
#include "reports/statistics/run_length.hpp"
#include "rig/base/random.hpp"
#include "tests/statistics/published.hpp"

namespace penrig::statistics {
namespace {

// ASTM MNL 7 and Montgomery, "Introduction to Statistical Quality Control", appendix VI; d2* of AIAG MSA, appendix C.
TEST(RangeConstants, AreThoseOfTheTables) {
  EXPECT_NEAR(d2(2), 1.128, 0.0005);
  EXPECT_NEAR(d2(5), 2.326, 0.0005);
  EXPECT_NEAR(d2(10), 3.078, 0.0005);
  EXPECT_NEAR(d2(25), 3.931, 0.0005);
  EXPECT_NEAR(d3(2), 0.853, 0.0005);
  EXPECT_NEAR(d3(5), 0.864, 0.0005);
  EXPECT_NEAR(d3(25), 0.708, 0.0005);
  EXPECT_NEAR(c4(5), 0.9400, 0.00005);
  EXPECT_NEAR(c4(25), 0.9896, 0.00005);
  EXPECT_NEAR(d2_star(3, 1), 1.91155, 0.00005);
  EXPECT_NEAR(d2_star(10, 1), 3.17905, 0.00005);
  EXPECT_NEAR(d2(2), 2 / std::sqrt(M_PI), 1e-7);
  EXPECT_TRUE(std::isnan(d2(1)));
}

// Cryer and Ryan (1990): Var(mean MR / d2) = 0.8264 n - 1.082 over (n - 1)^2. Patnaik's 3.8 for one range of five.
TEST(RangeConstants, HaveTheirDegreesOfFreedom) {
  const double relative = (0.8264 * 30 - 1.082) / (29 * 29);
  EXPECT_NEAR(degrees_of_moving_range(30), 1 / (2 * relative) + 0.25, 0.02);
  EXPECT_NEAR(degrees_of_mean_range(5, 1), 3.8, 0.1);
}

// Montgomery, table 6.6 (mortgage loan costs): mean 300.5, mean moving range 7.79, limits 321.22 and 279.78.
TEST(IndividualsChart, GivesThePublishedLimits) {
  const auto x = testing::singles(
      {310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304});
  const ChartReference r = chart_reference(x, ChartKind::individuals).value();
  EXPECT_NEAR(r.mean, 300.5, 1e-9);
  const ControlChart c = control_chart(x, ChartKind::individuals, r).value();
  EXPECT_NEAR(c.series[1].centre[0], 7.79, 0.005);
  EXPECT_NEAR(c.series[0].upper[0] - r.mean, 321.22 - 300.5, 0.015);  // by 2.66 there
  EXPECT_NEAR(c.series[1].upper[0], 25.45, 0.02);
  EXPECT_EQ(c.signals(), 0U);
}

const std::vector<double> kMontgomery91{9.45,  7.99,  9.29,  11.66, 12.16, 10.18, 8.04,  11.46, 9.20,  10.34,
                                        9.03,  11.47, 10.51, 9.40,  10.08, 9.37,  10.62, 10.31, 8.52,  10.84,
                                        10.90, 9.33,  12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52};

// Montgomery, tables 9.1 and 9.2: mean 10, sigma 1; the last ten points come from a mean of 11.
TEST(CusumChart, SignalsWhereThePublishedOneDoes) {
  const ControlChart c = control_chart(testing::singles(kMontgomery91), ChartKind::cusum, {10, 1, 20, 20}).value();
  EXPECT_NEAR(c.series[0].values[3], 1.16, 0.005);
  EXPECT_NEAR(c.series[0].values[28], 5.28, 0.005);
  EXPECT_NEAR(c.series[1].values[1], -1.56, 0.005);
  ASSERT_EQ(c.series[0].signals.size(), 1U);
  EXPECT_EQ(c.series[0].signals[0].point, 28U);
  EXPECT_TRUE(c.series[1].signals.empty());
}

// NIST/SEMATECH e-Handbook 6.3.2.4: lambda 0.3, limits 52.5884 and 47.4115 from s = 2.0539.
TEST(EwmaChart, GivesThePublishedPoints) {
  ChartOptions o;
  o.lambda = 0.3;
  o.width = 3;
  const ControlChart c = control_chart(testing::singles({52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5,
                                                         49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1}),
                                       ChartKind::ewma, {50, 2.0539, 20, 20}, o)
                             .value();
  const std::vector<double> published{50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33,
                                      50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99};
  for (std::size_t i = 0; i < published.size(); ++i) EXPECT_NEAR(c.series[0].values[i], published[i], 0.0051) << i;
  EXPECT_NEAR(c.series[0].upper.back(), 52.5884, 0.001);
  EXPECT_NEAR(c.series[0].lower.back(), 47.4115, 0.001);
  EXPECT_EQ(c.signals(), 0U);
}

TEST(MeanCharts, TakeLimitsFromTheReferenceAlone) {
  std::vector<std::vector<double>> groups;
  Random random(5, "chart");
  for (int i = 0; i < 40; ++i) {
    groups.emplace_back();
    for (int k = 0; k < 4; ++k) groups.back().push_back((i < 30 ? 0 : 3) + random.normal());
  }
  for (const ChartKind kind : {ChartKind::mean_and_range, ChartKind::mean_and_deviation}) {
    const ChartReference r = chart_reference(std::span(groups).first(25), kind).value();
    const ControlChart c = control_chart(groups, kind, r).value();
    EXPECT_NEAR(r.sigma, 1, 0.25);
    EXPECT_EQ(c.series[0].upper.front(), c.series[0].upper.back());
    ASSERT_FALSE(c.series[0].signals.empty());
    EXPECT_EQ(c.series[0].signals.front().point, 30U);
  }
}

TEST(ControlChart, RefusesWhatHasNoLimits) {
  EXPECT_FALSE(chart_reference(testing::singles({1, 2, 3}), ChartKind::individuals));
  EXPECT_FALSE(chart_reference(testing::singles(std::vector<double>(20, 1.0)), ChartKind::individuals));
  EXPECT_FALSE(chart_reference(testing::singles(std::vector<double>(20, NAN)), ChartKind::individuals));
  EXPECT_FALSE(chart_reference(testing::singles(std::vector<double>(20, 1.0)), ChartKind::mean_and_range));
  EXPECT_FALSE(control_chart({}, ChartKind::individuals, {0, 1, 20, 20}));
  EXPECT_FALSE(control_chart(testing::singles({1, 2}), ChartKind::individuals, {0, 0, 20, 20}));
}

/// The rules that each point of a series completes, as bits.
std::vector<std::uint32_t> watched(const RuleSet& set, const std::vector<double>& z) {
  RuleWatch watch(set);
  std::vector<std::uint32_t> all;
  for (const double v : z) all.push_back(watch.push(v));
  return all;
}
std::uint32_t at_end(const RuleSet& set, const std::vector<double>& z) { return watched(set, z).back(); }
constexpr std::uint32_t rule(int nelson_number) { return 1U << (nelson_number - 1); }

TEST(RunRules, SeeEachPatternAndNotOneShorter) {
  EXPECT_EQ(at_end(nelson(), {3.1}), rule(1));
  EXPECT_EQ(at_end(nelson(), {3.0}), 0U);
  EXPECT_EQ(at_end(nelson(), {.5, .4, .5, .6, .5, .4, .5, .4, .5}) & rule(2), rule(2));
  EXPECT_EQ(at_end(nelson(), {.5, .4, .5, .6, .5, .4, .5, .4}) & rule(2), 0U);
  EXPECT_EQ(at_end(western_electric(), {.5, .4, .5, .6, .5, .4, .5, .4}), rule(2));
  EXPECT_EQ(at_end(nelson(), {-.5, -.3, -.1, .1, .2, .3}), rule(3));
  EXPECT_EQ(at_end(nelson(), {-.3, -.1, .1, .2, .3}), 0U);
  EXPECT_EQ(at_end(nelson(), {-.5, -.3, -.3, .1, .2, .3}), 0U);
  EXPECT_EQ(at_end(nelson(), {.1, .9, .2, 1.2, .1, .9, .2, .9, .1, .9, .2, .9, .1, 1.2}) & rule(4), rule(4));
  EXPECT_EQ(at_end(nelson(), {.9, .2, 1.2, .1, .9, .2, .9, .1, .9, .2, .9, .1, 1.2}) & rule(4), 0U);
  EXPECT_EQ(at_end(nelson(), {2.1, 0, 2.1}), rule(5));
  EXPECT_EQ(at_end(nelson(), {2.1, 0, -2.1}), 0U);
  EXPECT_EQ(at_end(nelson(), {2.1, 2.1, 0}), 0U);
  EXPECT_EQ(at_end(nelson(), {1.1, 1.2, -1, 1.1, 1.2}), rule(6));
  EXPECT_EQ(at_end(nelson(), {1.1, 1.2, -1, -1, 1.2}), 0U);
  std::vector<double> close;
  for (int i = 0; i < 15; ++i) close.push_back(i % 3 == 0 ? .5 : i % 3 == 1 ? -.2 : -.6);
  EXPECT_EQ(at_end(nelson(), close), rule(7));
  close.pop_back();
  EXPECT_EQ(at_end(nelson(), close), 0U);
  EXPECT_EQ(at_end(nelson(), {1.1, -1.2, -1.1, 1.3, 1.2, -1.1, -1.2, 1.1}), rule(8));
  EXPECT_EQ(at_end(nelson(), {-1.2, -1.1, 1.3, 1.2, -1.1, -1.2, 1.1}), 0U);
}

TEST(RunRules, ForgetAtARestart) {
  RuleWatch watch(nelson());
  watch.push(2.5);
  watch.restart();
  EXPECT_EQ(watch.push(2.5), 0U);
}

/// Points until the first signal, on average.
double simulated_run_length(const RuleSet& set, int runs) {
  double points = 0;
  Random random(1, set.name, set.rules);
  for (int r = 0; r < runs; ++r) {
    RuleWatch watch(set);
    do points += 1;
    while (watch.push(random.normal()) == 0);
  }
  return points / runs;
}

/// A run length is geometric, nearly: its mean from so many runs is off by so many percent at most.
double chance_percent(int runs) { return 320 / std::sqrt(runs); }

// Champ and Woodall, Technometrics 29 (1987), table 1: rules of Western Electric, in control.
TEST(RunLength, OfTheRulesIsThePublishedOne) {
  const int runs = testing::campaign("PENRIG_STUDIES", 5000);
  struct Case {
    std::uint32_t rules;
    double published;
  };
  for (const Case& c : {Case{rule(1), 370.40}, Case{rule(1) | rule(5), 225.44}, Case{rule(1) | rule(6), 166.05},
                        Case{rule(1) | rule(2), 152.73}, Case{rule(1) | rule(5) | rule(6), 132.89},
                        Case{rule(1) | rule(5) | rule(2), 122.05}, Case{rule(1) | rule(6) | rule(2), 105.78},
                        Case{western_electric().rules, 91.75}}) {
    const double found = simulated_run_length({"rules", c.rules, 8}, runs);
    std::printf("rules %#04x: %.2f, published %.2f\n", c.rules, found, c.published);
    EXPECT_NEAR(found / c.published, 1, (1 + chance_percent(runs)) / 100);
  }
}

// Lucas and Crosier, Technometrics 24 (1982), table 1 (two-sided CUSUM, k = 0.5; Montgomery, table 9.3); Lucas and
// Saccucci, Technometrics 32 (1990): EWMA schemes of run length 500. h = 4.77 is for 370 (Hawkins 1993), of which its
// two decimals leave 368.5.
TEST(RunLength, OfCusumAndEwmaIsThePublishedOne) {
  EXPECT_NEAR(shewhart_run_length(), 370.4, 0.05);
  EXPECT_NEAR(shewhart_run_length(1), 43.9, 0.05);
  EXPECT_NEAR(cusum_run_length(0.5, 4), 168, 1);
  EXPECT_NEAR(cusum_run_length(0.5, 5), 465, 1);
  EXPECT_NEAR(cusum_run_length(0.5, 4.77), 368.5, 0.5);
  EXPECT_NEAR(cusum_run_length(0.5, 5, 1), 10.4, 0.05);
  EXPECT_NEAR(cusum_run_length(0.5, 4, 0.5), 26.6, 0.1);
  EXPECT_NEAR(ewma_run_length(0.4, 3.054), 500, 5);
  EXPECT_NEAR(ewma_run_length(0.25, 2.998), 500, 5);
  EXPECT_NEAR(ewma_run_length(0.2, 2.962), 500, 5);
  EXPECT_NEAR(ewma_run_length(0.1, 2.814), 500, 5);
  EXPECT_NEAR(ewma_run_length(0.05, 2.615), 500, 5);
  EXPECT_NEAR(ewma_run_length(0.1, 2.814, 1), 10.3, 0.1);
}

/// Points until the chart's first signal, drawn with the reference's parameters; a chart of 4,000 points at most.
double run_length_of_chart(ChartKind kind, std::size_t size, int runs, std::size_t which) {
  constexpr std::size_t kPoints = 4000, kFirst = 500;
  double points = 0;
  Random random(7, "run length", size);
  ChartOptions o;
  o.rules = limits_only();
  for (int r = 0; r < runs; ++r) {
    std::vector<std::vector<double>> groups;
    std::size_t first = kPoints;
    for (std::size_t n = kFirst; first == kPoints && n <= kPoints; n = n < kPoints ? kPoints : n + 1) {
      while (groups.size() < n) {
        groups.emplace_back(size);
        for (double& v : groups.back()) v = random.normal();
      }
      const ControlChart c = control_chart(groups, kind, {0, 1, 30, 30}, o).value();
      for (std::size_t s = 0; s < c.series.size(); ++s)
        if ((s == which || which > 1) && !c.series[s].signals.empty())
          first = std::min(first, c.series[s].signals.front().point);
    }
    points += static_cast<double>(first + 1);
  }
  return points / runs;
}

/// Crowder's integral equation (J. Qual. Technol. 19 (1987)) of individuals with moving ranges, by the midpoint rule:
/// beyond +-3, or further than `range` from the point before.
double individuals_run_length(double range) {
  constexpr int kCells = 300;
  const double cell = 6.0 / kCells;
  std::vector<double> l(kCells, 100), next(kCells);
  const auto at = [&](int i) { return -3 + (i + 0.5) * cell; };
  const auto weight = [&](int i) { return std::exp(-0.5 * at(i) * at(i)) / std::sqrt(2 * M_PI) * cell; };
  for (double change = 1; change > 1e-7;) {
    change = 0;
    for (int i = 0; i < kCells; ++i) {
      double sum = 1;
      for (int j = 0; j < kCells; ++j)
        if (std::abs(at(i) - at(j)) < range) sum += l[static_cast<std::size_t>(j)] * weight(j);
      next[static_cast<std::size_t>(i)] = sum;
      change = std::max(change, std::abs(sum - l[static_cast<std::size_t>(i)]));
    }
    l.swap(next);
  }
  double sum = 1;
  for (int j = 0; j < kCells; ++j) sum += l[static_cast<std::size_t>(j)] * weight(j);
  return sum;
}

// False alarms of 3-sigma ranges and deviations of five: 0.0046 and 0.0039, of their exact distributions; the pairs by
// multiplication, since mean and spread are independent.
TEST(RunLength, OfEachChartIsThePublishedOne) {
  const int runs = testing::campaign("PENRIG_STUDIES", 250);
  struct Case {
    const char* what;
    ChartKind kind;
    std::size_t size, which;
    double published;
  };
  const double moving = individuals_run_length(d2(2) + 3 * d3(2));
  for (const Case& c : {Case{"individuals", ChartKind::individuals, 1, 0, 370.4},
                        Case{"individuals and moving range", ChartKind::individuals, 1, 2, moving},
                        Case{"mean", ChartKind::mean_and_range, 5, 0, 370.4},
                        Case{"range of 5", ChartKind::mean_and_range, 5, 1, 1 / 0.0046},
                        Case{"mean and range of 5", ChartKind::mean_and_range, 5, 2, 1 / (1 - 0.9954 * 0.9973)},
                        Case{"deviation of 5", ChartKind::mean_and_deviation, 5, 1, 1 / 0.0039},
                        Case{"EWMA", ChartKind::ewma, 1, 2, 500}, Case{"CUSUM", ChartKind::cusum, 1, 2, 465}}) {
    const double found = run_length_of_chart(c.kind, c.size, runs, c.which);
    std::printf("%s: %.1f, published %.1f\n", c.what, found, c.published);
    EXPECT_NEAR(found / c.published, 1, (3 + chance_percent(runs)) / 100) << c.what;
  }
}

}  // namespace
}  // namespace penrig::statistics
