#include <gtest/gtest.h>

#include "tests/protocols/session_bench.hpp"

/// Whole sessions again and again, each time with another operation of the host's link going wrong.

namespace penrig {
namespace {

struct Story {
  const char* name;
  Nanoseconds work;
  std::function<Awaitable<void>(SessionBench&, std::vector<Result<void>>&)> tell;
};

Result<void> outcome_of(const Result<Answer>& answer) {
  if (!answer) return answer.error();
  return {};
}

Awaitable<void> status_and_start(SessionBench& bench, std::vector<Result<void>>& outcomes) {
  for (int i = 0; i < 3; ++i) {
    const auto status = co_await bench.host().request(pen_status_request(), bench.in(milliseconds{900}));
    outcomes.push_back(outcome_of(status));
    const auto start = co_await bench.host().request(pen_start_request(), bench.in(milliseconds{900}));
    outcomes.push_back(outcome_of(start));
  }
}

Awaitable<void> long_jog(SessionBench& bench, std::vector<Result<void>>& outcomes) {
  const auto jog = co_await bench.host().request(pen_jog_request(180), bench.in(milliseconds{2500}));
  outcomes.push_back(outcome_of(jog));
}

Awaitable<void> silence_and_back(SessionBench& bench, std::vector<Result<void>>& outcomes) {
  co_await bench.timeline().sleep_for(milliseconds{150});
  bench.host().go_silent();
  co_await bench.timeline().sleep_for(milliseconds{500});
  bench.host().speak_again();
  const auto status = co_await bench.host().request(pen_status_request(), bench.in(milliseconds{900}));
  outcomes.push_back(outcome_of(status));
}

Awaitable<void> clocks(SessionBench& bench, std::vector<Result<void>>& outcomes) {
  for (int i = 0; i < 3; ++i) {
    const auto sample = co_await bench.host().exchange_clock(bench.in(milliseconds{900}));
    if (sample) {
      EXPECT_EQ(sample->host_received - sample->host_sent, milliseconds{2}) << "a retry has times of its own";
      outcomes.emplace_back();
    } else {
      outcomes.push_back(sample.error());
    }
  }
}

const Story kStories[] = {{"status and start", Nanoseconds{0}, status_and_start},
                          {"long jog", milliseconds{1000}, long_jog},
                          {"silence and back", Nanoseconds{0}, silence_and_back},
                          {"clocks", Nanoseconds{0}, clocks}};

struct Telling {
  bool opened = false;
  std::vector<Result<void>> outcomes;
  std::map<std::uint32_t, int> executions;
  std::vector<Error> losses;
  std::uint64_t steps = 0;
  TimePoint ended;
};

Telling tell(const Story& story, std::uint64_t step, StepLink::Fault fault) {
  StepLink::Plan plan{.step = step, .fault = fault};
  SessionBench bench({}, milliseconds{1}, &plan);
  bench.work = story.work;
  Telling telling;
  const auto body = [&]() -> Awaitable<void> {
    const auto peer = co_await bench.host().open(bench.in(milliseconds{900}));
    telling.opened = peer.has_value();
    if (telling.opened) co_await story.tell(bench, telling.outcomes);
    telling.ended = bench.timeline().now();
    telling.losses = bench.losses;
  };
  bench.run(body);
  telling.executions = bench.executions;
  telling.steps = plan.taken;
  return telling;
}

void expect_each_executed_at_most_once(const Telling& telling) {
  for (const auto& [id, times] : telling.executions) EXPECT_EQ(times, 1) << "request " << id;
}

TEST(SessionFaults, EndsEveryRequestWithLinkLostWhicheverStepEndsTheLink) {
  for (const Story& story : kStories) {
    const auto good = tell(story, 0, StepLink::Fault::kEnd);
    ASSERT_TRUE(good.opened);
    ASSERT_GT(good.steps, 4U);
    for (const auto& outcome : good.outcomes) ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    for (std::uint64_t step = 1; step <= good.steps; ++step) {
      SCOPED_TRACE(std::string(story.name) + ", step " + std::to_string(step));
      const auto telling = tell(story, step, StepLink::Fault::kEnd);
      bool lost = false;
      for (const auto& outcome : telling.outcomes) {
        if (outcome) {
          EXPECT_FALSE(lost) << "an answer after the link was lost";
        } else {
          lost = true;
          EXPECT_EQ(outcome.error().code, Errc::link_lost) << outcome.error().message;
        }
      }
      EXPECT_LE(telling.losses.size(), 1U);
      EXPECT_LE(telling.ended, good.ended) << "a lost link is no reason to wait";
      expect_each_executed_at_most_once(telling);
    }
  }
}

TEST(SessionFaults, HealsWhicheverStepLosesItsBytes) {
  for (const auto fault : {StepLink::Fault::kLoseBytes, StepLink::Fault::kCorruptBytes}) {
    for (const Story& story : kStories) {
      const auto good = tell(story, 0, fault);
      for (std::uint64_t step = 1; step <= good.steps; ++step) {
        SCOPED_TRACE(std::string(story.name) + ", step " + std::to_string(step));
        const auto telling = tell(story, step, fault);
        EXPECT_TRUE(telling.opened);
        EXPECT_EQ(telling.outcomes.size(), good.outcomes.size());
        for (const auto& outcome : telling.outcomes) EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
        EXPECT_TRUE(telling.losses.empty());
        expect_each_executed_at_most_once(telling);
        EXPECT_EQ(telling.executions.size(), good.executions.size());
      }
    }
  }
}

TEST(SessionFaults, KeepsReadingWhileAWriteIsStalled) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:stalls");
  auto device_link = std::move(ends.second);
  auto host_link = std::move(ends.first);
  struct Stalling final : ByteLink {
    Stalling(Timeline& t, std::unique_ptr<ByteLink> i) : inner(std::move(i)), released(t) {}
    Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override { return inner->read_some(into); }
    Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override {
      while (stalled && !closed) co_await released.wait_until(TimePoint{std::chrono::hours{1}});
      co_return co_await inner->write_all(bytes);
    }
    void close() noexcept override {
      closed = true;
      inner->close();
      released.notify_all();
    }
    const std::string& name() const override { return inner->name(); }
    std::optional<double> payload_bits_per_s() const override { return std::nullopt; }
    std::unique_ptr<ByteLink> inner;
    Event released;
    bool stalled = false, closed = false;
  };
  Stalling stalling(*timeline, std::move(host_link));
  const DeviceSession::Handler handler = [](const wire::Envelope&) -> Awaitable<wire::Envelope> {
    co_return wire::Envelope{};
  };
  DeviceSession device(*timeline, *device_link, DeviceSession::Config{.is_daq = true}, handler);
  int dead_man = 0, statuses = 0;
  device.on_dead_man([&] { ++dead_man; });
  HostSession host(*timeline, stalling, {});
  host.on_unsolicited([&](const wire::Envelope& e) { statuses += e.has_daq_status() ? 1 : 0; });
  const auto serve = [&]() -> Awaitable<void> { (void)co_await device.serve(); };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(serve());
    const auto peer = co_await host.open(timeline->now() + milliseconds{500});
    CO_ASSERT_TRUE(peer.has_value());
    stalling.stalled = true;
    co_await timeline->sleep_for(milliseconds{200});
    wire::Envelope status;
    for (int i = 0; i < 5; ++i) {
      status.mutable_daq_status()->set_stage_axial_um(i);
      device.send(status);
    }
    co_await timeline->sleep_for(milliseconds{1});
    EXPECT_EQ(statuses, 5);
    EXPECT_TRUE(host.state().has_value());
    co_await timeline->sleep_for(milliseconds{400});
    EXPECT_EQ(dead_man, 1) << "no heartbeat passes";
    EXPECT_EQ(host.state().error().code, Errc::link_lost);
    co_await host.close();
  };
  run_on(*timeline, body);
}

}  // namespace
}  // namespace penrig
