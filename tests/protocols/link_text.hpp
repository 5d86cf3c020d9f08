#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/byte_link.hpp"

namespace penrig {

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// Reads `size` bytes; an error ends it and stands behind them as "!link_lost".
inline Awaitable<std::string> read_text(ByteLink& link, std::size_t size) {
  std::string text;
  std::vector<std::byte> room(4096);
  while (text.size() < size) {
    const std::span<std::byte> into(room);
    const auto count = co_await link.read_some(into);
    if (!count) {
      text += "!" + std::string(name_of(count.error().code));
      break;
    }
    for (std::size_t i = 0; i < *count; ++i) text += static_cast<char>(room[i]);
  }
  co_return text;
}

}  // namespace penrig
