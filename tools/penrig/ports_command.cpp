#include <iostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "protocols/ble/ble_link.hpp"
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

Awaitable<int> scan(Timeline& timeline, const PortsOptions& options, Result<std::vector<BleAdvertiser>>& heard) {
  heard = co_await list_advertisers(timeline, options.adapter, std::chrono::seconds{options.seconds});
  co_return 0;
}

ExitCode list_ble(const PortsOptions& options) {
  const auto timeline = make_real_timeline();
  Result<std::vector<BleAdvertiser>> heard = std::vector<BleAdvertiser>{};
  timeline->run(scan(*timeline, options, heard));
  if (!heard) return complain(heard.error());
  const TerminalStyle style = detect_style(1);
  for (const BleAdvertiser& one : *heard) {
    const std::string uri = "ble:addr=" + one.address + (options.adapter.empty() ? "" : "?adapter=" + one.adapter);
    if (options.json) {
      nlohmann::ordered_json object{{"name", one.name},    {"address", one.address}, {"adapter", one.adapter},
                                    {"rssi_dbm", nullptr}, {"pen", one.is_pen},      {"services", one.services},
                                    {"uri", uri}};
      if (one.rssi_dbm) object["rssi_dbm"] = *one.rssi_dbm;
      std::cout << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
      continue;
    }
    const std::string strength = one.rssi_dbm ? fmt::format("{} dBm", *one.rssi_dbm) : std::string("strength unknown");
    std::cout << render(
        style, {{one.name.empty() ? "(no name)" : one.name, Ink::strong},
                {fmt::format("   {}, {} on {}{}", one.address, strength, one.adapter, one.is_pen ? ", a pen" : "")}});
    if (!one.services.empty()) {
      std::cout << render(style, labelled("", fmt::format("services {}", fmt::join(one.services, ", "))));
    }
    if (one.is_pen) std::cout << render(style, labelled("", uri));
  }
  if (!options.json && heard->empty()) {
    std::cout << fmt::format("nothing advertised within {} s (switch the pen on; listen longer: --seconds 30)\n",
                             options.seconds);
  }
  return ExitCode::pass;
}

ExitCode list_serial(bool json) {
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

}  // namespace

ExitCode ports_command(const PortsOptions& options) {
  return options.ble ? list_ble(options) : list_serial(options.json);
}

}  // namespace penrig::cli
