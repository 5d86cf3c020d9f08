#pragma once

#include "rig/ports/bench_ports.hpp"

namespace penrig::cli {

/// What a slot says of itself when nothing runs in it.
struct SlotLook {
  PenIdentity pen;
  DaqIdentity daq;
  DaqStatus status;  ///< with the stage withdrawn
};

/// Connects, stops the pen, withdraws the stage, waits until both say so (2 s at most), asks who is there, and says
/// goodbye. An interlock that is open is no error of this: it stands in the status.
Awaitable<Result<SlotLook>> look_at_slot(Timeline& timeline, ConnectBench connect);

}  // namespace penrig::cli
