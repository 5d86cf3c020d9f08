#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/record/measurement.hpp"
#include "tests/system/faulty_run.hpp"

namespace penrig::test {
namespace {

using faults::Fault;
using faults::Kind;
using faults::KindInfo;
using faults::Target;
using Words = std::vector<std::string>;

constexpr double kRunS = 9.4;          ///< of the plan without faults
constexpr double kLongestRunS = 60.0;  ///< whatever breaks

/// The number of instants a kind is tried at; 3 on each commit, PENRIG_FAULT_INSTANTS=100 for a campaign.
int instants() {
  const char* text = std::getenv("PENRIG_FAULT_INSTANTS");
  return text != nullptr ? std::max(1, std::atoi(text)) : 3;
}
std::uint64_t first_seed() {
  const char* text = std::getenv("PENRIG_FAULT_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
}

/// What may come of a good pen under this fault.
struct MayCome {
  bool always_passes = false;   ///< harmless in the amount that make_fault() gives
  bool judges_the_pen = false;  ///< what breaks is the pen's own, or cannot be told from it: FAIL and INDETERMINATE too
  Words names;                  ///< an ERROR's reason has one of them: the link, the device, the sensor, the disk
};

MayCome expected_of(Kind kind) {
  const Words link{"sim:pen", "sim:daq", "link"};  // garbage too: what follows it in its frame is lost
  const Words encoder{"needle encoder", "needle zero", "needles are", "spot "};
  const Words cell{"load cell", "force"};
  switch (kind) {
    case Kind::duplicate:
    case Kind::split:
    case Kind::delay:
    case Kind::reorder:
    case Kind::clock_step:
    case Kind::slow_disk:
      return {.always_passes = true, .names = {}};
    case Kind::late_answer:
      return {.judges_the_pen = true, .names = link};  // a late acknowledgement widens the latency's U
    case Kind::clock_jump:
    case Kind::clock_drift:
      return {.names = {"clock", "sim:daq"}};
    case Kind::encoder_stuck:
    case Kind::encoder_slip:
      return {.names = encoder};
    case Kind::encoder_noise:
      return {.judges_the_pen = true, .names = encoder};
    case Kind::cell_saturated:
    case Kind::cell_drift:
    case Kind::cell_ringing:
    case Kind::over_force:
      return {.judges_the_pen = kind == Kind::cell_drift || kind == Kind::cell_ringing, .names = cell};
    case Kind::stage_jam:
      return {.names = {"stage", "touch", "sim:daq"}};
    case Kind::motor_stall:
    case Kind::supply_sag:
      return {.judges_the_pen = true, .names = {"pen", "motion"}};
    case Kind::door_open:
      return {.names = {"door"}};
    case Kind::e_stop:
      return {.names = {"e-stop"}};
    case Kind::disk_full:
    case Kind::sync_fails:
      return {.names = {"disk of the records"}};
    case Kind::no_descriptors:
      return {.names = {"too many open files"}};
    default:
      return {.names = link};
  }
}

/// Whether the record itself is what breaks: then it may stay open, and nothing may say PASS.
bool breaks_the_record(Kind kind) {
  return kind == Kind::disk_full || kind == Kind::sync_fails || kind == Kind::no_descriptors;
}

/// While this lasts, nothing can make the bench safe.
bool holds_the_bench(Kind kind) { return kind == Kind::stage_jam || kind == Kind::motor_stall; }

/// Instants spread over the run, durations from 20 ms to for good, either device or both.
Fault fault_at(Kind kind, std::uint64_t seed, int instant) {
  Random random(seed, "fault instants", static_cast<std::uint64_t>(kind) * 1000 + static_cast<std::uint64_t>(instant));
  const double slice_s = kRunS / instants();
  Fault fault = faults::make_fault(kind, (instant + random.uniform()) * slice_s);
  const double for_s = random.uniform(0.02, 0.6);
  if (!faults::info(kind).at_once && instant % 2 == 1) fault.for_s = for_s;
  fault.target = std::array{Target::daq, Target::pen, Target::both}.at(static_cast<std::size_t>(instant) % 3);
  if (kind == Kind::sequence_gap) fault.target = Target::daq;
  return fault;
}

FaultyResult run_with(const Fault& fault, std::uint64_t seed, const std::string& defect) {
  FaultyRun what;
  what.uri = "sim:seed=1" + defect;
  what.script.name = faults::in_words(fault);
  what.script.seed = seed;
  what.script.faults = {fault};
  return run_under(what);
}

bool has_one_of(const std::string& text, const Words& words) {
  return std::ranges::any_of(words, [&](const std::string& w) { return text.find(w) != std::string::npos; });
}

/// What holds for every run, whatever broke.
void expect_in_order(const Fault& fault, const FaultyResult& run) {
  const RunOutcome& outcome = run.result.outcome;
  EXPECT_FALSE(run.hung);
  EXPECT_EQ(run.thrown, "");
  EXPECT_LT(run.ended_s, kLongestRunS);
  EXPECT_EQ(run.recompute_differs, "");
  EXPECT_EQ(run.injected.size(), fault.start.at_s < run.ended_s - 1.2 ? 1U : run.injected.size());
  if (breaks_the_record(fault.kind)) {
    EXPECT_TRUE(run.record.closed || outcome.verdict == Verdict::error);
    EXPECT_EQ(run.result.record_durable, run.record.closed);
  } else {
    EXPECT_TRUE(run.record.closed);
    EXPECT_EQ(run.record.outcome.verdict, outcome.verdict);
    EXPECT_EQ(run.record.outcome.safe_state_confirmed, outcome.safe_state_confirmed);
  }
  EXPECT_TRUE(outcome.verdict != Verdict::pass || outcome.safe_state_confirmed);
  // Confirmed is what it says; and once the dead-men have acted the bench is safe whatever was confirmed.
  EXPECT_TRUE(!outcome.safe_state_confirmed || fault.kind == Kind::encoder_stuck || holds_the_bench(fault.kind) ||
              run.safe_at_end);
  EXPECT_TRUE(holds_the_bench(fault.kind) || run.safe_later);
}

class FaultKinds : public ::testing::TestWithParam<KindInfo> {};

TEST_P(FaultKinds, EndInAnErrorThatNamesTheCauseOrLeaveAGoodPenAsItIs) {
  const Kind kind = GetParam().kind;
  const MayCome expected = expected_of(kind);
  const std::uint64_t seed = first_seed();
  for (int i = 0; i < instants(); ++i) {
    const Fault fault = fault_at(kind, seed, i);
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, faults::in_words(fault)));
    const FaultyResult run = run_with(fault, seed, "");
    const RunOutcome& outcome = run.result.outcome;
    SCOPED_TRACE(fmt::format("{} after {:.2f} s: {}", name_of(outcome.verdict), run.ended_s, outcome.reason));
    expect_in_order(fault, run);
    if (expected.always_passes) {
      EXPECT_EQ(outcome.verdict, Verdict::pass);
    } else if (outcome.verdict == Verdict::error) {
      EXPECT_TRUE(has_one_of(outcome.reason, expected.names))
          << "wanted one of " << ::testing::PrintToString(expected.names);
    } else if (!expected.judges_the_pen) {
      EXPECT_EQ(outcome.verdict, Verdict::pass);
    }
  }
}

TEST_P(FaultKinds, NeverPassAPenBeyondItsLimits) {
  const Kind kind = GetParam().kind;
  const std::uint64_t seed = first_seed();
  const std::array<const char*, 3> defects{"&defect=too-deep", "&defect=slow-motor", "&defect=wobble"};
  for (int i = 0; i < instants(); ++i) {
    const Fault fault = fault_at(kind, seed, i);
    const std::string defect = defects.at(static_cast<std::size_t>(i) % defects.size());
    SCOPED_TRACE(fmt::format("seed {}, {}: {}", seed, defect, faults::in_words(fault)));
    const FaultyResult run = run_with(fault, seed, defect);
    SCOPED_TRACE(run.result.outcome.reason);
    expect_in_order(fault, run);
    EXPECT_NE(run.result.outcome.verdict, Verdict::pass);
  }
}

/// Where the fault is in force when it matters; kinds that a good pen survives have no such instant.
std::optional<double> must_be_noticed_from(Kind kind) {
  if (expected_of(kind).always_passes || kind == Kind::garbage || kind == Kind::late_answer) return std::nullopt;
  // Said once, in the first exchange.
  if (kind == Kind::other_identity || kind == Kind::wrong_version) return 0.0;
  if (kind == Kind::clock_jump) return 0.5;  // after the clocks were exchanged
  return 0.15;                               // in the tare
}

TEST_P(FaultKinds, AreNoticedWhenTheyLastFromTheStart) {
  const auto from_s = must_be_noticed_from(GetParam().kind);
  if (!from_s) return;
  Fault fault = faults::make_fault(GetParam().kind, *from_s);
  if (fault.kind == Kind::sequence_gap) fault.values[0] = 40;  // a second of them: one block may be nobody's
  const FaultyResult run = run_with(fault, 1, "");
  EXPECT_NE(run.result.outcome.verdict, Verdict::pass);
  expect_in_order(fault, run);
}

std::string test_name(const ::testing::TestParamInfo<KindInfo>& kind) {
  std::string name(kind.param.name);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Every, FaultKinds,
                         ::testing::ValuesIn(faults::fault_kinds().begin(), faults::fault_kinds().end()), test_name);

TEST(FaultsByPhase, BeginWhenTheRunComesThere) {
  FaultyRun what;
  Fault stuck = faults::make_fault(Kind::door_open, 0);
  stuck.start = {};
  stuck.start.at_phase = "1.5 mm at";
  stuck.start.after_s = 0.05;
  what.script.faults = {stuck};
  const FaultyResult run = run_under(what);
  ASSERT_EQ(run.injected.size(), 1U);
  EXPECT_GT(run.injected[0].at_s, 2);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, ::testing::HasSubstr("door"));
  what.script.faults[0].start = {};
  what.script.faults[0].start.at_progress = 0.5;
  const FaultyResult half = run_under(what);
  ASSERT_EQ(half.injected.size(), 1U);
  EXPECT_GT(half.injected[0].at_s, 0.3 * kRunS);
  EXPECT_LT(half.injected[0].at_s, 0.7 * kRunS);
}

