#include "protocols/frame.hpp"
#include "protocols/message_name.hpp"
#include "tests/protocols/session_bench.hpp"

namespace penrig {
namespace {

TEST(Session, EndsWhatWaitsWhenTheLinkIsCut) {
  SessionBench bench;
  bench.work = milliseconds{1000};
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    const auto cut = [&]() -> Awaitable<void> {
      co_await bench.timeline().sleep_for(milliseconds{250});
      bench.device_link().close();
    };
    const TimePoint before = bench.timeline().now();
    bench.timeline().spawn(cut());
    const auto answer = co_await bench.host().request(pen_jog_request(180), bench.in(milliseconds{5000}));
    CO_ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::link_lost);
    EXPECT_EQ(answer.error().message, "memory:pen: the stream has ended (while waiting for the answer to pen.jog)");
    EXPECT_EQ(bench.timeline().now() - before, milliseconds{251});
    EXPECT_EQ(bench.host().state().error().code, Errc::link_lost);
    const auto next = co_await bench.host().request(pen_status_request(), bench.in(milliseconds{5000}));
    EXPECT_EQ(next.error().code, Errc::link_lost);
    EXPECT_EQ(bench.timeline().now() - before, milliseconds{251});
  };
  bench.run(body);
  EXPECT_EQ(bench.losses.size(), 1U);
  EXPECT_EQ(bench.dead_man, 1) << "the device must make itself safe when its link ends";
}

TEST(Session, CountsALinkAsLostWhenThePeerFallsSilent) {
  StepLink::Plan plan{.step = 0, .fault = StepLink::Fault::kLoseBytes, .from_then_on = true};
  SessionBench bench({}, milliseconds{1}, &plan);
  bench.work = milliseconds{5000};
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.timeline().sleep_for(milliseconds{10});
    const TimePoint heard = bench.host().last_heard();
    plan.step = plan.taken + 1;  // a cut cable: nothing passes, nothing ends
    const auto answer = co_await bench.host().request(pen_jog_request(0), bench.in(milliseconds{9000}));
    CO_ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::link_lost);
    EXPECT_EQ(answer.error().message,
              "memory:pen: nothing heard from the peer for 300 ms (while waiting for the answer to pen.jog)");
    EXPECT_EQ(bench.timeline().now() - heard, milliseconds{300});
    EXPECT_EQ(bench.losses.size(), 1U);
    EXPECT_EQ(bench.host().state().error().message, "memory:pen: nothing heard from the peer for 300 ms");
    co_await bench.timeline().sleep_for(milliseconds{100});
    EXPECT_EQ(bench.dead_man, 1) << "the device hears nothing either";
  };
  bench.run(body);
  EXPECT_EQ(bench.losses.size(), 1U);
}

TEST(Session, TripsTheDeadManWhenTheHostIsSilentAndComesBack) {
  SessionBench bench;
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.timeline().sleep_for(milliseconds{1000});
    EXPECT_EQ(bench.dead_man, 0);
    bench.host().go_silent();
    const auto bytes_out = bench.host().counters().bytes_out;
    co_await bench.timeline().sleep_for(milliseconds{302});
    EXPECT_EQ(bench.dead_man, 1);
    co_await bench.timeline().sleep_for(milliseconds{2000});
    EXPECT_EQ(bench.dead_man, 1) << "once";
    EXPECT_EQ(bench.host().counters().bytes_out, bytes_out) << "no byte leaves";
    EXPECT_TRUE(bench.host().state().has_value()) << "the peer's silence is not counted meanwhile";
    EXPECT_EQ(bench.host_back, 1);
    bench.host().speak_again();
    const auto answer = co_await bench.host().request(pen_status_request(), bench.in(milliseconds{200}));
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(bench.host_back, 2);
    co_await bench.timeline().sleep_for(milliseconds{1000});
    EXPECT_TRUE(bench.host().state().has_value());
    EXPECT_EQ(bench.dead_man, 1);
  };
  bench.run(body);
  EXPECT_TRUE(bench.losses.empty());
}

TEST(Session, SendsARequestMadeInSilenceOnlyAfterwards) {
  SessionBench bench;
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    bench.host().go_silent();
    const auto later = [&]() -> Awaitable<void> {
      co_await bench.timeline().sleep_for(milliseconds{700});
      EXPECT_TRUE(bench.executions.empty());
      bench.host().speak_again();
    };
    bench.timeline().spawn(later());
    const auto answer = co_await bench.host().request(pen_start_request(), bench.in(milliseconds{1000}));
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(bench.executions.size(), 1U);
  };
  bench.run(body);
}

