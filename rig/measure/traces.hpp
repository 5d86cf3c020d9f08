#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/stroke_segment.hpp"

namespace penrig {

/// Where the points of a curve lie: each between two neighbours, for a plot needs no more than what is linear there.
struct PlacesOfPoints {
  std::vector<std::int64_t> left;
  std::vector<double> share;  ///< of the right neighbour
};

/// Curves for plots, of the averaged strokes of a segment; fits by the segment's own samples. Where there are forces,
/// their loops come one by one, when the forces are analysed.
class TraceMaker {
 public:
  /// The position's curves. averaged: not empty; held.
  TraceMaker(const SettingInput& input, const SegmentSamples& samples, std::span<const CycleFit* const> averaged);
  /// The loop of a stroke, in the order of `averaged`. Penetration is counted from `surface_mm`.
  void add_loop(std::size_t stroke, const ForceCycle& cycle, double surface_mm);
  SettingTraces traces() &&;

 private:
  SettingTraces traces_;  ///< but for the means
  std::size_t each_;      ///< every how many strokes one is looked at
  std::size_t looked_at_, loops_ = 0;
  std::vector<double> position_, loop_q_, loop_f_;  ///< sums over the strokes
  PlacesOfPoints places_;                           ///< in a loop of places_of_ samples
  std::vector<double> values_;                      ///< of one curve
  std::size_t places_of_ = 0;
};

}  // namespace penrig