FaultyResult run_with_one(Kind kind, double at_s, std::optional<double> for_s) {
  Fault fault = faults::make_fault(kind, at_s);
  fault.for_s = for_s;
  return run_with(fault, 1, "");
}

// It was a FAIL: "C2 reported strokes: 49 counted, = 0 allowed".
TEST(FaultsOfTheEncoder, OneThatStoodStillForAWhileIsNotTakenForAPenThatMiscounts) {
  const FaultyResult run = run_with_one(Kind::encoder_stuck, 6.1, 0.4);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason,
              ::testing::HasSubstr("the needle encoder is stuck or uncoupled: its reading did not change"));
}

// It was "the touch-off met nothing within 0.80 mm".
TEST(FaultsOfTheEncoder, OneThatDoesNotMoveWithTheNeedlesIsNamed) {
  const FaultyResult run = run_with_one(Kind::encoder_stuck, 0, {});
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, ::testing::HasSubstr("it is stuck"));
}

// It was "no contact: the largest force of the touch is 0.0049 N".
TEST(FaultsOfTheClock, AJumpIsNamedAndEndsTheRun) {
  const FaultyResult run = run_with_one(Kind::clock_jump, 1.2, {});
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, ::testing::HasSubstr("DAQ at sim:daq: stream: its clock jumped"));
  EXPECT_TRUE(run.result.outcome.safe_state_confirmed);
}

