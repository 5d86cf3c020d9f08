#pragma once

#include <string>

#include "rig/base/result.hpp"

namespace penrig::ble {

/// What an error of D-Bus or bluetoothd means for a person, and what to do.
/// @param what  was asked for: "connecting", "the scan".
/// @param name  of the error: org.bluez.Error.NotReady.
Error explain(const std::string& what, const std::string& name, const std::string& text);

/// bluetoothd does not run.
Error no_bluetoothd();
/// It ran, and runs no more.
Error bluetoothd_ended();

}  // namespace penrig::ble
