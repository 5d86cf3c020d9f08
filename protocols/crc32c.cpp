#include "protocols/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace penrig {
namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    tables[0][i] = crc;
  }
  for (std::uint32_t i = 0; i < 256; ++i) {
    for (std::size_t t = 1; t < 8; ++t) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

std::uint32_t load_le32(const std::byte* p) {
  return std::to_integer<std::uint32_t>(p[0]) | std::to_integer<std::uint32_t>(p[1]) << 8 |
         std::to_integer<std::uint32_t>(p[2]) << 16 | std::to_integer<std::uint32_t>(p[3]) << 24;
}

#if defined(__x86_64__)
constexpr std::size_t kPart = 128;  ///< bytes of one of three parts whose checks are worked out side by side

using Shift = std::array<std::array<std::uint32_t, 256>, 4>;

/// What a register becomes by `bytes` zeros behind it, byte by byte of the register: shifting is linear.
constexpr Shift make_shift(std::size_t bytes) {
  Shift shift{};
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::uint32_t bit = 0; bit < 8; ++bit) {
      std::uint32_t crc = 1U << (8 * t + bit);
      for (std::size_t i = 0; i < bytes; ++i) crc = (crc >> 8) ^ kTables[0][crc & 0xFFU];
      for (std::uint32_t v = 0; v < 256; ++v) {
        if ((v >> bit & 1U) != 0) shift[t][v] ^= crc;
      }
    }
  }
  return shift;
}

constexpr Shift kByOnePart = make_shift(kPart), kByTwoParts = make_shift(2 * kPart);

std::uint32_t shifted(const Shift& by, std::uint64_t crc) {
  return by[0][crc & 0xFFU] ^ by[1][crc >> 8 & 0xFFU] ^ by[2][crc >> 16 & 0xFFU] ^ by[3][crc >> 24 & 0xFFU];
}

/// The instruction takes three cycles, and one can begin in each: three parts side by side.
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::span<const std::byte> bytes,
                                                                      std::uint32_t before) {
  const auto word_at = [](const std::byte* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    return word;
  };
  std::uint64_t crc = ~before;
  const std::byte* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 3 * kPart; p += 3 * kPart, left -= 3 * kPart) {
    std::uint64_t second = 0, third = 0;
    for (std::size_t i = 0; i < kPart; i += 8) {
      crc = _mm_crc32_u64(crc, word_at(p + i));
      second = _mm_crc32_u64(second, word_at(p + kPart + i));
      third = _mm_crc32_u64(third, word_at(p + 2 * kPart + i));
    }
    crc = shifted(kByTwoParts, crc) ^ shifted(kByOnePart, second) ^ third;
  }
  for (; left >= 8; p += 8, left -= 8) crc = _mm_crc32_u64(crc, word_at(p));
  auto crc32 = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++p, --left) crc32 = _mm_crc32_u8(crc32, std::to_integer<std::uint8_t>(*p));
  return ~crc32;
}
#endif

}  // namespace

std::uint32_t crc32c_by_tables(std::span<const std::byte> bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  const std::byte* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    const std::uint32_t low = crc ^ load_le32(p);
    const std::uint32_t high = load_le32(p + 4);
    crc = kTables[7][low & 0xFFU] ^ kTables[6][(low >> 8) & 0xFFU] ^ kTables[5][(low >> 16) & 0xFFU] ^
          kTables[4][low >> 24] ^ kTables[3][high & 0xFFU] ^ kTables[2][(high >> 8) & 0xFFU] ^
          kTables[1][(high >> 16) & 0xFFU] ^ kTables[0][high >> 24];
  }
  for (; left > 0; ++p, --left) crc = (crc >> 8) ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(*p)) & 0xFFU];
  return ~crc;
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return crc32c_by_instruction(bytes, before);
#endif
  return crc32c_by_tables(bytes, before);
}

}  // namespace penrig
