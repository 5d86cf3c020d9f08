#include <gtest/gtest.h>

#include "rig/record/measurement.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// 200 seeds in shards, so that they run side by side.
class GoodPen : public ::testing::TestWithParam<int> {};

TEST_P(GoodPen, Passes) {
  for (int seed = GetParam() * 25 + 1; seed <= GetParam() * 25 + 25; ++seed) {
    VirtualRun what;
    what.uri = "sim:seed=" + std::to_string(seed);
    const VirtualResult run = run_virtual(what);
    EXPECT_EQ(run.result.outcome.verdict, Verdict::pass) << "seed " << seed << ": " << run.result.outcome.reason;
    EXPECT_TRUE(run.result.record_durable) << "seed " << seed;
    EXPECT_TRUE(run.result.outcome.safe_state_confirmed) << "seed " << seed;
    EXPECT_EQ(run.result.outcome.decisions.size(), run.record.header.decisions_planned) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, GoodPen, ::testing::Range(0, 8));

TEST(GoodPenTest, PassesTheWholeSweepOfEolPro) {
  VirtualRun what;
  what.plan = "rig/plans/eol-pro.yaml";
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::pass) << run.result.outcome.reason;
  EXPECT_EQ(run.record.header.settings_planned, 15U);
  EXPECT_GT(run.rig_seconds, 30);
  EXPECT_LT(run.rig_seconds, 60);
}

TEST(GoodPenTest, PassesSmokeInUnderFiveSecondsOfRigTime) {
  VirtualRun what;
  what.plan = "rig/plans/smoke.yaml";
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::pass) << run.result.outcome.reason;
  EXPECT_LT(run.rig_seconds, 5);
}

TEST(GoodPenTest, LeavesTheSameRecordAndReportToTheByteWhenRunAgain) {
  VirtualRun what;
  const VirtualResult first = run_virtual(what), second = run_virtual(what);
  ASSERT_FALSE(first.json.empty());
  EXPECT_EQ(first.json, second.json);
  EXPECT_EQ(first.html, second.html);
}

TEST(GoodPenTest, LeavesAnotherRecordForAnotherSeed) {
  VirtualRun what, other;
  other.uri = "sim:seed=2";
  EXPECT_NE(run_virtual(what).json, run_virtual(other).json);
}

TEST(GoodPenTest, StaysWithinTheStatedUncertaintiesOfTheShippedRig) {
  VirtualRun what;
  what.plan = "rig/plans/eol-pro.yaml";
  const VirtualResult run = run_virtual(what);
  int seen = 0;
  for (const Measurement& m : run.result.outcome.measurements) {
    if (!m.value || !m.depth_mm) continue;
    if (m.measurand == "stroke_rate") {
      EXPECT_LE(m.expanded_u / *m.value, 100e-6) << *m.depth_mm << " mm at " << *m.rate_per_min;
      ++seen;
    } else if (m.measurand == "extension") {
      EXPECT_LE(m.expanded_u, 0.005);
      ++seen;
    } else if (m.measurand == "penetration") {
      EXPECT_LE(m.expanded_u, 0.015);
      ++seen;
    }
  }
  EXPECT_GE(seen, 45);
}

}  // namespace
}  // namespace penrig::test
