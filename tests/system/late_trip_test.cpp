#include <gtest/gtest.h>

#include "tests/system/forwarding_sink.hpp"
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
};

Awaitable<void> lend(InProcessRig& rig, StopRequest& stop, Hands& hands) {
  hands = {&rig, &stop};
  co_return;
}

/// A run in which something happens after the last measurement.
VirtualResult run_with_late(const std::function<void(Hands&)>& act) {
  Hands hands;
  VirtualRun what;
  what.plan = "rig/plans/smoke.yaml";
  what.meanwhile = [&](Timeline&, InProcessRig& rig, StopRequest& stop) { return lend(rig, stop, hands); };
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

TEST(LateTrip, WithoutOneTheSameRunPasses) {
  EXPECT_EQ(run_with_late([](Hands&) {}).result.outcome.verdict, Verdict::pass);
}

}  // namespace
}  // namespace penrig::test
