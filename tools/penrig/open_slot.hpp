#pragma once

#include <functional>
#include <memory>

#include "protocols/ble/ble_link.hpp"
#include "protocols/byte_link.hpp"
#include "rig/run/leases.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig::cli {

/// What is put around a link once it is open.
using LinkWrap = std::function<std::unique_ptr<ByteLink>(std::unique_ptr<ByteLink>)>;

/// How the links of a slot are opened.
struct SlotOpening {
  LinkWrap wrap{};            ///< around each, the pen's first, then the DAQ's; empty: nothing
  PairingOperator pairing{};  ///< who answers a pen that asks to be paired
  /// Where several slots open links over one Bluetooth adapter, one does at a time; null: there is but this one.
  Leases* leases = nullptr;
  std::function<bool()> given_up{};  ///< ends the wait for it
};

/// Opens the links of a slot of a real rig, and connects. Errors are those of open_link(), open_serial() for the DAQ,
/// and make_bench_ports().
/// @param slot  its pen_ble_link is left empty where no phase needs the pen over BLE.
Awaitable<Result<std::unique_ptr<BenchPorts>>> open_slot(Timeline& timeline, SlotDescription slot, SlotOpening how);

}  // namespace penrig::cli
