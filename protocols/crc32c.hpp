#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace penrig {

/// CRC-32C (Castagnoli): polynomial 0x1EDC6F41 reflected, initial value and final xor 0xFFFFFFFF; "123456789" gives
/// 0xE3069283. Takes the processor's instruction where there is one.
/// @param before  the CRC of the bytes in front of these, to go on from; 0 at the start.
/// Source: RFC 3720, appendix B.4.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0);

/// The same value by tables alone (slicing by 8): what a processor without the instruction computes.
std::uint32_t crc32c_by_tables(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace penrig
