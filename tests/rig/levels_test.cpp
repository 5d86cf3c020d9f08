#include "rig/measure/levels.hpp"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

/// One by one, of any length, from any value on, at levels that a value lies on and that none does.
TEST(Levels, AreThoseThatOneByOneAreFound) {
  constexpr std::uint64_t kSeed = 7;
  Random random(kSeed, "levels");
  for (std::size_t n = 0; n < 80; ++n) {
    std::vector<double> values(n);
    for (double& x : values) x = random.normal();
    std::vector<double> levels{-10, -2, 0, 2, 10};
    if (n > 0) levels.push_back(values[n / 2]);
    for (const double level : levels) {
      for (std::size_t from = 0; from <= n; ++from) {
        std::size_t not_below = from, below = from, not_above = from;
        while (not_below < n && values[not_below] < level) ++not_below;
        while (below < n && values[below] >= level) ++below;
        while (not_above < n && values[not_above] > level) ++not_above;
        EXPECT_EQ(first_not_below(values, from, level), not_below) << n << ", " << from << ", seed " << kSeed;
        EXPECT_EQ(first_below(values, from, level), below) << n << ", " << from << ", seed " << kSeed;
        EXPECT_EQ(first_not_above(values, from, level), not_above) << n << ", " << from << ", seed " << kSeed;
      }
      std::size_t end = n;
      while (end > 0 && values[end - 1] < level) --end;
      EXPECT_EQ(end_of_not_below(values, level), end) << n << ", seed " << kSeed;
    }
  }
}

}  // namespace
}  // namespace penrig
