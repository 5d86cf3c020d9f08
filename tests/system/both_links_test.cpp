// A pen that is driven over BLE while the other link looks on, cut off and found again: in virtual time.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures/sim/plant_truth_probe.hpp"
#include "protocols/forwarding_link.hpp"
#include "rig/run/stored_inputs.hpp"
#include "tests/system/drive_over.hpp"
#include "tests/system/forwarding_sink.hpp"
#include "tests/system/lying_link.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

using ::testing::HasSubstr;

void over_both(Plan& plan) { drive_over(plan, PenLink::ble, true); }

std::vector<const Measurement*> all_of(const RunRecord& record, const std::string& measurand) {
  std::vector<const Measurement*> all;
  for (const Measurement& m : record.outcome.measurements) {
    if (m.measurand == measurand) all.push_back(&m);
  }
  return all;
}

const PhaseRecord& phase_of(const RunRecord& record, const std::string& kind) {
  const auto found = std::ranges::find(record.phases, kind, &PhaseRecord::kind);
  if (found == record.phases.end()) throw std::runtime_error("no phase is a " + kind);
  return *found;
}

TEST(BothLinks, AGoodPenPassesThePlanForBoth) {
  VirtualRun what;
  what.plan = "rig/plans/links-pro.yaml";
  const VirtualResult r = run_virtual(what);
  ASSERT_EQ(r.record.outcome.verdict, Verdict::pass) << r.record.outcome.reason;
  EXPECT_EQ(r.record.outcome.decisions.size(), r.record.header.decisions_planned);
  // Five settings, of which one was asked over both links.
  ASSERT_EQ(all_of(r.record, "rate_report_error").size(), 6U);
  EXPECT_EQ(all_of(r.record, "count_report_error").size(), 6U);
  int over_ble = 0;
  for (const Decision& d : r.record.outcome.decisions) over_ble += d.title == "reported rate over BLE" ? 1 : 0;
  EXPECT_EQ(over_ble, 4);
  for (const char* measurand : {"command_latency_median", "command_latency_p99"}) {
    const auto both = all_of(r.record, measurand);
    ASSERT_EQ(both.size(), 2U) << measurand;
    EXPECT_EQ(both[0]->link, PenLink::serial);
    EXPECT_EQ(both[1]->link, PenLink::ble);
  }
  ASSERT_EQ(all_of(r.record, "rssi").size(), 1U);
  EXPECT_EQ(all_of(r.record, "rssi").front()->value, -52);
  ASSERT_EQ(all_of(r.record, "reconnect_time").size(), 1U);
  EXPECT_EQ(all_of(r.record, "reconnect_time").front()->n, 3U);
  const auto busy = std::ranges::find_if(r.record.phases,
                                         [](const PhaseRecord& p) { return p.values.contains("link_answers_per_s"); });
  ASSERT_NE(busy, r.record.phases.end());
  EXPECT_GT(busy->values.at("link_answers_per_s"), 1000);
  EXPECT_NE(r.json.find("\"link\":\"ble\""), std::string::npos);
  EXPECT_NE(r.html.find("reported rate over BLE"), std::string::npos);
}

/// What arrives comes later.
class SlowLink final : public ForwardingLink {
 public:
  SlowLink(Timeline& timeline, std::unique_ptr<ByteLink> inner, Nanoseconds later)
      : ForwardingLink(std::move(inner)), timeline_(timeline), later_(later) {}
  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    auto count = co_await inner().read_some(into);
    co_await timeline_.sleep_for(later_);
    co_return count;
  }

 private:
  Timeline& timeline_;
  Nanoseconds later_;
};

Awaitable<void> open_door_while_it_runs(Timeline& timeline, InProcessRig& rig) {
  const sim::Plant& plant = sim::PlantTruthProbe::of(rig.bench()).plant;
  while (!plant.motor_running()) co_await timeline.sleep_for(std::chrono::milliseconds{5});
  co_await timeline.sleep_for(std::chrono::milliseconds{300});
  rig.bench().open_door();
}

