#pragma once

namespace penrig {

/// Elementary functions of additions, multiplications, divisions and roots alone, so that every machine gives the same
/// bits (libm's results change with the processor). Arguments must be finite unless said otherwise.

struct SinCos {
  double sin = 0, cos = 0;
};

/// Of 2 pi x turns; error below 1e-15. The reduction is exact, so it holds for any number of turns.
SinCos sin_cos_turns(double turns);
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
