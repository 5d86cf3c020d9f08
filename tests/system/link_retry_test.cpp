#include <fmt/format.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace penrig::test
