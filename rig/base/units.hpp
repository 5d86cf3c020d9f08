#pragma once

#include <compare>

namespace penrig {

/// A physical quantity over length, mass, time and temperature, held in SI base units. Interfaces of the domain take
/// these; bulk arrays and files take doubles with the unit in the name.
template <int L, int M, int T, int K = 0>
class Quantity {
 public:
  constexpr Quantity() = default;
  static constexpr Quantity from_si(double v) { return Quantity{v}; }
  constexpr double si() const { return si_; }
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 of a defaulted <=> for a pointer
  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity{a.si_ + b.si_}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity{a.si_ - b.si_}; }
  friend constexpr Quantity operator-(Quantity a) { return Quantity{-a.si_}; }
  friend constexpr Quantity operator*(double f, Quantity q) { return Quantity{f * q.si_}; }
  friend constexpr Quantity operator*(Quantity q, double f) { return Quantity{f * q.si_}; }
  friend constexpr Quantity operator/(Quantity q, double f) { return Quantity{q.si_ / f}; }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.si_ / b.si_; }

 private:
  explicit constexpr Quantity(double v) : si_(v) {}
  double si_ = 0;
};

using Length = Quantity<1, 0, 0>;
using Speed = Quantity<1, 0, -1>;
using Force = Quantity<1, 1, -2>;
using Frequency = Quantity<0, 0, -1>;

/// Micrometres to millimetres, for plain numbers: mm = µm * kMmPerUm.
inline constexpr double kMmPerUm = 1e-3;

constexpr Length millimetres(double v) { return Length::from_si(v * 1e-3); }
constexpr double in_mm(Length q) { return q.si() * 1e3; }
constexpr Speed mm_per_s(double v) { return Speed::from_si(v * 1e-3); }
constexpr double in_mm_per_s(Speed q) { return q.si() * 1e3; }
constexpr Force newtons(double v) { return Force::from_si(v); }
constexpr double in_n(Force q) { return q.si(); }
constexpr Frequency hertz(double v) { return Frequency::from_si(v); }
constexpr double in_hz(Frequency q) { return q.si(); }
constexpr Frequency per_minute(double v) { return Frequency::from_si(v / 60.0); }
constexpr double in_per_min(Frequency q) { return q.si() * 60.0; }

}  // namespace penrig
