#include <gtest/gtest.h>

#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// The rig time of an undisturbed run of the swarm plan.
double undisturbed_seconds() {
  static const double seconds = run_virtual(VirtualRun{}).rig_seconds;
  return seconds;
}

Awaitable<void> stop_at(double at_s, Timeline& timeline, StopRequest& stop) {
  co_await timeline.sleep_until(TimePoint{seconds_to_ns(at_s)});
  stop.request("SIGINT");
}

Awaitable<void> press_at(double at_s, Timeline& timeline, InProcessRig& rig) {
  co_await timeline.sleep_until(TimePoint{seconds_to_ns(at_s)});
  rig.bench().press_e_stop();
}

Awaitable<void> open_at(double at_s, Timeline& timeline, InProcessRig& rig) {
  co_await timeline.sleep_until(TimePoint{seconds_to_ns(at_s)});
  rig.bench().open_door();
}

Awaitable<void> pull_out_at(double at_s, Timeline& timeline, InProcessRig& rig) {
  co_await timeline.sleep_until(TimePoint{seconds_to_ns(at_s)});
  co_await rig.shut_down();
}

TEST(Interruption, AStopBeforeTheBenchWasReachedIsAbortedToo) {
  VirtualRun what;
  what.meanwhile = [](Timeline& t, InProcessRig&, StopRequest& stop) { return stop_at(0, t, stop); };
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::aborted) << run.result.outcome.reason;
  EXPECT_TRUE(run.record.closed);
}

TEST(Interruption, AnAbortedRunJudgesNoLineThroughSomeOfTheSettings) {
  VirtualRun what;
  what.plan = "rig/plans/eol-pro.yaml";
  what.meanwhile = [](Timeline& t, InProcessRig&, StopRequest& stop) { return stop_at(22, t, stop); };
  const VirtualResult run = run_virtual(what);
  ASSERT_EQ(run.result.outcome.verdict, Verdict::aborted) << run.result.outcome.reason;
  for (const Decision& d : run.result.outcome.decisions) {
    if (d.requirement_id == "L1") {
      EXPECT_EQ(d.verdict, Verdict::error) << d.rule;
    }
  }
}

constexpr int kInstants = 24;

class AtAnyPhase : public ::testing::TestWithParam<int> {
 protected:
  /// Instants spread over the run, none of them at a round time.
  double at_s() const { return undisturbed_seconds() * (GetParam() + 0.37) / (kInstants + 1); }
};

TEST_P(AtAnyPhase, AStopRequestEndsInTheSafeStateAndAnAbortedRecord) {
  VirtualRun what;
  what.meanwhile = [at = at_s()](Timeline& t, InProcessRig&, StopRequest& stop) { return stop_at(at, t, stop); };
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::aborted) << run.result.outcome.reason;
  EXPECT_TRUE(run.result.outcome.safe_state_confirmed);
  EXPECT_TRUE(run.record.closed);
  EXPECT_NE(run.result.outcome.reason.find("SIGINT"), std::string::npos);
  EXPECT_EQ(run.result.outcome.decisions.size(), run.record.header.decisions_planned)
      << "what was not measured is judged ERROR, not left out";
  EXPECT_LT(run.rig_seconds, at_s() + 4.5);
}

TEST_P(AtAnyPhase, AnEStopEndsInTheSafeStateAndAnError) {
  VirtualRun what;
  what.meanwhile = [at = at_s()](Timeline& t, InProcessRig& rig, StopRequest&) { return press_at(at, t, rig); };
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error) << run.result.outcome.reason;
  EXPECT_NE(run.result.outcome.reason.find("e-stop"), std::string::npos) << run.result.outcome.reason;
  EXPECT_TRUE(run.result.outcome.safe_state_confirmed);
  bool latency_seen = false;
  for (const RunEvent& e : run.record.outcome.events) {
    if (e.kind != "safe-state" || !e.latency_ms) continue;
    latency_seen = true;
    EXPECT_LE(*e.latency_ms, 50);
  }
  EXPECT_TRUE(latency_seen);
}

TEST_P(AtAnyPhase, AnOpenedDoorEndsInTheSafeStateAndAnError) {
  VirtualRun what;
  what.meanwhile = [at = at_s()](Timeline& t, InProcessRig& rig, StopRequest&) { return open_at(at, t, rig); };
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error) << run.result.outcome.reason;
  EXPECT_NE(run.result.outcome.reason.find("door"), std::string::npos) << run.result.outcome.reason;
}

TEST_P(AtAnyPhase, APulledOutBenchEndsInAnErrorWithinASecond) {
  VirtualRun what;
  what.meanwhile = [at = at_s()](Timeline& t, InProcessRig& rig, StopRequest&) { return pull_out_at(at, t, rig); };
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error) << run.result.outcome.reason;
  EXPECT_TRUE(run.record.closed);
  EXPECT_LT(run.rig_seconds, at_s() + 1.0) << run.result.outcome.reason;
}

INSTANTIATE_TEST_SUITE_P(Instant, AtAnyPhase, ::testing::Range(0, kInstants));

}  // namespace
}  // namespace penrig::test
