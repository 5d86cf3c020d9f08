#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocols/ble/bluez.hpp"
#include "protocols/ble/chunk_link.hpp"

namespace penrig::ble {

/// The two characteristics of a stream, and what carries their chunks: descriptors where bluetoothd hands them out, its
/// methods and signals where not.
struct GattPair {
  std::string device_path, adapter_path;
  std::string to_pen_path, from_pen_path;
  std::optional<Bluez::Acquired> write, notify;
};

/// Carries chunks over a GATT pair until the pen, its service, the adapter or bluetoothd is gone; the error of
/// receive() says which. Closing it disconnects the pen.
std::unique_ptr<ChunkPort> make_gatt_port(Timeline& timeline, std::shared_ptr<Bluez> bluez, GattPair pair);

/// What of a link is gone, if anything is: bluetoothd, the adapter, the device, its connection, its services.
std::optional<Error> what_is_gone(const Bluez& bluez, const GattPair& pair);

}  // namespace penrig::ble