TEST(Session, EndsAtOnceWhenThePeerSaysGoodbye) {
  SessionBench bench;
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.device().close("the simulator shuts down");
    co_await bench.timeline().sleep_for(milliseconds{5});
    EXPECT_EQ(bench.host().state().error().message, "memory:pen: the peer said goodbye: the simulator shuts down");
  };
  bench.run(body);
  EXPECT_EQ(bench.losses.size(), 1U);
}

TEST(Session, LetsTheDeviceMakeItselfSafeAtOnceWhenTheHostSaysGoodbye) {
  SessionBench bench;
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.timeline().sleep_for(milliseconds{50});
  };
  bench.run(body);
  EXPECT_EQ(bench.dead_man, 1);
  EXPECT_TRUE(bench.losses.empty()) << "an orderly end is no loss";
}

TEST(Session, SaysGoodbyeBeforeItClosesTheLink) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  HostSession host(*timeline, *ends.first, {});
  std::vector<std::string> heard;
  const auto listens = [&]() -> Awaitable<void> {
    FrameDecoder decoder;
    std::vector<std::byte> room(4096);
    for (;;) {
      const std::span<std::byte> into(room);
      const auto count = co_await ends.second->read_some(into);
      if (!count) break;
      decoder.feed(into.first(*count), [&](std::span<const std::byte> payload) {
        wire::Envelope e;
        EXPECT_TRUE(e.ParseFromArray(payload.data(), static_cast<int>(payload.size())));
        heard.emplace_back(message_name(e));
      });
    }
    heard.emplace_back("end");
  };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(listens());
    (void)co_await host.open(timeline->now() + milliseconds{100});
    co_await host.close();
  };
  run_on(*timeline, body);
  EXPECT_EQ(heard, (std::vector<std::string>{"hello", "goodbye", "end"}));
}

TEST(Session, CannotBeOpenedOnceItWasClosed) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  HostSession host(*timeline, *ends.first, {});
  const auto body = [&]() -> Awaitable<void> {
    co_await host.close();
    const auto peer = co_await host.open(timeline->now() + milliseconds{100});
    CO_ASSERT_TRUE(peer.has_error());
    EXPECT_EQ(peer.error().message, "memory:x: the session is closed");
  };
  run_on(*timeline, body);
}

TEST(Session, MayBeDroppedWithoutClosing) {
  auto timeline = make_virtual_timeline();
  const auto body = [&]() -> Awaitable<void> {
    auto [near, far] = make_memory_link(*timeline, "memory:dropped");
    Errc code{};
    {
      auto near_link = std::move(near);
      auto far_link = std::move(far);
      HostSession host(*timeline, *near_link, {});
      const auto opens = [](HostSession& session, Timeline& t, Errc& into) -> Awaitable<void> {
        const auto peer = co_await session.open(t.now() + milliseconds{500});
        into = peer.error().code;
      };
      timeline->spawn(opens(host, *timeline, code));
      co_await timeline->sleep_for(milliseconds{20});
    }
    co_await timeline->sleep_for(milliseconds{20});
    EXPECT_EQ(code, Errc::link_lost);
  };
  run_on(*timeline, body);
}

TEST(Session, MayStillBeOpenWhenItsTimelineEnds) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:open");
  const DeviceSession::Handler never = [&](const wire::Envelope&) -> Awaitable<wire::Envelope> {
    co_await timeline->sleep_for(std::chrono::hours{1});
    co_return wire::Envelope{};
  };
  DeviceSession device(*timeline, *ends.second, DeviceSession::Config{.is_pen = true}, never);
  HostSession host(*timeline, *ends.first, {});
  const auto serve = [&]() -> Awaitable<void> { (void)co_await device.serve(); };
  const auto ask = [&]() -> Awaitable<void> {
    (void)co_await host.open(timeline->now() + milliseconds{500});
    (void)co_await host.request(pen_start_request(), timeline->now() + std::chrono::hours{1});
  };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(serve());
    timeline->spawn(ask());
    co_await timeline->sleep_for(milliseconds{100});
  };
  run_on(*timeline, body);
  EXPECT_EQ(host.counters().frames_in > 0, true);
}

}  // namespace
}  // namespace penrig
