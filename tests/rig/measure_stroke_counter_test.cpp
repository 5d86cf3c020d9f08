#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "rig/measure/setting.hpp"

namespace penrig {
namespace {

constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();

SampleBlock block_of(std::span<const std::int32_t> position, std::uint64_t first_tick, double ticks_per_sample = 20) {
  return {first_tick, ticks_per_sample, {}, position, {}};
}

TEST(StrokeCounter, CountsStrokesOverTheWholeRangeOfCounts) {
  StrokeCounter counter(1e-4);
  const std::array position{kLowest, kHighest, kLowest, kHighest, kLowest};
  counter.samples(block_of(position, 0));
  EXPECT_EQ(counter.strokes(), 2U);
  EXPECT_EQ(counter.still_for_s(1e6), 0);
}

TEST(StrokeCounter, CountsNothingOnAScaleOnWhichNoCountIsAStroke) {
  StrokeCounter counter(1e-20);
  const std::array position{kLowest, kHighest, kLowest};
  counter.samples(block_of(position, 0));
  EXPECT_EQ(counter.strokes(), 0U);
  EXPECT_DOUBLE_EQ(counter.still_for_s(1e6), 40e-6);
}

TEST(StrokeCounter, SaysNothingOfRestWhenTheClockWasSetBack) {
  StrokeCounter counter(1e-4);
  const std::vector<std::int32_t> still(100, 5);
  counter.samples(block_of(still, 1'000'000));
  EXPECT_GT(counter.still_for_s(1e6), 0.0019);
  counter.samples(block_of(still, 10));
  EXPECT_EQ(counter.still_for_s(1e6), 0);
}

}  // namespace
}  // namespace penrig
