#pragma once

#include "rig/run/sequencer.hpp"

namespace penrig::cli {

/// Opens both ports of a slot of a real rig, and connects. Errors are those of open_serial() and make_bench_ports().
Awaitable<Result<std::unique_ptr<BenchPorts>>> open_slot(Timeline& timeline, SlotDescription slot);

}  // namespace penrig::cli
