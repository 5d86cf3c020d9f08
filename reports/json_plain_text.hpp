#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "rig/spec/utf8.hpp"

namespace penrig {

/// How many bytes of printable ASCII stand at the beginning that JSON takes as they are: no quotation mark, no
/// backslash.
inline std::size_t plain_ascii(std::string_view text) {
  static_assert(std::endian::native == std::endian::little, "the first of eight bytes is the lowest");
  constexpr std::uint64_t kEach = 0x0101010101010101, kHigh = 0x80 * kEach;
  std::size_t n = 0;
  for (; n + sizeof(std::uint64_t) <= text.size(); n += sizeof(std::uint64_t)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + n, sizeof eight);
    // High bits of the bytes that are 0, and perhaps of some behind the first of them.
    const auto zeros = [](std::uint64_t v) { return (v - kEach) & ~v; };
    const std::uint64_t below_blank = (eight - ' ' * kEach) & ~eight;
    const std::uint64_t others = zeros(eight ^ '"' * kEach) | zeros(eight ^ '\\' * kEach) | zeros(eight ^ 0x7F * kEach);
    const std::uint64_t stops = (eight | below_blank | others) & kHigh;
    if (stops != 0) return n + static_cast<std::size_t>(std::countr_zero(stops)) / 8;
  }
  for (; n < text.size(); ++n) {
    const char c = text[n];
    if (c < ' ' || c > '~' || c == '"' || c == '\\') break;
  }
  return n;
}

/// The same of all UTF-8.
inline std::size_t plain_utf8(std::string_view text) {
  std::size_t n = plain_ascii(text);
  while (n < text.size() && (static_cast<unsigned char>(text[n]) & 0x80U) != 0) {
    const std::size_t length = utf8_length(text.substr(n));
    if (length == 0) break;
    n += length;
    n += plain_ascii(text.substr(n));
  }
  return n;
}

}  // namespace penrig
