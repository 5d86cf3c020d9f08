#include "rig/measure/extremes.hpp"

#include <algorithm>

#include "rig/base/eight.hpp"

namespace penrig {

namespace {

using EightCounts = std::int32_t __attribute__((vector_size(32)));

[[gnu::always_inline]] inline EightCounts eight_counts_at(const std::int32_t* first) {
  EightCounts x;
  std::memcpy(&x, first, sizeof x);
  return x;
}

/// n: at least eight.
PENRIG_EACH_PROCESSOR Extremes extremes_of_many(const std::int32_t* counts, std::size_t n) {
  EightCounts low = eight_counts_at(counts), high = low, low2 = low, high2 = low;
  std::size_t i = kEightCounts;
  for (; i + 2 * kEightCounts <= n; i += 2 * kEightCounts) {
    const EightCounts a = eight_counts_at(counts + i), b = eight_counts_at(counts + i + kEightCounts);
    low = low < a ? low : a;
    high = high > a ? high : a;
    low2 = low2 < b ? low2 : b;
    high2 = high2 > b ? high2 : b;
  }
  for (; i < n; i += kEightCounts) {  // the last eight may have been seen
    const EightCounts x = eight_counts_at(counts + std::min(i, n - kEightCounts));
    low = low < x ? low : x;
    high = high > x ? high : x;
  }
  low = low < low2 ? low : low2;
  high = high > high2 ? high : high2;
  const FourCounts low_a = __builtin_shufflevector(low, low, 0, 1, 2, 3),
                   low_b = __builtin_shufflevector(low, low, 4, 5, 6, 7),
                   high_a = __builtin_shufflevector(high, high, 0, 1, 2, 3),
                   high_b = __builtin_shufflevector(high, high, 4, 5, 6, 7);
  return extremes_of_lanes(low_a < low_b ? low_a : low_b, high_a > high_b ? high_a : high_b);
}

}  // namespace

Extremes extremes_of(std::span<const std::int32_t> counts) {
  if (counts.size() >= kEightCounts) return extremes_of_many(counts.data(), counts.size());
  const auto [low, high] = std::ranges::minmax(counts);
  return {low, high};
}

}  // namespace penrig
