#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "rig/base/timeline.hpp"

namespace penrig {

/// How far the machine's clock is ahead of utc_ns() by now: it was set since, or the machine slept. Of virtual time
/// never.
Nanoseconds wall_clock_ahead(const Timeline& timeline);

/// From here on utc_ns() says what the machine's clock says now. Between runs: within one, time must not jump.
void follow_wall_clock(Timeline& timeline);

/// A real timeline by another clock.
/// @param utc_ns  nanoseconds since 1970-01-01T00:00:00Z, now.
std::unique_ptr<Timeline> make_real_timeline_by(std::function<std::int64_t()> utc_ns);

}  // namespace penrig
