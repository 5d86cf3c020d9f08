#pragma once

#include <string>

#include "protocols/links.hpp"
#include "tools/penrig/doctor_finding.hpp"

namespace penrig::cli {

/// Whether a serial link of a rig can be opened, without opening it: some devices start anew when they are opened. Of a
/// link over BLE only whether it is well written.
/// @param whose  "pen", "DAQ 2"
Finding link_finding(const std::string& whose, const std::string& link);

/// The same for a port that no rig names.
Finding port_finding(const PortInfo& port);

}  // namespace penrig::cli
