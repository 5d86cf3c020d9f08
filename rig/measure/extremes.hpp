#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace penrig {

struct Extremes {
  std::int32_t low = 0, high = 0;
};

/// Counts that are compared side by side.
using FourCounts = std::int32_t __attribute__((vector_size(16)));

[[gnu::always_inline]] inline FourCounts four_at(const std::int32_t* first) {
  FourCounts x;
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

inline constexpr std::size_t kEightCounts = 8;
/// Of eight counts.
[[gnu::always_inline]] inline Extremes extremes_of_eight(const std::int32_t* counts) {
  const FourCounts a = four_at(counts), b = four_at(counts + 4);
  return extremes_of_lanes(a < b ? a : b, a > b ? a : b);
}

/// Of at least one count. Samples come in no order: without a branch for each.
Extremes extremes_of(std::span<const std::int32_t> counts);

}  // namespace penrig
