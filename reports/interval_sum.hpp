#pragma once

#include <optional>

#include "rig/record/measurement.hpp"

namespace penrig {

/// What the rule for every stroke holds against the tolerance: |mean − middle of the limits| + k_T·s + w, in the
/// measurement's unit. From what was measured, and not from the share that is used: strokes that were seen beyond a
/// limit raise that one. Unset without an interval, and where one side has no limit.
std::optional<double> interval_sum(const Decision& decision, const Measurement& measurement);

}  // namespace penrig
