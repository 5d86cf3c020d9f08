#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/block_sums.hpp"
#include "rig/measure/cycle_fit.hpp"

namespace penrig {

/// Takes the tops of strokes from what they have in common, where the record shows that they have it.
///
/// Where strokes differ from one mean shape by no more than a time, a height and noise, times (and heights, if the
/// harmonics that the shape leaves out hold noise only) come from that model, whose variance is the least that there
/// is. Where the speed changes within the turn, at once and at dead centres, the fitted tops lag behind by a known
/// share of their distance from the shape's, which is added. Else the fits' own tops stand.
///
/// @param fits  of one record, in order; those with harmonics = 0 are left alone.
void sharpen_tops(const BlockSums& position, std::vector<CycleFit>& fits);

}  // namespace penrig
