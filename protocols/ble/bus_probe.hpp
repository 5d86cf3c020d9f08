#pragma once

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace penrig::ble {

/// Whether the daemon of the system bus answers whoever connects, before the bus library shakes hands with it, which
/// waits for ever. Errc::port_missing: it took the connection and says nothing within a second. Whatever else is wrong
/// with the bus is left to the library to say.
Awaitable<Result<void>> bus_answers(Timeline& timeline);

}  // namespace penrig::ble
