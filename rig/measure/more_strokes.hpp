#pragma once

#include <optional>
#include <string>

#include "rig/record/measurement.hpp"

namespace penrig {

/// How many strokes would decide an INDETERMINATE, as far as strokes can.
struct MoreStrokes {
  std::optional<double> in_all;  ///< strokes in all, at this mean and spread; none: no number of them would
  /// If none: "systematic uncertainty", "the spread of the strokes", "the nearness to the limit".
  const char* what_decides = "";
};

/// For a value whose distance from its limit (either way, in its unit) is less than its guard band. Repeatability falls
/// with the root of the strokes, the rest of the budget stays; so does an interval of its own, by its wider side.
/// @param r  of the guard band w = r U, > 0.
MoreStrokes strokes_to_decide(const Measurement& m, double distance, double r);

/// For a tolerance interval: room is what the strokes' spread k_T s may take, limit - |mean - setting| - w, in mm.
MoreStrokes strokes_to_decide(const ToleranceInterval& interval, double n_eff, double n, double room);

/// "; some 230 strokes in all would decide it", or "; no number of strokes would: systematic uncertainty decides".
std::string in_words(const MoreStrokes& more);

}  // namespace penrig
