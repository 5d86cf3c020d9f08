#include "protocols/links.hpp"

#include <gtest/gtest.h>

#include "tests/protocols/link_text.hpp"
#include "tests/protocols/session_bench.hpp"

namespace penrig {
namespace {

TEST(MemoryLink, CarriesBytesAfterItsLatency) {
  auto timeline = make_virtual_timeline();
  auto [near, far] = make_memory_link(*timeline, "memory:x", milliseconds{5});
  const auto body = [&, &a = near, &b = far]() -> Awaitable<void> {
    EXPECT_TRUE((co_await a->write_all(bytes_of("hello"))).has_value());
    EXPECT_EQ(co_await read_text(*b, 5), "hello");
    EXPECT_EQ(timeline->now().since_start, milliseconds{5});
  };
  run_on(*timeline, body);
}

TEST(MemoryLink, TakesAtOnceWhatComesAfterItsLatency) {
  auto timeline = make_virtual_timeline();
  auto [near, far] = make_memory_link(*timeline, "memory:x", milliseconds{5});
  const auto body = [&, &a = near, &b = far]() -> Awaitable<void> {
    EXPECT_TRUE(a->takes_at_once());
    EXPECT_TRUE(a->write_at_once(bytes_of("hello")).has_value());
    EXPECT_EQ(co_await read_text(*b, 5), "hello");
    EXPECT_EQ(timeline->now().since_start, milliseconds{5});
    b->close();
    EXPECT_EQ(a->write_at_once(bytes_of("x")).error().code, Errc::link_lost);
  };
  run_on(*timeline, body);
}

TEST(MemoryLink, GivesWhatWasWrittenBeforeItsEnd) {
  auto timeline = make_virtual_timeline();
  auto [near, far] = make_memory_link(*timeline, "memory:x", milliseconds{5});
  const auto body = [&, &a = near, &b = far]() -> Awaitable<void> {
    EXPECT_TRUE((co_await a->write_all(bytes_of("last words"))).has_value());
    a->close();
    EXPECT_EQ(co_await read_text(*b, 100), "last words!link_lost");
    EXPECT_EQ((co_await b->write_all(bytes_of("x"))).error().code, Errc::link_lost);
    EXPECT_EQ((co_await a->write_all(bytes_of("x"))).error().code, Errc::link_lost);
  };
  run_on(*timeline, body);
}

TEST(MemoryLink, EndsAWaitingReadWhenItIsDestroyed) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  std::string text;
  const auto reads = [&]() -> Awaitable<void> { text = co_await read_text(*ends.first, 1); };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(reads());
    co_await timeline->sleep_for(milliseconds{1});
    ends.first.reset();
    co_await timeline->sleep_for(milliseconds{1});
    EXPECT_EQ(text, "!link_lost");
  };
  run_on(*timeline, body);
}

/// Sends `text` in pieces of 10 through a link with these faults and returns what arrives within a second.
std::string through(LinkFaults faults, const std::string& text) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  auto link = make_faulty_link(*timeline, std::move(ends.first), faults);
  std::string arrived;
  const auto reads = [&]() -> Awaitable<void> { arrived = co_await read_text(*ends.second, 1'000'000); };
  const auto writes = [&]() -> Awaitable<void> {
    for (std::size_t at = 0; at < text.size(); at += 10) {
      const auto piece = bytes_of(std::string_view(text).substr(at, 10));
      const auto written = co_await link->write_all(piece);
      if (!written) break;
    }
  };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(reads());
    timeline->spawn(writes());
    co_await timeline->sleep_for(milliseconds{1000});
    link->close();
    co_await timeline->sleep_for(milliseconds{1});
  };
  run_on(*timeline, body);
  return arrived;
}

TEST(FaultyLink, PassesEverythingWithoutFaults) {
  const std::string text(1000, 'x');
  EXPECT_EQ(through({}, text), text + "!link_lost");
  EXPECT_EQ(through({.split_writes = true}, text), text + "!link_lost");
}

TEST(FaultyLink, BreaksTheSameBytesForTheSameSeed) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>('a' + i % 26);
  const LinkFaults faults{.drop_per_byte = 0.02, .corrupt_per_byte = 0.02, .duplicate_per_write = 0.05, .seed = 3};
  LinkFaults other = faults;
  other.seed = 4;
  EXPECT_EQ(through(faults, text), through(faults, text));
  EXPECT_NE(through(faults, text), through(other, text));
}

TEST(FaultyLink, DropsAboutAsManyBytesAsItWasTold) {
  const auto arrived = through({.drop_per_byte = 0.1, .seed = 5}, std::string(10'000, 'x')).size();
  EXPECT_GT(arrived, 8'800U);
  EXPECT_LT(arrived, 9'200U);
}

TEST(FaultyLink, ClosesOrStallsAfterSoManyBytes) {
  EXPECT_EQ(through({.close_after_bytes = 25}, std::string(100, 'x')), std::string(25, 'x') + "!link_lost");
  EXPECT_EQ(through({.stall_after_bytes = 25}, std::string(100, 'x')), std::string(25, 'x') + "!link_lost");
}

TEST(FaultyLink, StallsWithoutEndingBeforeItIsClosed) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  auto link = make_faulty_link(*timeline, std::move(ends.first), {.stall_after_bytes = 3});
  TimePoint ended;
  const auto reads = [&]() -> Awaitable<void> {
    EXPECT_EQ(co_await read_text(*link, 100), "abc!link_lost");
    ended = timeline->now();
  };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(reads());
    EXPECT_TRUE((co_await ends.second->write_all(bytes_of("abcdef"))).has_value());
    co_await timeline->sleep_for(milliseconds{800});
    link->close();
    co_await timeline->sleep_for(milliseconds{1});
    EXPECT_EQ(ended.since_start, milliseconds{800});
  };
  run_on(*timeline, body);
}

TEST(FaultyLink, DelaysWhatItReads) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  auto link = make_faulty_link(*timeline, std::move(ends.first), {.extra_delay = milliseconds{40}});
  const auto body = [&]() -> Awaitable<void> {
    EXPECT_TRUE((co_await ends.second->write_all(bytes_of("abc"))).has_value());
    EXPECT_EQ(co_await read_text(*link, 3), "abc");
    EXPECT_EQ(timeline->now().since_start, milliseconds{40});
  };
  run_on(*timeline, body);
}

}  // namespace
}  // namespace penrig
