#pragma once

namespace penrig {

/// A number as the unevaluated sum of two doubles, |low| <= ulp(high)/2: about 32 digits from additions,
/// multiplications, divisions and roots of doubles alone, so every machine gives the same bits (with
/// -ffp-contract=off, as the house builds). For sums and factorisations whose result must carry all digits of a double.
/// Values between 1e-140 and 1e150 in magnitude, and 0. Source: Dekker, Numer. Math. 18 (1971); Hida, Li and Bailey,
/// "Library for double-double and quad-double arithmetic" (2007).
struct DoubleDouble {
  double high = 0, low = 0;

  constexpr DoubleDouble() = default;
  constexpr DoubleDouble(double x) : high(x) {}  // NOLINT(google-explicit-constructor): a double is one, exactly
  constexpr DoubleDouble(double h, double l) : high(h), low(l) {}

  constexpr double rounded() const { return high + low; }
};

/// a + b exactly.
constexpr DoubleDouble two_sum(double a, double b) {
  const double s = a + b;
  const double part = s - a;
  return {s, (a - (s - part)) + (b - part)};
}

/// a b exactly, by Dekker's split into halves of 26 bits.
constexpr DoubleDouble two_product(double a, double b) {
  constexpr double kSplit = 134217729;  // 2^27 + 1
  const double at = kSplit * a, bt = kSplit * b;
  const double ah = at - (at - a), bh = bt - (bt - b);
  const double al = a - ah, bl = b - bh;
  const double p = a * b;
  return {p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

namespace detail {
/// |a| >= |b|.
constexpr DoubleDouble renormalised(double a, double b) {
  const double s = a + b;
  return {s, b - (s - a)};
}
}  // namespace detail

constexpr DoubleDouble operator-(DoubleDouble a) { return {-a.high, -a.low}; }
constexpr DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble s = two_sum(a.high, b.high), t = two_sum(a.low, b.low);
  const DoubleDouble first = detail::renormalised(s.high, s.low + t.high);
  return detail::renormalised(first.high, first.low + t.low);
}
constexpr DoubleDouble operator-(DoubleDouble a, DoubleDouble b) { return a + -b; }
constexpr DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble p = two_product(a.high, b.high);
  return detail::renormalised(p.high, p.low + (a.high * b.low + a.low * b.high));
}
constexpr DoubleDouble operator/(DoubleDouble a, DoubleDouble b) {
  const double first = a.high / b.high;
  DoubleDouble rest = a - b * first;
  const double second = rest.high / b.high;
  rest = rest - b * second;
  const double third = rest.high / b.high;
  return detail::renormalised(first, second) + third;
}
constexpr DoubleDouble& operator+=(DoubleDouble& a, DoubleDouble b) { return a = a + b; }
constexpr DoubleDouble& operator-=(DoubleDouble& a, DoubleDouble b) { return a = a - b; }
constexpr bool operator<(DoubleDouble a, DoubleDouble b) {
  return a.high < b.high || (a.high == b.high && a.low < b.low);
}

/// x >= 0; less gives 0.
DoubleDouble square_root(DoubleDouble x);

}  // namespace penrig
