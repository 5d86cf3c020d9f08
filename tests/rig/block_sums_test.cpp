#include "rig/measure/block_sums.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/cycle_series.hpp"

namespace penrig {
namespace {

std::vector<std::int32_t> noise_of(std::size_t n, double sigma) {
  Random random(1, "block sums");
  std::vector<std::int32_t> x(n);
  for (std::int32_t& v : x) v = static_cast<std::int32_t>(std::lround(1000 + sigma * random.normal()));
  return x;
}

TEST(BlockSums, AddUpWhatATurnHasToSpare) {
  const std::vector<std::int32_t> x = noise_of(5003, 300);
  // So many samples a turn leave 128 blocks at the least.
  for (const auto& [turn, per_block] :
       {std::pair{255.9, 1}, {256.0, 2}, {511.0, 2}, {667.0, 4}, {1024.0, 8}, {1e9, 32}}) {
    const BlockSums blocks(x, turn);
    ASSERT_EQ(blocks.per_block(), static_cast<std::size_t>(per_block)) << turn;
    ASSERT_EQ(blocks.sums().size(), x.size() / blocks.per_block());
    for (std::size_t i = 0; i < blocks.sums().size(); ++i) {
      const auto first = x.begin() + static_cast<std::ptrdiff_t>(i * blocks.per_block());
      ASSERT_EQ(blocks.sums()[i], std::accumulate(first, first + per_block, 0)) << i;
    }
  }
}

TEST(BlockSums, AddUpFourTimesAsManyWhereTheyAreToBeCoarser) {
  const std::vector<std::int32_t> x = noise_of(5003, 300);
  for (const auto& [turn, per_block] : {std::pair{100.0, 2}, {511.0, 8}, {1024.0, 32}, {1e9, 128}, {30.0, 1}}) {
    const BlockSums blocks = BlockSums(x, turn).coarser();
    ASSERT_EQ(blocks.per_block(), static_cast<std::size_t>(per_block)) << turn;
    ASSERT_EQ(blocks.sums().size(), x.size() / blocks.per_block());
    for (std::size_t i = 0; i < blocks.sums().size(); ++i) {
      const auto first = x.begin() + static_cast<std::ptrdiff_t>(i * blocks.per_block());
      ASSERT_EQ(blocks.sums()[i], std::accumulate(first, first + per_block, 0)) << i;
    }
  }
}

TEST(BlockSums, HoldEverySumOrNone) {
  const std::int32_t most = std::numeric_limits<std::int32_t>::max();
  std::vector<std::int32_t> x = noise_of(4096, 10);
  x[1000] = most / 8 + 1;
  EXPECT_EQ(BlockSums(x, 2048).per_block(), 4U);
  x[1000] = most / 8;  // sixteen are one too many
  EXPECT_EQ(BlockSums(x, 2048).per_block(), 8U);
  x[2000] = std::numeric_limits<std::int32_t>::min();
  EXPECT_EQ(BlockSums(x, 2048).per_block(), 1U);
  EXPECT_EQ(BlockSums({}, 2048).per_block(), 1U);
}

/// Turns of a crank with harmonics to the sixth, which the fit must give back.
class OneTurn {
 public:
  explicit OneTurn(double period, double sigma) : period_(period) {
    Random random(7, "one turn");
    counts_.resize(static_cast<std::size_t>(3 * period));
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] = static_cast<std::int32_t>(std::lround(at(static_cast<double>(i)) + sigma * random.normal()));
  }
  double at(double index) const {
    double y = 20'000;
    for (int k = 1; k <= 6; ++k) {
      const double angle = 2 * std::numbers::pi * k * (index - kStart) / period_;
      y += -1e6 / (k * k * k) * std::cos(angle) + 3e4 / k * std::sin(angle);
    }
    return y;
  }
  const std::vector<std::int32_t>& counts() const { return counts_; }
  CycleFit fit(double turn_samples) const {
    const BlockSums blocks(counts_, turn_samples);
    const CyclePart part{kStart, kStart + period_};
    return fit_series_and_tops(blocks, {&part, 1}, 6).front();
  }

  static constexpr double kStart = 300.4;

 private:
  double period_;
  std::vector<std::int32_t> counts_;
};

TEST(FitSeries, IsTheSameFromBlocksAsFromSamples) {
  for (const double period : {531.7, 667.2, 1000.0, 1023.0}) {
    const OneTurn turn(period, 0);
    const CycleFit samples = turn.fit(1), blocks = turn.fit(period);
    ASSERT_EQ(samples.per_block, 1U);
    ASSERT_GE(blocks.per_block, 2U);
    // What is left is rounding to whole counts.
    EXPECT_NEAR(blocks.top, samples.top, 0.05) << period;
    EXPECT_NEAR(blocks.top_index(), samples.top_index(), 1e-5 * period / 531) << period;
    for (std::size_t i = 0; i < 13; ++i) EXPECT_NEAR(blocks.c[i], samples.c[i], 0.1) << period << ", " << i;
    // And what is said of them.
    EXPECT_NEAR(blocks.u_top / samples.u_top, 1, 0.01);
    EXPECT_NEAR(blocks.u_time / samples.u_time, 1, 0.01);
  }
}

TEST(CrankSeries, GivesFewerHarmonicsOfTheSameBlocks) {
  const OneTurn turn(1000, 10);
  const CyclePart part{OneTurn::kStart, OneTurn::kStart + 1000};
  const BlockSums blocks(turn.counts(), 1000);
  const CycleFit four = CrankSeries(blocks, {&part, 1}).with(4).front(),
                 alone = fit_series(blocks, {&part, 1}, 4).front();
  EXPECT_EQ(four.c, alone.c);
  EXPECT_EQ(four.residual_ss, alone.residual_ss);
  EXPECT_EQ(four.freedom(), alone.freedom());
}

TEST(FitSeries, KnowsASamplesNoiseFromBlocks) {
  constexpr double kSigma = 40;
  const OneTurn turn(1024, kSigma);
  const CycleFit blocks = turn.fit(1024);
  EXPECT_EQ(blocks.freedom(), 128U - 13);
  // Of 115 degrees of freedom: 6.6 % at one sigma.
  EXPECT_NEAR(std::sqrt(blocks.residual_ss / static_cast<double>(blocks.freedom())), kSigma, 0.2 * kSigma);
}

}  // namespace
}  // namespace penrig
