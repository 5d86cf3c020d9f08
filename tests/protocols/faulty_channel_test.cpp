#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/faulty_link.hpp"
#include "protocols/links.hpp"
#include "tests/protocols/link_text.hpp"

namespace penrig {
namespace {

using std::chrono::milliseconds;

/// What a device's end writes, "abc" "def" "ghi" 10 ms apart, as it comes to the host; each arrival with its time.
struct Passing {
  Passing() : timeline(make_virtual_timeline()), ends(make_memory_link(*timeline, "memory:x")) {
    channel = std::make_unique<FaultyChannel>(*timeline, std::move(ends.first), 1);
    end = channel->end();
  }

  Awaitable<void> reads() {
    for (;;) {
      std::vector<std::byte> buffer(100);
      const std::span<std::byte> room(buffer);
      const auto count = co_await ends.second->read_some(room);
      if (!count) break;
      std::string text;
      for (std::size_t i = 0; i < *count; ++i) text += static_cast<char>(buffer[i]);
      arrived += text + "@" + std::to_string(timeline->now().since_start / milliseconds{1}) + " ";
    }
    arrived += "lost";
  }
  Awaitable<void> writes() {
    for (const char* text : {"abc", "def", "ghi"}) {
      const auto bytes = bytes_of(text);
      const std::span<const std::byte> all(bytes);
      const auto written = co_await end->write_all(all);
      if (!written) break;
      co_await timeline->sleep_for(milliseconds{10});
    }
  }
  Awaitable<int> both(std::function<Awaitable<void>()> meanwhile) {
    timeline->spawn(reads());
    timeline->spawn(writes());
    if (meanwhile) co_await meanwhile();
    co_await timeline->sleep_for(milliseconds{500});
    channel->close();
    while (channel->running()) co_await timeline->sleep_for(milliseconds{1});
    co_return 0;
  }
  std::string run(std::function<Awaitable<void>()> meanwhile = {}) {
    timeline->run(both(std::move(meanwhile)));
    return arrived;
  }
  std::string run_with(const WayFaults& out) {
    channel->set(out, {});
    return run();
  }

  std::unique_ptr<Timeline> timeline;
  std::pair<std::unique_ptr<ByteLink>, std::unique_ptr<ByteLink>> ends;
  std::unique_ptr<FaultyChannel> channel;
  std::unique_ptr<ByteLink> end;
  std::string arrived;
};

TEST(FaultyChannel, PassesEverythingAtOnceWithoutFaults) { EXPECT_EQ(Passing().run(), "abc@0 def@10 ghi@20 lost"); }

TEST(FaultyChannel, DelaysWithoutHoldingUpWhoWrites) {
  EXPECT_EQ(Passing().run_with({.delay = milliseconds{35}}), "abc@35 def@45 ghi@55 lost");
}

TEST(FaultyChannel, BringsPiecesTwiceInPartsAndInAnotherOrder) {
  EXPECT_EQ(Passing().run_with({.duplicate_per_piece = 1}), "abc@0 abc@0 def@10 def@10 ghi@20 ghi@20 lost");
  EXPECT_EQ(Passing().run_with({.piece_bytes = 2}), "ab@0 c@0 de@10 f@10 gh@20 i@20 lost");
  // One that waits for the next is not kept for ever.
  EXPECT_EQ(Passing().run_with({.reorder_per_piece = 1}), "def@10 abc@10 ghi@40 lost");
}

TEST(FaultyChannel, AStallBringsAllOfItLater) {
  Passing link;
  const auto stall = [&]() -> Awaitable<void> {
    co_await link.timeline->sleep_for(milliseconds{5});
    link.channel->set({.stalled = true}, {});
    co_await link.timeline->sleep_for(milliseconds{50});
    link.channel->set({}, {});
  };
  EXPECT_EQ(link.run(stall), "abc@0 def@55 ghi@55 lost");
}

TEST(FaultyChannel, EachWayHasFaultsOfItsOwn) {
  Passing link;
  link.channel->set({}, {.stalled = true});
  EXPECT_EQ(link.run(), "abc@0 def@10 ghi@20 lost");
}

TEST(FaultyChannel, ADeviceThatStartsAnewFindsTheSameLink) {
  Passing link;
  std::string heard;
  const auto reboot = [&]() -> Awaitable<void> {
    co_await link.timeline->sleep_for(milliseconds{15});
    link.channel->cut_off();
    const auto lost = co_await link.ends.second->write_all(bytes_of("lost"));
    EXPECT_TRUE(lost.has_value());
    co_await link.timeline->sleep_for(milliseconds{15});
    EXPECT_FALSE(link.channel->closed());
    link.end = link.channel->end();
    const auto sent = co_await link.ends.second->write_all(bytes_of("kept"));
    EXPECT_TRUE(sent.has_value());
    heard = co_await read_text(*link.end, 4);
    const auto said = co_await link.end->write_all(bytes_of("new"));
    EXPECT_TRUE(said.has_value());
  };
  EXPECT_EQ(link.run(reboot), "abc@0 def@10 new@30 lost");
  EXPECT_EQ(heard, "kept");
}

TEST(FaultyChannel, BreaksTheSameBytesForTheSameSeed) {
  const WayFaults faults{.drop_per_byte = 0.2, .corrupt_per_byte = 0.2};
  const std::string broken = Passing().run_with(faults);
  EXPECT_EQ(broken, Passing().run_with(faults));
  EXPECT_NE(broken, Passing().run());
}

}  // namespace
}  // namespace penrig
