#pragma once

#include <limits>

namespace penrig::statistics {

/// In the unit of its quantity: the side of an interval or a limit that is not bounded, and x / 0 for positive x.
inline constexpr double kInfinite = std::numeric_limits<double>::infinity();
/// In the unit of its quantity: what the arguments do not determine, or lie outside of the domain for.
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace penrig::statistics
