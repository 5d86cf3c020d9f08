// Every request of a run that asks fails once: nobody is asked by a bench that did not come to rest, and nothing
// passes. On each commit some of them; PENRIG_EVERY_STEP=all: all.
#include <cstdlib>

#include <gmock/gmock.h>

#include "tests/prompts/prompt_run.hpp"
#include "tests/system/failing_step.hpp"

namespace penrig::test {
namespace {

using ::testing::IsEmpty;

/// Only the prompts and what stands around them: the settings have an every-step test of their own.
void leave_settings_out(PromptRun& run) {
  std::erase_if(run.inputs.plan.phases, [](const PhaseSpec& p) { return !std::holds_alternative<PromptPhase>(p); });
  run.inputs.plan.judge = {"I1"};
}

TEST(PromptSteps, WhicheverRequestFailsTheRunIsNoPassUnlessItWasMended) {
  std::uint64_t steps = 0;
  {
    FailingStep counted;
    PromptRun run;
    leave_settings_out(run);
    run.around_link = [&](std::unique_ptr<ByteLink> link, bool is_pen) {
      return failing_step_link(std::move(link), is_pen, counted);
    };
    run.person = somebody_who_passes(run);
    run.go();
    ASSERT_EQ(run.record.outcome.verdict, Verdict::pass) << run.record.outcome.reason;
    steps = counted.sent.size();
  }
  ASSERT_GT(steps, 30U);
  const char* const which = std::getenv("PENRIG_EVERY_STEP");
  const std::uint64_t stride = which != nullptr && std::string(which) == "all" ? 1 : 9;
  int failed = 0;
  for (const StepFault fault : {StepFault::refused, StepFault::closed}) {
    for (std::uint64_t at = 0; at < steps; at += stride) {
      SCOPED_TRACE(std::string(name_of(fault)) + " at " + std::to_string(at));
      FailingStep step;
      step.fault = fault;
      step.at = at;
      PromptRun run;
      leave_settings_out(run);
      run.around_link = [&](std::unique_ptr<ByteLink> link, bool is_pen) {
        return failing_step_link(std::move(link), is_pen, step);
      };
      run.person = somebody_who_passes(run);
      run.go();
      EXPECT_THAT(run.faults, IsEmpty());
      EXPECT_EQ(run.open_at_end, 0);
      if (run.record.outcome.verdict == Verdict::pass) {
        // A stop that was refused once is sent again.
        EXPECT_EQ(run.record.outcome.decisions.size(), run.record.header.decisions_planned);
        EXPECT_TRUE(run.record.outcome.safe_state_confirmed);
      } else {
        EXPECT_EQ(run.record.outcome.verdict, Verdict::error) << run.record.outcome.reason;
        ++failed;
      }
      // Whoever was asked was asked by a bench at rest: each question's phase has an answer, or none was put.
      for (const PhaseRecord& phase : run.record.phases) {
        if (phase.kind == "prompt" && phase.error.empty()) {
          EXPECT_EQ(phase.measurements.size(), 1U);
        }
      }
    }
  }
  EXPECT_GT(failed, 5);
}

}  // namespace
}  // namespace penrig::test
