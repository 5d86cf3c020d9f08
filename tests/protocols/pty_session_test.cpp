#include <gtest/gtest.h>

#include "tests/protocols/streaming_daq.hpp"

/// Sessions over a real pseudo-terminal, in real time: what a simulator in another program meets.

namespace penrig {
namespace {

wire::Envelope withdraw_request() {
  wire::Envelope e;
  e.mutable_daq_request()->mutable_withdraw();
  return e;
}

TEST(PtySession, NoticesAClientThatVanishedInMidStreamAndServesTheNext) {
  auto timeline = make_real_timeline();
  StreamingDaq daq(*timeline, 4000);
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(daq.serve());
    timeline->spawn(daq.stream());
    const TimePoint limit = timeline->now() + std::chrono::seconds{20};
    for (std::uint64_t client = 1; client <= 3; ++client) {
      auto port = open_serial(*timeline, "serial:" + daq.path);
      CO_ASSERT_TRUE(port.has_value());
      SessionConfig config;
      config.session_nonce = client;
      auto host = std::make_unique<HostSession>(*timeline, **port, config);
      const auto peer = co_await host->open(timeline->now() + std::chrono::seconds{5});
      EXPECT_TRUE(peer.has_value()) << peer.error().message;
      const auto answer = co_await host->request(withdraw_request(), timeline->now() + std::chrono::seconds{5});
      EXPECT_TRUE(answer.has_value()) << answer.error().message;
      if (client == 3) {
        co_await host->close();
        break;
      }
      // Dropped: no goodbye, and the device's writer soon stands before a terminal that nobody reads.
      host.reset();
      port->reset();
      while (daq.dead_man < static_cast<int>(client) && timeline->now() < limit) co_await daq.changed.wait_until(limit);
      EXPECT_EQ(daq.dead_man, static_cast<int>(client));
    }
    co_await daq.session->close("the test ends");
    while (!daq.streaming_ended && timeline->now() < limit) co_await daq.changed.wait_until(limit);
    EXPECT_TRUE(daq.ended.has_value());
  };
  run_on(*timeline, body);
}

TEST(PtySession, GivesTheGoodbyeToAClientBeforeTheTerminalIsGone) {
  auto timeline = make_real_timeline();
  StreamingDaq daq(*timeline, 4000);
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(daq.serve());
    auto port = open_serial(*timeline, "serial:" + daq.path);
    CO_ASSERT_TRUE(port.has_value());
    HostSession host(*timeline, **port, {});
    std::optional<Error> lost;
    Event told(*timeline);
    host.on_lost([&](const Error& e) {
      lost = e;
      told.notify_all();
    });
    const auto peer = co_await host.open(timeline->now() + std::chrono::seconds{5});
    CO_ASSERT_TRUE(peer.has_value());
    co_await daq.session->close("the simulator ends");
    const TimePoint limit = timeline->now() + std::chrono::seconds{5};
    while (!lost && timeline->now() < limit) co_await told.wait_until(limit);
    CO_ASSERT_TRUE(lost.has_value());
    EXPECT_EQ(lost->message, "serial:" + daq.path + ": the peer said goodbye: the simulator ends");
    co_await host.close();
  };
  run_on(*timeline, body);
}

}  // namespace
}  // namespace penrig
