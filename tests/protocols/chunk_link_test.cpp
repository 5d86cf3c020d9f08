#include "protocols/ble/chunk_link.hpp"

#include <gmock/gmock.h>

#include "tests/protocols/link_text.hpp"
#include "tests/protocols/memory_port.hpp"
#include "tests/protocols/session_bench.hpp"

namespace penrig::ble {
namespace {

using ::testing::HasSubstr;

/// A host's link and a pen's, open.
struct Links {
  std::shared_ptr<MemoryAir> air;
  std::unique_ptr<ByteLink> host, pen;
};

Awaitable<Links> open_links(Timeline& timeline) {
  Links links;
  links.air = std::make_shared<MemoryAir>(timeline);
  auto [host, pen] = memory_ports(links.air);
  const ChunkConfig config{.largest_out = 40};
  links.pen = make_pen_chunk_link(timeline, std::move(pen), "sim:pen", config);
  auto opened = co_await open_chunk_link(timeline, std::move(host), "ble:x", config, 0x55);
  EXPECT_TRUE(opened.has_value());
  if (opened) links.host = std::move(*opened);
  co_return links;
}

TEST(ChunkLink, IsAByteLink) {
  auto timeline = make_virtual_timeline();
  const auto body = [&]() -> Awaitable<void> {
    Links links = co_await open_links(*timeline);
    CO_ASSERT_TRUE(links.host);
    const std::string text(1'000, 'x');
    EXPECT_TRUE((co_await links.host->write_all(bytes_of(text))).has_value());
    EXPECT_EQ(co_await read_text(*links.pen, 1'000), text);
    EXPECT_TRUE((co_await links.pen->write_all(bytes_of("back"))).has_value());
    EXPECT_EQ(co_await read_text(*links.host, 4), "back");
    links.host->close();
    EXPECT_EQ(co_await read_text(*links.pen, 1), "!link_lost");
    EXPECT_EQ((co_await links.host->write_all(bytes_of("x"))).error().code, Errc::link_lost);
  };
  run_on(*timeline, body);
}

TEST(ChunkLink, WaitsWithWritingUntilTheOtherEndReads) {
  auto timeline = make_virtual_timeline();
  bool written = false;
  const auto body = [&]() -> Awaitable<void> {
    Links links = co_await open_links(*timeline);
    CO_ASSERT_TRUE(links.host);
    const std::string text(5'000, 'x');
    const auto writes = [&]() -> Awaitable<void> {
      EXPECT_TRUE((co_await links.host->write_all(bytes_of(text))).has_value());
      written = true;
    };
    timeline->spawn(writes());
    co_await timeline->sleep_for(std::chrono::seconds{5});
    EXPECT_FALSE(written);
    EXPECT_EQ(co_await read_text(*links.pen, 5'000), text);
    co_await timeline->sleep_for(milliseconds{10});
    EXPECT_TRUE(written);
  };
  run_on(*timeline, body);
}

TEST(ChunkLink, AWriterIsNotHeldUpByKeepAlivesOfASlowPort) {
  auto timeline = make_virtual_timeline();
  const auto body = [&]() -> Awaitable<void> {
    Links links = co_await open_links(*timeline);
    CO_ASSERT_TRUE(links.host);
    links.air->slow = milliseconds{110};  // the next one is due whenever one was taken
    const TimePoint then = timeline->now();
    EXPECT_TRUE((co_await links.host->write_all(bytes_of("x"))).has_value());
    EXPECT_LE(timeline->now() - then, milliseconds{350});
  };
  run_on(*timeline, body);
}

TEST(ChunkLink, EndsWhatWaitsWhenItIsDestroyed) {
  auto timeline = make_virtual_timeline();
  std::string text;
  const auto body = [&]() -> Awaitable<void> {
    Links links = co_await open_links(*timeline);
    const auto reads = [&]() -> Awaitable<void> { text = co_await read_text(*links.host, 1); };
    timeline->spawn(reads());
    co_await timeline->sleep_for(milliseconds{1});
    links.host.reset();
    co_await timeline->sleep_for(milliseconds{1});
    EXPECT_EQ(text, "!link_lost");
  };
  run_on(*timeline, body);
}

TEST(ChunkLink, NamesSilenceWithinASecond) {
  auto timeline = make_virtual_timeline();
  const auto body = [&]() -> Awaitable<void> {
    Links links = co_await open_links(*timeline);
    CO_ASSERT_TRUE(links.host);
    links.air->deaf = true;
    const TimePoint then = timeline->now();
    std::vector<std::byte> room(10);
    const std::span<std::byte> into(room);
    const auto count = co_await links.host->read_some(into);
    EXPECT_THAT(count.error().message, HasSubstr("ble:x: the pen is silent for 1000 ms"));
    EXPECT_LE(timeline->now() - then, milliseconds{1'005});
  };
  run_on(*timeline, body);
}

TEST(ChunkLink, GivesUpAPenThatDoesNotOpenAStream) {
  auto timeline = make_virtual_timeline();
  const auto body = [&]() -> Awaitable<void> {
    auto air = std::make_shared<MemoryAir>(*timeline);
    air->deaf = true;
    auto ports = memory_ports(air);
    const auto link = co_await open_chunk_link(*timeline, std::move(ports.first), "ble:x", {}, 1);
    EXPECT_THAT(link.error().message, HasSubstr("does not open a stream"));
    EXPECT_EQ(timeline->now().since_start, kOpenWithin);
  };
  run_on(*timeline, body);
}

TEST(ChunkLink, OpensThoughTheFirstChunksAreLost) {
  auto timeline = make_virtual_timeline();
  const auto body = [&]() -> Awaitable<void> {
    auto air = std::make_shared<MemoryAir>(*timeline);
    air->lose_next = 2;  // two OPENs
    auto ports = memory_ports(air);
    const auto pen = make_pen_chunk_link(*timeline, std::move(ports.second), "sim:pen", {});
    const auto link = co_await open_chunk_link(*timeline, std::move(ports.first), "ble:x", {}, 1);
    EXPECT_TRUE(link.has_value());
    EXPECT_GE(timeline->now().since_start, milliseconds{400});
  };
  run_on(*timeline, body);
}

/// A whole session, with each chunk lost in turn: the link is lost with the cause, or the chunk carried nothing.
TEST(ChunkLink, CarriesASessionWithEveryChunkLostInTurn) {
  int lost_links = 0, whole = 0;
  for (std::uint64_t lose = 1; lose < 40; ++lose) {
    SCOPED_TRACE(lose);
    auto timeline = make_virtual_timeline();
    const auto body = [&]() -> Awaitable<void> {
      Links links = co_await open_links(*timeline);
      CO_ASSERT_TRUE(links.host);
      DeviceSession device(*timeline, *links.pen, {.is_pen = true},
                           [](const wire::Envelope&) -> Awaitable<wire::Envelope> {
                             wire::Envelope reply;
                             reply.mutable_done();
                             co_return reply;
                           });
      std::optional<Error> device_ended;
      const auto serves = [&]() -> Awaitable<void> { device_ended = co_await device.serve(); };
      timeline->spawn(serves());
      const std::uint64_t at = links.air->passed + lose;
      const auto loses = [&]() -> Awaitable<void> {
        while (links.air->passed + 1 < at) co_await timeline->sleep_for(milliseconds{1});
        links.air->lose_next = 1;
      };
      timeline->spawn(loses());
      HostSession host(*timeline, *links.host, {});
      const auto hello = co_await host.open(timeline->now() + std::chrono::seconds{1});
      bool good = hello.has_value();
      for (int i = 0; i < 10 && good; ++i) {
        const auto answer = co_await host.request(pen_status_request(), timeline->now() + std::chrono::seconds{1});
        good = answer.has_value();
        co_await timeline->sleep_for(milliseconds{30});
      }
      co_await timeline->sleep_for(milliseconds{300});
      const Result<void> state = host.state();
      good&& state ? ++whole : ++lost_links;
      if (!state) {
        EXPECT_EQ(state.error().code, Errc::link_lost);
      }
      co_await host.close();
      while (!device_ended) co_await timeline->sleep_for(milliseconds{10});
      co_await timeline->sleep_for(std::chrono::seconds{1});
    };
    run_on(*timeline, body);
  }
  EXPECT_GT(lost_links, 10);
  EXPECT_GT(whole, 3);
}

}  // namespace
}  // namespace penrig::ble
