#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/strokes.hpp"

namespace penrig {

/// Where a cycle's phase axis begins and ends, in (fractional) samples.
struct CycleBounds {
  double start = 0, end = 0;
  bool start_is_own = false, end_is_own = false;  ///< not seen, but as far from the top as those of other strokes
};

/// Bottoms by parabolas, where strokes of one kind meet: the end of one is the start of the next. Beside a missed or
/// double stroke, or a turn without any, the position goes through its bottom in another way or stays there: a stroke
/// then turns for as long as the others do, at the speed that it shows between half of its height and its top.
std::vector<CycleBounds> bounds_of(std::span<const std::int32_t> position, std::span<const RawCycle> cycles);

}  // namespace penrig
