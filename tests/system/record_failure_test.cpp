#include <gtest/gtest.h>

#include "tests/system/forwarding_sink.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// Lets all calls through but one, which fails as a full disk does. (Those about spots are simulant_sheet_test's.)
class FailingSink final : public ForwardingSink {
 public:
  FailingSink(RecordSink& store, int failing_call, int& calls)
      : ForwardingSink(store), failing_call_(failing_call), calls_(calls) {}

  Result<std::string> open_run(const RunHeader& header) override {
    if (now_fails()) return full();
    return ForwardingSink::open_run(header);
  }
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override {
    if (now_fails()) return full();
    return ForwardingSink::add_phase(run_id, phase);
  }
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override {
    if (now_fails()) return full();
    return ForwardingSink::close_run(run_id, outcome);
  }

 private:
  static Error full() { return fail(Errc::no_space, "records.db: no space left on the device"); }
  bool now_fails() { return calls_++ == failing_call_; }

  int failing_call_;
  int& calls_;
};

VirtualResult run_with_failing_call(int failing_call, int& calls) {
  calls = 0;
  VirtualRun what;
  what.plan = "rig/plans/smoke.yaml";
  what.before_store = [failing_call, &calls](RecordSink& store) {
    return std::make_unique<FailingSink>(store, failing_call, calls);
  };
  return run_virtual(what);
}

TEST(RecordFailure, AnyCallThatFailsEndsInAnErrorThatNamesItAndNeverInAPass) {
  int calls_of_a_good_run = 0, calls = 0;
  ASSERT_EQ(run_with_failing_call(-1, calls_of_a_good_run).result.outcome.verdict, Verdict::pass);
  ASSERT_GT(calls_of_a_good_run, 5);
  for (int i = 0; i < calls_of_a_good_run; ++i) {
    const VirtualResult run = run_with_failing_call(i, calls);
    EXPECT_EQ(run.result.outcome.verdict, Verdict::error) << "call " << i;
    EXPECT_FALSE(run.result.record_durable) << "call " << i;
    EXPECT_NE(run.result.outcome.reason.find("no space left"), std::string::npos)
        << "call " << i << ": " << run.result.outcome.reason;
    EXPECT_FALSE(run.record.closed) << "call " << i
                                    << ": what was not recorded whole stays open, which counts as ERROR";
  }
}

TEST(RecordFailure, StopsTheRigBeforeItSaysSo) {
  int calls = 0;
  const VirtualResult run = run_with_failing_call(3, calls);
  EXPECT_TRUE(run.result.outcome.safe_state_confirmed);
}

}  // namespace
}  // namespace penrig::test
