#pragma once

#include <algorithm>
#include <cmath>

#include "reports/statistics/not_finite.hpp"

namespace penrig::statistics {

/// The x at which the rising `f` is `wanted`, from two that bracket it or are moved apart until they do; infinite where
/// f never gets so far. False position, of which a side that stays is trusted half as much (Illinois).
template <class Rising>
double where(double wanted, double low, double high, Rising f) {
  double f_low = f(low) - wanted, f_high = f(high) - wanted, step = high - low;
  for (int i = 0; i < 60 && f_low > 0; ++i, step *= 2) f_low = f(low -= step) - wanted;
  for (int i = 0; i < 60 && f_high < 0; ++i, step *= 2) f_high = f(high += step) - wanted;
  if (!(f_high >= 0)) return kInfinite;
  if (!(f_low <= 0)) return -kInfinite;
  int kept = 0;
  for (int i = 0; i < 100 && high - low > 1e-10 * (1 + std::abs(low) + std::abs(high)); ++i) {
    const bool line = f_high > f_low && std::isfinite(f_high - f_low);
    const double next = line ? high - f_high * (high - low) / (f_high - f_low) : (low + high) / 2;
    const double f_next = f(next) - wanted;
    if (std::abs(f_next) < 1e-12) return next;
    if (f_next < 0) {
      low = next;
      f_low = f_next;
      if (kept < 0) f_high /= 2;
      kept = -1;
    } else {
      high = next;
      f_high = f_next;
      if (kept > 0) f_low /= 2;
      kept = 1;
    }
  }
  return (low + high) / 2;
}

struct Peak {
  double at = 0, value = 0;
  bool at_end = false;  ///< of what was looked at: it may lie beyond
};

/// The greatest value of f on a grid over low..high, since there may be several maxima, then between its neighbours by
/// golden sections, each 0.618 of the one before.
template <class Function>
Peak greatest(double low, double high, int grid, int sections, Function f) {
  constexpr double kGolden = 0.6180339887498949;
  const double step = (high - low) / grid;
  int best = 0;
  Peak peak{low, f(low), false};
  for (int i = 1; i <= grid; ++i) {
    const double at = low + step * i, value = f(at);
    if (value > peak.value) {
      peak = {at, value, false};
      best = i;
    }
  }
  peak.at_end = best == 0 || best == grid;
  double a = low + step * std::max(0, best - 1), b = low + step * std::min(grid, best + 1);
  double c = b - kGolden * (b - a), d = a + kGolden * (b - a), f_c = f(c), f_d = f(d);
  for (int i = 0; i < sections; ++i) {
    if (f_c > f_d) {
      b = d;
      d = c;
      f_d = f_c;
      c = b - kGolden * (b - a);
      f_c = f(c);
    } else {
      a = c;
      c = d;
      f_c = f_d;
      d = a + kGolden * (b - a);
      f_d = f(d);
    }
  }
  if (f_c > peak.value) peak = {c, f_c, peak.at_end};
  if (f_d > peak.value) peak = {d, f_d, peak.at_end};
  return peak;
}

}  // namespace penrig::statistics