FaultyResult with_drift(double ppm) {
  FaultyRun what;
  Fault drift = faults::make_fault(Kind::clock_drift, 0);
  drift.values[0] = ppm;
  what.script.faults = {drift};
  return run_under(what);
}

// It was 7351.5/min ± 0.09 for a pen of 7349.4/min: what 300 ppm do was not in U.
TEST(FaultsOfTheClock, OneThatIsFurtherOffThanAHostsCrystalExplainsIsNoClockToMeasureBy) {
  const FaultyResult run = with_drift(-290);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, ::testing::HasSubstr("the 100 ppm of a host's crystal explain"));
}

TEST(FaultsOfTheClock, OneThatAHostsCrystalExplainsIsInUOfTheRate) {
  const auto rate_of = [](const FaultyResult& run) {
    for (const PhaseRecord& phase : run.record.phases)
      for (const Measurement& m : phase.measurements)
        if (m.measurand == "stroke_rate" && m.value) return m;
    return Measurement{};
  };
  const FaultyResult as_it_is = run_under({}), off = with_drift(-60);
  EXPECT_EQ(off.result.outcome.verdict, Verdict::pass) << off.result.outcome.reason;
  EXPECT_EQ(off.recompute_differs, "");
  const Measurement right = rate_of(as_it_is), wrong = rate_of(off);
  ASSERT_TRUE(right.value && wrong.value);
  EXPECT_GT(*wrong.value - *right.value, 0.3);
  EXPECT_GT(wrong.expanded_u, *wrong.value - *right.value);
  EXPECT_LT(right.expanded_u, 0.3);
}

TEST(FaultsOnLinks, ALinkThatComesBackUnderAnotherNameIsFoundByAPhaseThatMayBeRepeated) {
  FaultyRun what;
  what.link_retries = 2;
  Fault away = faults::make_fault(Kind::close, 5);
  away.target = Target::daq;
  what.script.faults = {away};
  const FaultyResult closed = run_under(what);
  EXPECT_EQ(closed.result.outcome.verdict, Verdict::pass) << closed.result.outcome.reason;
}

TEST(FaultyBench, WithoutFaultsGivesTheSameRecordAsARigWithoutAScript) {
  const FaultyResult run = run_under({});
  Fault later = faults::make_fault(Kind::encoder_stuck, 1000);
  FaultyRun what;
  what.script.faults = {later};
  const FaultyResult never = run_under(what);
  ASSERT_EQ(run.record.phases.size(), never.record.phases.size());
  for (std::size_t i = 0; i < run.record.phases.size(); ++i) {
    ASSERT_EQ(run.record.phases[i].waveforms.size(), never.record.phases[i].waveforms.size());
    for (std::size_t w = 0; w < run.record.phases[i].waveforms.size(); ++w) {
      EXPECT_EQ(run.record.phases[i].waveforms[w].sha256, never.record.phases[i].waveforms[w].sha256);
    }
  }
  // The record says that what it was there for was not tested.
  EXPECT_TRUE(run.record.outcome.events.empty());
  ASSERT_EQ(never.record.outcome.events.size(), 1U);
  EXPECT_THAT(never.record.outcome.events.front().text,
              ::testing::HasSubstr("injected fault that never began: encoder-stuck"));
}

}  // namespace
}  // namespace penrig::test
