#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "rig/base/eight.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/base/unroll.hpp"

namespace penrig {

namespace detail {

inline constexpr double kLn2High = 6.93147180369123816490e-01;  // ln 2 cut to 32 bits, so that n x it is exact
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

/// e^x is sum times 2 to the n, a whole number. Real: double, Four or Eight.
template <class Real>
struct Exponential {
  Real sum, n;
};
template <class Real>
[[gnu::always_inline]] inline Exponential<Real> exponential(const Real& x) {
  const Real n = (x * 1.44269504088896338700 + kShift) - kShift;  // nearest()
  const Real r = (x - n * kLn2High) - n * kLn2Low;
  Real sum = 1 + r / 14.0;  // Horner over r^k / k!, |r| <= 0.347: the term of k = 15 is below 1e-19
  PENRIG_UNROLL(13)         // the same bits; what is divided by a power of two is multiplied then
  for (int k = 13; k >= 1; --k) sum = 1 + sum * r / static_cast<double>(k);
  return {sum, n};
}

/// 2 to whole numbers from -1022 to 1023.
[[gnu::always_inline]] inline Four power_of_two(const Four& whole) {
  using Bits = std::uint64_t __attribute__((vector_size(32)));
  const auto lowest_bits = std::bit_cast<Bits>(whole + kShift);
  return std::bit_cast<Four>((lowest_bits + 1023) << 52);
}

}  // namespace detail

/// Each has the bits of portable_exp(double).
[[gnu::always_inline]] inline Eight portable_exp(const Eight& x) {
  const Four plain = Four{} + 700;  // what is beyond is denormal, infinite or none: one by one
  const Eight size = larger(x, -x);
  const auto all = (size.low <= plain) & (size.high <= plain);
  if ((all[0] & all[1] & all[2] & all[3]) == 0) [[unlikely]] {
    std::array<double, kLanes> each;
    for (std::size_t i = 0; i < kLanes; ++i) each[i] = portable_exp(x[i]);
    return eight_at(each.data());
  }
  const auto [sum, n] = detail::exponential(x);
  return {sum.low * detail::power_of_two(n.low), sum.high * detail::power_of_two(n.high)};
}

}  // namespace penrig
