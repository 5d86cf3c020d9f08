#pragma once

#include <cstdint>
#include <span>

#include "rig/base/extremes.hpp"

namespace penrig {

/// Whether all counts lie within -most - 1 and most.
/// @param most  2^n - 1.
inline bool all_within(std::span<const std::int32_t> counts, std::int32_t most) {
  const auto [low, high] = SeenCounts(counts).extremes;
  return low >= -most - 1 && high <= most;
}

}  // namespace penrig
