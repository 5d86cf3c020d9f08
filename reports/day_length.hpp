#pragma once

#include <cstdint>

namespace penrig {

/// A day of UTC in ns; leap seconds are not counted, as in the clock's own count since 1970.
inline constexpr std::int64_t kDayNs = 86'400'000'000'000;

}  // namespace penrig
