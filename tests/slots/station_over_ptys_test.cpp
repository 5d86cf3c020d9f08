#include <csignal>
#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/station/socket_client.hpp"
#include "tests/system/over_ptys.hpp"

namespace penrig::test {
namespace {

using nlohmann::json;
using penrig::testing::Answered;
using penrig::testing::SocketClient;
using penrig::testing::SocketListener;

constexpr const char* kPassword = "correct horse battery\n";

/// The program `penrig station` with a rig of two slots over ptys, and a person before it.
class StationOverPtys : public OverPtys {
 public:
  void start_station() {
    station_ = std::make_unique<Program>(std::vector<std::string>{"station", "--rig", rig(), "--plan",
                                                                  kSource + "/rig/plans/smoke.yaml", "--port", "0"},
                                         folder());
    ASSERT_TRUE(station_->wait_for_output("Ctrl-C", 30'000)) << station_->out() << station_->err();
    static const std::regex address("http://127\\.0\\.0\\.1:([0-9]+)/");
    std::smatch found;
    const std::string out = station_->out();
    ASSERT_TRUE(std::regex_search(out, found, address)) << out;
    page_ = std::make_unique<SocketClient>(*timeline_, static_cast<std::uint16_t>(std::stoul(found[1])));
  }
  /// An admin from the command line, and an operator by that admin.
  Awaitable<void> let_people_in() {
    const Answered admin = co_await page_->sign_in("ada", "correct horse battery");
    EXPECT_EQ(admin.status, 200U) << admin.body;
    const Answered added = co_await page_->ask("PUT", "/api/people/olga",
                                               R"({"role":"operator","password":"correct horse battery"})");
    EXPECT_EQ(added.status, 200U) << added.body;
  }
  Awaitable<void> start(std::string slot, std::string pen) {
    const Answered in = co_await page_->sign_in("olga", "correct horse battery");
    EXPECT_EQ(in.status, 200U) << in.body;
    std::string body = json{{"plan", "smoke"}, {"label", pen}}.dump();
    const Answered started = co_await page_->ask("POST", "/api/slots/" + slot + "/run", std::move(body));
    EXPECT_EQ(started.status, 202U) << started.body;
  }
  /// The slot as it is told when it is so; null: it never was.
  Awaitable<json> told(std::string slot, std::function<bool(const json&)> is_so) {
    SocketListener live(*timeline_, page_->port());
    SocketClient::Headers headers{{"Cookie", page_->cookie}};
    EXPECT_EQ(co_await live.open("/api/live", headers), 101U);
    const TimePoint deadline = timeline_->now() + std::chrono::minutes{2};
    while (timeline_->now() < deadline) {
      const auto text = co_await live.next(std::chrono::seconds{30});
      if (!text) break;
      const json message = json::parse(*text);
      json slots = message.value("slots", json::array());
      if (message.contains("slot") && message["slot"].is_object()) slots.push_back(message["slot"]);
      for (const json& one : slots) {
        if (one.at("name") == slot && is_so(one)) co_return one;
      }
    }
    co_return json();
  }
  void run(Awaitable<void> test) { timeline_->run(to_end(std::move(test))); }

 protected:
  void SetUp() override {
    start_rig({"--slots", "2"});
    const Finished admin = run_program({"station", "--first-admin", "ada"}, folder(), kPassword);
    ASSERT_EQ(admin.exit_code, 0) << admin.err;
    start_station();
  }
  static Awaitable<int> to_end(Awaitable<void> test) {
    co_await std::move(test);
    co_return 0;
  }

  std::unique_ptr<Timeline> timeline_ = make_real_timeline();
  std::unique_ptr<Program> station_;
  std::unique_ptr<SocketClient> page_;
};

bool touches(const json& slot) {
  return slot.at("state") == "running" && slot.at("progress").at("label") == "reference before";
}
bool has_ended(const json& slot) { return slot.at("state") == "ended"; }

TEST_F(StationOverPtys, KilledInMidRunItSaysSoWhenItComesBackAndThePenIsSafe) {
  run([](StationOverPtys& test) -> Awaitable<void> {
    co_await test.let_people_in();
    co_await test.start("1", "PRO-0001");
    const json running = co_await test.told("1", touches);
    EXPECT_FALSE(running.is_null()) << test.station_->err();
  }(*this));
  station_->signal(SIGKILL);
  EXPECT_EQ(station_->wait_for_exit(10'000), 128 + SIGKILL);
  start_station();
  run([](StationOverPtys& test) -> Awaitable<void> {
    // The pen was stopped by its own dead-man; the next run looks whether it was before it does anything.
    co_await test.start("1", "PRO-0001");
    const json ended = co_await test.told("1", has_ended);
    EXPECT_EQ(ended.value("verdict", ""), "PASS") << ended;
    const Answered slots = co_await test.page_->ask("GET", "/api/slots");
    const json last = json::parse(slots.body).at("slots").at(0).at("last");
    EXPECT_EQ(last.size(), 2U) << last;
    EXPECT_EQ(last.at(0).at("verdict"), "PASS");
    EXPECT_EQ(last.at(1).at("verdict"), "INTERRUPTED");
  }(*this));
}

TEST_F(StationOverPtys, ASignalStopsAllSlotsSafelyAndEndsIt) {
  run([](StationOverPtys& test) -> Awaitable<void> {
    co_await test.let_people_in();
    for (const char* slot : {"1", "2"}) co_await test.start(slot, std::string("PRO-000") + slot);
    for (const char* slot : {"1", "2"}) {
      const json running = co_await test.told(slot, touches);
      EXPECT_FALSE(running.is_null()) << slot << test.station_->err();
    }
  }(*this));
  station_->signal(SIGTERM);
  EXPECT_EQ(station_->wait_for_exit(30'000), 0) << station_->err();
  const Finished list = run_program({"records", "list", "--json"}, folder());
  std::size_t aborted = 0;
  for (std::size_t at = list.out.find("ABORTED"); at != std::string::npos; at = list.out.find("ABORTED", at + 1)) {
    ++aborted;
  }
  EXPECT_EQ(aborted, 2U) << list.out << list.err;
}

}  // namespace
}  // namespace penrig::test
