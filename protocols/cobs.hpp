#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace penrig {

/// Consistent overhead byte stuffing: the same bytes without a zero among them, so that zero can delimit.
/// At most one byte more for every 254 begun. A run of 254 at the very end has no code after it.
/// Source: Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Trans. Networking 7 (1999).
void append_cobs(std::span<const std::byte> plain, std::vector<std::byte>& into);

/// The plain bytes are written to the front of `into`, which has at least stuffed.size() bytes.
/// @return how many they are; nothing if `stuffed` is empty, holds a zero code, or a run goes past its end.
std::optional<std::size_t> decode_cobs(std::span<const std::byte> stuffed, std::span<std::byte> into);

}  // namespace penrig
