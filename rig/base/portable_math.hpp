#pragma once

#include <bit>
#include <cstdint>

#include "rig/base/two.hpp"

namespace penrig {

/// Elementary functions of additions, multiplications, divisions and roots alone, so that every machine gives the same
/// bits (libm's results change with the processor). Arguments must be finite unless said otherwise.

struct SinCos {
  double sin = 0, cos = 0;
};
/// Of two angles.
struct SinCosOfTwo {
  Two sin, cos;
};

namespace detail {

/// Added to a double below 2^51 it leaves the nearest whole number (halves to even) in the lowest bits.
inline constexpr double kShift = 0x1.8p52;

/// Nearest whole number for |x| < 2^51, by pushing the fraction out of the mantissa. Real: double or Two.
template <class Real>
inline Real nearest(Real x) {
  return (x + kShift) - kShift;
}

/// Taylor of sine and cosine for |x| <= pi/4: the first terms left out are below 1e-19.
template <class Both, class Real>
inline Both sin_cos_to_eighth(const Real& x) {
  const Real y = x * x;
  const Real s =
      x + x * y *
              (-1.0 / 6 +
               y * (1.0 / 120 +
                    y * (-1.0 / 5040 + y * (1.0 / 362880 + y * (-1.0 / 39916800 + y * (1.0 / 6227020800 +
                                                                                       y * (-1.0 / 1307674368000)))))));
  const Real c =
      1 - y * 0.5 +
      y * y *
          (1.0 / 24 +
           y * (-1.0 / 720 +
                y * (1.0 / 40320 + y * (-1.0 / 3628800 + y * (1.0 / 479001600 + y * (-1.0 / 87178291200 +
                                                                                     y * (1.0 / 20922789888000)))))));
  return {s, c};
}

/// Without a branch: which quarter it is, no processor foresees.
inline SinCos rotate_quarters(SinCos k, std::int64_t quarter) {
  const auto q = static_cast<std::uint64_t>(quarter);
  const auto signed_by = [](double v, std::uint64_t bit) {
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(v) ^ ((bit & 2) << 62));
  };
  const bool odd = (q & 1) != 0;
  return {signed_by(odd ? k.cos : k.sin, q), signed_by(odd ? k.sin : k.cos, q + 1)};
}

/// The same of two. shifted: the quarters, with kShift added.
inline SinCosOfTwo rotate_quarters(SinCosOfTwo k, Two shifted) {
  using Bits = std::uint64_t __attribute__((vector_size(16)));
  const auto q = std::bit_cast<Bits>(shifted), s = std::bit_cast<Bits>(k.sin), c = std::bit_cast<Bits>(k.cos);
  const Bits odd = -(q & 1);  // all bits, or none
  return {std::bit_cast<Two>(((c & odd) | (s & ~odd)) ^ ((q & 2) << 62)),
          std::bit_cast<Two>(((s & odd) | (c & ~odd)) ^ (((q + 1) & 2) << 62))};
}

}  // namespace detail

/// Of 2 pi x turns; error below 1e-15. The reduction is exact, so it holds for any number of turns. Inline: a simulated
/// crank asks for it with every sample.
inline SinCos sin_cos_turns(double turns) {
  constexpr double kHalfPi = 1.57079632679489661923;
  const double whole = detail::nearest(turns);
  const double quarters = (turns - whole) * 4;  // exact
  const double q = detail::nearest(quarters);
  const auto part = detail::sin_cos_to_eighth<SinCos>((quarters - q) * kHalfPi);
  return detail::rotate_quarters(part, static_cast<std::int64_t>(q));
}
/// Of two; each has the bits of sin_cos_turns(double).
inline SinCosOfTwo sin_cos_turns(Two turns) {
  constexpr double kHalfPi = 1.57079632679489661923;
  const Two quarters = (turns - detail::nearest(turns)) * 4;
  const Two shifted = quarters + detail::kShift;
  const auto part = detail::sin_cos_to_eighth<SinCosOfTwo>((quarters - (shifted - detail::kShift)) * kHalfPi);
  return detail::rotate_quarters(part, shifted);
}
/// Of radians; error below 1e-14 for |x| < 1e6.
SinCos sin_cos(double radians);
/// e^x; relative error below 1e-15. 0 below -745, infinity above 709.78.
double portable_exp(double x);
/// Natural logarithm; error below 2 ulp. x > 0 and normal; 0 gives -infinity, less gives NaN.
double portable_log(double x);
/// base^exponent for base > 0, as exp(exponent ln base); relative error below 1e-13 for results within 1e+-30.
double portable_pow(double base, double exponent);
/// Angle of (x, y) in radians, (-pi, pi]; error below 1e-15. 0 for (0, 0).
double portable_atan2(double y, double x);

}  // namespace penrig
