#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "protocols/links.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/introduction_text.hpp"

namespace penrig::cli {
namespace {

/// What to write into a rig's description: by identity where there is one, since names change with every plug.
std::string uri_of(const PortInfo& port) {
  if (port.usb_vid_pid.empty() || port.usb_serial.empty()) return "serial:" + port.name;
  return fmt::format("serial:usb={}/{}", port.usb_vid_pid, port.usb_serial);
}

}  // namespace

ExitCode ports_command(bool json) {
  const Result<std::vector<PortInfo>> ports = list_ports();
  if (!ports) return complain(ports.error());
  const TerminalStyle style = detect_style(1);
  for (const PortInfo& port : *ports) {
    if (json) {
      nlohmann::ordered_json object{{"port", port.name},
                                    {"description", port.description},
                                    {"usb_vid_pid", port.usb_vid_pid},
                                    {"usb_serial", port.usb_serial},
                                    {"usb_product", port.usb_product},
                                    {"uri", uri_of(port)}};
      std::cout << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
      continue;
    }
    std::cout << render(style, {{port.name, Ink::strong}, {"   " + port.description}});
    if (!port.usb_vid_pid.empty()) {
      const std::string serial = port.usb_serial.empty() ? "no serial number" : "serial number " + port.usb_serial;
      std::cout << render(style,
                          labelled("", fmt::format("USB {} {}, {}", port.usb_vid_pid, port.usb_product, serial)));
    }
    std::cout << render(style, labelled("", uri_of(port)));
  }
  if (!json && ports->empty()) {
    std::cout << "no serial port is there (plug one in; a simulated rig needs none: penrig sim)\n";
  }
  return ExitCode::pass;
}

}  // namespace penrig::cli
