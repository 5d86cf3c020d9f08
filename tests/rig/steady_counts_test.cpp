#include "rig/measure/steady_counts.hpp"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

TEST(SteadyCounts, SumsWhatCameWhetherItStoodOrMoved) {
  constexpr std::uint64_t kSeed = 5;
  Random random(kSeed, "stage");
  SteadyCounts counts;
  std::vector<std::int32_t> all;
  std::int32_t at = 1000;
  for (int round = 0; round < 400; ++round) {
    const bool moves = random.uniform() < 0.2;
    std::vector<std::int32_t> block;
    for (int i = 0; i < 37; ++i) block.push_back(moves ? ++at : at);
    counts.append(block);
    all.insert(all.end(), block.begin(), block.end());
    if (random.uniform() < 0.3) {
      const auto gone = static_cast<std::size_t>(random.uniform() * static_cast<double>(all.size()));
      counts.drop(gone);
      all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    const std::size_t from = all.size() / 3, to = all.size() - all.size() / 4;
    const double sum = std::accumulate(all.begin() + static_cast<std::ptrdiff_t>(from),
                                       all.begin() + static_cast<std::ptrdiff_t>(to), 0.0);
    ASSERT_EQ(counts.sum(from, to), sum) << "seed " << kSeed << ", round " << round;
  }
}

}  // namespace
}  // namespace penrig
