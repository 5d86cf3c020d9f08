#pragma once

#include <functional>
#include <memory>
#include <string>

#include "protocols/ble/gatt.hpp"
#include "protocols/ble/pen_wire.hpp"

namespace penrig::ble {

/// What a pen says of itself over GATT, beside its stream.
struct PenProfile {
  std::string name;  ///< that it advertises
  std::string manufacturer, model, serial_number, firmware, hardware;
  unsigned battery_percent = 100;
  bool needs_pairing = false;
  bool refuses_pairing = false;
  std::size_t longest_chunk = kChunkMax;  ///< that it takes and sends
  bool descriptors = true;                ///< bluetoothd hands chunks over by descriptors; else by its methods
};

/// A pen of the profile of protocols/GATT.md, played on a Bluetooth adapter of this machine: its services, registered
/// with bluetoothd, and its advertising. Comes back by itself when bluetoothd or the adapter does. While it is there
/// the adapter is called what the pen is called.
class GattPen {
 public:
  /// Registers it; errors as those of Bluez (bluez.hpp), within 10 s.
  /// @param adapter   "hci1".
  /// @param firmware  speaks as the pen, stream by stream.
  static Awaitable<Result<std::unique_ptr<GattPen>>> start(Timeline& timeline, std::string adapter, PenProfile profile,
                                                           PenFirmware firmware);
  GattPen() = default;
  virtual ~GattPen() = default;
  GattPen(const GattPen&) = delete;
  GattPen& operator=(const GattPen&) = delete;

  /// Disconnects, withdraws everything and gives the adapter its name back; within 10 s.
  virtual Awaitable<void> stop() = 0;
  /// Told what happens: "a host has subscribed", "the host's connection ended", "bluetoothd has ended", ...
  virtual void on_change(std::function<void(const std::string&)> told) = 0;
  /// Called at every chunk that a host wrote.
  virtual void on_heard(std::function<void()> heard) = 0;

  // What can be wrong with it, from now on.
  virtual void fall_silent(bool silent) = 0;  ///< takes everything and says nothing
  virtual void make_slow(Nanoseconds for_each_chunk) = 0;
  virtual void lose_chunks(unsigned count) = 0;  ///< the next ones to the host
  virtual void disconnect() = 0;
  virtual void show_services(bool shown) = 0;  ///< the Pen service goes and comes, whoever is connected
  virtual void advertise(bool on) = 0;
};

}  // namespace penrig::ble
