#pragma once

#include <bit>
#include <cstdint>

#include "rig/base/eight.hpp"
#include "rig/base/unroll.hpp"

namespace penrig {

namespace detail {

inline constexpr double kLn2High = 6.93147180369123816490e-01;  ///< ln 2 cut to 32 bits, so that n x it is exact
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

}  // namespace detail

/// Four of portable_pow(), each with its bits; for bases that are normal, and results between 1e-300 and 1e300.
[[gnu::always_inline]] inline Four portable_pow(const Four& base, double exponent) {
  using Bits = std::uint64_t __attribute__((vector_size(32)));
  // As portable_log() has it; 2^52 stands before a whole number's bits in a double.
  const auto b = std::bit_cast<Bits>(base);
  const Four wholes = std::bit_cast<Four>((b >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
  const Four between = std::bit_cast<Four>((b & 0x000fffffffffffff) | 0x3ff0000000000000);
  const auto is_large = between > 1.41421356237309504880;
  const Four m = is_large ? between * 0.5 : between, e = is_large ? wholes + 1 : wholes;
  const Four f = m - 1, s = f / (m + 1), y = s * s;
  Four series{};
  PENRIG_UNROLL(12)
  for (int k = 25; k >= 3; k -= 2) series = (series + 1.0 / k) * y;
  const Four log = e * detail::kLn2High + (f - (s * (f - 2 * series) - e * detail::kLn2Low));
  // As portable_exp() has it.
  const Four x = exponent * log, shifted = x * 1.44269504088896338700 + detail::kShift, n = shifted - detail::kShift;
  const Four r = (x - n * detail::kLn2High) - n * detail::kLn2Low;
  Four sum = Four{} + 1;
  PENRIG_UNROLL(14)
  for (int k = 14; k >= 1; --k) sum = 1 + sum * r / k;
  return sum * std::bit_cast<Four>((std::bit_cast<Bits>(shifted) + 1023) << 52);
}

}  // namespace penrig
