#pragma once

#include <cstddef>
#include <cstdint>

/// What stands in the blocks of a pcapng file. Source: IETF draft-ietf-opsawg-pcapng.
namespace penrig::pcapng {

inline constexpr std::uint32_t kSectionBlock = 0x0A0D'0D0A, kInterfaceBlock = 1, kPacketBlock = 6;
inline constexpr std::uint32_t kByteOrder = 0x1A2B'3C4D;
inline constexpr std::uint16_t kVersionMajor = 1, kVersionMinor = 0;
inline constexpr std::uint16_t kLinkTypeUser0 = 147;
inline constexpr char kNanoseconds = 9;  // of if_tsresol: 10^-9 s

inline constexpr std::uint16_t kOptionEnd = 0, kOptionComment = 1;
inline constexpr std::uint16_t kOptionName = 2, kOptionResolution = 9;  // of an interface
inline constexpr std::uint16_t kOptionFlags = 2;                        // of a packet
inline constexpr std::uint16_t kOptionApplication = 4;                  // of a section

inline constexpr std::size_t kMostTextBytes = 60'000;
inline constexpr std::size_t kMostBlockBytes = std::size_t{1} << 20U;

inline constexpr std::size_t padded(std::size_t length) { return (length + 3) / 4 * 4; }

}  // namespace penrig::pcapng
