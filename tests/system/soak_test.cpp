#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures/sim/bench.hpp"
#include "tests/system/lying_link.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

/// Two captures, with the pen running between them and after them.
VirtualRun short_soak() {
  VirtualRun what;
  what.plan = "rig/plans/soak-treatment.yaml";
  what.change_plan = [](Plan& plan) {
    auto& soak = std::get<SoakPhase>(plan.phases.at(0));
    soak.duration_s = 40;
    soak.capture_every_s = 20;
    soak.strokes = 60;
  };
  return what;
}

constexpr seconds kBetweenCaptures{13};  ///< after the run began: the first is over, and the second is still to come

Awaitable<void> break_for(Timeline& timeline, InProcessRig& rig, sim::PlantFaults faults, Nanoseconds for_so_long) {
  co_await timeline.sleep_for(kBetweenCaptures);
  rig.bench().disturb(faults);
  co_await timeline.sleep_for(for_so_long);
  rig.bench().disturb({});
}

VirtualResult soak_with(const sim::PlantFaults& faults, Nanoseconds for_so_long) {
  VirtualRun what = short_soak();
  what.meanwhile = [=](Timeline& timeline, InProcessRig& rig, StopRequest&) {
    return break_for(timeline, rig, faults, for_so_long);
  };
  return run_virtual(what);
}

TEST(Soak, OfAGoodPenIsAPass) {
  const VirtualResult run = run_virtual(short_soak());
  EXPECT_EQ(run.result.outcome.verdict, Verdict::pass) << run.result.outcome.reason;
}

// It ran for two seconds in three, and each capture was good: a PASS.
TEST(Soak, APenThatStallsBetweenCapturesIsAnError) {
  const VirtualResult run = soak_with({.motor_stalled = true}, milliseconds{2300});
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, HasSubstr("between the captures of 'treatment', and made "));
}

TEST(Soak, APenThatLosesMostOfItsRateBetweenCapturesIsAnError) {
  const VirtualResult run = soak_with({.supply_sag = 0.7}, seconds{5});
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, HasSubstr(" strokes of 125"));
}

Awaitable<void> set_later(Timeline& timeline, bool& what) {
  co_await timeline.sleep_for(kBetweenCaptures);
  what = true;
}

TEST(Soak, APenThatSaysThatItStandsBetweenCapturesIsAnError) {
  bool stands = false;
  VirtualRun what = short_soak();
  what.meanwhile = [&stands](Timeline& timeline, InProcessRig&, StopRequest&) { return set_later(timeline, stands); };
  what.around_link = lying_pen([&stands](wire::PenStatus& s) { s.set_running(s.running() && !stands); });
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, HasSubstr("is to run between the captures of 'treatment', and says that it "
                                                   "stands"));
}

}  // namespace
}  // namespace penrig::test
