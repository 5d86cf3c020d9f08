#include <gtest/gtest.h>

#include "protocols/stream_pace.hpp"
#include "tests/protocols/link_text.hpp"
#include "tests/protocols/streaming_daq.hpp"
#include "tests/protocols/told_link.hpp"

/// Terminals whose streams are read in rounds: real pseudo-terminals, in real time. Nothing here has to be quick: on a
/// machine that is busy enough, what comes is read no more often than in rounds, and then they prove less.

namespace penrig {
namespace {

using std::chrono::seconds;

/// Rounds pay, for as long as the timeline lives: what it counts later lies before this.
void make_rounds_pay(Timeline& timeline) {
  StreamRounds& rounds = StreamRounds::of(timeline);
  const TimePoint later = timeline.now() + std::chrono::hours{1};
  for (int ms = 0; ms <= 150; ++ms) rounds.came(later + milliseconds{ms});
  ASSERT_TRUE(rounds.pay());
}

/// Tells when reads come in rounds: fifteen on end, no two of them between the same two rounds.
class RoundsSeen {
 public:
  void read_at(TimePoint now) {
    const auto round = now.since_start / kUsualRound;
    on_end_ = round == last_ ? 0 : on_end_ + 1;
    last_ = round;
  }
  void forget() { on_end_ = 0; }
  bool seen() const { return on_end_ >= 15; }

 private:
  std::int64_t last_ = -1;
  int on_end_ = 0;
};

char letter(std::size_t at) { return static_cast<char>('a' + at % 26 + at / 26 % 7); }

/// One end writes pieces of a text without end, the other reads them in rounds.
class Stream {
 public:
  explicit Stream(Timeline& timeline) : timeline_(timeline), limit(timeline.now() + seconds{20}), came(timeline) {
    auto pty = open_pty(timeline);
    EXPECT_TRUE(pty.has_value());
    writer = std::move(pty->first);
    auto port = open_serial(timeline, "serial:" + pty->second);
    EXPECT_TRUE(port.has_value());
    reader = std::move(*port);
    reader->allow_rounds(true);
    make_rounds_pay(timeline);
  }

  void begins() {
    timeline_.spawn(write());
    timeline_.spawn(read());
  }

  Awaitable<bool> is_read_in_rounds() {
    rounds.forget();
    while (!rounds.seen() && !stopped && !lost) co_await came.wait_until(limit);
    co_return rounds.seen();
  }

  /// Until all that was written has come, as it was; then the reader's end is closed.
  Awaitable<void> ends() {
    stopped = true;
    while ((writes || read_bytes < written) && !lost && timeline_.now() < limit) co_await came.wait_until(limit);
    EXPECT_EQ(read_bytes, written);
    EXPECT_EQ(wrong, 0U);
    reader->close();
  }

  Awaitable<bool> loses_the_link() {
    while (!lost && timeline_.now() < limit) co_await came.wait_until(limit);
    co_return lost.has_value();
  }

 private:
  Awaitable<void> write() {
    while (!stopped && timeline_.now() < limit) {
      std::string piece;
      for (std::size_t i = 0; i < 200 + written % 300; ++i) piece += letter(written + i);
      const auto bytes = bytes_of(piece);
      const auto sent = co_await writer->write_all(bytes);
      if (!sent) break;
      written += piece.size();
      co_await timeline_.sleep_for(milliseconds{1});
    }
    stopped = true;
    writes = false;
    came.notify_all();
  }

  Awaitable<void> read() {
    std::vector<std::byte> room(std::size_t{64} * 1024);
    for (;;) {
      const std::span<std::byte> into(room);
      const auto count = co_await reader->read_some(into);
      if (!count) {
        lost = count.error();
        break;
      }
      for (std::size_t i = 0; i < *count; ++i)
        wrong += room[i] == static_cast<std::byte>(letter(read_bytes + i)) ? 0U : 1U;
      read_bytes += *count;
      rounds.read_at(timeline_.now());
      came.notify_all();
    }
    came.notify_all();
  }

  Timeline& timeline_;

