#include "tests/vm/radio.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "rig/base/timeline.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

Timeline& timeline() {
  static const std::unique_ptr<Timeline> real = make_real_timeline();
  return *real;
}

Awaitable<int> pass(double seconds) {
  co_await timeline().sleep_for(seconds_to_ns(seconds));
  co_return 0;
}

int pen_number(int pair) { return pair == 0 ? 1 : 2 * pair; }

void replace(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from << " in\n" << text;
  text.replace(at, from.size(), to);
}

}  // namespace

bool radio(const std::string& words) {
  // NOLINTNEXTLINE(cert-env33-c): the words are this file's own
  return std::system((kSource + "/tests/vm/radio " + words).c_str()) == 0;
}

double guest_seconds() { return timeline().now().seconds(); }
void let_pass(double seconds) { timeline().run(pass(std::max(seconds, 0.0))); }

std::string pen_adapter(int pair) { return "hci" + std::to_string(pen_number(pair)); }
std::string host_adapter(int pair) { return "hci" + std::to_string(pair == 0 ? 0 : 2 * pair + 1); }
std::string pen_address(int pair) { return fmt::format("00:AA:01:{0:02X}:00:{0:02X}", pen_number(pair)); }

std::string write_plan_over_ble(const std::string& folder) {
  std::string plan = read_text(kSource + "/rig/plans/swarm.yaml");
  replace(plan, "../../fixtures", kSource + "/fixtures");
  replace(plan, "  - sweep: one setting\n", "  - sweep: one setting\n    via: ble\n");
  replace(plan, "  - link_loss: silence\n", "  - link_loss: silence\n    via: ble\n");
  std::ofstream(folder + "/over-ble.yaml") << plan;
  return folder + "/over-ble.yaml";
}

void Lane::start_pen(std::vector<std::string> more) {
  std::vector<std::string> arguments{"sim",         "--seed", "1",     "--serial-number", serial_number(),
                                     "--write-rig", rig(),    "--ble", pen_adapter(pair_)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  sim_ = std::make_unique<Program>(arguments, folder());
  ASSERT_TRUE(sim_->wait_for_output("end  ", 20'000)) << sim_->out() << sim_->err();
  std::string description = read_text(rig());
  replace(description, "pen_ble: ble:name=" + serial_number(),
          "pen_ble: ble:name=" + serial_number() + "?adapter=" + host_adapter(pair_));
  std::ofstream(rig()) << description;
}

void Lane::end_pen() {
  if (!sim_) return;
  sim_->signal(SIGINT);
  EXPECT_EQ(sim_->wait_for_exit(20'000), 0) << sim_->out() << sim_->err();
  sim_.reset();
}

std::vector<std::string> Lane::run_arguments() const {
  return {"run",        write_plan_over_ble(folder()), "--rig", rig(), "--serial-number", serial_number(), "--json",
          "--no-report"};
}

void Lane::start_run() { run_ = std::make_unique<Program>(run_arguments(), folder()); }

Ended Lane::end_of_run(int at_most_ms) {
  Ended ended;
  ended.exit_code = run_->wait_for_exit(at_most_ms);
  ended.all = run_->out() + run_->err();
  const auto lines = cli::json_lines(run_->out());
  if (!lines.empty()) ended.result = lines.back();
  if (ended.result.is_object()) ended.reason = ended.result.value("reason", "");
  return ended;
}

void Lane::check_fails_closed(const Ended& run, const std::string& what) const {
  ASSERT_TRUE(run.result.is_object()) << what << "\n" << run.all;
  EXPECT_EQ(run.result.value("record_durable", false), true) << what << "\n" << run.all;
  if (run.exit_code == 0) {
    EXPECT_EQ(run.result.value("verdict", ""), "PASS") << what;
    const Finished again = penrig({"recompute", run.result.value("run", "")});
    EXPECT_EQ(again.exit_code, 0) << what << "\n" << again.out << again.err;
    return;
  }
  EXPECT_EQ(run.exit_code, 3) << what << "\n" << run.all;
  EXPECT_EQ(run.result.value("verdict", ""), "ERROR") << what << "\n" << run.all;
  EXPECT_NE(run.reason, "") << what;
}

Lane& OverRadio::lane(int pair) {
  while (static_cast<int>(lanes_.size()) <= pair)
    lanes_.push_back(std::make_unique<Lane>(static_cast<int>(lanes_.size())));
  return *lanes_[static_cast<std::size_t>(pair)];
}

}  // namespace penrig::test
