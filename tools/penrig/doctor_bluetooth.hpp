#pragma once

#include <filesystem>
#include <string>

#include "rig/base/timeline.hpp"
#include "tools/penrig/doctor_finding.hpp"

namespace penrig::cli {

/// Whether bluetoothd runs, lets this program in, and has the adapter of this link on. Within 2 s.
/// @param link  "ble:name=PRO-*?adapter=hci1"
Finding bluetooth_finding(Timeline& timeline, const std::string& link);

/// Radios that a switch or a program turned off.
/// @param switches  "/sys/class/rfkill"
Findings blocked_radios(const std::filesystem::path& switches);

/// bluetoothd's default lets notifications overtake each other; penrig then waits for them.
/// @param settings  "/etc/bluetooth/main.conf"
Finding eatt_finding(const std::filesystem::path& settings);

}  // namespace penrig::cli
