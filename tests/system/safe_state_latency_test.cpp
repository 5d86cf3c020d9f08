// Every interlock at many instants of a run: pen stop and stage withdraw leave in time, whatever the sequencer does.
// On each commit 30 instants an interlock; PENRIG_INSTANTS=300: so many.
#include <cstdlib>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/sim/plant_faults.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/system/watched_link.hpp"

namespace penrig::test {
namespace {

struct Wires {
  WatchedWire pen, daq;
};

struct Interlock {
  const char* name;
  /// What happens on the bench, and how long the evidence of it takes at most to arrive, in ms: an input at once, a
  /// force or depth with its block (26 ms of samples), silence when it has lasted 300 ms.
  void (*happen)(InProcessRig&, StopRequest&, Wires&);
  double evidence_ms;
  const char* said;     ///< what the record calls it
  bool from_reference;  ///< only once the reference is known
  Verdict verdict = Verdict::error;

  friend void PrintTo(const Interlock& interlock, std::ostream* out) { *out << interlock.name; }
};

const Interlock kInterlocks[] = {
    {"EStop", [](InProcessRig& r, StopRequest&, Wires&) { r.bench().press_e_stop(); }, 0, "e-stop: ", false},
    {"Door", [](InProcessRig& r, StopRequest&, Wires&) { r.bench().open_door(); }, 0, "door: ", false},
    {"StopRequest", [](InProcessRig&, StopRequest& s, Wires&) { s.request("SIGINT"); }, 0, "stop: ", false,
     Verdict::aborted},
    {"OverForce",
     [](InProcessRig& r, StopRequest&, Wires&) {
       sim::PlantFaults faults;
       faults.pressed_n = 12;
       r.bench().disturb(faults);
     },
     30, "over-force: ", true},
    {"OverDepth",
     [](InProcessRig& r, StopRequest&, Wires&) {
       sim::PlantFaults faults;
       faults.encoder_slip_um_per_s = 1e6;
       r.bench().disturb(faults);
     },
     35, "over-depth: ", true},
    {"StaleData", [](InProcessRig&, StopRequest&, Wires& w) { w.daq.no_samples = true; }, 300, "stale data: ", true},
    {"CutDaqLink", [](InProcessRig&, StopRequest&, Wires& w) { w.daq.cut = true; }, 300, "lost link: sim:daq", false},
    {"CutPenLink", [](InProcessRig&, StopRequest&, Wires& w) { w.pen.cut = true; }, 300, "lost link: sim:pen", false},
};

struct Ended {
  VirtualResult run;
  Wires wires;
};

Awaitable<void> happen_at(double at_s, const Interlock& interlock, Timeline& timeline, InProcessRig& rig,
                          StopRequest& stop, Wires& wires) {
  co_await timeline.sleep_until(TimePoint{seconds_to_ns(at_s)});
  interlock.happen(rig, stop, wires);
}

Ended run_interlocked(const Interlock* interlock, double at_s) {
  Ended ended;
  VirtualRun what;
  what.plan = "rig/plans/smoke.yaml";
  what.recomputed = false;
  what.around_link = [&](Timeline& timeline, std::unique_ptr<ByteLink> link, bool is_pen) {
    return std::make_unique<WatchedLink>(timeline, std::move(link), is_pen ? ended.wires.pen : ended.wires.daq);
  };
  if (interlock != nullptr) {
    what.meanwhile = [&](Timeline& timeline, InProcessRig& rig, StopRequest& stop) {
      return happen_at(at_s, *interlock, timeline, rig, stop, ended.wires);
    };
  }
  ended.run = run_virtual(what);
  return ended;
}

double ended_s(const VirtualResult& run, const std::string& phase) {
  for (const PhaseRecord& p : run.record.phases) {
    if (p.name == phase) return p.ended_s;
  }
  return 0;
}

/// When this message left first after then; nothing if it did not.
std::optional<double> left_after(const WatchedWire& wire, const std::string& message, double from_s) {
  for (const auto& [at, name] : wire.sent) {
    if (name == message && at >= TimePoint{seconds_to_ns(from_s)}) return at.seconds();
  }
  return std::nullopt;
}

class SafeStateLatency : public ::testing::TestWithParam<Interlock> {};

TEST_P(SafeStateLatency, IsAtMost50MillisecondsAtAnyInstant) {
  constexpr double kBoundMs = 50;
  const Interlock& interlock = GetParam();
  static const VirtualResult undisturbed = run_interlocked(nullptr, 0).run;
  ASSERT_EQ(undisturbed.result.outcome.verdict, Verdict::pass) << undisturbed.result.outcome.reason;
  const char* asked = std::getenv("PENRIG_INSTANTS");
  const int instants = asked != nullptr ? std::max(1, std::atoi(asked)) : 30;
  const double from_s = ended_s(undisturbed, interlock.from_reference ? "reference before" : "set-up");
  // Its evidence still comes before the teardown, which commands the safe state anyway.
  const double until_s = ended_s(undisturbed, "reference after") - interlock.evidence_ms * 1e-3;
  ASSERT_GT(from_s, 0);
  double latest_ms = 0;
  for (int i = 0; i < instants; ++i) {
    const double at_s = from_s + (until_s - from_s) * (i + 0.37) / instants;
    const Ended ended = run_interlocked(&interlock, at_s);
    const RunOutcome& outcome = ended.run.result.outcome;
    const std::string where = fmt::format("{} at {:.4f} s", interlock.name, at_s);
    EXPECT_EQ(outcome.verdict, interlock.verdict) << where << ": " << outcome.reason;
    // A link that is lost stays so: the device at its end makes itself safe by its dead-man.
    for (const auto& [wire, command] :
         {std::pair{&ended.wires.pen, "pen.stop"}, std::pair{&ended.wires.daq, "daq.withdraw"}}) {
      if (wire->cut) continue;
      const auto left_s = left_after(*wire, command, at_s);
      if (!left_s) {
        ADD_FAILURE() << where << ": no " << command;
        continue;
      }
      const double after_ms = (*left_s - at_s) * 1e3;
      latest_ms = std::max(latest_ms, after_ms - interlock.evidence_ms);
      EXPECT_LE(after_ms, interlock.evidence_ms + kBoundMs) << where << ": " << command;
    }
    EXPECT_LE(ended.run.rig_seconds, at_s + interlock.evidence_ms * 1e-3 + TimePoint{kSafeStateBound}.seconds())
        << where;
    const bool answered = !ended.wires.pen.cut && !ended.wires.daq.cut;
    bool in_record = false, said = false;
    for (const RunEvent& e : ended.run.record.outcome.events) {
      // A cut link of the DAQ stops the stream as well: whichever is noticed first.
      said = said || e.text.starts_with(interlock.said) ||
             (ended.wires.daq.cut && e.text.starts_with("stale data: no samples from sim:daq"));
      if (e.kind != "safe-state") continue;
      in_record = true;
      if (answered) {
        EXPECT_TRUE(e.latency_ms) << where << ": " << e.text;
      }
      if (e.latency_ms) {
        EXPECT_LE(*e.latency_ms, kBoundMs) << where << ": " << e.text;
      }
    }
    EXPECT_TRUE(in_record && said) << where << ": " << outcome.reason;
    // Without samples the needle encoder cannot say that the needles stand.
    EXPECT_EQ(outcome.safe_state_confirmed, answered && !ended.wires.daq.no_samples) << where << ": " << outcome.reason;
    // What a hand must reset, no program does.
    EXPECT_FALSE(left_after(ended.wires.daq, "daq.reset_latches", at_s)) << where;
  }
  std::puts(fmt::format("{}: {} instants, at most {:.1f} ms after the evidence", interlock.name, instants, latest_ms)
                .c_str());
}

INSTANTIATE_TEST_SUITE_P(Interlock, SafeStateLatency, ::testing::ValuesIn(kInterlocks),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace penrig::test
