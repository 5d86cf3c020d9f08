#include <fstream>

#include <sys/stat.h>

#include "reports/station/hook_secret.hpp"
#include "reports/station/pre_check.hpp"
#include "reports/station/webhook.hpp"
#include "tests/station/other_system.hpp"
#include "tests/station/station_bench.hpp"

namespace penrig::station {
namespace {

using penrig::testing::OtherSystem;
using penrig::testing::SampleEnd;

/// The example of Standard Webhooks, as its libraries test themselves with.
constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

HookSecret secret() { return *HookSecret::parse(kSecret); }

TEST(HookSecret, SignsAsStandardWebhooksHasIt) {
  const auto headers =
      secret().headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330'999'999'999, R"({"test": 2432232314})");
  using Header = std::pair<std::string, std::string>;
  EXPECT_EQ(headers[0], (Header{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"}));
  EXPECT_EQ(headers[1], (Header{"webhook-timestamp", "1614265330"}));
  EXPECT_EQ(headers[2], (Header{"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}));
}

TEST(HookSecret, RefusesWhatIsNoKey) {
  for (const char* text : {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_not base64 at all!!",
                           "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n\n"}) {
    const auto parsed = HookSecret::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find("whsec_"), std::string::npos);
  }
  EXPECT_TRUE(HookSecret::parse(std::string(kSecret) + "\n"));
}

TEST(HookSecret, RefusesAFileThatOthersMayRead) {
  const ScratchDirectory folder;
  const auto file = folder.path() / "secret.txt";
  std::ofstream(file) << kSecret << "\n";
  ::chmod(file.c_str(), 0640);
  const auto open = HookSecret::read(file);
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().message.find("chmod 600"), std::string::npos) << open.error().message;
  EXPECT_EQ(open.error().message.find("MfKQ"), std::string::npos) << "the secret itself is told";
  ::chmod(file.c_str(), 0600);
  EXPECT_TRUE(HookSecret::read(file));
  EXPECT_EQ(HookSecret::read(folder.path() / "none").error().code, Errc::io);
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_NE(HookSecret::read(pipe).error().message.find("a pipe or a device"), std::string::npos) << "nor waited for";
}

TEST(ParseUrl, TakesAddressesApart) {
  const auto plain = parse_url("https://mes.example/penrig?line=2");
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->secure);
  EXPECT_EQ(plain->host, "mes.example");
  EXPECT_EQ(plain->port, "443");
  EXPECT_EQ(plain->target, "/penrig?line=2");
  EXPECT_EQ(parse_url("https://[::1]:8443")->host, "::1");
  EXPECT_EQ(parse_url("https://[::1]:8443")->port, "8443");
  EXPECT_EQ(parse_url("http://127.0.0.1:8080?x")->target, "/?x");
}

TEST(ParseUrl, RefusesWhatIsNoneAndWhatAnybodyCouldReadOrAnswer) {
  for (const char* text : {"", "mes.example", "ftp://mes.example/", "https://", "https://user:pass@mes.example/",
                           "https://mes.example:0/", "https://mes.example:65536/", "https://mes.example:80x/",
                           "https://mes.example/a b", "https://mes.example/\r\nX: y", "https://mes.example/#part",
                           "https://me\\s.example/", "http://mes.example/", "http://192.0.2.7/"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Errc::usage) << text;
    EXPECT_NE(url.error().message.find("https://"), std::string::npos) << url.error().message;
  }
}

/// Over real sockets of this computer, in real time.
class HooksOverSockets : public ::testing::Test {
 protected:
  void run(Awaitable<void> test) { timeline_->run(to_end(std::move(test))); }
  PreCheck pre_check(const std::string& url, Nanoseconds within = std::chrono::seconds{5}) {
    return {*timeline_, *client_, *parse_url(url), secret(), within};
  }
  /// Empty: it may run; else why not.
  Awaitable<std::string> ask(std::string url, Nanoseconds within = std::chrono::seconds{5}) {
    PreCheck check = pre_check(url, within);
    PenToCheck pen{"PRO-0001", "pen-pro", "eol-pro", "bench-2", "1", "ada"};
    auto asking = check.ask(std::move(pen));
    const Result<void> allowed = co_await std::move(asking);
    if (allowed) co_return "";
    EXPECT_EQ(allowed.error().code, Errc::refused);
    EXPECT_NE(allowed.error().message.find("PRO-0001"), std::string::npos) << allowed.error().message;
    co_return allowed.error().message;
  }
  Awaitable<void> answers() {
    std::string why = co_await ask(other_.url());
    EXPECT_NE(why.find("answered '{}', expected was 200"), std::string::npos) << why;
    for (const auto& [reply, expected] : std::vector<std::pair<std::string, std::string>>{
             {OtherSystem::reply(200, R"({"allowed": true})"), ""},
             {OtherSystem::reply(200, R"({"allowed": false, "reason": "lot 7 is held\u001b[31m"})"),
              "lot 7 is held?[31m"},
             {OtherSystem::reply(200, R"({"allowed": false})"), "gave no reason"},
             {OtherSystem::reply(200, R"({"allowed": "yes"})"), "is not known"},
             {OtherSystem::reply(200, R"({"allowed": 1})"), "is not known"},
             {OtherSystem::reply(200, R"([true])"), "is not known"},
             {OtherSystem::reply(200, "true"), "is not known"},
             {OtherSystem::reply(200, ""), "is not known"},
             {OtherSystem::reply(500, R"({"allowed": true})"), "status 500"},
             {OtherSystem::reply(302, R"({"allowed": true})"), "status 302"},
             {OtherSystem::reply(204, ""), "status 204"},
             {OtherSystem::reply(200, std::string(70'000, ' ') + R"({"allowed": true})"), "no HTTP reply"},
             {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"allowed\": true}", "no HTTP reply"},
             {"\x16\x03\x01garbage\r\n\r\n", "no HTTP reply"},
             {"", "no HTTP reply"}}) {
      other_.answer = [&reply](const OtherSystem::Asked&) { return reply; };
      why = co_await ask(other_.url());
      if (expected.empty()) {
        EXPECT_EQ(why, "") << reply;
      } else {
        EXPECT_NE(why.find(expected), std::string::npos) << why << " after " << reply.substr(0, 100);
      }
    }
    const OtherSystem::Asked& asked = other_.asked.front();
    EXPECT_EQ(asked.target, "/hook");
    const Json message = Json::parse(asked.body);
    EXPECT_EQ(message.at("type"), "run.check");
    EXPECT_EQ(message.at("data").at("serial_number"), "PRO-0001");
    EXPECT_EQ(message.at("data").at("slot"), "1");
    const std::string id = asked.headers.at("webhook-id");
    const std::int64_t at_ns = std::stoll(asked.headers.at("webhook-timestamp")) * 1'000'000'000;
    EXPECT_EQ(secret().headers(id, at_ns, asked.body)[2].second, asked.headers.at("webhook-signature"));
    EXPECT_NE(id, other_.asked.back().headers.at("webhook-id")) << "every question has its own";
  }
  Awaitable<void> nobody() {
    const std::string url = other_.url();
    other_.answer = [](const OtherSystem::Asked&) { return "hang"; };
    const std::string late = co_await ask(url, std::chrono::milliseconds{200});
    EXPECT_NE(late.find("no reply within 0.2 s"), std::string::npos) << late;
    other_.close();
    const std::string gone = co_await ask(url);
    EXPECT_NE(gone.find("cannot be reached"), std::string::npos) << gone;
    const std::string unknown = co_await ask("https://no-such-host.invalid/");
    EXPECT_NE(unknown.find("its name is not known"), std::string::npos) << unknown;
  }
  /// Plain HTTP at the other end: TLS does not come about, and nothing was asked.
  Awaitable<void> no_tls() {
    std::string url = other_.url();
    url.replace(0, 4, "https");
    other_.answer = [](const OtherSystem::Asked&) { return OtherSystem::reply(200, R"({"allowed": true})"); };
    const std::string why = co_await ask(url, std::chrono::seconds{2});
    EXPECT_NE(why, "");
    EXPECT_TRUE(other_.asked.empty());
  }

  std::unique_ptr<Timeline> timeline_ = make_real_timeline();
  OtherSystem other_{*timeline_};
  std::unique_ptr<HttpClient> client_ = std::move(*HttpClient::open(*timeline_));

 private:
  Awaitable<int> to_end(Awaitable<void> test) {
    timeline_->spawn(other_.serve());
    co_await std::move(test);
    other_.close();
    co_return 0;
  }
};

TEST_F(HooksOverSockets, OnlyAClearYesLetsAPenRun) { run(answers()); }
TEST_F(HooksOverSockets, WhoCannotBeAskedSaysNo) { run(nobody()); }
TEST_F(HooksOverSockets, WhoIsNotWhoTheAddressSaysIsNotAsked) { run(no_tls()); }

class WebhookOverSockets : public HooksOverSockets {
 protected:
  WebhookOverSockets() { store_ = penrig::testing::opened(folder_.path()); }
  std::string close_a_run(SampleEnd end) {
    RunRecord run = penrig::testing::small_record(end);
    return penrig::testing::stored(*store_, run);
  }
  void open() {
    WebhookParts parts{
        *timeline_,     *client_,
        *store_,        [this](std::function<void()> work) { return timeline_->run_blocking(std::move(work)); },
        folder_.path(), *parse_url(other_.url()),
        secret(),       std::chrono::milliseconds{5}};
    auto opened = Webhook::open(std::move(parts));
    ASSERT_TRUE(opened) << opened.error().message;
    webhook_ = std::move(*opened);
  }
  Awaitable<void> until_asked(std::size_t times) {
    const TimePoint until = timeline_->now() + std::chrono::seconds{20};
    while (other_.asked.size() < times && timeline_->now() < until) co_await other_.arrived.wait_until(until);
    EXPECT_GE(other_.asked.size(), times);
  }
  Json told(std::size_t which) const { return Json::parse(other_.asked.at(which).body); }
  std::string run_told(std::size_t which) const { return told(which).at("data").at("run"); }

  Awaitable<void> in_order() {
    close_a_run(SampleEnd::pass);  // before there was a webhook: not told
    open();
    timeline_->spawn(webhook_->tell_all());
    const std::string first = close_a_run(SampleEnd::pass), second = close_a_run(SampleEnd::fail);
    webhook_->look();
    co_await until_asked(2);
    co_await webhook_->close();
    EXPECT_EQ(other_.asked.size(), 2U);
    EXPECT_EQ(run_told(0), first);
    EXPECT_EQ(run_told(1), second);
    EXPECT_EQ(told(0).at("type"), "run.ended");
    EXPECT_EQ(told(0).at("data").at("verdict"), "PASS");
    EXPECT_EQ(told(1).at("data").at("verdict"), name_of(store_->load_run(second)->outcome.verdict));
    EXPECT_NE(told(1).at("data").at("verdict"), "PASS");
    EXPECT_FALSE(told(1).at("data").at("decided_by").is_null());
    EXPECT_EQ(webhook_->waiting(), 0U);
    EXPECT_EQ(webhook_->failures(), 0U);
  }
  /// The other system fails, this program ends, and both come again: each run is told until it was taken, none twice.
  Awaitable<void> through_failures() {
    open();
    bool takes = false;
    other_.answer = [&takes](const OtherSystem::Asked&) { return OtherSystem::reply(takes ? 204 : 503, ""); };
    timeline_->spawn(webhook_->tell_all());
    const std::string first = close_a_run(SampleEnd::pass);
    webhook_->look();
    co_await until_asked(2);
    EXPECT_GE(webhook_->waiting(), 1U);
    co_await webhook_->close();
    const std::string second = close_a_run(SampleEnd::fail);
    EXPECT_GE(webhook_->failures(), 1U);
    const std::size_t before = other_.asked.size();
    for (std::size_t i = 0; i < before; ++i) EXPECT_EQ(run_told(i), first);
    EXPECT_EQ(other_.asked.front().headers.at("webhook-id"), other_.asked.at(1).headers.at("webhook-id"));
    takes = true;
    open();
    timeline_->spawn(webhook_->tell_all());
    co_await until_asked(before + 2);
    co_await webhook_->close();
    EXPECT_EQ(other_.asked.size(), before + 2);
    EXPECT_EQ(run_told(before), first);
    EXPECT_EQ(run_told(before + 1), second);
    open();
    timeline_->spawn(webhook_->tell_all());
    const std::string third = close_a_run(SampleEnd::aborted);
    webhook_->look();
    co_await until_asked(before + 3);
    co_await webhook_->close();
    EXPECT_EQ(run_told(before + 2), third);
    EXPECT_EQ(other_.asked.size(), before + 3);
  }

  ScratchDirectory folder_;
  std::unique_ptr<RecordStore> store_;
  std::unique_ptr<Webhook> webhook_;
};

TEST_F(WebhookOverSockets, TellsRunsInTheOrderInWhichTheyWereClosed) { run(in_order()); }
TEST_F(WebhookOverSockets, NothingIsLostWhereEitherSideFails) { run(through_failures()); }

TEST_F(WebhookOverSockets, WhatWasToldMustBeKnown) {
  open();
  for (const char* text : {"", "{}", "{\"format\": 2, \"told\": 1}\n", "{\"format\": 1, \"told\": -1}\n",
                           "{\"format\": 1, \"told\": 1.5}\n", "{\"format\": 1}\n", "[1]\n"}) {
    std::ofstream(folder_.path() / "webhook.json", std::ios::trunc) << text;
    WebhookParts parts{*timeline_, *client_, *store_, {}, folder_.path(), *parse_url(other_.url()), secret()};
    const auto opened = Webhook::open(std::move(parts));
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().code, Errc::bad_data) << text;
  }
}

}  // namespace
}  // namespace penrig::station
