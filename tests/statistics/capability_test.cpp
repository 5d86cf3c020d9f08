#include "reports/statistics/capability.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include <gtest/gtest.h>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/non_normal.hpp"
#include "reports/statistics/power_transform.hpp"
#include "reports/statistics/range_constants.hpp"
#include "reports/statistics/spread_law.hpp"
#include "rig/base/random.hpp"
#include "rig/measure/statistics.hpp"
#include "tests/statistics/published.hpp"

namespace penrig::statistics {
namespace {

// Conover, "Practical Nonparametric Statistics" (1980), p. 195; results: IMSL Fortran Numerical Library, ADNRM.
TEST(AndersonDarling, GivesThePublishedFigures) {
  const std::vector<double> x{23, 36, 54, 61, 73, 23, 37, 54, 61, 73, 24, 40, 56, 62, 74, 27, 42,
                              57, 63, 75, 29, 43, 57, 64, 77, 31, 43, 58, 65, 81, 32, 44, 58, 66,
                              87, 33, 45, 58, 68, 89, 33, 48, 58, 68, 93, 35, 48, 59, 70, 97};
  const Normality n = anderson_darling(x);
  EXPECT_NEAR(n.a_squared / (1 + 0.75 / 50 + 2.25 / 2500), 0.3339, 0.0005);
  EXPECT_NEAR(n.p, 0.5024, 0.0005);
}

TEST(AndersonDarling, HasNoAnswerForFewOrEqualValues) {
  EXPECT_TRUE(std::isnan(anderson_darling(std::vector<double>{1, 2, 3}).p));
  EXPECT_TRUE(std::isnan(anderson_darling(std::vector<double>(50, 1.0)).p));
}

TEST(AndersonDarling, RefusesANormalDistributionAsOftenAsItSays) {
  const int samples = testing::campaign("PENRIG_STUDIES", 2000);
  int refused = 0;
  for (int s = 0; s < samples; ++s) {
    Random random(static_cast<std::uint64_t>(s), "normality");
    std::vector<double> x(40);
    for (double& v : x) v = random.normal();
    refused += anderson_darling(x).p < 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(100.0 * refused / samples, 5, 0.5 + 3.2 * std::sqrt(5.0 * 95 / samples));
}

// One-sided tolerance factors are the same equation, here of 90 % at 95 % confidence (Natrella, "Experimental
// Statistics", NBS Handbook 91, table A-7).
TEST(NoncentralityOfT, GivesThePublishedToleranceFactors) {
  for (const auto& [n, k] : {std::pair{10.0, 2.355}, {20.0, 1.926}, {50.0, 1.646}}) {
    const double delta = noncentrality_of_t(0.95, std::sqrt(n) * k, n - 1);
    EXPECT_NEAR(delta, normal_quantile(0.90) * std::sqrt(n), 0.004);
  }
}

// Beyond a noncentrality of 20 the probability is integrated, below it is Boost's series: both agree at the border, and
// far out the quantile is that of (delta + Z)/S drawn a million times.
TEST(NoncentralT, GoesOnBeyondItsSeries) {
  for (const double nu : {5.0, 40.0, 300.0, 20000.0}) {
    for (const double below : {0.025, 0.5, 0.975}) {
      const double t = 20.5 * (1 + (below - 0.5) / std::sqrt(nu));
      const double series = noncentral_t_below(t, nu, 20), integral = noncentral_t_below(t, nu, 20 + 1e-9);
      EXPECT_NEAR(series, integral, 1e-8) << nu;
    }
  }
  Random random(1, "noncentral t");
  int below = 0;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) {
    double chi = 0;
    for (int k = 0; k < 30; ++k) {
      const double z = random.normal();
      chi += z * z;
    }
    below += (100 + random.normal()) / std::sqrt(chi / 30) < 110 ? 1 : 0;
  }
  EXPECT_NEAR(noncentral_t_below(110, 30, 100), static_cast<double>(below) / kDraws, 0.004);
  EXPECT_NEAR(noncentral_t_below(-110, 30, -100), 1 - noncentral_t_below(110, 30, 100), 1e-12);
}

// Montgomery, "Introduction to Statistical Quality Control", example 8.4: n = 20, s = 1.75, limits 62 and 38 give Cp =
// 2.29 and 1.57 to 3.01.
TEST(Capability, GivesThePublishedIntervalOfCp) {
  std::vector<double> x(20);
  std::iota(x.begin(), x.end(), -9.5);
  double square = 0;
  for (const double v : x) square += v * v;
  const double scale = 1.75 / std::sqrt(square / 19);
  for (double& v : x) v = 50 + scale * v;
  const Capability c = capability_of(testing::singles(x), {38, 62}).value();
  EXPECT_NEAR(c.overall.spread.value().value, 2.29, 0.005);
  EXPECT_NEAR(c.overall.spread->interval.low, 1.57, 0.006);
  EXPECT_NEAR(c.overall.spread->interval.high, 3.01, 0.005);
}

TEST(Capability, PoolsSubgroups) {
  const std::vector<std::vector<double>> groups{{1, 2, 3}, {2, 3, 4}, {4, 5, 6}};
  const Capability c = capability_of(groups, {-10, std::nullopt}).value();
  EXPECT_NEAR(c.within.sd, 1, 1e-12);
  EXPECT_EQ(c.within.df, 6);
  EXPECT_NEAR(c.within.least.value, (c.mean + 10) / 3, 1e-12);
  EXPECT_FALSE(c.within.spread);
}

TEST(Capability, RefusesWhatHasNone) {
  const auto refused = [](const std::vector<double>& x, const Tolerance& t) {
    return !capability_of(testing::singles(x), t);
  };
  EXPECT_TRUE(refused({}, {0, 1}));
  EXPECT_TRUE(refused({1, 2, 3, 4}, {0, 1}));
  EXPECT_TRUE(refused({1, 1, 1, 1, 1, 1}, {0, 2}));
  EXPECT_TRUE(refused({1, 2, 3, 4, NAN}, {0, 1}));
  EXPECT_TRUE(refused({1, 2, 3, 4, 5}, {}));
  EXPECT_TRUE(refused({1, 2, 3, 4, 5}, {3, 3}));
}

TEST(Capability, SaysWhenTheSpreadIsThatOfReading) {
  std::vector<double> x;
  Random random(1, "reading");
  for (int i = 0; i < 50; ++i) x.push_back(random.normal());
  const Capability c = capability_of(testing::singles(x), {-5, 5}, ReadingSpread{0.95, 0}).value();
  ASSERT_TRUE(c.process_overall) << "a bound is something";
  EXPECT_GT(c.process_overall->least.interval.low, 1);
  EXPECT_EQ(c.process_overall->least.interval.high, INFINITY);
  EXPECT_EQ(c.process_overall->spread->interval.high, INFINITY);
  EXPECT_NE(c.process_note.value().find("may be nothing"), std::string::npos);
  const Capability none = capability_of(testing::singles(x), {-5, 5}, ReadingSpread{9, 0}).value();
  EXPECT_FALSE(none.process_overall);
  EXPECT_NE(none.process_note.value().find("cannot be told"), std::string::npos);
  // A mean beyond a limit: the less is left the farther it is out.
  const Capability beyond = capability_of(testing::singles(x), {-50, -5}, ReadingSpread{0.95, 0}).value();
  EXPECT_EQ(beyond.process_overall.value().least.interval.low, -INFINITY);
  EXPECT_LT(beyond.process_overall->least.interval.high, -1);
  const Capability wide = capability_of(testing::singles(x), {-5, 5}, ReadingSpread{0.5, 0}).value();
  ASSERT_TRUE(wide.process_overall);
  EXPECT_GT(wide.process_overall->least.value, wide.overall.least.value);
}

// A deviation's law gives the noncentral t distribution's bounds.
TEST(SpreadLaw, OfADeviationIsTheNoncentralT) {
  for (const double n : {6.0, 30.0, 300.0}) {
    for (const double index : {-0.3, 0.4, 1.33, 4.0}) {
      const double t = 3 * std::sqrt(n) * index;
      const Interval i = side_interval(points_of(law_of_deviation(n - 1), 120), 3 * index, 1, n);
      EXPECT_NEAR(i.low, noncentrality_of_t(0.975, t, n - 1) / (3 * std::sqrt(n)), 2e-6) << n << " " << index;
      EXPECT_NEAR(i.high, noncentrality_of_t(0.025, t, n - 1) / (3 * std::sqrt(n)), 2e-6) << n << " " << index;
    }
  }
}

/// Mean moving ranges over d2(2), as they are drawn: how often the interval of sigma lies above it, and below.
TEST(SpreadLaw, OfTheMovingRangeHoldsSigmaAsOftenAsItSays) {
  const int samples = 5 * testing::campaign("PENRIG_STUDIES", 2000);
  for (const std::size_t n : {5U, 10U, 25U, 40U, 100U}) {
    const Interval factors = factors_of(law_of_moving_range(n));
    int above = 0, below = 0;
    Random random(testing::first_seed() + 1, "moving range", n);
    for (int s = 0; s < samples; ++s) {
      double before = random.normal(), sum = 0;
      for (std::size_t i = 1; i < n; ++i) {
        const double x = random.normal();
        sum += std::abs(x - before);
        before = x;
      }
      const double estimate = sum / static_cast<double>(n - 1) / d2(2);
      above += estimate * factors.low > 1 ? 1 : 0;
      below += estimate * factors.high < 1 ? 1 : 0;
    }
    std::printf("moving range of %zu: %.2f %% above, %.2f %% below of %d\n", n, 100.0 * above / samples,
                100.0 * below / samples, samples);
    const double chance = 3.5 * std::sqrt(2.5 * 97.5 / samples);
    EXPECT_NEAR(100.0 * above / samples, 2.5, 0.15 + chance) << n;
    EXPECT_NEAR(100.0 * below / samples, 2.5, 0.15 + chance) << n;
  }
}

TEST(SpreadLaw, OfAReadingThatIsAllThereIsLeavesNothing) {
  const LawPoints law = points_of(law_of_deviation(40), 120);
  const LawPoints known = points_of({.df = INFINITY}, 10);
  EXPECT_EQ(deviation_without(law, {1, known}, 1).low, 0);
  EXPECT_NEAR(deviation_without(law, {1, known}, 1).high, std::sqrt(1 / (chi_squared_quantile(0.025, 40) / 40) - 1),
              1e-3);
  EXPECT_EQ(deviation_without(law, {4, known}, 1).high, 0);
  // Exactly known: the interval of sigma^2 less u^2.
  const Interval all = factors_of(law_of_deviation(40)), left = deviation_without(law, {0.25, known}, 1);
  EXPECT_NEAR(left.low, std::sqrt(all.low * all.low - 0.25), 1e-3);
  EXPECT_NEAR(left.high, std::sqrt(all.high * all.high - 0.25), 1e-3);
}

/// Draws of one process and how often the intervals hold its indices.
TEST(Capability, IntervalsHoldTheTruth) {
  const int samples = testing::campaign("PENRIG_STUDIES", 300);
  struct Case {
    int groups, size;
    double mean, reading;  ///< limits -4 and 4, sd of the process 1
    double nu;
  };
  for (const Case& k :
       {Case{30, 1, 1, 0, 0}, Case{100, 1, 0, 0, 0}, Case{100, 1, 0.3, 0.5, 0}, Case{50, 1, 2, 0.5, 20},
        Case{25, 5, 1.5, 0, 0}, Case{300, 1, 0, 0, 0}, Case{40, 1, 0, 0.6, 60}, Case{15, 1, 0.5, 0, 0}}) {
    int cp = 0, cpk = 0, pp = 0, ppk = 0, process = 0, process_pp = 0, one_sided = 0;
    const double seen = std::hypot(1.0, k.reading), room = 4 - std::abs(k.mean);
    for (int s = 0; s < samples; ++s) {
      Random random(testing::first_seed() + static_cast<std::uint64_t>(s), "capability");
      std::vector<std::vector<double>> groups(static_cast<std::size_t>(k.groups));
      for (auto& g : groups)
        for (int i = 0; i < k.size; ++i) g.push_back(k.mean + random.normal() + k.reading * random.normal());
      // u comes from a study of its own, with nu degrees of freedom.
      double u2 = k.reading * k.reading;
      if (k.nu > 0) {
        double chi = 0;
        for (int i = 0; i < k.nu; ++i) {
          const double z = random.normal();
          chi += z * z;
        }
        u2 *= chi / k.nu;
      }
      const Capability c = capability_of(groups, {-4, 4}, ReadingSpread{std::sqrt(u2), k.nu}).value();
      cp += c.within.spread->interval.holds(4 / (3 * seen)) ? 1 : 0;
      pp += c.overall.spread->interval.holds(4 / (3 * seen)) ? 1 : 0;
      cpk += c.within.least.interval.holds(room / (3 * seen)) ? 1 : 0;
      ppk += c.overall.least.interval.holds(room / (3 * seen)) ? 1 : 0;
      // A study that tells nothing is one that does not hold.
      if (!c.process_overall) continue;
      process += c.process_overall->least.interval.holds(room / 3) ? 1 : 0;
      process_pp += c.process_overall->spread->interval.holds(4 / 3.0) ? 1 : 0;
      one_sided += std::isinf(c.process_overall->spread->interval.high) ? 1 : 0;
    }
    const auto percent = [&](int held) { return 100.0 * held / samples; };
    std::printf("%d x %d, mean %.1f, reading %.1f (%g): Cp %.2f, Cpk %.2f, Pp %.2f, Ppk %.2f", k.groups, k.size, k.mean,
                k.reading, k.nu, percent(cp), percent(cpk), percent(pp), percent(ppk));
    if (k.reading > 0)
      std::printf(", without reading Pp %.2f, Ppk %.2f, one-sided %.2f", percent(process_pp), percent(process),
                  percent(one_sided));
    std::printf(" %% of %d\n", samples);
    std::vector<int> all{cp, cpk, pp, ppk};
    if (k.reading > 0) all.insert(all.end(), {process, process_pp});
    const double chance = 3.2 * std::sqrt(95 * 5.0 / samples);
    for (const int held : all) EXPECT_NEAR(percent(held), 95, 1 + chance);
  }
}

TEST(NonNormalCapability, FindsTheLogarithm) {
  Random random(3, "lognormal");
  std::vector<double> x;
  for (int i = 0; i < 400; ++i) x.push_back(std::exp(0.5 * random.normal()));
  const auto t = PowerTransform::fit(x);
  ASSERT_TRUE(t);
  EXPECT_TRUE(t->of_logarithm());
  EXPECT_NEAR(t->lambda(), 0, 0.15);
  EXPECT_NEAR(t->inverse(t->forward(1.7)), 1.7, 1e-9);
  const Capability c = capability_of(testing::singles(x), {std::nullopt, 6}).value();
  EXPECT_EQ(c.method, CapabilityMethod::transformed);
  EXPECT_NEAR(c.non_normal->median, 1, 0.06);
  EXPECT_NEAR(c.non_normal->high, std::exp(1.5), 0.8);
}

TEST(NonNormalCapability, NeedsAHundredValues) {
  Random random(3, "lognormal");
  std::vector<double> x;
  for (int i = 0; i < 99; ++i) x.push_back(std::exp(0.8 * random.normal()));
  EXPECT_EQ(capability_of(testing::singles(x), {std::nullopt, 6}).value().method, CapabilityMethod::counted);
}

// Manly's of lambda 0.5 has no value for a normal one below -2: nobody knows how far down x goes.
TEST(NonNormalCapability, APercentileOutOfReachIsAskedForByItsOwnSideAlone) {
  Random random(5, "out of reach");
  std::vector<double> x;
  while (x.size() < 200) {
    const double z = random.normal();
    if (z > -1.99) x.push_back(std::log(1 + 0.5 * z) / 0.5);
  }
  const auto upper = non_normal_capability(x, {std::nullopt, 3});
  ASSERT_TRUE(upper);
  EXPECT_TRUE(std::isinf(upper->low));
  EXPECT_NEAR(upper->least.value, 3 / (std::log(2.5) / 0.5), 0.4);
  EXPECT_GT(upper->least.interval.low, 1);
  const auto lower = non_normal_capability(x, {-10, std::nullopt});
  ASSERT_TRUE(lower);
  EXPECT_EQ(lower->least.value, 0) << "so much lies there that no limit is far enough";
  EXPECT_EQ(lower->least.interval.low, 0);
  EXPECT_LT(lower->least.interval.high, 10);
}

TEST(NonNormalCapability, IntervalsHoldTheTruth) {
  const int samples = testing::campaign("PENRIG_STUDIES", 300);
  struct Case {
    const char* what;
    int n;
    int kind;  // lognormal of sigma 0.5, of 0.2; Manly's of lambda 0.2, x = ln(1 + 0.2 y)/0.2 of a normal y; mirrored
  };
  for (const Case& k : {Case{"lognormal", 100, 0}, Case{"lognormal", 200, 0}, Case{"shifted", 100, 2},
                        Case{"shifted", 200, 2}, Case{"mildly lognormal", 100, 1}, Case{"mildly lognormal", 200, 1},
                        Case{"skewed to the left", 100, 3}, Case{"skewed to the left", 200, 3}}) {
    int held = 0, fitted = 0, above = 0;
    const double limit = std::array{6.0, 2.5, 4.0, 8.0}.at(static_cast<std::size_t>(k.kind));
    const double truth = std::array{5 / (std::exp(1.5) - 1), 1.5 / (std::exp(0.6) - 1), 4 / (std::log(1.6) / 0.2),
                                    8 / (-std::log(0.4) / 0.2)}
                             .at(static_cast<std::size_t>(k.kind));
    for (int s = 0; s < samples; ++s) {
      Random random(testing::first_seed() + static_cast<std::uint64_t>(s), "non-normal");
      std::vector<double> x;
      while (x.size() < static_cast<std::size_t>(k.n)) {
        const double z = random.normal();
        if (k.kind < 2) x.push_back(std::exp((k.kind == 0 ? 0.5 : 0.2) * z));
        if (k.kind >= 2 && z > -4.9) x.push_back((k.kind == 2 ? 1 : -1) * std::log(1 + 0.2 * z) / 0.2);
      }
      const auto c = non_normal_capability(x, {std::nullopt, limit});
      if (!c) continue;
      ++fitted;
      held += c->least.interval.holds(truth) ? 1 : 0;
      above += c->least.interval.low > truth ? 1 : 0;
    }
    std::printf("%s, n %d: %.2f %% of %d, %.2f %% above\n", k.what, k.n, 100.0 * held / fitted, fitted,
                100.0 * above / fitted);
    // Those with the lambda farthest off are the ones that miss: without them the others hold too often.
    EXPECT_EQ(fitted, samples);
    EXPECT_NEAR(100.0 * held / fitted, 95, 1 + 3.2 * std::sqrt(95 * 5.0 / fitted));
    EXPECT_NEAR(100.0 * above / fitted, 2.5, 1.2 + 3.2 * std::sqrt(2.5 * 97.5 / fitted)) << "both sides err alike";
  }
}

}  // namespace
}  // namespace penrig::statistics