TEST(BothLinks, ABusySettingThatADoorEndsLeavesNothingToTheStreamThatGoesOn) {
  VirtualRun what;
  what.plan = "rig/plans/links-pro.yaml";
  // Four questions are under way over a slow link when the setting has ended, and samples go on coming meanwhile.
  what.around_ble = [](Timeline& timeline, std::unique_ptr<ByteLink> link) -> std::unique_ptr<ByteLink> {
    return std::make_unique<SlowLink>(timeline, std::move(link), std::chrono::milliseconds{10});
  };
  what.change_plan = [](Plan& plan) {
    std::erase_if(plan.phases, [](const PhaseSpec& phase) {
      const auto* const sweep = std::get_if<SweepPhase>(&phase);
      return sweep == nullptr || !sweep->busy;
    });
  };
  what.meanwhile = [](Timeline& timeline, InProcessRig& rig, StopRequest&) {
    return open_door_while_it_runs(timeline, rig);
  };
  const VirtualResult r = run_virtual(what);
  EXPECT_GE(r.record.outcome.verdict, Verdict::aborted);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("door"));
  EXPECT_TRUE(r.record.outcome.safe_state_confirmed);
}

TEST(BothLinks, LatenciesAreOfTheLinkThatCommandsWentOver) {
  VirtualRun what;
  what.change_plan = [](Plan& plan) { drive_over(plan, PenLink::ble); };
  const VirtualResult r = run_virtual(what);
  const auto latencies = all_of(r.record, "command_latency_p99");
  ASSERT_EQ(latencies.size(), 2U);
  EXPECT_EQ(latencies[0]->link, PenLink::serial);
  EXPECT_EQ(latencies[0]->n, 2U) << "of the two references, which go over the first link";
  EXPECT_EQ(latencies[1]->link, PenLink::ble);
  EXPECT_GT(latencies[1]->n, 10U);
}

/// What the medium tells of the pen over BLE is changed.
VirtualResult with_facts(const std::function<void(LinkFacts&)>& change) {
  VirtualRun what;
  what.change_plan = over_both;
  what.around_ble = [change](Timeline&, std::unique_ptr<ByteLink> link) {
    LinkFacts facts = link->facts();
    change(facts);
    return std::make_unique<KnownLink>(std::move(link), facts);
  };
  return run_virtual(what);
}

TEST(BothLinks, DeviceInformationThatIsNotWhatTheSessionSaysIsNamedWithBothValues) {
  const auto reason_of = [](std::string LinkFacts::*which, const char* value) {
    const VirtualResult r = with_facts([&](LinkFacts& facts) { facts.*which = value; });
    EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
    return r.record.outcome.reason;
  };
  EXPECT_THAT(reason_of(&LinkFacts::firmware, "2.4.0"),
              HasSubstr("the pen on ble:sim says that its firmware is 2.4.1, and its Device Information says 2.4.0"));
  EXPECT_THAT(reason_of(&LinkFacts::serial_number, "PRO-0002"), HasSubstr("PRO-0002"));
  EXPECT_THAT(reason_of(&LinkFacts::model, "pen-home"), HasSubstr("pen-home"));
  EXPECT_THAT(reason_of(&LinkFacts::hardware, "B"), HasSubstr("hardware is C"));
}

TEST(BothLinks, ABatteryServiceThatSaysSomethingElseIsNamedWithBothValues) {
  const VirtualResult r = with_facts([](LinkFacts& facts) { facts.battery_percent = 85; });
  EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("its battery is 87 %, and its Battery service says 85 %"));
  EXPECT_EQ(with_facts([](LinkFacts& facts) { facts.battery_percent = 86; }).record.outcome.verdict, Verdict::pass)
      << "rounded, and one that fell in between";
}

/// A pen that says something else over BLE than over serial.
VirtualResult with_lie(LyingLink::Lie lie, const std::function<void(Plan&)>& change_plan = over_both) {
  VirtualRun what;
  what.change_plan = change_plan;
  what.around_ble = [lie = std::move(lie)](Timeline&, std::unique_ptr<ByteLink> link) {
    return std::make_unique<LyingLink>(std::move(link), lie);
  };
  return run_virtual(what);
}

TEST(BothLinks, WhatIsToldOverThemMustAgree) {
  const auto reason_of = [](LyingLink::Lie lie) {
    const VirtualResult r = with_lie(std::move(lie));
    EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
    EXPECT_TRUE(r.record.outcome.safe_state_confirmed);
    return r.record.outcome.reason;
  };
  EXPECT_THAT(reason_of([](wire::PenStatus& s) { s.set_stroke_count(s.stroke_count() + 1); }),
              HasSubstr("says that its stroke count is 0, and the one on ble:sim says 1"));
  EXPECT_THAT(reason_of([](wire::PenStatus& s) { s.set_battery_percent(50); }), HasSubstr("battery is 87 %"));
  EXPECT_THAT(reason_of([](wire::PenStatus& s) { s.set_reported_rate_per_min(1.05 * s.reported_rate_per_min()); }),
              HasSubstr("the pen on ble:sim says that its rate is"));
  EXPECT_THAT(reason_of([](wire::PenStatus& s) { s.set_running(!s.running()); }), HasSubstr("its motor is standing"));
}

