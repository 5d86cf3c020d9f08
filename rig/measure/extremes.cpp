#include "rig/measure/extremes.hpp"

#include <algorithm>

#include "rig/base/eight.hpp"

namespace penrig {

namespace {

PENRIG_EACH_PROCESSOR Extremes extremes_of_many(const std::int32_t* counts, std::size_t n) {
  FourCounts low = four_at(counts), high = low, low2 = low, high2 = low;
  std::size_t i = 4;
  for (; i + 8 <= n; i += 8) {
    const FourCounts a = four_at(counts + i), b = four_at(counts + i + 4);
    low = low < a ? low : a;
    high = high > a ? high : a;
    low2 = low2 < b ? low2 : b;
    high2 = high2 > b ? high2 : b;
  }
  Extremes e = extremes_of_lanes(low < low2 ? low : low2, high > high2 ? high : high2);
  for (; i < n; ++i) {
    e.low = std::min(e.low, counts[i]);
    e.high = std::max(e.high, counts[i]);
  }
  return e;
}

}  // namespace

Extremes extremes_of(std::span<const std::int32_t> counts) {
  if (counts.size() >= 4) return extremes_of_many(counts.data(), counts.size());
  const auto [low, high] = std::ranges::minmax(counts);
  return {low, high};
}

}  // namespace penrig
