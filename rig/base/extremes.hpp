#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "rig/base/eight.hpp"
#include "rig/base/seen_counts.hpp"

namespace penrig {

/// Counts that are compared side by side.
using EightCounts = std::int32_t __attribute__((vector_size(32)));

[[gnu::always_inline]] inline FourCounts four_at(const std::int32_t* first) {
  FourCounts x;
  std::memcpy(&x, first, sizeof x);
  return x;
}
[[gnu::always_inline]] inline EightCounts eight_counts_at(const std::int32_t* first) {
  EightCounts x;
  std::memcpy(&x, first, sizeof x);
  return x;
}
[[gnu::always_inline]] inline Extremes extremes_of_lanes(FourCounts low, FourCounts high) {
  const FourCounts low2 = __builtin_shufflevector(low, low, 2, 3, 0, 1),
                   high2 = __builtin_shufflevector(high, high, 2, 3, 0, 1);
  low = low < low2 ? low : low2;
  high = high > high2 ? high : high2;
  return {low[0] < low[1] ? low[0] : low[1], high[0] > high[1] ? high[0] : high[1]};
}

[[gnu::always_inline]] inline Extremes extremes_of_lanes(const EightCounts& low, const EightCounts& high) {
  const FourCounts low_a = __builtin_shufflevector(low, low, 0, 1, 2, 3),
                   low_b = __builtin_shufflevector(low, low, 4, 5, 6, 7),
                   high_a = __builtin_shufflevector(high, high, 0, 1, 2, 3),
                   high_b = __builtin_shufflevector(high, high, 4, 5, 6, 7);
  return extremes_of_lanes(low_a < low_b ? low_a : low_b, high_a > high_b ? high_a : high_b);
}

inline constexpr std::size_t kEightCounts = 8;
/// Of eight counts.
[[gnu::always_inline]] inline Extremes extremes_of_eight(const std::int32_t* counts) {
  const FourCounts a = four_at(counts), b = four_at(counts + 4);
  return extremes_of_lanes(a < b ? a : b, a > b ? a : b);
}

struct ExtremesOfTwo {
  Extremes first, second;
};
/// Of eight counts and of eight more, side by side: in a function for PENRIG_EACH_PROCESSOR.
[[gnu::always_inline]] inline ExtremesOfTwo extremes_of_both(const EightCounts& a, const EightCounts& b) {
  const EightCounts left = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11),
                    right = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  EightCounts low = left < right ? left : right, high = left > right ? left : right;
  const EightCounts low2 = __builtin_shufflevector(low, low, 2, 3, 0, 1, 6, 7, 4, 5),
                    high2 = __builtin_shufflevector(high, high, 2, 3, 0, 1, 6, 7, 4, 5);
  low = low < low2 ? low : low2;
  high = high > high2 ? high : high2;
  const EightCounts low1 = __builtin_shufflevector(low, low, 1, 0, 3, 2, 5, 4, 7, 6),
                    high1 = __builtin_shufflevector(high, high, 1, 0, 3, 2, 5, 4, 7, 6);
  low = low < low1 ? low : low1;
  high = high > high1 ? high : high1;
  return {{low[0], high[0]}, {low[4], high[4]}};
}

}  // namespace penrig
