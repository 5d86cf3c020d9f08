#include <fmt/format.h>
#include <libserialport.h>

#include "protocols/links.hpp"

namespace penrig {
namespace {

std::string text_or_none(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

Result<std::vector<PortInfo>> list_ports() {
  sp_port** ports = nullptr;
  if (sp_list_ports(&ports) != SP_OK) return fail(Errc::io, "the serial ports of this machine cannot be listed");
  std::vector<PortInfo> all;
  for (sp_port** at = ports; *at != nullptr; ++at) {
    PortInfo info;
    info.name = text_or_none(sp_get_port_name(*at));
    info.description = text_or_none(sp_get_port_description(*at));
    if (int vid = 0, pid = 0;
        sp_get_port_transport(*at) == SP_TRANSPORT_USB && sp_get_port_usb_vid_pid(*at, &vid, &pid) == SP_OK) {
      info.usb_vid_pid = fmt::format("{:04x}:{:04x}", vid, pid);
      info.usb_serial = text_or_none(sp_get_port_usb_serial(*at));
      info.usb_product = text_or_none(sp_get_port_usb_product(*at));
    }
    all.push_back(std::move(info));
  }
  sp_free_port_list(ports);
  return all;
}

}  // namespace penrig