 public:
  TimePoint limit;
  Event came;
  std::unique_ptr<ByteLink> writer, reader;
  std::size_t written = 0, read_bytes = 0, wrong = 0;
  RoundsSeen rounds;
  bool stopped = false, writes = true;
  std::optional<Error> lost;
};

TEST(ReadingInRounds, GivesEveryByteOnceAndInOrder) {
  auto timeline = make_real_timeline();
  Stream stream(*timeline);
  const auto body = [&]() -> Awaitable<void> {
    stream.begins();
    EXPECT_TRUE(co_await stream.is_read_in_rounds());
    co_await stream.ends();
    EXPECT_TRUE(co_await stream.loses_the_link());
  };
  run_on(*timeline, body);
}

TEST(ReadingInRounds, NoticesThatTheOtherEndHasGone) {
  auto timeline = make_real_timeline();
  Stream stream(*timeline);
  const auto body = [&]() -> Awaitable<void> {
    stream.begins();
    EXPECT_TRUE(co_await stream.is_read_in_rounds());
    stream.writer->close();
    CO_ASSERT_TRUE(co_await stream.loses_the_link());
    EXPECT_EQ(stream.lost->code, Errc::link_lost);
    EXPECT_NE(stream.lost->message.find("the port is gone"), std::string::npos) << stream.lost->message;
  };
  run_on(*timeline, body);
}

TEST(ReadingInRounds, WritesWhatTheTerminalDoesNotTakeAtOnce) {
  auto timeline = make_real_timeline();
  Stream stream(*timeline);
  const std::string much(std::size_t{300} * 1024, 'x');
  bool sent = false;
  const auto sends = [&]() -> Awaitable<void> {
    const auto bytes = bytes_of(much);
    sent = (co_await stream.reader->write_all(bytes)).has_value();
  };
  const auto ends_at_the_limit = [&]() -> Awaitable<void> {
    while (!stream.stopped && timeline->now() < stream.limit) co_await stream.came.wait_until(stream.limit);
    if (timeline->now() >= stream.limit) stream.writer->close();
  };
  const auto body = [&]() -> Awaitable<void> {
    stream.begins();
    EXPECT_TRUE(co_await stream.is_read_in_rounds());
    timeline->spawn(ends_at_the_limit());
    timeline->spawn(sends());
    EXPECT_EQ(co_await read_text(*stream.writer, much.size()), much);
    EXPECT_TRUE(co_await stream.is_read_in_rounds()) << "not any more";
    EXPECT_TRUE(sent);
    co_await stream.ends();
  };
  run_on(*timeline, body);
}

TEST(ReadingInRounds, KeepsNoReplyBack) {
  auto timeline = make_real_timeline();
  StreamingDaq daq(*timeline, 200);
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(daq.serve());
    timeline->spawn(daq.stream());
    const TimePoint limit = timeline->now() + seconds{20};
    auto port = open_serial(*timeline, "serial:" + daq.path);
    CO_ASSERT_TRUE(port.has_value());
    HostSession host(*timeline, **port, {});
    Event came(*timeline);
    TimePoint last;
    RoundsSeen rounds;
    host.on_unsolicited([&](const wire::Envelope&) {
      if (host.last_heard() == last) return;  // of the same read
      last = host.last_heard();
      rounds.read_at(last);
      came.notify_all();
    });
    const auto peer = co_await host.open(limit);
    CO_ASSERT_TRUE(peer.has_value());
    make_rounds_pay(*timeline);
    host.expect_stream(true);
    while (!rounds.seen() && timeline->now() < limit) co_await came.wait_until(limit);
    EXPECT_TRUE(rounds.seen());
    int quick = 0;
    for (int tries = 0; tries < 200 && quick < 10 && timeline->now() < limit; ++tries) {
      for (int reads = 0; reads < 2; ++reads) co_await came.wait_until(limit);
      const TimePoint asked = timeline->now();
      const auto answer = co_await host.request(pen_status_request(), limit);
      EXPECT_TRUE(answer.has_value()) << answer.error().message;
      // A round has just been: a reply that waits for the next one takes as long as a round, on any machine.
      quick += timeline->now() - asked < kUsualRound / 2 ? 1 : 0;
    }
    EXPECT_EQ(quick, 10);
    co_await host.close();
    co_await daq.session->close("the test ends");
  };
  run_on(*timeline, body);
}

TEST(ReadingInRounds, IsAllowedWhileAStreamComesAndNobodyWaits) {
  auto timeline = make_virtual_timeline();
  auto [near, far] = make_memory_link(*timeline, "memory:daq", milliseconds{1});
  std::string told;
  ToldLink link(std::move(near), told);
  DeviceSession device(*timeline, *far, {.is_daq = true}, done_to_all());
  const auto serves = [&]() -> Awaitable<void> { (void)co_await device.serve(); };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(serves());
    HostSession host(*timeline, link, {});
    const TimePoint limit = timeline->now() + seconds{5};
    (void)co_await host.open(limit);
    (void)co_await host.request(pen_status_request(), limit);
    EXPECT_EQ(told, "");
    host.expect_stream(true);
    EXPECT_EQ(told, "+");
    (void)co_await host.request(pen_status_request(), limit);
    EXPECT_EQ(told, "+-+");
    host.expect_stream(false);
    EXPECT_EQ(told, "+-+-");
    (void)co_await host.request(pen_status_request(), limit);
    EXPECT_EQ(told, "+-+-");
    co_await host.close();
  };
  run_on(*timeline, body);
}

}  // namespace
}  // namespace penrig
