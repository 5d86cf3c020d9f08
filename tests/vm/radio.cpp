#include "tests/vm/radio.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>

#include "rig/base/timeline.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

Timeline& timeline() {
  static const std::unique_ptr<Timeline> real = make_real_timeline();
  return *real;
}

Awaitable<int> sleep(double seconds) {
  co_await timeline().sleep_for(seconds_to_ns(seconds));
  co_return 0;
}

}  // namespace

bool radio(const std::string& words) {
  // NOLINTNEXTLINE(cert-env33-c): the words are this file's own
  return std::system((kSource + "/tests/vm/radio " + words).c_str()) == 0;
}

double guest_seconds() { return timeline().now().seconds(); }
void let_pass(double seconds) { timeline().run(sleep(seconds)); }

std::string write_plan_over_ble(const std::string& folder) {
  std::string plan = read_text(kSource + "/rig/plans/swarm.yaml");
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"../../fixtures", kSource + "/fixtures"},
                                 {"  - sweep: one setting\n", "  - sweep: one setting\n    via: ble\n"},
                                 {"  - link_loss: silence\n", "  - link_loss: silence\n    via: ble\n"}}) {
    EXPECT_NE(plan.find(from), std::string::npos) << from;
    plan.replace(plan.find(from), from.size(), to);
  }
  std::ofstream(folder + "/over-ble.yaml") << plan;
  return folder + "/over-ble.yaml";
}

void OverRadio::SetUp() { ASSERT_TRUE(radio("up")); }

void OverRadio::start_pen(std::vector<std::string> more) {
  more.insert(more.begin(), {"--ble", "hci1"});
  start_rig(more);
  ASSERT_TRUE(sim_->wait_for_output("on hci1", 20'000)) << sim_->out() << sim_->err();
}

void OverRadio::end_pen() {
  if (!sim_) return;
  sim_->signal(SIGINT);
  EXPECT_EQ(sim_->wait_for_exit(20'000), 0) << sim_->out() << sim_->err();
  sim_.reset();
}

std::vector<std::string> OverRadio::run_over_ble() const {
  return {"run", write_plan_over_ble(folder()), "--rig", rig(), "--serial-number", "PRO-0001", "--json", "--no-report"};
}

OverRadio::Ended OverRadio::end_of(Program& run, double began_s, int at_most_ms) const {
  Ended ended;
  ended.exit_code = run.wait_for_exit(at_most_ms);
  ended.took_s = guest_seconds() - began_s;
  ended.all = run.out() + run.err();
  const auto lines = cli::json_lines(run.out());
  if (!lines.empty()) ended.result = lines.back();
  if (ended.result.is_object()) ended.reason = ended.result.value("reason", "");
  return ended;
}

OverRadio::Ended OverRadio::run_to_end(int at_most_ms) const {
  const double began_s = guest_seconds();
  Program run(run_over_ble(), folder());
  return end_of(run, began_s, at_most_ms);
}

void OverRadio::check_fails_closed(const Ended& run, const std::string& what) const {
  ASSERT_TRUE(run.result.is_object()) << what << "\n" << run.all;
  EXPECT_EQ(run.result.value("record_durable", false), true) << what << "\n" << run.all;
  const std::string id = run.result.value("run", "");
  if (run.exit_code == 0) {
    EXPECT_EQ(run.result.value("verdict", ""), "PASS") << what;
    const Finished again = run_program({"recompute", id}, folder());
    EXPECT_EQ(again.exit_code, 0) << what << "\n" << again.out << again.err;
    return;
  }
  EXPECT_EQ(run.exit_code, 3) << what << "\n" << run.all;
  EXPECT_EQ(run.result.value("verdict", ""), "ERROR") << what << "\n" << run.all;
  EXPECT_NE(run.reason, "") << what;
}

}  // namespace penrig::test
