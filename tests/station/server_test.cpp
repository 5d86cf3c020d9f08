#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

#include <unistd.h>

#include "tests/station/server_bench.hpp"

namespace penrig::station {
namespace {

using penrig::testing::Answered;
using penrig::testing::SampleEnd;
using penrig::testing::SocketClient;
using penrig::testing::SocketListener;

class OverSockets : public SocketTest {
 public:
  std::string file_a_run() {
    RunRecord run = penrig::testing::small_record(SampleEnd::pass);
    run.header.rig_name = "bench-2";
    run.header.slot = "1";
    run.header.started_utc_ns = timeline_->utc_ns(timeline_->now());
    return penrig::testing::stored(*store_, run);
  }
  static std::string place(std::string path, const std::string& run) {
    for (const auto& [what, value] :
         {std::pair<std::string, std::string>{"{slot}", "1"}, {"{run}", run}, {"{name}", "somebody"}}) {
      const std::size_t at = path.find(what);
      if (at != std::string::npos) path.replace(at, what.size(), value);
    }
    return path;
  }

  Awaitable<void> whole_way(std::string run_id) {
    SocketClient page = client();
    const Answered index = co_await page.ask("GET", "/");
    EXPECT_EQ(index.status, 200U);
    EXPECT_EQ(co_await status(page, "GET", "/api/slots"), 401U);
    const Answered in = co_await page.sign_in("operator", kPassword);
    EXPECT_EQ(in.status, 200U) << in.body;
    SocketListener live(*timeline_, server_->port());
    SocketClient::Headers headers = as_page(page);
    const unsigned opened = co_await live.open("/api/live", headers);
    EXPECT_EQ(opened, 101U);
    const auto first = co_await live.next();
    EXPECT_EQ(type_of(first), "state");
    const Answered label = co_await page.ask("POST", "/api/scan", R"({"label":"(01)09501101020917(21)PRO-0001"})");
    EXPECT_EQ(label.status, 200U) << label.body;
    const Answered started = co_await page.ask("POST", "/api/slots/2/run", R"({"plan":"eol-pro","label":"PRO-0001"})");
    EXPECT_EQ(started.status, 202U) << started.body;
    rig_.end(1, Verdict::pass);
    const auto running = co_await live.next();
    const auto ended = co_await live.next();
    EXPECT_EQ(Json::parse(running.value_or("{}")).at("slot").at("state"), "running");
    EXPECT_EQ(Json::parse(ended.value_or("{}")).at("slot").at("verdict"), "PASS");
    const Answered history = co_await page.ask("GET", "/api/runs?limit=5");
    EXPECT_EQ(Json::parse(history.body).at("runs").at(0).at("run"), run_id);
    const Answered certificate = co_await page.ask("GET", "/api/runs/" + run_id + "/certificate");
    EXPECT_EQ(certificate.headers.at("content-type"), "application/pdf");
    EXPECT_TRUE(certificate.body.starts_with("%PDF-"));
    const Answered out = co_await page.ask("DELETE", "/api/session");
    EXPECT_EQ(out.status, 200U);
    // Whoever listened by that session is told that it is over.
    EXPECT_EQ(co_await status(page, "GET", "/api/slots"), 401U) << "the cookie is of no use any more";
  }

  Awaitable<void> every_route(std::string run_id) {
    std::size_t let = 0, refused = 0;
    for (int who = -1; who < static_cast<int>(kRoles.size()); ++who) {
      SocketClient page = client();
      const std::optional<Role> role = who < 0 ? std::nullopt : std::optional(kRoles[static_cast<std::size_t>(who)]);
      if (role) {
        const Answered in = co_await page.sign_in(name_of(*role), kPassword);
        EXPECT_EQ(in.status, 200U) << in.body;
      }
      for (const Route& route : routes()) {
        if (route.operation == Operation::sign_in || route.operation == Operation::sign_out) continue;
        const std::string method = route.method;
        std::string path = place(route.path, run_id), body = method == "GET" || method == "DELETE" ? "" : "{}";
        const Answered answered = co_await page.ask(method, path, body);
        const std::string told =
            method + " " + path + " as " + (role ? name_of(*role) : "nobody") + ": " + answered.body;
        const bool may = route.open || (role && route.roles.has(*role));
        if (may) {
          EXPECT_TRUE(answered.status != 0 && answered.status != 401 && answered.status != 403) << told;
        } else {
          EXPECT_EQ(answered.status, role ? 403U : 401U) << told;
        }
        ++(may ? let : refused);
      }
    }
    EXPECT_GT(let, 60U);
    EXPECT_GT(refused, 20U);
  }

  Awaitable<void> not_who_they_say() {
    SocketClient page = client();
    const Answered in = co_await page.sign_in("qa", kPassword);
    EXPECT_EQ(in.status, 200U);
    const std::string cookie = page.cookie;
    EXPECT_EQ(co_await status(page, "GET", "/api/session"), 200U);
    for (const std::string& forged :
         {std::string("penrig_session="), "penrig_session=" + std::string(64, '0'),
          cookie.substr(0, cookie.size() - 1) + "g", cookie + "0", "x" + cookie, std::string(3000, ';')}) {
      page.cookie = forged;
      EXPECT_EQ(co_await status(page, "GET", "/api/session"), 401U) << forged;
      EXPECT_EQ(co_await status(page, "POST", "/api/stop"), 401U) << forged;
    }
    page.cookie = cookie;
    const std::string csrf = page.csrf;
    page.csrf = std::string(64, '0');
    EXPECT_EQ(co_await status(page, "POST", "/api/stop"), 403U) << "without its token";
    page.csrf = csrf;
    EXPECT_EQ(rig_.stopped, "");
    EXPECT_EQ(co_await status(page, "POST", "/api/stop"), 202U);
    EXPECT_EQ(co_await status(page, "DELETE", "/api/session"), 200U);
    rig_.stopped.clear();
    EXPECT_EQ(co_await status(page, "POST", "/api/stop"), 401U) << "replayed";
    EXPECT_EQ(rig_.stopped, "");
  }

