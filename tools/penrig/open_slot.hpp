#pragma once

#include <functional>
#include <memory>

#include "protocols/byte_link.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig::cli {

/// What is put around a link once it is open.
using LinkWrap = std::function<std::unique_ptr<ByteLink>(std::unique_ptr<ByteLink>)>;

/// Opens the links of a slot of a real rig, and connects. Errors are those of open_link(), open_serial() for the DAQ,
/// and make_bench_ports().
/// @param slot  its pen_ble_link is left empty where no phase drives the pen over BLE.
/// @param wrap  around each, the pen's first, then the DAQ's.
Awaitable<Result<std::unique_ptr<BenchPorts>>> open_slot(Timeline& timeline, SlotDescription slot, LinkWrap wrap);
Awaitable<Result<std::unique_ptr<BenchPorts>>> open_slot(Timeline& timeline, SlotDescription slot);

}  // namespace penrig::cli
