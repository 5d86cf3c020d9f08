#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/stroke_segment.hpp"

namespace penrig {

/// Curves for plots, of the averaged strokes of a segment; fits by the segment's own samples. Where there are forces,
/// their loops come one by one, when the forces are analysed.
class TraceMaker {
 public:
  /// The position's curves. averaged: not empty; held.
  TraceMaker(const SettingInput& input, const SegmentSamples& samples, std::span<const CycleFit* const> averaged);
  /// The loop of a stroke, in the order of `averaged`. Penetration is counted from `surface_mm`.
  void add_loop(std::size_t stroke, const ForceCycle& cycle, double surface_mm);
  SettingTraces traces() const;

 private:
  /// A place between two neighbours; a plot needs no more than what is linear there.
  struct Place {
    Place(double at, std::size_t size) {
      // Of signed numbers: those without a sign are costly to make of a double.
      const auto last = static_cast<std::int64_t>(size) - 1;
      const double inside = std::clamp(at, 0.0, static_cast<double>(last));
      const std::int64_t whole = std::min(static_cast<std::int64_t>(inside), last - 1);
      left = static_cast<std::size_t>(whole);
      share = inside - static_cast<double>(whole);
    }
    template <class T>
    double of(const T& x) const {
      return static_cast<double>(x[left]) * (1 - share) + static_cast<double>(x[left + 1]) * share;
    }
    std::size_t left = 0;
    double share = 0;
  };

  SettingTraces traces_;  ///< but for the means
  std::size_t each_;      ///< every how many strokes one is looked at
  std::size_t looked_at_, loops_ = 0;
  std::vector<double> position_, loop_q_, loop_f_;  ///< sums over the strokes
  std::vector<Place> places_;                       ///< of the points in a loop of places_of_ samples
  std::size_t places_of_ = 0;
};

}  // namespace penrig
