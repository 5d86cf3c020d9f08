#pragma once

#include <cstddef>
#include <cstring>

/// A function that is compiled for several processors, of which the best for the one at hand is taken when the program
/// starts. All give the same bits: lanes of an Eight round each for itself, and nothing is contracted. Not under
/// sanitizers, whose set-up comes after the choice.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
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

/// Sum of the lanes, halves first.
[[gnu::always_inline]] inline double sum_of(const Eight& x) {
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

}  // namespace penrig
