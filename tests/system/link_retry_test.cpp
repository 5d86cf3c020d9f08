#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/faulty_run.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

VirtualResult run_with_break(std::uint64_t pen_bytes, std::uint64_t daq_bytes, std::uint32_t retries,
                             const std::string& defect = "") {
  VirtualRun what;
  what.uri = "sim:seed=1" + defect;
  what.pen_link_bytes = pen_bytes;
  what.daq_link_bytes = daq_bytes;
  what.change_plan = [retries](Plan& plan) { plan.link_retries = retries; };
  return run_virtual(what);
}

TEST(LinkRetry, APhaseIsRepeatedAfterALostLinkAndEveryAttemptIsKept) {
  // Instants all over the run: the DAQ's link carries some 190 kB in a run, the pen's some 5 kB.
  int repeated = 0;
  for (const auto& [pen_bytes, daq_bytes] :
       {std::pair<std::uint64_t, std::uint64_t>{2000, 0}, {1000, 0}, {0, 60'000}, {0, 100'000}, {0, 130'000}}) {
    const VirtualResult run = run_with_break(pen_bytes, daq_bytes, 1);
    EXPECT_EQ(run.result.outcome.verdict, Verdict::pass)
        << pen_bytes << ", " << daq_bytes << ": " << run.result.outcome.reason;
    EXPECT_EQ(run.result.outcome.decisions.size(), run.record.header.decisions_planned);
    std::string failed;
    for (const PhaseRecord& phase : run.record.phases) {
      if (phase.verdict == Verdict::error) failed = phase.name;
      if (phase.attempt == 2 && phase.name == failed) ++repeated;
    }
    EXPECT_NE(failed, "") << "the attempt that failed is kept";
  }
  EXPECT_EQ(repeated, 5);
}

TEST(LinkRetry, ASetUpThatLostItsLinkIsRepeatedOverNewOnes) {
  for (const std::uint64_t pen_bytes : {40U, 120U, 200U}) {
    const VirtualResult run = run_with_break(pen_bytes, 0, 1);
    EXPECT_EQ(run.result.outcome.verdict, Verdict::pass) << pen_bytes << ": " << run.result.outcome.reason;
    ASSERT_GT(run.record.phases.size(), 2U);
    EXPECT_EQ(run.record.phases[0].verdict, Verdict::error);
    EXPECT_EQ(run.record.phases[1].kind, "set-up");
    EXPECT_EQ(run.record.phases[1].attempt, 2U);
  }
}

TEST(LinkRetry, ARepeatedSettingLeavesOthersOfItsNameAlone) {
  bool third_repeated = false;
  for (std::uint64_t bytes = 90'000; bytes < 170'000 && !third_repeated; bytes += 8'000) {
    VirtualRun what;
    what.daq_link_bytes = bytes;
    what.change_plan = [](Plan& plan) {
      plan.link_retries = 1;
      std::get<SweepPhase>(plan.phases.at(0)).depths_mm = {0.5, 1.5, 0.5, 2.5};
    };
    const VirtualResult run = run_virtual(what);
    EXPECT_EQ(run.result.outcome.verdict, Verdict::pass) << bytes << ": " << run.result.outcome.reason;
    std::string attempts;
    for (const PhaseRecord& phase : run.record.phases) {
      if (phase.kind == "setting") attempts += fmt::format("{:g}{} ", *phase.depth_mm, phase.error.empty() ? "" : "!");
    }
    third_repeated = attempts == "0.5 1.5 0.5! 0.5 2.5 ";
  }
  EXPECT_TRUE(third_repeated) << "the link never broke in the third setting";
}

TEST(LinkRetry, WithoutLeaveALostLinkIsAnErrorThatNamesTheLink) {
  for (const auto& [pen_bytes, daq_bytes] : {std::pair<std::uint64_t, std::uint64_t>{2000, 0}, {0, 110'000}}) {
    const VirtualResult run = run_with_break(pen_bytes, daq_bytes, 0);
    EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
    EXPECT_NE(run.result.outcome.reason.find(pen_bytes > 0 ? "sim:pen" : "sim:daq"), std::string::npos)
        << run.result.outcome.reason;
  }
}

TEST(LinkRetry, ALostLinkNeverTurnsAFailIntoAPass) {
  const VirtualResult run = run_with_break(0, 110'000, 1, "&defect=too-deep");
  EXPECT_EQ(run.result.outcome.verdict, Verdict::fail) << run.result.outcome.reason;
}

TEST(LinkRetry, ALossyLinkIsNotTakenForABadPen) {
  int passed = 0, said_so = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    VirtualRun what;
    what.pen_drop_per_byte = 1e-3;
    what.drop_seed = seed;
    const VirtualResult run = run_virtual(what);
    EXPECT_NE(run.result.outcome.verdict, Verdict::fail) << "seed " << seed << ": " << run.result.outcome.reason;
    passed += run.result.outcome.verdict == Verdict::pass ? 1 : 0;
    said_so += run.result.outcome.reason.find("so its time is not known") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(passed, 0);
  EXPECT_GT(said_so, 0);
}

TEST(LinkRetry, AFailIsNeverRepeated) {
  VirtualRun what;
  what.uri = "sim:seed=1&defect=too-deep";
  what.change_plan = [](Plan& plan) { plan.link_retries = 3; };
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::fail) << run.result.outcome.reason;
  for (const PhaseRecord& phase : run.record.phases) EXPECT_EQ(phase.attempt, 1U) << phase.name;
}

/// A pen that does not stop when its link falls silent, while something happens to its link or the DAQ's in the
/// link-loss phase, which watches from 7.4 to 8.6 s and waits until 8.8 s for the needles to stand.
FaultyResult run_without_dead_man(const faults::Fault& fault) {
  FaultyRun what;
  what.uri = "sim:seed=1&defect=ignores-dead-man";
  what.link_retries = 1;
  what.script.faults = {fault};
  return run_under(what);
}

std::vector<const PhaseRecord*> link_losses(const RunRecord& record) {
  std::vector<const PhaseRecord*> all;
  for (const PhaseRecord& phase : record.phases) {
    if (phase.kind == "link-loss") all.push_back(&phase);
  }
  return all;
}

/// The one attempt stands, with what it measured.
void expect_not_repeated(const FaultyResult& run) {
  const RunOutcome& outcome = run.record.outcome;
  EXPECT_EQ(outcome.verdict, Verdict::error) << outcome.reason;
  EXPECT_EQ(run.recompute_differs, "");
  const auto attempts = link_losses(run.record);
  ASSERT_EQ(attempts.size(), 1U);
  ASSERT_EQ(attempts[0]->measurements.size(), 1U);
  EXPECT_TRUE(attempts[0]->measurements[0].censored_high);
  const auto decision = std::ranges::find(outcome.decisions, "S3", &Decision::requirement_id);
  ASSERT_NE(decision, outcome.decisions.end());
  EXPECT_EQ(decision->verdict, Verdict::fail) << decision->reason;
}

bool says(const RunRecord& record, const std::string& text) {
  return std::ranges::any_of(record.outcome.events,
                             [&](const RunEvent& e) { return e.text.find(text) != std::string::npos; });
}

faults::Fault lost(faults::Target target, double at_s) {
  faults::Fault fault = faults::make_fault(faults::Kind::close, at_s);
  fault.target = target;
  return fault;
}

// It was repeated, and the second attempt took the place of the first: a pen whose dead-man works now and then passed.
TEST(LinkRetry, ALinkThatIsLostAfterThePenRanOnDoesNotGiveItAnotherTry) {
  const FaultyResult run = run_without_dead_man(lost(faults::Target::pen, 8.9));
  expect_not_repeated(run);
  EXPECT_TRUE(says(run.record, "silence: not repeated, since what it had measured of the pen before is no PASS"));
  EXPECT_THAT(run.record.outcome.reason, ::testing::HasSubstr("silence is not repeated, since what it had measured"));
}

TEST(LinkRetry, APenThatRanOnAndThenDoesNotAnswerIsNotTriedAgain) {
  faults::Fault mute = faults::make_fault(faults::Kind::no_answer, 8.0);
  mute.target = faults::Target::pen;
  mute.for_s = 1.7;
  const FaultyResult run = run_without_dead_man(mute);
  expect_not_repeated(run);
  EXPECT_THAT(run.record.outcome.reason,
              ::testing::AllOf(::testing::HasSubstr("the needles still moved 1.2 s after sim:pen was left silent"),
                               ::testing::HasSubstr("no answer to pen.stop")));
}

TEST(LinkRetry, APenThatRanBeyondTheLimitWhenTheOtherLinkWasLostIsNotTriedAgain) {
  expect_not_repeated(run_without_dead_man(lost(faults::Target::daq, 8.4)));
}

TEST(LinkRetry, APenThatRanOnInARecordWithAGapIsNotTriedAgain) {
  faults::Fault gap = faults::make_fault(faults::Kind::sequence_gap, 8.4);
  gap.target = faults::Target::daq;
  const FaultyResult run = run_without_dead_man(gap);
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.record.outcome.reason, ::testing::HasSubstr("the needles still moved 1.2 s after sim:pen"));
  EXPECT_EQ(link_losses(run.record).size(), 1U);
}

// It was a PASS, and the record did not hold the depth.
TEST(LinkRetry, WhatTripsJustAfterALinkWasLostEndsTheRun) {
  // In the block in which the loss is found, and while the needles have still to come to rest.
  for (const double at_s : {4.601, 4.635}) {
    FaultyRun what;
    what.link_retries = 1;
    faults::Fault noise = faults::make_fault(faults::Kind::encoder_noise, at_s);
    noise.values[0] = 1000;
    noise.for_s = 0.05;
    what.script.faults = {lost(faults::Target::pen, 4.6), noise};
    const FaultyResult run = run_under(what);
    EXPECT_EQ(run.record.outcome.verdict, Verdict::error) << at_s;
    EXPECT_THAT(run.record.outcome.reason, ::testing::HasSubstr("beyond the rig's limit")) << at_s;
    EXPECT_TRUE(says(run.record, "over-depth: needles are")) << at_s;
  }
}

// It was watched for a second, and tried again: a pen whose dead-man works the next time passed.
TEST(LinkRetry, APenThatRunsOnAfterItsLinkWasLostIsNotTriedAgain) {
  const FaultyResult run = run_without_dead_man(lost(faults::Target::pen, 3.0));
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.record.outcome.reason,
              ::testing::HasSubstr("the needles still moved 1.0 s after a link was lost (the pen did not make itself"));
  EXPECT_FALSE(says(run.record, "attempt 2")) << "there was none";
}

// A hub that hangs for a moment holds up both links. What the DAQ does then is the same loss.
TEST(LinkRetry, BothLinksThatHangForAMomentAreOpenedAnew) {
  for (const double at_s : {3.0, 3.3, 4.2, 4.6}) {
    for (const double for_s : {0.24, 0.27}) {
      FaultyRun what;
      what.link_retries = 1;
      faults::Fault stall = faults::make_fault(faults::Kind::stall, at_s);
      stall.target = faults::Target::both;
      stall.for_s = for_s;
      what.script.faults = {stall};
      const FaultyResult run = run_under(what);
      EXPECT_EQ(run.record.outcome.verdict, Verdict::pass)
          << at_s << " s, " << for_s << " s: " << run.record.outcome.reason;
    }
  }
}

TEST(LinkRetry, ALinkLossThatSaysNothingAgainstThePenIsRepeated) {
  // Before the limit, while a good pen runs on still; and when it stands.
  for (const double at_s : {7.5, 7.8}) {
    FaultyRun what;
    what.link_retries = 1;
    what.script.faults = {lost(faults::Target::daq, at_s)};
    const FaultyResult run = run_under(what);
    EXPECT_EQ(run.record.outcome.verdict, Verdict::pass) << at_s << ": " << run.record.outcome.reason;
    EXPECT_EQ(link_losses(run.record).size(), 2U) << at_s;
    EXPECT_EQ(run.recompute_differs, "");
  }
}

}  // namespace
}  // namespace penrig::test
