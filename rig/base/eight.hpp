#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "rig/base/portable_math.hpp"

/// A function that is compiled for several processors, of which the best for the one at hand is taken when the program
/// starts. All give the same bits (tests/rig/same_bits_test.cpp): lanes of an Eight round each for itself, and nothing
/// is contracted. Not under sanitizers, whose set-up comes after the choice.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__) && \
    !defined(PENRIG_ONE_PROCESSOR)
#define PENRIG_EACH_PROCESSOR [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define PENRIG_EACH_PROCESSOR
#endif

namespace penrig {

// GCC says that processors hand such a value to a function in different ways; none of these is handed to one that is
// not inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

/// Eight doubles that go through the same operations side by side, as Two does: in one register where the processor has
/// such, in several else. For inner loops, inside functions for PENRIG_EACH_PROCESSOR.
using Eight = double __attribute__((vector_size(64)));
inline constexpr std::size_t kLanes = 8;

/// Neighbours in an array.
[[gnu::always_inline]] inline Eight eight_at(const double* first) {
  Eight x;
  std::memcpy(&x, first, sizeof x);
  return x;
}
[[gnu::always_inline]] inline void put_eight(double* first, const Eight& x) { std::memcpy(first, &x, sizeof x); }

/// Counts as they stand in an array.
[[gnu::always_inline]] inline Eight eight_at(const std::int32_t* first) {
  std::int32_t x __attribute__((vector_size(32)));
  std::memcpy(&x, first, sizeof x);
  return __builtin_convertvector(x, Eight);
}

/// first, first + 1, ...
[[gnu::always_inline]] inline Eight eight_from(double first) { return Eight{0, 1, 2, 3, 4, 5, 6, 7} + first; }

/// Sum of the lanes, halves first.
[[gnu::always_inline]] inline double sum_of(const Eight& x) {
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

/// Of what is not negative.
[[gnu::always_inline]] inline Eight root_of(const Eight& x) {
  return Eight{std::sqrt(x[0]), std::sqrt(x[1]), std::sqrt(x[2]), std::sqrt(x[3]),
               std::sqrt(x[4]), std::sqrt(x[5]), std::sqrt(x[6]), std::sqrt(x[7])};
}

struct SinCosOfEight {
  Eight sin, cos;
};
/// Each has the bits of sin_cos_turns(double).
[[gnu::always_inline]] inline SinCosOfEight sin_cos_turns(const Eight& turns) {
  using Bits = std::uint64_t __attribute__((vector_size(64)));
  constexpr double kHalfPi = 1.57079632679489661923;
  const Eight whole = (turns + detail::kShift) - detail::kShift, quarters = (turns - whole) * 4;
  const Eight shifted = quarters + detail::kShift, x = (quarters - (shifted - detail::kShift)) * kHalfPi;
  const SinCosOfEight part = detail::sin_cos_to_eighth<SinCosOfEight>(x);
  const auto q = std::bit_cast<Bits>(shifted), s = std::bit_cast<Bits>(part.sin), c = std::bit_cast<Bits>(part.cos);
  const Bits odd = -(q & 1);  // all bits, or none
  return {std::bit_cast<Eight>(((c & odd) | (s & ~odd)) ^ ((q & 2) << 62)),
          std::bit_cast<Eight>(((s & odd) | (c & ~odd)) ^ (((q + 1) & 2) << 62))};
}

}  // namespace penrig
