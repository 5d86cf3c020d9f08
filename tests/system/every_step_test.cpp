// Every request of a whole run fails once, in every way. On each commit a third of them; PENRIG_EVERY_STEP=all: all.
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/store/verify_store.hpp"
#include "tests/system/failing_step.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

struct Failed {
  FailingStep step;
  VirtualResult run;
  std::vector<std::string> faults;  ///< that verify finds
};

Failed run_failing(StepFault fault, std::uint64_t at, std::uint32_t link_retries, bool recomputed) {
  Failed failed;
  failed.step.fault = fault;
  failed.step.at = at;
  VirtualRun what;
  what.change_plan = [&](Plan& plan) { plan.link_retries = link_retries; };
  what.around_link = [&](Timeline&, std::unique_ptr<ByteLink> link, bool is_pen) {
    return failing_step_link(std::move(link), is_pen, failed.step);
  };
  what.recomputed = recomputed;
  what.afterwards = [&](RecordStore& store) {
    const auto verified = verify_store(store, {});
    if (!verified) {
      failed.faults.push_back(verified.error().message);
      return;
    }
    for (const VerifyFault& f : verified->faults) failed.faults.push_back(f.where + ": " + f.what);
    if (verified->runs != 1) failed.faults.push_back("the run is not closed");
  };
  failed.run = run_virtual(what);
  return failed;
}

/// What the record calls a request, by the name of its message.
std::string op_of(const std::string& message) {
  static const std::map<std::string, std::string> ops{
      {"hello", "connect"},
      {"clock_request", "exchange clocks"},
      {"pen.identify", "identify"},
      {"pen.set_depth", "set depth"},
      {"pen.set_rate", "set rate"},
      {"pen.start", "start"},
      {"pen.stop", "stop"},
      {"pen.jog", "jog"},
      {"pen.park", "park"},
      {"pen.get_status", "get status"},
      {"daq.identify", "identify"},
      {"daq.start_stream", "start stream"},
      {"daq.stop_stream", "stop stream"},
      {"daq.move_stage", "move stage"},
      {"daq.touch_off", "touch off"},
      {"daq.set_reflexes", "set reflexes"},
      {"daq.withdraw", "withdraw"},
      {"daq.get_status", "get status"},
  };
  return ops.at(message);
}

/// Everything that the record says of what went wrong.
std::string all_words(const RunRecord& record) {
  std::string words = record.outcome.reason;
  for (const PhaseRecord& phase : record.phases) words += "\n" + phase.error;
  for (const RunEvent& event : record.outcome.events) words += "\n" + event.text;
  return words;
}

/// Why a run may be a PASS although this request failed; empty: it may not.
std::string mended(const Failed& f) {
  for (const RunEvent& event : f.run.record.outcome.events) {
    if (event.kind == "retry") return "the plan's retry";
    if (event.text.starts_with("the safe state is commanded again") &&
        event.text.find(op_of(f.step.victim)) != std::string::npos) {
      return "a second command, and the sensors";
    }
  }
  const bool clocks = f.step.victim == "clock_request";
  if (clocks && f.step.fault != StepFault::closed) return "one of eight exchanges; the others count";
  return {};
}

/// What is wrong with how this run ended; empty: nothing.
std::string wrong_with(const Failed& f, double undisturbed_s) {
  const RunOutcome& outcome = f.run.result.outcome;
  if (f.step.victim.empty()) return "the request never came";
  if (!f.faults.empty()) return "the record does not verify: " + f.faults.front();
  if (!f.run.record.closed || !f.run.result.record_durable) return "the record was not closed";
  if (outcome.verdict == Verdict::pass && mended(f).empty()) return "PASS";
  if (outcome.verdict != Verdict::pass && outcome.verdict != Verdict::error) {
    return fmt::format("verdict {}: {}", static_cast<int>(outcome.verdict), outcome.reason);
  }
  if (f.run.rig_seconds > 2 * undisturbed_s + TimePoint{kSafeStateBound}.seconds()) {
    return fmt::format("took {:.1f} s on the rig", f.run.rig_seconds);
  }
  const std::string words = all_words(f.run.record);
  const std::string link = f.step.victim_of_pen ? "sim:pen" : "sim:daq";
  if (outcome.verdict != Verdict::pass) {
    const std::string named = f.step.fault == StepFault::closed ? link : op_of(f.step.victim);
    if (words.find(named) == std::string::npos) return "'" + named + "' is not named: " + words;
    if (words.find(link) == std::string::npos) return "'" + link + "' is not named: " + words;
    if (outcome.reason.empty()) return "no reason";
  }
  if (!outcome.safe_state_confirmed && f.run.result.reached_bench && words.find("safe state") == std::string::npos) {
    return "neither in its safe state nor said not to be: " + words;
  }
  return {};
}

constexpr std::uint64_t kTeardown = 16;  ///< so many requests at the end: all of these are judged again

class EveryStep : public ::testing::TestWithParam<StepFault> {};

TEST_P(EveryStep, ThatFailsEndsInBoundedTimeSafelyWithItsNameInAClosedRecordAndNeverInAPassThatIsNone) {
  const StepFault fault = GetParam();
  const Failed good = run_failing(StepFault::none, 0, 0, true);
  ASSERT_EQ(good.run.result.outcome.verdict, Verdict::pass) << good.run.result.outcome.reason;
  ASSERT_EQ(good.faults, std::vector<std::string>{});
  const std::uint64_t requests = good.step.sent.size();
  ASSERT_GT(requests, 150U);
  const char* asked = std::getenv("PENRIG_EVERY_STEP");
  const std::uint64_t every = asked != nullptr && std::string(asked) == "all" ? 1 : 3;
  std::map<std::string, int> ends;
  int wrong = 0;
  for (std::uint64_t i = static_cast<std::uint64_t>(fault) % every; i < requests; i += every) {
    const auto link_retries = static_cast<std::uint32_t>(i / every % 2);
    const Failed failed = run_failing(fault, i, link_retries, i % 10 == 0 || i + kTeardown > requests);
    const std::string what = wrong_with(failed, good.run.rig_seconds);
    ends[failed.run.result.outcome.verdict == Verdict::pass ? "PASS, mended by " + mended(failed) : "ERROR"] += 1;
    if (what.empty()) continue;
    ADD_FAILURE() << "request " << i << ", " << failed.step.victim << ", " << name_of(fault) << ", " << link_retries
                  << " retries: " << what;
    if (++wrong > 20) break;
  }
  std::string table = fmt::format("{} requests, {}:", requests, name_of(fault));
  for (const auto& [how, n] : ends) table += fmt::format(" {} × {};", n, how);
  RecordProperty("ends", table);
  std::puts(table.c_str());
}

INSTANTIATE_TEST_SUITE_P(Fault, EveryStep,
                         ::testing::Values(StepFault::refused, StepFault::lost, StepFault::unanswered,
                                           StepFault::wrong_reply, StepFault::closed),
                         [](const auto& parameter) {
                           std::string name = name_of(parameter.param);
                           std::erase(name, ' ');
                           return name;
                         });

}  // namespace
}  // namespace penrig::test
