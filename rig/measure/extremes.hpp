#pragma once

#include <cstdint>
#include <span>

namespace penrig {

struct Extremes {
  std::int32_t low = 0, high = 0;
};

/// Least and greatest of at least one count. Samples come in no order: without a branch for each, as
/// std::minmax_element has it, this is several times as fast.
inline Extremes extremes_of(std::span<const std::int32_t> counts) {
  Extremes e{counts.front(), counts.front()};
  for (const std::int32_t x : counts) {
    e.low = x < e.low ? x : e.low;
    e.high = x > e.high ? x : e.high;
  }
  return e;
}

}  // namespace penrig