// Over the link that did not drive it nobody looked.
TEST(BothLinks, AFaultThatThePenReportsOverOneOfThemIsAnErrorThere) {
  const auto reports_when = [](const std::function<bool(const wire::PenStatus&)>& then) {
    return with_lie([then](wire::PenStatus& s) {
      if (then(s)) s.set_fault_bits(s.fault_bits() | 1U << 4U);
    });
  };
  bool was_cut_off = false;
  const std::vector<std::function<bool(const wire::PenStatus&)>> whens{
      [](const wire::PenStatus&) { return true; },
      [](const wire::PenStatus& s) { return s.running(); },
      [&](const wire::PenStatus& s) { return std::exchange(was_cut_off, (s.fault_bits() & 1U << 7U) != 0); },
  };
  for (const auto& when : whens) {
    const VirtualResult r = reports_when(when);
    EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
    EXPECT_THAT(r.record.outcome.reason, HasSubstr("the pen on ble:sim reports a fault: park switch was not reached"));
    EXPECT_TRUE(r.record.outcome.safe_state_confirmed);
  }
}

TEST(BothLinks, ARateThatIsWrongOverOneOfThemFailsThere) {
  const VirtualResult r =
      with_lie([](wire::PenStatus& s) { s.set_reported_rate_per_min(1.008 * s.reported_rate_per_min()); });
  EXPECT_EQ(r.record.outcome.verdict, Verdict::fail);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("C1 reported rate over BLE"));
  for (const Decision& d : r.record.outcome.decisions) {
    if (d.requirement_id != "C1" || d.title != "reported rate") continue;
    EXPECT_EQ(d.verdict, Verdict::pass);
  }
}

/// A plan of one phase beside the setting that every plan has.
std::function<void(Plan&)> with_phase(PhaseSpec phase) {
  return [phase](Plan& plan) {
    std::erase_if(plan.phases, [](const PhaseSpec& p) { return std::holds_alternative<LinkLossPhase>(p); });
    plan.phases.push_back(phase);
    std::erase(plan.judge, "S3");
    std::erase(plan.judge, "L1");
  };
}

TEST(BothLinks, ALinkThatIsCutIsFoundAgainAndTheSamePenIsThere) {
  VirtualRun what;
  what.change_plan = with_phase(ReconnectPhase{.name = "BLE", .via = PenLink::ble, .times = 4});
  what.around_ble = [](Timeline&, std::unique_ptr<ByteLink> link) { return link; };
  const VirtualResult r = run_virtual(what);
  ASSERT_EQ(r.record.outcome.verdict, Verdict::pass) << r.record.outcome.reason;
  const PhaseRecord& phase = phase_of(r.record, "reconnect");
  EXPECT_EQ(phase.via, PenLink::ble);
  ASSERT_EQ(phase.measurements.size(), 1U);
  EXPECT_EQ(phase.measurements[0].n, 4U);
  EXPECT_EQ(phase.measurements[0].link, PenLink::ble);
}

TEST(BothLinks, ASerialLinkIsCutAndFoundAgainToo) {
  VirtualRun what;
  what.change_plan = with_phase(ReconnectPhase{.name = "serial", .via = PenLink::serial, .times = 2});
  const VirtualResult r = run_virtual(what);
  EXPECT_EQ(r.record.outcome.verdict, Verdict::pass) << r.record.outcome.reason;
}

TEST(BothLinks, AnotherPenBehindTheLinkThatWasCutIsNotTakenForTheOneBefore) {
  std::unique_ptr<sim::Bench> other;
  int opened = 0;
  VirtualRun what;
  what.change_plan = with_phase(ReconnectPhase{.name = "BLE", .via = PenLink::ble, .times = 2});
  what.around_ble = [&](Timeline& timeline, std::unique_ptr<ByteLink> link) -> std::unique_ptr<ByteLink> {
    if (++opened != 2) return link;
    sim::PlantParameters plant;
    plant.electronics.serial_number = "PRO-0002";
    other = std::make_unique<sim::Bench>(timeline, plant, 2);
    return connect_ble(timeline, *other, Nanoseconds{0});
  };
  const VirtualResult r = run_virtual(what);
  EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("PRO-0002"));
  EXPECT_TRUE(r.record.outcome.safe_state_confirmed);
}

/// A link that ends before anything answers over it.
class DeadLink final : public ForwardingLink {
 public:
  explicit DeadLink(std::unique_ptr<ByteLink> inner) : ForwardingLink(std::move(inner)) { close(); }
};

