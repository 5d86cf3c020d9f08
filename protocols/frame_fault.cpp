#include "protocols/frame_fault.hpp"

#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "protocols/cobs.hpp"
#include "protocols/crc32c.hpp"
#include "protocols/frame.hpp"

namespace penrig {

std::string frame_fault(std::span<const std::byte> between_delimiters) {
  constexpr std::size_t kCheckBytes = 4;
  const std::size_t length = between_delimiters.size();
  if (length > kMaxFrameBytes)
    return fmt::format("{} bytes without a delimiter, a frame has at most {}", length, kMaxFrameBytes);
  std::vector<std::byte> plain(length);
  const auto size = decode_cobs(between_delimiters, plain);
  if (!size) return "its stuffing (COBS) is broken";
  if (*size <= kCheckBytes) return fmt::format("{} bytes inside, a payload and its check have at least 5", *size);
  const auto payload = std::span<const std::byte>(plain).first(*size - kCheckBytes);
  std::uint32_t said = 0;
  for (std::size_t i = 0; i < kCheckBytes; ++i)
    said |= std::to_integer<std::uint32_t>(plain[payload.size() + i]) << (8 * i);
  const std::uint32_t is = crc32c(payload);
  return said == is ? "" : fmt::format("its check says {:08x}, its bytes have {:08x} (CRC-32C)", said, is);
}

}  // namespace penrig
