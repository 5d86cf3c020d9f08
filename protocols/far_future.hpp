#pragma once

#include "rig/base/timeline.hpp"

namespace penrig {

/// For waits that only an event can end: later than any deadline (73 years), early enough that nothing overflows.
/// In virtual time such a wait ends by itself once nothing else can happen, so a forgotten waiter cannot hang a run.
inline constexpr TimePoint kFarFuture{Nanoseconds{std::int64_t{1} << 61}};

}  // namespace penrig
