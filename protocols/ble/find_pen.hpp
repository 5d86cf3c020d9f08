#pragma once

#include <memory>
#include <string>

#include "protocols/ble/ble_link.hpp"
#include "protocols/ble/bluez.hpp"

namespace penrig::ble {

/// The adapter that is to be used. Errc::port_missing: none, not this one, or it is off; says what to do.
Result<AdapterInfo> choose_adapter(const Bluez& bluez, const std::string& wanted);

/// Looks for the one pen that is meant: among those that bluetoothd knows already, then by a scan, which ends soon
/// after the first that matches. One missed advertisement is no failure. Errc::port_missing: none, or more than one;
/// names what was heard instead.
Awaitable<Result<DeviceInfo>> find_pen(Timeline& timeline, std::shared_ptr<Bluez> bluez, AdapterInfo adapter,
                                       BleUri uri);

/// Whether a name fits a pattern with * and ?.
bool name_fits(std::string_view pattern, std::string_view name);

}  // namespace penrig::ble
