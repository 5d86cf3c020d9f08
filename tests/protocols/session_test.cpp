#include "protocols/session.hpp"

#include "tests/protocols/session_bench.hpp"

namespace penrig {
namespace {

using testing::Test;

TEST(Session, OpensAndTellsWhatThePeerIs) {
  SessionBench bench;
  const auto body = [&]() -> Awaitable<void> {
    const auto peer = co_await bench.host().open(bench.in(milliseconds{500}));
    CO_ASSERT_TRUE(peer.has_value());
    EXPECT_TRUE(peer->is_pen);
    EXPECT_FALSE(peer->is_daq);
    EXPECT_TRUE(peer->simulated);
    EXPECT_EQ(peer->tick_hz, 1e6);
    EXPECT_EQ(peer->dead_man_ms, 300U);
  };
  bench.run(body);
  EXPECT_TRUE(bench.losses.empty());
  EXPECT_EQ(bench.host_back, 1);
}

TEST(Session, AnswersARequestAndSaysWhenItLeftAndWhenTheAnswerCame) {
  SessionBench bench;
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    const TimePoint before = bench.timeline().now();
    const auto answer = co_await bench.host().request(pen_status_request(), bench.in(milliseconds{200}));
    CO_ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->envelope->pen_reply().status().stroke_count(), 42U);
    EXPECT_EQ(answer->sent, before);
    EXPECT_EQ(answer->received, before + milliseconds{2});  // there and back, 1 ms each
  };
  bench.run(body);
}

TEST(Session, RefusesARequestBeforeItIsOpen) {
  SessionBench bench;
  const auto body = [&]() -> Awaitable<void> {
    const auto answer = co_await bench.host().request(pen_status_request(), bench.in(milliseconds{200}));
    EXPECT_EQ(answer.error().code, Errc::protocol);
    EXPECT_EQ(answer.error().message, "memory:pen: pen.get_status before the session was opened");
  };
  bench.run(body);
}

TEST(Session, GivesARefusalWithItsText) {
  SessionBench bench;
  bench.canned_reply.emplace().mutable_refusal()->set_text("depth 9000 um is beyond 2500");
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    const auto answer = co_await bench.host().request(pen_start_request(), bench.in(milliseconds{200}));
    CO_ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::refused);
    EXPECT_EQ(answer.error().message, "memory:pen: pen.start was refused: depth 9000 um is beyond 2500");
  };
  bench.run(body);
}

TEST(Session, RefusesAnAnswerOfTheWrongKind) {
  SessionBench bench;
  bench.canned_reply.emplace().mutable_daq_reply();
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    const auto answer = co_await bench.host().request(pen_start_request(), bench.in(milliseconds{200}));
    EXPECT_EQ(answer.error().code, Errc::protocol);
  };
  bench.run(body);
}

TEST(Session, ExecutesOnceWhenTheReplyIsLost) {
  StepLink::Plan plan{.step = 0, .fault = StepLink::Fault::kLoseBytes};
  SessionBench bench({}, milliseconds{1}, &plan);
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.timeline().sleep_for(milliseconds{10});
    plan.step = plan.taken + 2;  // the request's write goes, the read of its reply is lost
    const auto answer = co_await bench.host().request(pen_start_request(), bench.in(milliseconds{1000}));
    CO_ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->received - answer->sent, milliseconds{152});  // the retry after 150 ms
    EXPECT_EQ(bench.executions[answer->envelope->request_id()], 1);
    EXPECT_EQ(bench.host().counters().retries, 1U);
  };
  bench.run(body);
}

TEST(Session, WaitsForALongExecutionWithoutASecondOne) {
  SessionBench bench;
  bench.work = milliseconds{1200};
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    const auto answer = co_await bench.host().request(pen_jog_request(180), bench.in(milliseconds{2000}));
    CO_ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->received - answer->sent, milliseconds{1202});
    EXPECT_EQ(bench.executions[answer->envelope->request_id()], 1);
    EXPECT_GE(bench.host().counters().retries, 2U);
    EXPECT_EQ(bench.host().counters().late_replies, 0U);
  };
  bench.run(body);
}

TEST(Session, TimesOutAndNamesTheRequestAndTheTime) {
  SessionBench bench;
  bench.work = milliseconds{900};
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    const auto answer = co_await bench.host().request(pen_jog_request(180), bench.in(milliseconds{400}));
    CO_ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timeout);
    EXPECT_EQ(answer.error().message, "memory:pen: no answer to pen.jog within 400 ms (2 tries)");
    co_await bench.timeline().sleep_for(milliseconds{600});
    EXPECT_TRUE(bench.host().state().has_value());
    EXPECT_EQ(bench.host().counters().late_replies, 1U);
  };
  bench.run(body);
}

