#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"
#include "rig/measure/setting.hpp"
#include "tests/rig/test_seed.hpp"

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

/// What the counter says, found by looking at each sample by itself.
struct OneByOne {
  std::int64_t stroke, motion;
  std::optional<std::int64_t> still_at{};
  std::int64_t low = 0, high = 0;
  bool above = false;
  std::uint64_t strokes = 0, last_tick = 0, moved_tick = 0;

  void sample(std::int64_t x, std::uint64_t tick) {
    last_tick = tick;
    if (!still_at) {
      still_at = low = high = x;
      moved_tick = tick;
    }
    if (std::abs(x - *still_at) > motion) {
      still_at = x;
      moved_tick = tick;
    }
    high = std::max(high, x);
    low = std::min(low, x);
    if (above ? high - x < stroke : x - low < stroke) return;
    strokes += above ? 1 : 0;
    above = !above;
    low = high = x;
  }
};

/// Needles that stand, go to and fro, or jump, with noise; some at the end of all counts.
std::vector<std::int32_t> random_positions(Random& random, std::size_t count) {
  const double middle = random.bernoulli(0.1) ? 2.1e9 * random.uniform(-1, 1) : random.uniform(-1e4, 1e4);
  const double swing = random.bernoulli(0.2) ? 0 : random.uniform(0, 2e4), noise = random.uniform(0, 300);
  const double jumps = random.bernoulli(0.3) ? 0.02 : 0;
  double turns = random.uniform(), step = random.uniform(0, 0.02), at = middle;
  std::vector<std::int32_t> position(count);
  for (std::int32_t& x : position) {
    if (random.bernoulli(jumps)) at = middle + random.uniform(-1e5, 1e5);
    turns += step;
    const double counts = at + swing * sin_cos_turns(turns).sin + noise * random.normal();
    x = static_cast<std::int32_t>(std::clamp<double>(counts, kLowest, kHighest));
  }
  return position;
}

TEST(StrokeCounter, SaysOfManySamplesAtOnceWhatItSaysOfEach) {
  const std::uint64_t s = test_seed();
  std::uint64_t strokes = 0;
  for (std::uint64_t number = 0; number < 400; ++number) {
    Random random(s, "stroke counter", number);
    StrokeCounter counter(1.0 / 8192);
    OneByOne plain{.stroke = 2457, .motion = 409};
    std::uint64_t tick = 0;
    for (int block = 0; block < 20; ++block) {
      const auto position = random_positions(random, 1 + random.below(600));
      counter.samples(block_of(position, tick));
      for (const std::int32_t x : position) {
        plain.sample(x, tick);
        tick += 20;
      }
      ASSERT_EQ(counter.strokes(), plain.strokes) << number << ", block " << block;
      ASSERT_EQ(counter.still_for_s(1), static_cast<double>(plain.last_tick - plain.moved_tick))
          << number << ", block " << block;
    }
    strokes += plain.strokes;
  }
  EXPECT_GT(strokes, 10'000U);
}

TEST(StrokeCounter, NeverSaysThatANeedleStandsOnAScaleWithoutSense) {
  StrokeCounter counter(-1e-4);
  const std::vector<std::int32_t> still(100, 5);
  counter.samples(block_of(still, 0));
  EXPECT_EQ(counter.still_for_s(1e6), 0);
}

}  // namespace
}  // namespace penrig
