#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace penrig {

/// The ways to a pen, as plans name them (`via: ble`).
enum class PenLink : std::uint8_t { serial, ble };
inline constexpr std::array kPenLinks{PenLink::serial, PenLink::ble};
constexpr const char* name_of(PenLink link) { return link == PenLink::serial ? "serial" : "ble"; }
/// The link of that name; none: there is none.
constexpr std::optional<PenLink> pen_link_named(std::string_view name) {
  for (const PenLink link : kPenLinks) {
    if (name == name_of(link)) return link;
  }
  return std::nullopt;
}
/// What a link is, by its URI or by what it calls itself: over BLE where that says so, else a line.
constexpr PenLink pen_link_of(std::string_view name) {
  return name.starts_with("ble:") ? PenLink::ble : PenLink::serial;
}

}  // namespace penrig
