#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/capture_look.hpp"

namespace penrig {

/// Strokes as the force alone shows them.
struct ForceStrokes {
  std::vector<double> at;    ///< sample (fractional) of each stroke's peak
  std::vector<double> peak;  ///< counts above the force at the other end of the turn: midway of `highest` and of a
                             ///< smooth curve through the peak, which stays below a corner
  double half_width = 0;     ///< mean distance of the two from it, counts
  double u_at = 0;           ///< standard uncertainty of a time, samples
  double noise = 0;          ///< of one sample, counts, with what strokes differ in shape
};

/// Each stroke's time by least squares against the mean stroke, in a few rounds; the peak by moving quadratics of nine
/// samples. A force says when a stroke was and how hard, not how deep.
/// Source: matched filter; variance sigma^2 / sum m'^2.
ForceStrokes find_force_strokes(std::span<const std::int32_t> force, const Turns& turns);

}  // namespace penrig
