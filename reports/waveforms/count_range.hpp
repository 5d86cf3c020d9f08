#pragma once

#include <cstdint>

#include "rig/base/seen_counts.hpp"

namespace penrig {

/// Whether all counts lie within -most - 1 and most.
/// @param most  2^n - 1.
inline bool all_within(const SeenCounts& seen, std::int32_t most) {
  return seen.extremes.low >= -most - 1 && seen.extremes.high <= most;
}

}  // namespace penrig
