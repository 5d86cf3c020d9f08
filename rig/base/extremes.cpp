#include "rig/base/extremes.hpp"

#include <algorithm>

#include "rig/base/eight.hpp"
#include "rig/base/unroll.hpp"

namespace penrig {

namespace {

/// n: at least eight.
PENRIG_EACH_PROCESSOR Extremes extremes_of_many(const std::int32_t* counts, std::size_t n) {
  EightCounts low = eight_counts_at(counts), high = low, low2 = low, high2 = low;
  std::size_t i = kEightCounts;
  constexpr std::size_t kAtOnce = 4;
  for (; i + kAtOnce * kEightCounts <= n; i += kAtOnce * kEightCounts) {
    PENRIG_UNROLL(2)
    for (std::size_t of = 0; of < kAtOnce; of += 2) {
      const EightCounts a = eight_counts_at(counts + i + of * kEightCounts),
                        b = eight_counts_at(counts + i + (of + 1) * kEightCounts);
      low = low < a ? low : a;
      high = high > a ? high : a;
      low2 = low2 < b ? low2 : b;
      high2 = high2 > b ? high2 : b;
    }
  }
  for (; i < n; i += kEightCounts) {  // the last eight may have been seen
    const EightCounts x = eight_counts_at(counts + std::min(i, n - kEightCounts));
    low = low < x ? low : x;
    high = high > x ? high : x;
  }
  low = low < low2 ? low : low2;
  high = high > high2 ? high : high2;
  return extremes_of_lanes(low, high);
}

}  // namespace

Extremes extremes_of(std::span<const std::int32_t> counts) {
  if (counts.size() >= kEightCounts) return extremes_of_many(counts.data(), counts.size());
  const auto [low, high] = std::ranges::minmax(counts);
  return {low, high};
}

}  // namespace penrig
