#include "rig/measure/held_counts.hpp"

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAreArray;

/// Counts that stand, move within 16 bits, or jump over all of 32, by turns that last for some parts.
std::int32_t next_count(Random& random, int way, std::int32_t last) {
  if (way == 0) return last;
  if (way == 1) return static_cast<std::int32_t>(random.uniform() * 65'536) - 32'768;
  return static_cast<std::int32_t>(random.uniform() * 4'294'967'296.0 - 2'147'483'648.0);
}

TEST(HeldCounts, GivesAndSumsWhatCameInBlocksOfAnySizeWhateverItSpans) {
  constexpr std::uint64_t kSeed = 5;
  Random random(kSeed, "counts");
  HeldCounts counts;
  std::vector<std::int32_t> all;
  std::size_t gone = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::int32_t> block;
    const auto size = static_cast<std::size_t>(random.uniform() * 5000);
    for (std::size_t i = 0; i < size; ++i) {
      all.push_back(next_count(random, round / 20 % 3, all.empty() ? 7 : all.back()));
      block.push_back(all.back());
    }
    counts.append(std::span<const std::int32_t>(block));
    ASSERT_EQ(counts.end(), all.size());
    if (random.uniform() < 0.3) {
      gone += static_cast<std::size_t>(random.uniform() * static_cast<double>(all.size() - gone));
      counts.let_go(gone);
      ASSERT_LE(counts.size(), all.size() - gone + 2048);
    }
    const std::size_t held = all.size() - gone, from = gone + held / 3, to = all.size() - held / 4;
    const std::vector<std::int32_t> expected(all.begin() + static_cast<std::ptrdiff_t>(from),
                                             all.begin() + static_cast<std::ptrdiff_t>(to));
    ASSERT_THAT(counts.samples(from, to), ElementsAreArray(expected)) << "seed " << kSeed << ", round " << round;
    ASSERT_EQ(counts.sum(from, to), std::accumulate(expected.begin(), expected.end(), 0.0))
        << "seed " << kSeed << ", round " << round;
  }
}

}  // namespace
}  // namespace penrig
