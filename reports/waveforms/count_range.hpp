#pragma once

#include <cstdint>
#include <span>

namespace penrig {

/// Whether all counts lie within -most - 1 and most.
/// @param most  2^n - 1.
bool all_within(std::span<const std::int32_t> counts, std::int32_t most);

}  // namespace penrig
