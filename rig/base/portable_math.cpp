#include "rig/base/portable_math.hpp"

#include <bit>
#include <cstdint>
#include <limits>

#include "rig/base/pow_of_four.hpp"
#include "rig/base/unroll.hpp"

namespace penrig {

using detail::kLn2High, detail::kLn2Low, detail::nearest, detail::rotate_quarters, detail::sin_cos_to_eighth;

namespace {

constexpr double kHalfPi = 1.57079632679489661923;
constexpr double kPi = 3.14159265358979323846;

/// Two to a whole power, in two steps where the result is denormal.
double scale_by_power_of_two(double x, int n) {
  const auto power = [](int e) { return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52); };
  if (n > 1023) return x * power(1023) * power(n - 1023);
  if (n < -1022) return x * power(-1022) * power(n + 1022);
  return x * power(n);
}

}  // namespace

SinCos sin_cos(double radians) {
  // pi/2 in three parts of 33 bits, so that their multiples are exact (Cody and Waite).
  constexpr double kPart1 = 1.57079632673412561417e+00, kPart2 = 6.07710050630396597660e-11,
                   kPart3 = 2.02226624879595063154e-21;
  const double q = nearest(radians * (1 / kHalfPi));
  const double r = ((radians - q * kPart1) - q * kPart2) - q * kPart3;
  return rotate_quarters(sin_cos_to_eighth<SinCos>(r), static_cast<std::int64_t>(q));
}

double portable_exp(double x) {
  if (!(x > -746)) return x != x ? x : 0;
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
  const double n = nearest(x * 1.44269504088896338700);
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double sum = 1;    // Horner over r^k / k!, |r| <= 0.347: the term of k = 15 is below 1e-19
  PENRIG_UNROLL(14)  // the same bits; what is divided by a power of two is multiplied then
  for (int k = 14; k >= 1; --k) sum = 1 + sum * r / k;
  return scale_by_power_of_two(sum, static_cast<int>(n));
}

double portable_log(double x) {
  if (!(x > 0)) {
    return x == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  if (x > std::numeric_limits<double>::max()) return x;
  const auto b = std::bit_cast<std::uint64_t>(x);
  int n = static_cast<int>(b >> 52) - 1023;
  double m = std::bit_cast<double>((b & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (m > 1.41421356237309504880) {
    m *= 0.5;
    ++n;
  }
  const double f = m - 1;
  const double s = f / (m + 1);
  const double y = s * s;
  double series = 0;  // 2 y (1/3 + y/5 + ...), |s| <= 0.172: 1/27 y^12 is below 1e-19
  PENRIG_UNROLL(12)   // the same bits; the quotients are constants then
  for (int k = 25; k >= 3; k -= 2) series = (series + 1.0 / k) * y;
  // ln m = 2s + 2s*series, written as f - s*(f - 2*series) to keep the leading term exact.
  return n * kLn2High + (f - (s * (f - 2 * series) - n * kLn2Low));
}

double portable_pow(double base, double exponent) { return portable_exp(exponent * portable_log(base)); }

double portable_atan2(double y, double x) {
  if (x == 0 && y == 0) return 0;
  const double ax = x < 0 ? -x : x, ay = y < 0 ? -y : y;
  const bool steep = ay > ax;
  double t = steep ? ax / ay : ay / ax;  // [0, 1]
  // atan t = k pi/16 + atan((t - c)/(1 + t c)) with c = tan(k pi/16): what is left is below tan(pi/32) = 0.0985.
  constexpr double kTan[] = {0, 0.19891236737965800691, 0.41421356237309504880, 0.66817863791929891999, 1};
  int k = 0;
  while (k < 4 && t > (kTan[k] + kTan[k + 1]) / 2) ++k;
  t = (t - kTan[k]) / (1 + t * kTan[k]);
  const double w = t * t;
  double series = 0;
  for (int i = 21; i >= 3; i -= 2) series = (series + ((i & 2) != 0 ? -1.0 : 1.0) / i) * w;
  double angle = k * (kPi / 16) + (t + t * series);
  if (steep) angle = kHalfPi - angle;
  if (x < 0) angle = kPi - angle;
  return y < 0 ? -angle : angle;
}

}  // namespace penrig
