#pragma once

#include <cstddef>
#include <numbers>

#include "rig/base/portable_math.hpp"

namespace penrig {

/// Arithmetic of harmonic series: complex numbers whose products have the same bits everywhere.
inline constexpr double kTwoPi = 2 * std::numbers::pi;

struct Complex {
  double re = 0, im = 0;
};
inline Complex multiply(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
inline Complex divide(Complex a, Complex b) {
  const double d = b.re * b.re + b.im * b.im;
  return {(a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d};
}
inline Complex turn(double turns) {
  const SinCos sc = sin_cos_turns(turns);
  return {sc.cos, sc.sin};
}

/// Where the k-th cosine and sine stand in the series; k >= 1.
constexpr std::size_t cosine_term(int k) { return 2 * static_cast<std::size_t>(k) - 1; }
constexpr std::size_t sine_term(int k) { return 2 * static_cast<std::size_t>(k); }

}  // namespace penrig