TEST(BothLinks, ALinkThatIsNotFoundAgainIsAnErrorAndThePenIsSafe) {
  int opened = 0;
  VirtualRun what;
  what.change_plan = with_phase(ReconnectPhase{.name = "BLE", .via = PenLink::ble, .times = 2});
  what.around_ble = [&](Timeline&, std::unique_ptr<ByteLink> link) -> std::unique_ptr<ByteLink> {
    if (++opened == 1) return link;
    return std::make_unique<DeadLink>(std::move(link));
  };
  const VirtualResult r = run_virtual(what);
  EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("was cut for this phase, and could not be opened again"));
  EXPECT_TRUE(r.record.outcome.safe_state_confirmed);
}

/// Looks at the plant's truth when the link loss is recorded.
class TruthSink final : public ForwardingSink {
 public:
  TruthSink(RecordSink& store, InProcessRig*& rig, double& truth_ms)
      : ForwardingSink(store), rig_(rig), truth_ms_(truth_ms) {}
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override {
    const auto probe = sim::PlantTruthProbe::of(rig_->bench());
    if (phase.kind == "link-loss" && !phase.waveforms.empty()) {
      const LinkLossInputs inputs = link_loss_inputs(phase.waveforms.back().inputs).value();
      truth_ms_ = 1e3 * (probe.motions().back().ended_s - inputs.silent_since.seconds());
    }
    return ForwardingSink::add_phase(run_id, phase);
  }

 private:
  InProcessRig*& rig_;
  double& truth_ms_;
};

Awaitable<void> record_truth(InProcessRig& rig, InProcessRig*& kept) {
  kept = &rig;
  sim::PlantTruthProbe::of(rig.bench()).record();
  co_return;
}

TEST(BothLinks, APenThatWasStartedOverBleAndCutOffStopsInTheTimeThatIsMeasured) {
  for (const bool cut : {false, true}) {
    InProcessRig* rig = nullptr;
    double truth_ms = std::nan("");
    VirtualRun what;
    what.change_plan = [cut](Plan& plan) {
      for (PhaseSpec& phase : plan.phases) {
        if (auto* loss = std::get_if<LinkLossPhase>(&phase)) {
          loss->via = PenLink::ble;
          loss->cut = cut;
        }
      }
    };
    what.meanwhile = [&](Timeline&, InProcessRig& bench, StopRequest&) { return record_truth(bench, rig); };
    what.before_store = [&](RecordSink& store) { return std::make_unique<TruthSink>(store, rig, truth_ms); };
    const VirtualResult r = run_virtual(what);
    ASSERT_EQ(r.record.outcome.verdict, Verdict::pass) << r.record.outcome.reason;
    const PhaseRecord& phase = phase_of(r.record, "link-loss");
    EXPECT_EQ(phase.via, PenLink::ble);
    ASSERT_EQ(phase.measurements.size(), 1U);
    EXPECT_NEAR(*phase.measurements[0].value, truth_ms, 2) << (cut ? "cut" : "silent");
    EXPECT_EQ(phase.values.contains("reconnect_ms"), cut);
    // Silence takes the dead-man's time, an end of the connection does not.
    EXPECT_EQ(truth_ms > 300, !cut) << truth_ms;
  }
}

TEST(BothLinks, APenThatIgnoresTheLossIsFoundOutByTheEncoderAndOverTheOtherLink) {
  VirtualRun what;
  what.uri = "sim:seed=1&defect=ignores-dead-man";
  what.change_plan = [](Plan& plan) { drive_over(plan, PenLink::ble); };
  EXPECT_EQ(run_virtual(what).record.outcome.verdict, Verdict::fail);
  // One that stops, and says over serial that it runs.
  VirtualRun lies;
  lies.change_plan = [](Plan& plan) {
    for (PhaseSpec& phase : plan.phases) {
      if (auto* loss = std::get_if<LinkLossPhase>(&phase)) loss->via = PenLink::serial;
    }
    plan.phases.push_back(ReconnectPhase{.name = "BLE", .via = PenLink::ble, .times = 1});
  };
  bool silent = false;
  lies.around_ble = [&silent](Timeline&, std::unique_ptr<ByteLink> link) {
    return std::make_unique<LyingLink>(std::move(link), [&silent](wire::PenStatus& s) {
      if ((s.fault_bits() & (1U << 7U)) != 0 && !std::exchange(silent, true)) s.set_running(true);
    });
  };
  const VirtualResult r = run_virtual(lies);
  EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("the needles stand, and the pen on ble:sim says that its motor runs"));
}

}  // namespace
}  // namespace penrig::test
