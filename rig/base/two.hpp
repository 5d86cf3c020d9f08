#pragma once

#include <cstring>

namespace penrig {

/// Two doubles that go through the same operations side by side, in a register that every processor of 64 bits has.
/// Each has the bits that it would have alone: additions, multiplications, divisions and roots round lane by lane. For
/// inner loops whose elements do not wait for each other; a double among them stands for both.
using Two = double __attribute__((vector_size(16)));

/// Neighbours in an array.
inline Two two_at(const double* first) {
  Two x;
  std::memcpy(&x, first, sizeof x);
  return x;
}
inline void put_two(double* first, Two x) { std::memcpy(first, &x, sizeof x); }

}  // namespace penrig
