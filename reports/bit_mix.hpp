#pragma once

#include <cstdint>

namespace penrig {

/// Spreads numbers that lie close together over the high bits: times 2^64 over the golden ratio. For tables of hashes.
constexpr std::uint64_t mixed(std::uint64_t bits) { return bits * 0x9E3779B97F4A7C15; }

}  // namespace penrig
