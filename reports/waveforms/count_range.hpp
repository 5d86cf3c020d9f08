#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace penrig {

/// Whether all counts lie within -most - 1 and most.
/// @param most  2^n - 1.
inline bool all_within(std::span<const std::int32_t> counts, std::int32_t most) {
  // In a count that fits, all bits above the highest are as the sign. Four at a time.
  using Four = std::int32_t __attribute__((vector_size(16)));
  constexpr std::size_t kFour = 4;
  Four of_four{};
  std::size_t i = 0;
  for (; i + kFour <= counts.size(); i += kFour) {
    Four four{};
    std::memcpy(&four, &counts[i], sizeof four);
    of_four |= four ^ (four >> 31);
  }
  std::int32_t used = of_four[0] | of_four[1] | of_four[2] | of_four[3];
  for (; i < counts.size(); ++i) used |= counts[i] ^ (counts[i] >> 31);
  return used <= most;
}

}  // namespace penrig
