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

/// Of a port that this user may not open.
/// @param group      of the port.
/// @param joining_helps  who is in it may open the port, and it is not root's: that one opens far more.
Finding barred_finding(const std::string& what, const std::string& name, const std::string& user,
                       const std::string& group, bool joining_helps);

}  // namespace penrig::cli
