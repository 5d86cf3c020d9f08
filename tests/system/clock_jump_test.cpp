// The DAQ's clock is set back while it is exchanged, or before the capture has its first samples.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/faulty_run.hpp"

namespace penrig::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

FaultyRun over_slow_links() {
  FaultyRun what;
  what.plan = "rig/plans/swarm.yaml";
  what.uri = "sim:seed=1&latency-us=1000";  // else an exchange takes no time: this one takes 16 ms
  what.change_plan = [](Plan& plan) { plan.block_samples = 32; };  // 6.4 ms
  return what;
}

/// When the first samples came of each capture that times are taken from, on the timeline.
std::vector<double> timed_captures_s(const RunRecord& record) {
  std::vector<double> all;
  for (const PhaseRecord& phase : record.phases) {
    for (const WaveformRecord& waveform : phase.waveforms) {
      if (waveform.purpose != "setting" && waveform.purpose != "link-loss") continue;
      all.push_back(static_cast<double>(waveform.start_utc_ns - kVirtualEpochUtcNs) * 1e-9);
    }
  }
  return all;
}

TEST(ClockJump, BetweenTheExchangeAndItsCaptureIsNoPass) {
  const FaultyResult without = run_under(over_slow_links());
  ASSERT_EQ(without.result.outcome.verdict, Verdict::pass) << without.result.outcome.reason;
  const std::vector<double> captures_s = timed_captures_s(without.record);
  ASSERT_EQ(captures_s.size(), 2U);
  for (const double capture_s : {captures_s.front(), captures_s.back()}) {
    for (int before_ms = 3; before_ms <= 27; before_ms += 4) {
      FaultyRun what = over_slow_links();
      faults::Fault jump = faults::make_fault(faults::Kind::clock_jump, capture_s - before_ms * 1e-3);
      jump.target = faults::Target::daq;
      jump.values[0] = -100;
      what.script.faults = {jump};
      SCOPED_TRACE(faults::in_words(jump));
      const FaultyResult run = run_under(what);
      EXPECT_EQ(run.injected.size(), 1U);
      EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
      EXPECT_THAT(run.result.outcome.reason, AnyOf(HasSubstr("clock"), HasSubstr("gap"), HasSubstr("not follow")));
      EXPECT_EQ(run.recompute_differs, "");
    }
  }
}

TEST(ClockJump, BlocksThatAreLostThereAreNoneOfIt) {
  const FaultyResult without = run_under(over_slow_links());
  const std::vector<double> captures_s = timed_captures_s(without.record);
  ASSERT_EQ(captures_s.size(), 2U);
  int passed = 0;
  for (const int before_ms : {10, 14, 18}) {
    FaultyRun what = over_slow_links();
    what.script.faults = {faults::make_fault(faults::Kind::sequence_gap, captures_s.back() - before_ms * 1e-3)};
    what.script.faults[0].target = faults::Target::daq;
    what.script.faults[0].values[0] = 1;
    passed += run_under(what).result.outcome.verdict == Verdict::pass ? 1 : 0;
  }
  EXPECT_EQ(passed, 3);
}

}  // namespace
}  // namespace penrig::test
