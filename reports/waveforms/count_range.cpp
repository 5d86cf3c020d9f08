#include "reports/waveforms/count_range.hpp"

#include <cstddef>
#include <cstring>

#include "rig/base/eight.hpp"

namespace penrig {

namespace {

using EightSigned = std::int32_t __attribute__((vector_size(32)));
constexpr std::size_t kEight = 8;

/// Bits that any of the counts uses above those that are as its sign.
PENRIG_EACH_PROCESSOR std::int32_t bits_used(const std::int32_t* x, std::size_t n) {
  EightSigned a{}, b{};
  std::size_t i = 0;
  for (; i + 2 * kEight <= n; i += 2 * kEight) {
    EightSigned first, second;
    std::memcpy(&first, x + i, sizeof first);
    std::memcpy(&second, x + i + kEight, sizeof second);
    a |= first ^ (first >> 31);
    b |= second ^ (second >> 31);
  }
  a |= b;
  std::int32_t used = 0;
  for (std::size_t lane = 0; lane < kEight; ++lane) used |= a[lane];
  for (; i < n; ++i) used |= x[i] ^ (x[i] >> 31);
  return used;
}

}  // namespace

bool all_within(std::span<const std::int32_t> counts, std::int32_t most) {
  return bits_used(counts.data(), counts.size()) <= most;
}

}  // namespace penrig
