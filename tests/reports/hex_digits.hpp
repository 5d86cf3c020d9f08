#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace penrig::testing {

/// Two digits a byte, in lower case.
inline std::string hex_digits(std::span<const std::uint8_t> bytes) {
  std::string out;
  for (const std::uint8_t b : bytes) {
    out += "0123456789abcdef"[b >> 4U];
    out += "0123456789abcdef"[b & 15U];
  }
  return out;
}

}  // namespace penrig::testing
