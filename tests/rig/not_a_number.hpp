#pragma once

#include <limits>

namespace penrig {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace penrig