TEST(Session, ServesSeveralRequestsAtOnce) {
  SessionBench bench;
  bench.work = milliseconds{100};
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    int done = 0;
    const auto one = [&]() -> Awaitable<void> {
      const auto answer = co_await bench.host().request(pen_status_request(), bench.in(milliseconds{300}));
      if (answer) ++done;
    };
    const TimePoint before = bench.timeline().now();
    for (int i = 0; i < 5; ++i) bench.timeline().spawn(one());
    co_await bench.timeline().sleep_for(milliseconds{110});
    EXPECT_EQ(done, 5) << (bench.timeline().now() - before).count();
  };
  bench.run(body);
}

TEST(Session, RefusesAPeerThatIsNeitherPenNorDaq) {
  SessionBench bench({}, milliseconds{1}, nullptr, DeviceSession::Config{});
  const auto body = [&]() -> Awaitable<void> {
    const auto peer = co_await bench.host().open(bench.in(milliseconds{500}));
    EXPECT_EQ(peer.error().code, Errc::protocol);
  };
  bench.run(body);
}

TEST(Session, TimesOutWhenNobodyAnswersTheHello) {
  auto timeline = make_virtual_timeline();
  auto [near, far] = make_memory_link(*timeline, "memory:nobody");
  HostSession host(*timeline, *near, {});
  const auto body = [&]() -> Awaitable<void> {
    const auto peer = co_await host.open(timeline->now() + milliseconds{500});
    CO_ASSERT_TRUE(peer.has_error());
    EXPECT_EQ(peer.error().code, Errc::timeout);
    EXPECT_EQ(peer.error().message, "memory:nobody: no answer to hello within 500 ms (3 tries)");
    EXPECT_EQ(timeline->now().since_start, milliseconds{500});
    co_await host.close();
  };
  run_on(*timeline, body);
}

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

TEST(Session, HandsOnWhatNobodyAskedForInOrderAndHeartbeatRepliesToo) {
  SessionBench bench;
  std::vector<std::string> heard;
  bench.host().on_unsolicited([&](const wire::Envelope& e) {
    if (e.has_daq_status()) heard.push_back("status " + std::to_string(e.daq_status().stage_axial_um()));
    if (e.has_heartbeat_reply()) heard.push_back("beat");
  });
  bench.device().set_heartbeat_payload(
      [](wire::Envelope& e) { e.mutable_heartbeat_reply()->mutable_daq_status()->set_withdrawn(true); });
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.timeline().sleep_for(milliseconds{10});
    for (int i = 1; i <= 3; ++i) {
      wire::Envelope status;
      status.mutable_daq_status()->set_stage_axial_um(i);
      bench.device().send(status);
    }
    co_await bench.timeline().sleep_for(milliseconds{100});
  };
  bench.run(body);
  EXPECT_EQ(heard, (std::vector<std::string>{"beat", "status 1", "status 2", "status 3", "beat"}));
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

TEST(Session, ExchangesClocks) {
  SessionBench bench({}, milliseconds{3});
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    bench.device().set_clock([&] { return static_cast<std::uint64_t>(bench.timeline().now().since_start.count()) + 7; });
    const TimePoint before = bench.timeline().now();
    const auto sample = co_await bench.host().exchange_clock(bench.in(milliseconds{100}));
    CO_ASSERT_TRUE(sample.has_value());
    EXPECT_EQ(sample->host_sent, before);
    EXPECT_EQ(sample->device_received_tick, static_cast<std::uint64_t>((before + milliseconds{3}).since_start.count()) + 7);
    EXPECT_EQ(sample->device_sent_tick, sample->device_received_tick);
    EXPECT_EQ(sample->host_received, before + milliseconds{6});
  };
  bench.run(body);
}

TEST(Session, GivesARepeatedClockRequestTimesOfItsOwn) {
  StepLink::Plan plan{.step = 0, .fault = StepLink::Fault::kLoseBytes};
  SessionBench bench({}, milliseconds{3}, &plan);
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.timeline().sleep_for(milliseconds{10});
    plan.step = plan.taken + 2;
    const TimePoint before = bench.timeline().now();
    const auto sample = co_await bench.host().exchange_clock(bench.in(milliseconds{1000}));
    CO_ASSERT_TRUE(sample.has_value());
    EXPECT_EQ(sample->host_sent, before + milliseconds{150});
    EXPECT_EQ(sample->host_received - sample->host_sent, milliseconds{6});
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

TEST(Session, GivesTheSameEventsForTheSameRun) {
  const auto once = [] {
    SessionBench bench;
    std::vector<std::int64_t> times;
    bench.host().on_unsolicited(
        [&](const wire::Envelope&) { times.push_back(bench.timeline().now().since_start.count()); });
    const auto body = [&]() -> Awaitable<void> {
      (void)co_await bench.host().open(bench.in(milliseconds{500}));
      for (int i = 0; i < 10; ++i) {
        (void)co_await bench.host().request(pen_status_request(), bench.in(milliseconds{500}));
        co_await bench.timeline().sleep_for(milliseconds{37});
        times.push_back(bench.timeline().now().since_start.count());
      }
    };
    bench.run(body);
    return times;
  };
  EXPECT_EQ(once(), once());
}

}  // namespace
}  // namespace penrig
