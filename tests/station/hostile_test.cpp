#include <algorithm>

#include "rig/base/random.hpp"
#include "tests/station/server_bench.hpp"

namespace penrig::station {
namespace {

using penrig::testing::Answered;
using penrig::testing::SocketClient;
using penrig::testing::SocketListener;

constexpr const char* kHost = "Host: 127.0.0.1\r\n";

/// What comes in may be anything: it is answered with an error or not at all, and the next one is served.
class HostileInput : public SocketTest {
 public:
  static unsigned status_of(const std::string& answer) {
    return answer.starts_with("HTTP/1.1 ") ? static_cast<unsigned>(std::stoul(answer.substr(9, 3))) : 0;
  }
  Awaitable<void> still_serves(std::string after) {
    SocketClient page = client();
    const Answered health = co_await page.ask("GET", "/healthz");
    EXPECT_EQ(health.status, 200U) << after;
  }
  Awaitable<void> refused(std::vector<std::pair<std::string, std::vector<unsigned>>> cases) {
    SocketClient page = client();
    for (const auto& [bytes, expected] : cases) {
      const std::string answer = co_await page.raw(bytes, std::chrono::seconds{3});
      EXPECT_NE(std::ranges::find(expected, status_of(answer)), expected.end())
          << bytes.substr(0, 120) << "\n-> " << answer.substr(0, 200);
      EXPECT_EQ(answer.find("root:"), std::string::npos);
      EXPECT_EQ(answer.find("\r\nX-Injected"), std::string::npos) << answer;
      co_await still_serves(bytes.substr(0, 120));
    }
  }
};

TEST_F(HostileInput, MalformedRequestsAreAnsweredWithAnErrorOrNotAtAll) {
  using namespace std::string_literals;
  const std::string close = "Connection: close\r\n";
  run(refused({
      {"", {0}},
      {"\r\n\r\n", {0, 400}},
      {"nonsense", {0, 400}},
      {"GET", {0, 400}},
      {"GET /\r\n\r\n", {400}},
      {"GET / HTTP/9.9\r\n\r\n", {400}},
      {"GET  / HTTP/1.1\r\n\r\n", {400}},
      {"G\x01T / HTTP/1.1\r\n" + std::string(kHost) + close + "\r\n", {400}},
      {"GET /\0 HTTP/1.1\r\n\r\n"s, {400}},
      {"GET / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\n: nameless\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\n" + close + "\r\n", {421}},
      {"GET / HTTP/1.1\r\nHost: 127.0.0.1\nX: a\0b\r\n\r\n"s, {400}},
      {"POST /api/session HTTP/1.1\r\n" + std::string(kHost) + "Content-Length: -1\r\n\r\n", {400}},
      {"POST /api/session HTTP/1.1\r\n" + std::string(kHost) + "Content-Length: 99999999999999999999\r\n\r\n", {400}},
      {"POST /api/session HTTP/1.1\r\n" + std::string(kHost) + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
       {400}},
      {"POST /api/session HTTP/1.1\r\n" + std::string(kHost) +
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400}},
      {"POST /api/session HTTP/1.1\r\n" + std::string(kHost) +
           "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
       {400}},
      {"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + std::string(kHost) + close + "\r\n", {400}},
      {"OPTIONS * HTTP/1.1\r\n" + std::string(kHost) + close + "\r\n", {400}},
      {"TRACE / HTTP/1.1\r\n" + std::string(kHost) + close + "\r\n", {404}},
      {"GET http://evil.example/ HTTP/1.1\r\n" + std::string(kHost) + close + "\r\n", {400}},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", {0, 400}},  // TLS at a plain port
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {0, 400}},
  }));
}

TEST_F(HostileInput, OversizedRequestsAreRefused) {
  const std::string get = "GET / HTTP/1.1\r\n" + std::string(kHost);
  std::string many = get;
  for (int i = 0; i < 2000; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  std::string chunks = "POST /api/session HTTP/1.1\r\n" + std::string(kHost) + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) chunks += "400\r\n" + std::string(1024, 'a') + "\r\n";
  run(refused({
      {get + "X: " + std::string(17'000, 'a') + "\r\n\r\n", {431}},
      {many + "\r\n", {431}},
      {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n", {400, 431}},
      {"GET /" + std::string(3000, 'a') + " HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n", {400}},
      {"POST /api/session HTTP/1.1\r\n" + std::string(kHost) + "Content-Length: 70000\r\n\r\n" +
           std::string(70'000, 'a'),
       {413, 0}},  // it may end the connection before all of it was sent
      {"POST /api/session HTTP/1.1\r\n" + std::string(kHost) + "Content-Length: 99999999999\r\n\r\n", {413}},
      {chunks + "0\r\n\r\n", {413, 0}},
  }));
}

TEST_F(HostileInput, NoPathLeadsOutOfThePage) {
  std::vector<std::pair<std::string, std::vector<unsigned>>> cases;
  for (const char* path :
       {"/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%252e%252e/etc/passwd",
        "/....//....//etc/passwd", "/.%2e/etc/passwd", "//etc/passwd", "/station.js/../../people.json",
        "/..\\..\\etc\\passwd", "/%5c..%5cetc", "/etc/passwd", "/api/runs/..%2f..%2fetc%2fpasswd/report",
        "/api/runs/%2e%2e/report", "/%00/etc/passwd", "/index.html%00.png", "/proc/self/environ"}) {
    cases.push_back(
        {"GET " + std::string(path) + " HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n", {400, 401, 404}});
  }
  run(refused(std::move(cases)));
}

TEST_F(HostileInput, NoLineBreakGetsIntoAHeader) {
  std::vector<std::pair<std::string, std::vector<unsigned>>> cases;
  for (const char* path : {"/%0d%0aX-Injected:%201", "/?q=%0d%0aX-Injected:%201", "/a%0aX-Injected:1"}) {
    cases.push_back({"GET " + std::string(path) + " HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n", {400}});
  }
  // What is said back in an answer stays in its body.
  const std::string body = R"({"name":"a\r\nX-Injected: 1","password":"b\r\n\r\nX-Injected: 1"})";
  cases.push_back({"POST /api/session HTTP/1.1\r\n" + std::string(kHost) +
                       "Connection: close\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body,
                   {401}});
  run(refused(std::move(cases)));
}

TEST_F(HostileInput, WhoSaysNothingOrHalfIsLetGo) {
  ConnectionBounds bounds;
  bounds.idle = std::chrono::milliseconds{300};
  serve(bounds);
  run([](HostileInput& test) -> Awaitable<void> {
    SocketClient page = test.client();
    for (const std::string& half :
         {std::string(), std::string("GET / HT"), "GET / HTTP/1.1\r\n" + std::string(kHost),
          "POST /api/session HTTP/1.1\r\n" + std::string(kHost) + "Content-Length: 100\r\n\r\nhalf"}) {
      const TimePoint began = test.timeline_->now();
      const std::string answer = co_await page.raw(half, std::chrono::seconds{20});
      EXPECT_LT(test.timeline_->now() - began, std::chrono::seconds{10}) << half;
      EXPECT_TRUE(answer.empty() || status_of(answer) == 400) << answer;
      co_await test.still_serves(half);
    }
    EXPECT_LE(test.server_->connections(), 1U);
  }(*this));
}

TEST_F(HostileInput, RandomBytesEndInAnErrorOrInNothing) {
  const unsigned seed = 20261127;
  Random random(seed);
  std::vector<std::pair<std::string, std::vector<unsigned>>> cases;
  const std::string good = "POST /api/session?a=b HTTP/1.1\r\n" + std::string(kHost) +
                           "Connection: close\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n" +
                           R"({"name":"a"})";
  for (int i = 0; i < 40; ++i) {
    std::string bytes = good;
    for (int change = 0; change < 1 + i % 5; ++change)
      bytes[random.bits() % (bytes.size() - 13)] = static_cast<char>(random.bits() % 256);
    cases.push_back({bytes + "\r\n\r\n\r\n\r\n", {0, 400, 401, 403, 404, 405, 413, 415, 421, 422, 429, 431}});
  }
  SCOPED_TRACE("seed " + std::to_string(seed));
  run(refused(std::move(cases)));
}

TEST_F(HostileInput, AWebSocketThatBreaksItsProtocolIsClosedAndNobodyElse) {
  run([](HostileInput& test) -> Awaitable<void> {
    SocketClient page = test.client();
    const Answered in = co_await page.sign_in("operator", kPassword);
    EXPECT_EQ(in.status, 200U) << in.body;
    SocketClient::Headers headers = as_page(page);
    SocketListener good(*test.timeline_, page.port());
    EXPECT_EQ(co_await good.open("/api/live", headers), 101U);
    co_await good.next();
    const std::string mask(4, '\0');
    std::vector<std::pair<std::string, std::string>> frames{
        {"not masked", "\x81\x02hi"},
        {"no such opcode", "\x83\x82" + mask + "hi"},
        {"reserved bits", "\xf1\x82" + mask + "hi"},
        {"a control frame in pieces", "\x09\x82" + mask + "hi"},
        {"a control frame that is too long", std::string("\x89\xfe\x00\x80", 4) + mask + std::string(128, 'a')},
        {"2^63 bytes", std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 10) + mask},
        {"longer than it may be", std::string("\x81\xfe\x08\x00", 4) + mask + std::string(2048, 'a')},
        {"no UTF-8", "\x81\x82" + mask + "\xff\xfe"},
        {"goes on from nothing", "\x80\x82" + mask + "hi"},
        {"HTTP in the middle", "GET / HTTP/1.1\r\n\r\n"},
    };
    std::string flood;
    for (int i = 0; i < 200; ++i) flood += "\x81\x82" + mask + "hi";
    frames.emplace_back("a flood", flood);
    for (const auto& [what, bytes] : frames) {
      SocketListener bad(*test.timeline_, page.port());
      EXPECT_EQ(co_await bad.open("/api/live", headers), 101U) << what;
      const auto first = co_await bad.next();
      EXPECT_TRUE(first) << what;
      co_await bad.send_raw(bytes);
      const TimePoint began = test.timeline_->now();
      const auto nothing = co_await bad.next(std::chrono::seconds{8});
      EXPECT_FALSE(nothing) << what << ": " << nothing.value_or("");
      EXPECT_LT(test.timeline_->now() - began, std::chrono::seconds{7}) << what << ": it was not closed";
      co_await test.still_serves(what);
    }
    test.rig_.end(0, Verdict::pass);
    const auto told = co_await good.next();
    EXPECT_TRUE(told) << "who keeps to the protocol still listens";
  }(*this));
}

TEST_F(HostileInput, AHandshakeThatIsNoneIsRefused) {
  run([](HostileInput& test) -> Awaitable<void> {
    SocketClient page = test.client();
    const Answered in = co_await page.sign_in("operator", kPassword);
    EXPECT_EQ(in.status, 200U) << in.body;
    const std::string head = "GET /api/live HTTP/1.1\r\n" + std::string(kHost) + "Cookie: " + page.cookie + "\r\n";
    for (const std::string& rest :
         {std::string("Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
          std::string("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: "
                      "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
          std::string("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                      "x\r\n\r\n"),
          std::string("Connection: close\r\n\r\n")}) {
      const std::string answer = co_await page.raw(head + rest, std::chrono::seconds{3});
      EXPECT_NE(status_of(answer), 101U) << rest;
      EXPECT_NE(status_of(answer), 200U) << rest;
      co_await test.still_serves(rest);
    }
  }(*this));
}

}  // namespace
}  // namespace penrig::station
