#pragma once

#include <memory>

#include "protocols/ble/bluez.hpp"
#include "protocols/byte_link.hpp"

namespace penrig::ble {

/// Reads what a connected pen says in its Device Information, which it must have (protocols/GATT.md), and its Battery,
/// where bluetoothd shows that. Errc::wrong_device: something is missing; else as Bluez::read_value().
Awaitable<Result<LinkFacts>> read_facts(std::shared_ptr<Bluez> bluez, DeviceInfo pen);

}  // namespace penrig::ble
