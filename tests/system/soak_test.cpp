#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures/sim/bench.hpp"
#include "tests/system/framewise_link.hpp"
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

/// A bench that is warmer from some moment on, as its DAQ tells by itself.
class WarmerLink final : public FramewiseLink {
 public:
  WarmerLink(std::unique_ptr<ByteLink> inner, const bool& warm) : FramewiseLink(std::move(inner)), warm_(warm) {}

 private:
  void arrived(std::span<const std::byte> frame, Bytes& ready) override {
    auto message = message_in(frame);
    const bool by_heartbeat = message && message->has_heartbeat_reply();
    if (!warm_ || !(by_heartbeat || (message && message->has_daq_status()))) {
      ready.insert(ready.end(), frame.begin(), frame.end());
      return;
    }
    constexpr double kWarmC = 35;
    wire::DaqStatus& status =
        by_heartbeat ? *message->mutable_heartbeat_reply()->mutable_daq_status() : *message->mutable_daq_status();
    status.set_temperature_c(kWarmC);
    const Bytes changed = encode_frame(*message).value();
    ready.insert(ready.end(), changed.begin(), changed.end());
  }
  const bool& warm_;
};

// The plan says what the simulant may warm to, and nobody looked again after the set-up.
TEST(Soak, ASimulantThatGetsWarmerThanThePlanAllowsIsAnError) {
  bool warm = false;
  VirtualRun what = short_soak();
  what.meanwhile = [&warm](Timeline& timeline, InProcessRig&, StopRequest&) { return set_later(timeline, warm); };
  what.around_link = [&warm](Timeline&, std::unique_ptr<ByteLink> link, bool is_pen) -> std::unique_ptr<ByteLink> {
    if (is_pen) return link;
    return std::make_unique<WarmerLink>(std::move(link), warm);
  };
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason,
              HasSubstr("35.0 °C at the bench; plan 'soak-treatment' wants the simulant at"));
}

}  // namespace
}  // namespace penrig::test
