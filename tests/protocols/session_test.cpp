#include "protocols/session.hpp"

#include "tests/protocols/session_bench.hpp"

namespace penrig {
namespace {

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
    EXPECT_EQ(answer->tries, 1U);
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
    EXPECT_EQ(answer->tries, 2U);
    EXPECT_EQ(answer->received - answer->last_sent, milliseconds{2});
    EXPECT_EQ(bench.executions[answer->envelope->request_id()], 1);
    EXPECT_EQ(bench.host().counters().retries, 1U);
  };
  bench.run(body);
}

TEST(Session, CommandsTheSafeStateWithin50MillisecondsWhenItsFirstFrameIsLost) {
  StepLink::Plan plan{.step = 0, .fault = StepLink::Fault::kLoseBytes};
  SessionBench bench({}, milliseconds{1}, &plan);
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.timeline().sleep_for(milliseconds{10});
    plan.step = plan.taken + 1;
    const TimePoint commanded = bench.timeline().now();
    const auto stop = co_await bench.host().request(pen_stop_request(), bench.in(milliseconds{1000}), Urgency::urgent);
    CO_ASSERT_TRUE(stop.has_value());
    EXPECT_EQ(stop->sent, commanded);
    EXPECT_EQ(stop->last_sent, commanded + milliseconds{20});
    EXPECT_EQ(stop->tries, 2U);
  };
  bench.run(body);
}

TEST(Session, NeverExecutesAStartWhoseFrameWasLostBeforeAStop) {
  StepLink::Plan plan{.step = 0, .fault = StepLink::Fault::kLoseBytes};
  SessionBench bench({}, milliseconds{1}, &plan);
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    co_await bench.timeline().sleep_for(milliseconds{10});
    plan.step = plan.taken + 1;
    std::optional<Error> start_ended;
    const auto start = [&]() -> Awaitable<void> {
      const auto started = co_await bench.host().request(pen_start_request(), bench.in(milliseconds{1000}));
      if (!started) start_ended = started.error();
    };
    bench.timeline().spawn(start());
    co_await bench.timeline().sleep_for(milliseconds{50});
    const auto stop = co_await bench.host().request(pen_stop_request(), bench.in(milliseconds{1000}));
    CO_ASSERT_TRUE(stop.has_value());
    CO_ASSERT_TRUE(start_ended.has_value());
    EXPECT_EQ(start_ended->message, "memory:pen: pen.start was given up: pen.stop was commanded");
    co_await bench.timeline().sleep_for(milliseconds{1000});
    EXPECT_EQ(bench.executions.size(), 1U) << "the stop alone";
    EXPECT_EQ(bench.executions[stop->envelope->request_id()], 1);
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

TEST(Session, ExchangesClocks) {
  SessionBench bench({}, milliseconds{3});
  const auto body = [&]() -> Awaitable<void> {
    (void)co_await bench.host().open(bench.in(milliseconds{500}));
    bench.device().set_clock(
        [&] { return static_cast<std::uint64_t>(bench.timeline().now().since_start.count()) + 7; });
    const TimePoint before = bench.timeline().now();
    const auto sample = co_await bench.host().exchange_clock(bench.in(milliseconds{100}));
    CO_ASSERT_TRUE(sample.has_value());
    EXPECT_EQ(sample->host_sent, before);
    EXPECT_EQ(sample->device_received_tick,
              static_cast<std::uint64_t>((before + milliseconds{3}).since_start.count()) + 7);
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

TEST(Session, GivesTheSameEventsWhetherItsLinkTakesAtOnceOrIsWaitedFor) {
  const auto events_over = [](StepLink::Plan* waited_for) {
    SessionBench bench({}, milliseconds{1}, waited_for);
    EXPECT_EQ(bench.host_link().takes_at_once(), waited_for == nullptr);
    std::vector<std::int64_t> events;
    const auto log_time = [&events](TimePoint t) { events.push_back(t.since_start.count()); };
    bench.host().on_unsolicited([&](const wire::Envelope&) { log_time(bench.timeline().now()); });
    const auto body = [&]() -> Awaitable<void> {
      (void)co_await bench.host().open(bench.in(milliseconds{500}));
      for (int i = 0; i < 10; ++i) {
        bench.work = milliseconds{40 * i};  // of the last, the request is repeated
        const auto answer = co_await bench.host().request(pen_status_request(), bench.in(milliseconds{1000}));
        CO_ASSERT_TRUE(answer.has_value());
        log_time(answer->sent);
        log_time(answer->last_sent);
        log_time(answer->received);
        events.push_back(answer->tries);
        co_await bench.timeline().sleep_for(milliseconds{37});
      }
      const SessionCounters counters = bench.host().counters();
      for (const std::uint64_t count : {counters.frames_out, counters.bytes_out, counters.frames_in, counters.retries})
        events.push_back(static_cast<std::int64_t>(count));
    };
    bench.run(body);
    log_time(bench.timeline().now());
    return events;
  };
  StepLink::Plan none_goes_wrong;
  EXPECT_EQ(events_over(nullptr), events_over(&none_goes_wrong));
}

}  // namespace
}  // namespace penrig