  Awaitable<void> from_elsewhere() {
    SocketClient page = client();
    const Answered in = co_await page.sign_in("operator", kPassword);
    EXPECT_EQ(in.status, 200U);
    for (const auto& [name, value, expected] :
         std::initializer_list<std::tuple<std::string, std::string, unsigned>>{{"Origin", "http://evil.example", 403},
                                                                               {"Origin", "null", 403},
                                                                               {"Sec-Fetch-Site", "cross-site", 403},
                                                                               {"Content-Type", "text/plain", 415},
                                                                               {"Host", "evil.example", 421}}) {
      SocketClient::Headers headers{{name, value}};
      std::string body = R"({"plan":"eol-pro","label":"PRO-0001"})";
      const Answered answered = co_await page.ask("POST", "/api/slots/1/run", body, headers);
      EXPECT_EQ(answered.status, expected) << name << ": " << value << answered.body;
      EXPECT_FALSE(answered.headers.contains("access-control-allow-origin"));
    }
    EXPECT_EQ(rig_.started.slot, "");
    for (const auto& [name, value] : {std::pair{"Origin", "http://evil.example"}, {"Cookie", "penrig_session=0"}}) {
      SocketClient::Headers headers = as_page(page);
      headers[name] = value;
      SocketListener live(*timeline_, server_->port());
      const unsigned opened = co_await live.open("/api/live", headers);
      EXPECT_TRUE(opened == 403 || opened == 401) << name << ": " << opened;
    }
  }

  static Awaitable<unsigned> status(SocketClient& page, std::string method, std::string target) {
    const Answered answered = co_await page.ask(method, target);
    co_return answered.status;
  }
  static std::string type_of(const std::optional<std::string>& text) {
    return text ? Json::parse(*text).value("type", "") : "nothing came";
  }
};

TEST_F(OverSockets, TheWholeWayFromSignInToCertificate) { run(whole_way(file_a_run())); }

TEST_F(OverSockets, EveryRouteWithEveryRoleIsAsTheTableHasIt) { run(every_route(file_a_run())); }

TEST_F(OverSockets, ForgedAndReplayedRequestsAreRefused) { run(not_who_they_say()); }

TEST_F(OverSockets, WhatComesFromAPageElsewhereIsRefused) { run(from_elsewhere()); }

TEST_F(OverSockets, AStationWithNothingToTellSaysThatItIsThere) {
  run([](OverSockets& test) -> Awaitable<void> {
    SocketClient page = test.client();
    const Answered in = co_await page.sign_in("operator", kPassword);
    EXPECT_EQ(in.status, 200U);
    SocketListener live(*test.timeline_, test.server_->port());
    SocketClient::Headers headers = as_page(page);
    EXPECT_EQ(co_await live.open("/api/live", headers), 101U);
    const auto whole = co_await live.next_of_all();
    EXPECT_EQ(type_of(whole), "state");
    const auto sign = co_await live.next_of_all();
    EXPECT_EQ(sign.value_or("nothing came"), R"({"type":"alive"})");
  }(*this));
}

TEST_F(OverSockets, AnExpiredSessionIsRefused) {
  SessionRules rules;
  rules.idle = Nanoseconds{0};
  serve_with(rules);
  run([](OverSockets& test) -> Awaitable<void> {
    SocketClient page = test.client();
    const Answered in = co_await page.sign_in("qa", kPassword);
    EXPECT_EQ(in.status, 200U) << in.body;
    EXPECT_EQ(co_await status(page, "GET", "/api/session"), 401U);
    EXPECT_EQ(co_await status(page, "POST", "/api/stop"), 401U);
    SocketListener live(*test.timeline_, test.server_->port());
    SocketClient::Headers headers = as_page(page);
    const unsigned opened = co_await live.open("/api/live", headers);
    EXPECT_EQ(opened, 401U);
  }(*this));
}

/// Local addresses of this program's sockets that listen, as the kernel has them: "0100007F:1F90".
std::vector<std::string> listening() {
  std::set<std::string> own;
  for (int fd = 0; fd < 1024; ++fd) {
    std::array<char, 64> name{};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const auto size = ::readlink(link.c_str(), name.data(), name.size() - 1);
    if (size > 0) own.insert(std::string(name.data(), static_cast<std::size_t>(size)));
  }
  std::vector<std::string> found;
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream in(table);
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      std::istringstream fields(line);
      std::vector<std::string> all;
      for (std::string field; fields >> field;) all.push_back(field);
      if (all.size() > 9 && all[3] == "0A" && own.contains("socket:[" + all[9] + "]")) found.push_back(all[1]);
    }
  }
  return found;
}

TEST_F(OverSockets, NothingListensBeyondThisComputerUnlessTold) {
  const auto found = listening();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with("0100007F:")) << found[0];
  for (const char* address : {"0.0.0.0", "::", "192.0.2.7"}) {
    ServerOptions options;
    options.address = address;
    options.port = 0;
    const auto opened = Server::open(*timeline_, *station_, options);
    ASSERT_FALSE(opened) << address;
    EXPECT_EQ(opened.error().code, Errc::usage);
    EXPECT_NE(opened.error().message.find("TLS"), std::string::npos) << opened.error().message;
  }
  EXPECT_EQ(listening(), found);
}

}  // namespace
}  // namespace penrig::station
