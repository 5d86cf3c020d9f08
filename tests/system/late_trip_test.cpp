#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/forwarding_sink.hpp"
#include "tests/system/lying_link.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// Calls `act` when the run records its last reference, which ends the last phase before the teardown.
class ActingSink final : public ForwardingSink {
 public:
  ActingSink(RecordSink& store, std::function<void()> act) : ForwardingSink(store), act_(std::move(act)) {}
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override {
    if (phase.name == "reference after") act_();
    return ForwardingSink::add_phase(run_id, phase);
  }

 private:
  std::function<void()> act_;
};

struct Hands {
  InProcessRig* rig = nullptr;
  StopRequest* stop = nullptr;
  bool park_switch_breaks = false;  ///< from then on the pen reports it
};

Awaitable<void> lend(InProcessRig& rig, StopRequest& stop, Hands& hands) {
  hands.rig = &rig;
  hands.stop = &stop;
  co_return;
}

/// A run in which something happens after the last measurement.
VirtualResult run_with_late(const std::function<void(Hands&)>& act) {
  Hands hands;
  VirtualRun what;
  what.plan = "rig/plans/smoke.yaml";
  what.meanwhile = [&](Timeline&, InProcessRig& rig, StopRequest& stop) { return lend(rig, stop, hands); };
  what.around_link = lying_pen([&hands](wire::PenStatus& s) {
    if (hands.park_switch_breaks) s.set_fault_bits(s.fault_bits() | 1U << 4U);
  });
  what.before_store = [&](RecordSink& store) { return std::make_unique<ActingSink>(store, [&] { act(hands); }); };
  return run_virtual(what);
}

TEST(LateTrip, AnEStopAfterTheLastMeasurementIsNoPass) {
  const VirtualResult run = run_with_late([](Hands& hands) { hands.rig->bench().press_e_stop(); });
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error) << run.result.outcome.reason;
  EXPECT_NE(run.result.outcome.reason.find("e-stop"), std::string::npos) << run.result.outcome.reason;
}

TEST(LateTrip, AStopRequestAfterTheLastMeasurementIsAborted) {
  const VirtualResult run = run_with_late([](Hands& hands) { hands.stop->request("SIGTERM"); });
  EXPECT_EQ(run.result.outcome.verdict, Verdict::aborted) << run.result.outcome.reason;
}

// It was a PASS: nobody looked at the faults that a pen reports when it has been told to stop for the last time.
TEST(LateTrip, AFaultThatThePenReportsAfterTheLastMeasurementIsNoPass) {
  const VirtualResult run = run_with_late([](Hands& hands) { hands.park_switch_breaks = true; });
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason,
              ::testing::HasSubstr("the pen on sim:pen reports a fault: park switch was not reached"));
  EXPECT_TRUE(run.result.outcome.safe_state_confirmed);
}

TEST(LateTrip, AFaultThatThePenReportsAfterALinkLossEndsThatPhase) {
  VirtualRun what;
  bool lost = false;
  what.around_link = lying_pen([&lost](wire::PenStatus& s) {
    lost = lost || (s.fault_bits() & 1U << 7U) != 0;  // stopped by its dead-man
    if (lost) s.set_fault_bits(s.fault_bits() | 1U << 4U);
  });
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, ::testing::HasSubstr("reports a fault: park switch was not reached"));
  ASSERT_GT(run.record.phases.size(), 1U);
  EXPECT_EQ(run.record.phases[run.record.phases.size() - 2].kind, "link-loss");
}

TEST(LateTrip, WithoutOneTheSameRunPasses) {
  EXPECT_EQ(run_with_late([](Hands&) {}).result.outcome.verdict, Verdict::pass);
}

}  // namespace
}  // namespace penrig::test
