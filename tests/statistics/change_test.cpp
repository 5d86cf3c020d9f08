#include "reports/statistics/change.hpp"

#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>

#include "reports/statistics/flaky.hpp"
#include "reports/statistics/sample_size.hpp"
#include "rig/base/random.hpp"
#include "tests/statistics/published.hpp"

namespace penrig::statistics {
namespace {

// By hand: 4 x 0.01, 3 x 0.02, then never less than before (Wright, Biometrics 48 (1992)).
TEST(Holm, AdjustsStepByStep) {
  const std::vector<double> adjusted = holm(std::vector<double>{0.03, 0.01, 0.04, 0.02});
  EXPECT_DOUBLE_EQ(adjusted[1], 0.04);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[0], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.06);
  EXPECT_TRUE(holm({}).empty());
}

// Student (1908), extra sleep of ten patients under two drugs, as R's sleep: paired t = 4.0621 on 9, p = 0.002833,
// 0.7001142 to 2.4598858; Welch's t = 1.8608 on 17.776, p = 0.07939.
TEST(MeanDifference, GivesStudentsSleepData) {
  const std::vector<double> first{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0},
      second{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  std::vector<PenRuns> base, same, other;
  for (std::size_t i = 0; i < 10; ++i) {
    base.push_back({std::to_string(i), {first[i]}});
    same.push_back({std::to_string(i), {second[i]}});
    other.push_back({"other " + std::to_string(i), {second[i]}});
  }
  const MeanDifference paired = difference_of(base, same).value();
  EXPECT_EQ(paired.method, DifferenceMethod::paired_pens);
  EXPECT_NEAR(paired.p, 0.002833, 5e-7);
  EXPECT_NEAR(paired.difference.interval.low, 0.7001142, 5e-8);
  EXPECT_NEAR(paired.difference.interval.high, 2.4598858, 5e-8);
  const MeanDifference welch = difference_of(base, other).value();
  EXPECT_EQ(welch.method, DifferenceMethod::separate_pens);
  EXPECT_NEAR(welch.df, 17.776, 0.0005);
  EXPECT_NEAR(welch.p, 0.07939, 5e-6);
  const MeanDifference fixed =
      difference_of(std::vector<PenRuns>{{"a", first}}, std::vector<PenRuns>{{"a", second}}).value();
  EXPECT_EQ(fixed.method, DifferenceMethod::fixed_pens);
  EXPECT_NEAR(fixed.p, 0.07939, 5e-6);
}

TEST(MeanDifference, SaysWhatItCannotTellApart) {
  const PenRuns a{"a", {1, 2, 3}}, b{"b", {2, 3, 4}};
  const auto others = difference_of(std::vector{a}, std::vector{b});
  ASSERT_FALSE(others);
  EXPECT_NE(others.error().message.find("cannot be told apart"), std::string::npos);
  EXPECT_FALSE(difference_of({}, std::vector{a}));
  EXPECT_FALSE(difference_of(std::vector{a}, std::vector<PenRuns>{{"a", {}}}));
  EXPECT_FALSE(difference_of(std::vector{a}, std::vector<PenRuns>{{"a", {1}}}));
  EXPECT_FALSE(difference_of(std::vector{a}, std::vector<PenRuns>{{"a", {1, NAN}}}));
}

TEST(MeanDifference, CountsLabelsWhereNothingVaries) {
  const std::vector<double> ones(5, 1.0), twos(5, 2.0);
  const MeanDifference equal =
      difference_of(std::vector<PenRuns>{{"a", ones}}, std::vector<PenRuns>{{"a", ones}}).value();
  EXPECT_EQ(equal.p, 1);
  EXPECT_EQ(judge_changes(std::vector{equal}, std::vector{0.5})[0].change, Change::same);
  const MeanDifference other =
      difference_of(std::vector<PenRuns>{{"a", ones}}, std::vector<PenRuns>{{"a", twos}}).value();
  EXPECT_NEAR(other.p, 2.0 / 252, 1e-12);
  EXPECT_EQ(judge_changes(std::vector{other}, std::vector{0.5})[0].change, Change::matters);
  const MeanDifference two =
      difference_of(std::vector<PenRuns>{{"a", {1, 1}}}, std::vector<PenRuns>{{"a", {1, 1}}}).value();
  EXPECT_EQ(judge_changes(std::vector{two}, std::vector{0.5})[0].change, Change::unknown);
}

/// One pen's part of a made-up suite.
struct Suite {
  std::size_t pens, runs;
  bool same_pens;
  std::size_t measurements;
  double pen_sd, revision_sd, run_sd;  ///< pen x revision in the middle
  double common = 0.5;                 ///< share of each variance that all measurements have in common
};

std::vector<std::pair<std::vector<PenRuns>, std::vector<PenRuns>>> simulated(const Suite& s, Random& random,
                                                                             double change) {
  std::vector<std::pair<std::vector<PenRuns>, std::vector<PenRuns>>> all(s.measurements);
  const double shared = std::sqrt(s.common), own = std::sqrt(1 - s.common);
  for (const bool fresh : {false, true}) {
    for (std::size_t p = 0; p < s.pens; ++p) {
      const std::string name = (s.same_pens || !fresh ? "pen " : "other ") + std::to_string(p);
      const double revision = random.normal();
      std::vector<double> of_run;
      for (std::size_t r = 0; r < s.runs; ++r) of_run.push_back(random.normal());
      for (std::size_t m = 0; m < s.measurements; ++m) {
        PenRuns runs{name, {}};
        const double at = (fresh ? change : 0) + s.revision_sd * (shared * revision + own * random.normal());
        for (std::size_t r = 0; r < s.runs; ++r)
          runs.values.push_back(at + s.run_sd * (shared * of_run[r] + own * random.normal()));
        (fresh ? all[m].second : all[m].first).push_back(std::move(runs));
      }
    }
  }
  // Pens: added afterwards, the same to both where they are the same.
  for (auto& [base, fresh] : all) {
    for (std::size_t p = 0; p < s.pens; ++p) {
      const double of_base = s.pen_sd * random.normal();
      const double of_fresh = s.same_pens ? of_base : s.pen_sd * random.normal();
      for (double& v : base[p].values) v += of_base;
      for (double& v : fresh[p].values) v += of_fresh;
    }
  }
  return all;
}

const Suite kSuites[] = {{1, 10, true, 40, 0, 0, 1},   {2, 8, true, 40, 2, 0, 1},     {6, 3, true, 40, 3, 0.5, 1},
                         {8, 3, false, 40, 1, 0.3, 1}, {12, 2, false, 40, 0.5, 0, 1}, {4, 5, true, 40, 3, 0.5, 1}};

std::string title(const Suite& s) {
  return std::to_string(s.pens) + (s.same_pens ? " same" : " other") + " pens x " + std::to_string(s.runs) + " runs";
}

TEST(Comparison, FamilyWiseErrorWithoutAChangeIsFivePercentAtMost) {
  const int suites = testing::campaign("PENRIG_SUITES", 150);
  for (const Suite& s : kSuites) {
    int changed = 0;
    std::size_t held = 0, all = 0;
    for (int i = 0; i < suites; ++i) {
      Random random(static_cast<std::uint64_t>(i), title(s));
      std::vector<MeanDifference> differences;
      for (const auto& [base, fresh] : simulated(s, random, 0))
        differences.push_back(difference_of(base, fresh).value());
      bool any = false;
      for (const ChangeVerdict& v : judge_changes(differences, std::vector(differences.size(), 1.0)))
        any = any || v.change == Change::harmless || v.change == Change::matters;
      changed += any ? 1 : 0;
      for (const MeanDifference& d : differences) held += d.difference.interval.holds(0) ? 1U : 0U;
      all += differences.size();
    }
    const double error = 100.0 * changed / suites,
                 coverage = 100.0 * static_cast<double>(held) / static_cast<double>(all);
    std::printf("%s: changed in %.2f %% of %d suites of %zu, intervals hold %.2f %%\n", title(s).c_str(), error, suites,
                s.measurements, coverage);
    EXPECT_LE(error, 5 + 3.2 * std::sqrt(5 * 95.0 / suites));
    EXPECT_NEAR(coverage, 95, 1 + 3.2 * std::sqrt(5 * 95.0 / suites) / 2);
  }
}

/// A tolerance of 12 run deviations; a quarter of it is a change of 3.
TEST(Comparison, FindsAChangeOfAQuarterOfTheTolerance) {
  const int suites = testing::campaign("PENRIG_SUITES", 150);
  for (const Suite& s :
       {Suite{1, 10, true, 40, 0, 0, 1}, Suite{9, 3, true, 40, 3, 0.3, 1}, Suite{10, 2, false, 40, 0.5, 0.2, 1}}) {
    int found = 0;
    for (int i = 0; i < suites; ++i) {
      Random random(static_cast<std::uint64_t>(i), title(s) + " changed");
      std::vector<MeanDifference> differences;
      for (auto& [base, fresh] : simulated(s, random, 0)) {
        if (differences.empty())
          for (PenRuns& p : fresh)
            for (double& v : p.values) v += 3;
        differences.push_back(difference_of(base, fresh).value());
      }
      const auto verdicts = judge_changes(differences, std::vector(differences.size(), 1.2));
      found += verdicts[0].change == Change::matters ? 1 : 0;
    }
    std::printf("%s: found in %.2f %%\n", title(s).c_str(), 100.0 * found / suites);
    EXPECT_GE(100.0 * found / suites, 95);
  }
}

TEST(Comparison, ClaimsEqualityAtTheMarginInFivePercent) {
  const int suites = testing::campaign("PENRIG_SUITES", 150);
  for (const Suite& s : kSuites) {
    // As wide as the method's standard errors need: at the margin one side decides.
    const double margin = 6;
    int claimed = 0, all = 0;
    for (int i = 0; i < suites; ++i) {
      Random random(static_cast<std::uint64_t>(i), title(s) + " margin");
      for (const auto& [base, fresh] : simulated(s, random, margin)) {
        claimed += equivalence_of(difference_of(base, fresh).value(), margin).p < 0.05 ? 1 : 0;
        ++all;
      }
    }
    std::printf("%s: equality claimed at the margin in %.2f %% of %d\n", title(s).c_str(), 100.0 * claimed / all, all);
    EXPECT_NEAR(100.0 * claimed / all, 5, 1.5 + 1.6 * std::sqrt(5 * 95.0 / suites) / 2);
  }
}

TEST(Comparison, SaysHowManyMoreItTakes) {
  const auto tell = [](std::size_t runs) {
    Random random(12, "more");
    PenRuns base{"a", {}}, fresh{"a", {}};
    for (std::size_t i = 0; i < runs; ++i) {
      base.values.push_back(random.normal());
      fresh.values.push_back(random.normal());
    }
    return judge_changes(std::vector{difference_of(std::vector{base}, std::vector{fresh}).value()},
                         std::vector{1.0})[0];
  };
  const ChangeVerdict few = tell(4);
  ASSERT_EQ(few.change, Change::unknown);
  ASSERT_TRUE(few.more_units);
  EXPECT_EQ(*few.units_needed, 4 + *few.more_units);
  EXPECT_EQ(tell(60).change, Change::same);
}

// Chow, Shao and Wang; G*Power: d = 0.5, alpha 0.05 two-sided, power 0.8: 64 a group, 34 pairs; power 0.95: 105 a
// group.
TEST(SampleSize, IsThePublishedOne) {
  EXPECT_EQ(units_to_find(Comparison::two_groups, 0.5, 1, 0.05, 0.8).value(), 64U);
  EXPECT_EQ(units_to_find(Comparison::pairs, 0.5, 1, 0.05, 0.8).value(), 34U);
  EXPECT_EQ(units_to_find(Comparison::two_groups, 0.5, 1, 0.05, 0.95).value(), 105U);
  EXPECT_FALSE(units_to_find(Comparison::pairs, 1e-9, 1));
  EXPECT_FALSE(units_to_find(Comparison::pairs, 0, 1));
}

// Wilks: 93 values for 95/95 two-sided, 59 one-sided; 473 and 299 for 99/95 (ISO 16269-6, annex).
TEST(SampleSize, OfToleranceIntervalsIsThePublishedOne) {
  EXPECT_EQ(values_of_free_tolerance_interval(0.95, 0.95, true), 93U);
  EXPECT_EQ(values_of_free_tolerance_interval(0.95, 0.95, false), 59U);
  EXPECT_EQ(values_of_free_tolerance_interval(0.99, 0.95, true), 473U);
  EXPECT_EQ(values_of_free_tolerance_interval(0.99, 0.95, false), 299U);
  EXPECT_GT(values_of_tolerance_interval(0.99, 0.95, 1.1).value(), 150U);
  // Chi squared at 2.5 %: 16.79 of 30, 40.48 of 60 degrees of freedom, so factors of 1.337 and 1.217.
  EXPECT_EQ(trials_of_gage_study(10, 3, 1.34).value(), 2U);
  EXPECT_EQ(trials_of_gage_study(10, 3, 1.33).value(), 3U);
  EXPECT_FALSE(trials_of_gage_study(10, 3, 1));
}

TEST(Flaky, CountsFlipsOfNeighbours) {
  const FlipRate f = flip_rate(std::vector<std::vector<bool>>{{true, true, false, true}, {true, true}, {false}});
  EXPECT_EQ(f.runs, 7U);
  EXPECT_EQ(f.pairs, 4U);
  EXPECT_EQ(f.flips, 2U);
  EXPECT_DOUBLE_EQ(f.rate.value, 0.5);
  EXPECT_FALSE(flip_rate(std::vector<std::vector<bool>>{{true, true, true}}).flaky());
  EXPECT_EQ(flip_rate({}).rate.interval.high, 1);
}

TEST(Flaky, IntervalsHoldTheRate) {
  const int samples = testing::campaign("PENRIG_STUDIES", 2000);
  for (const double fails : {0.02, 0.1, 0.3, 0.5}) {
    for (const std::size_t runs : {20U, 100U}) {
      int held = 0;
      for (int s = 0; s < samples; ++s) {
        Random random(static_cast<std::uint64_t>(s), "flaky");
        std::vector<std::vector<bool>> verdicts(2);
        for (auto& sequence : verdicts)
          for (std::size_t i = 0; i < runs; ++i) sequence.push_back(!random.bernoulli(fails));
        held += flip_rate(verdicts).rate.interval.holds(2 * fails * (1 - fails)) ? 1 : 0;
      }
      std::printf("fails %.2f, 2 x %zu runs: %.2f %%\n", fails, runs, 100.0 * held / samples);
      EXPECT_GE(100.0 * held / samples, 94 - 160 / std::sqrt(samples));
    }
  }
}

}  // namespace
}  // namespace penrig::statistics
