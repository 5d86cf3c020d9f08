#pragma once

#include <array>
#include <cstdint>

namespace penrig {

/// The ways to a pen, as plans name them (`via: ble`). The first is that of a slot's `pen`, whatever link it is.
enum class PenLink : std::uint8_t { serial, ble };
inline constexpr std::array kPenLinks{PenLink::serial, PenLink::ble};
constexpr const char* name_of(PenLink link) { return link == PenLink::serial ? "serial" : "ble"; }

}  // namespace penrig
