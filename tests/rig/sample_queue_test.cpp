#include "rig/run/sample_queue.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penrig {
namespace {

/// Writes down what it is given.
class Told final : public SampleSink {
 public:
  void samples(const SampleBlock& block) override {
    text += "[" + std::to_string(block.first_tick) + ":";
    for (const auto& channel : {block.force, block.position, block.stage}) {
      for (const std::int32_t count : channel) text += " " + std::to_string(count);
    }
    text += "]";
    first = block.force.data();
  }
  void gap(const std::string& reason) override { text += "(" + reason + ")"; }

  std::string text;
  const std::int32_t* first = nullptr;
};

SampleBlock block_at(std::uint64_t tick, const std::vector<std::int32_t>& counts) {
  const std::span<const std::int32_t> all(counts);
  SampleBlock block;
  block.first_tick = tick;
  block.force = all.first(2);
  block.position = all.subspan(2, 2);
  block.stage = all.subspan(4, 2);
  return block;
}

TEST(SampleQueue, GivesAllInOrderAndOnce) {
  SampleQueue queue;
  Told told;
  {
    std::vector<std::int32_t> counts{1, 2, 3, 4, 5, 6};
    queue.samples(block_at(7, counts));
    counts.assign(6, -1);  // somebody else's, who uses them again
    queue.gap("a cable");
    queue.gap("");
  }
  queue.samples(block_at(9, {-1, -2, -3, -4, -5, -6}));
  SampleQueue::Batch batch = queue.take();
  EXPECT_FALSE(batch.empty());
  batch.replay(told);
  EXPECT_EQ(told.text, "[7: 1 2 3 4 5 6](a cable)(samples are missing)[9: -1 -2 -3 -4 -5 -6]");
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(queue.take().empty());
}

TEST(SampleQueue, OfWhatNobodyTakesTheRestIsAGapThatIsToldOnce) {
  SampleQueue queue(4);
  for (std::uint64_t tick = 1; tick <= 4; ++tick) queue.samples(block_at(tick, {0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(queue.samples_held(), 4U);
  Told told;
  queue.take().replay(told);
  EXPECT_EQ(told.text,
            "[1: 0 0 0 0 0 0][2: 0 0 0 0 0 0](what measures the samples does not keep up: 4 of each channel "
            "wait, expected at most 4 (use a lower sample_rate_hz, fewer slots, or a quicker computer))");
  told.text.clear();
  for (std::uint64_t tick = 5; tick <= 7; ++tick) queue.samples(block_at(tick, {0, 0, 0, 0, 0, 0}));
  queue.take().replay(told);
  EXPECT_TRUE(told.text.starts_with("[5: 0 0 0 0 0 0][6: 0 0 0 0 0 0](what")) << told.text;
}

TEST(SampleQueue, KeepsNoPackedBytesThatNobodyHolds) {
  const std::vector<std::byte> packed(5);
  const std::vector<std::int32_t> counts{1, 2, 3, 4, 5, 6};
  SampleBlock block = block_at(7, counts);
  block.packed = {packed, packed, packed};
  block.extremes = {{1, 2}, {3, 4}, {5, 6}};
  const SampleBlock copy = kept(block);
  EXPECT_TRUE(copy.packed.force.empty() && copy.packed.position.empty() && copy.packed.stage.empty());
  ASSERT_TRUE(copy.extremes);
  EXPECT_EQ(copy.seen_stage().extremes.high, 6);
  EXPECT_EQ(copy.seen_stage().counts.data(), copy.stage.data());
}

TEST(SampleQueue, CopiesNothingThatABlockHolds) {
  const std::shared_ptr<std::int32_t[]> counts(new std::int32_t[6]{1, 2, 3, 4, 5, 6});
  SampleBlock block;
  block.force = {counts.get(), 2};
  block.position = {counts.get() + 2, 2};
  block.stage = {counts.get() + 4, 2};
  block.counts = counts;
  SampleQueue queue;
  queue.samples(block);
  block = {};
  EXPECT_EQ(counts.use_count(), 2);
  SampleQueue::Batch batch = queue.take();
  Told told;
  batch.replay(told);
  EXPECT_EQ(told.text, "[0: 1 2 3 4 5 6]");
  EXPECT_EQ(told.first, counts.get());
  EXPECT_EQ(counts.use_count(), 1) << "let go of as soon as it has been handed on";
}

}  // namespace
}  // namespace penrig
