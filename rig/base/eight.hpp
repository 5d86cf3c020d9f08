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

/// Four doubles that go through the same operations side by side, as Two does: in one register of most processors.
using Four = double __attribute__((vector_size(32)));

/// Eight doubles: two registers, or four. GCC 12 keeps a vector that is wider than a register in memory wherever a loop
/// hands it on, so it is told of the halves. For inner loops, inside functions for PENRIG_EACH_PROCESSOR.
struct Eight {
  Four low, high;
  double operator[](std::size_t lane) const { return lane < 4 ? low[lane] : high[lane - 4]; }
};
inline constexpr std::size_t kLanes = 8;

#define PENRIG_LANE_BY_LANE(op)                                                                                   \
  [[gnu::always_inline]] inline Eight operator op(const Eight& a, const Eight& b) {                               \
    return {a.low op b.low, a.high op b.high};                                                                    \
  }                                                                                                               \
  [[gnu::always_inline]] inline Eight operator op(const Eight& a, double b) { return {a.low op b, a.high op b}; } \
  [[gnu::always_inline]] inline Eight operator op(double a, const Eight& b) { return {a op b.low, a op b.high}; }
PENRIG_LANE_BY_LANE(+)
PENRIG_LANE_BY_LANE(-)
PENRIG_LANE_BY_LANE(*)
PENRIG_LANE_BY_LANE(/)
#undef PENRIG_LANE_BY_LANE
[[gnu::always_inline]] inline Eight operator-(const Eight& x) { return {-x.low, -x.high}; }
[[gnu::always_inline]] inline Eight& operator+=(Eight& a, const Eight& b) { return a = a + b; }

[[gnu::always_inline]] inline Eight larger(const Eight& a, const Eight& b) {
  return {a.low > b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}
[[gnu::always_inline]] inline Eight smaller(const Eight& a, const Eight& b) {
  return {a.low < b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
}

/// All lanes the same.
[[gnu::always_inline]] inline Eight eight_of(double x) { return {Four{} + x, Four{} + x}; }
/// first, first + 1, ...
[[gnu::always_inline]] inline Eight eight_from(double first) {
  return {Four{0, 1, 2, 3} + first, Four{4, 5, 6, 7} + first};
}

/// Neighbours in an array.
[[gnu::always_inline]] inline Eight eight_at(const double* first) {
  Eight x;
  std::memcpy(&x.low, first, sizeof x.low);
  std::memcpy(&x.high, first + 4, sizeof x.high);
  return x;
}
[[gnu::always_inline]] inline void put_eight(double* first, const Eight& x) {
  std::memcpy(first, &x.low, sizeof x.low);
  std::memcpy(first + 4, &x.high, sizeof x.high);
}

/// Counts as they stand in an array. One by one GCC 12 makes one conversion of four of them, of which
/// __builtin_convertvector makes two, and puts them together.
[[gnu::always_inline]] inline Four four_of_counts(const std::int32_t* first) {
  return Four{static_cast<double>(first[0]), static_cast<double>(first[1]), static_cast<double>(first[2]),
              static_cast<double>(first[3])};
}
[[gnu::always_inline]] inline Eight eight_at(const std::int32_t* first) {
  return {four_of_counts(first), four_of_counts(first + 4)};
}

/// Sum of the lanes, halves first.
[[gnu::always_inline]] inline double sum_of(const Eight& x) {
  const Four sum = x.low + x.high;
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

[[gnu::always_inline]] inline Four root_of(const Four& x) {
  return Four{std::sqrt(x[0]), std::sqrt(x[1]), std::sqrt(x[2]), std::sqrt(x[3])};
}
/// Of what is not negative.
[[gnu::always_inline]] inline Eight root_of(const Eight& x) { return {root_of(x.low), root_of(x.high)}; }

struct SinCosOfFour {
  Four sin, cos;
};
[[gnu::always_inline]] inline SinCosOfFour sin_cos_turns(const Four& turns) {
  using Bits = std::uint64_t __attribute__((vector_size(32)));
  constexpr double kHalfPi = 1.57079632679489661923;
  const Four whole = (turns + detail::kShift) - detail::kShift, quarters = (turns - whole) * 4;
  const Four shifted = quarters + detail::kShift, x = (quarters - (shifted - detail::kShift)) * kHalfPi;
  const SinCosOfFour part = detail::sin_cos_to_eighth<SinCosOfFour>(x);
  const auto q = std::bit_cast<Bits>(shifted), s = std::bit_cast<Bits>(part.sin), c = std::bit_cast<Bits>(part.cos);
  const Bits odd = -(q & 1);  // all bits, or none
  return {std::bit_cast<Four>(((c & odd) | (s & ~odd)) ^ ((q & 2) << 62)),
          std::bit_cast<Four>(((s & odd) | (c & ~odd)) ^ (((q + 1) & 2) << 62))};
}

struct SinCosOfEight {
  Eight sin, cos;
};
/// Each has the bits of sin_cos_turns(double).
[[gnu::always_inline]] inline SinCosOfEight sin_cos_turns(const Eight& turns) {
  const SinCosOfFour low = sin_cos_turns(turns.low), high = sin_cos_turns(turns.high);
  return {{low.sin, high.sin}, {low.cos, high.cos}};
}

}  // namespace penrig
