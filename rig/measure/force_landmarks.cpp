#include "rig/measure/force_landmarks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rig/base/eight.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/base/unroll.hpp"
#include "rig/measure/levels.hpp"

namespace penrig {

namespace {

constexpr double kPunctureSigmas = 5;

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
};

[[gnu::always_inline]] inline double highest_of_lanes(const Eight& x) {
  const Four high = x.low > x.high ? x.low : x.high;
  return std::max(std::max(high[0], high[1]), std::max(high[2], high[3]));
}
[[gnu::always_inline]] inline double lowest_of_lanes(const Eight& x) {
  const Four low = x.low < x.high ? x.low : x.high;
  return std::min(std::min(low[0], low[1]), std::min(low[2], low[3]));
}

/// n > 0. Eight at a time; the last eight of them overlap those before.
PENRIG_EACH_PROCESSOR double highest_of(const double* f, std::size_t n) {
  if (n < kLanes) return *std::max_element(f, f + n);
  Eight high = eight_at(f + n - kLanes);
  for (std::size_t at = 0; at + kLanes <= n; at += kLanes) high = larger(high, eight_at(f + at));
  return highest_of_lanes(high);
}

PENRIG_EACH_PROCESSOR double lowest_of(const double* f, std::size_t n) {
  if (n < kLanes) return *std::min_element(f, f + n);
  Eight low = eight_at(f + n - kLanes);
  for (std::size_t at = 0; at + kLanes <= n; at += kLanes) low = smaller(low, eight_at(f + at));
  return lowest_of_lanes(low);
}

/// Sums of f, x f and x^2 f over n values, x from `first` on.
struct MomentsOfForce {
  double zeroth = 0, first = 0, second = 0;
};
[[gnu::always_inline]] inline void add_moments(const double* f, std::size_t from, std::size_t n, double first,
                                               MomentsOfForce& sums) {
  double x = first + static_cast<double>(from);
  for (std::size_t i = from; i < n; ++i, x += 1) {
    sums.zeroth += f[i];
    sums.first += x * f[i];
    sums.second += x * x * f[i];
  }
}
PENRIG_EACH_PROCESSOR MomentsOfForce moments_of_many(const double* f, std::size_t n, double first) {
  Eight zeroth{}, firsts{}, seconds{}, x = eight_from(first);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Eight value = eight_at(f + i), moment = x * value;
    zeroth += value;
    firsts += moment;
    seconds += x * moment;
    x = x + static_cast<double>(kLanes);
  }
  MomentsOfForce sums{sum_of(zeroth), sum_of(firsts), sum_of(seconds)};
  add_moments(f, i, n, first, sums);
  return sums;
}

MomentsOfForce moments_of_force(const double* f, std::size_t n, double first) {
  if (n >= 2 * kLanes) return moments_of_many(f, n, first);
  MomentsOfForce sums;
  add_moments(f, 0, n, first, sums);
  return sums;
}

/// What quadratic_at() gives in the middle of five.
double middle_of_five(const double* f) { return (17 * f[2] + 12 * (f[1] + f[3]) - 3 * (f[0] + f[4])) / 35; }

}  // namespace

double quadratic_at(const double* f, std::size_t n, double at, double* slope) {
  const double count = static_cast<double>(n), centre = (count - 1) / 2;
  // Sums of x^2 and x^4, without rounding.
  const double n2 = count * count, x2 = count * (n2 - 1) / 12, x4 = count * (n2 - 1) * (3 * n2 - 7) / 240;
  const auto [s0, s1, s2] = moments_of_force(f, n, -centre);
  const double x = at - centre;
  const double c = n > 2 ? (count * s2 - x2 * s0) / (count * x4 - x2 * x2) : 0;
  const double b = s1 / x2;
  const double a = (s0 - c * x2) / count;
  if (slope != nullptr) *slope = b + 2 * c * x;
  return a + b * x + c * x * x;
}

Landmarks find_landmarks(const ForceCycle& cycle, const CycleFit& fit, const ForceScales& scales, double sigma) {
  Landmarks marks;
  const double top = fit.top_index() + scales.delay_samples - static_cast<double>(cycle.first);
  const double last = static_cast<double>(cycle.q_mm.size() - 1);
  marks.top = static_cast<std::size_t>(std::clamp(std::round(top), 0.0, last));
  const double bottom = cycle.q_mm.front();
  const double near_surface =
      std::max(bottom + 0.5 * (scales.surface_guess_mm - bottom), scales.surface_guess_mm - 0.2);
  marks.clear = std::min(cycle.rise, marks.top);
  marks.clear = first_not_below(std::span(cycle.q_mm).first(marks.top), marks.clear, near_surface);
  // Noise alone has its extremes some root of 2 ln n above and below the mean of n samples, and the running maximum
  // keeps the upper one.
  const double n = static_cast<double>(marks.top - marks.clear) + 2;
  const double drop = std::max(kPunctureSigmas, 1 + 2 * std::sqrt(2 * portable_log(n))) * std::max(sigma, 1e-6);
  double highest = 0;
  std::size_t at = marks.clear;
  for (std::size_t i = marks.clear; i <= marks.top; ++i) {
    if (cycle.force_n[i] > highest) {
      highest = cycle.force_n[i];
      at = i;
    } else if (highest > 2 * drop && highest - cycle.force_n[i] > drop) {
      marks.puncture = at;
      marks.punctured = true;
      break;
    }
  }
  if (marks.punctured) {
    const std::span<const double> f = std::span(cycle.force_n).first(std::max(marks.top, marks.puncture) + 1);
    marks.after = first_not_above(f, marks.puncture, lowest_of(&f[marks.puncture], f.size() - marks.puncture));
  }
  return marks;
}

OpenCorner find_puncture_force(const ForceCycle& cycle, std::size_t at, std::size_t clear, double sigma,
                               double corner_loss, double ring, StrokeForce& out) {
  const std::span<const double> f = cycle.force_n;
  // Only samples that touch tell of the rise.
  std::size_t rise = 0;
  while (rise < 6 && rise <= at - clear && f[at - rise] > kPunctureSigmas * sigma) ++rise;
  if (rise < 4 || at < 2 || at + 4 >= f.size()) {
    // No line, no curve: the highest sample, and as much again as it rose by.
    const double last_step = at > 0 ? f[at] - f[at - 1] : f[at];
    const double open = std::max(0.1 * f[at], 0.5 * last_step);
    out.puncture_n = f[at] + open;
    return {open, 0, ring * std::max(last_step, 0.0)};
  }
  double slope = 0, fall = 0;
  const double up = quadratic_at(&f[at + 1 - rise], rise, static_cast<double>(rise - 1), &slope);
  const double down = quadratic_at(&f[at + 1], 4, 0, &fall);
  const double difference = slope - fall;
  const double shift = difference > 0 ? std::clamp((down - fall - up) / difference, 0.0, 1.0) : 0.0;
  const bool at_once = f[at] - f[at + 1] > 0.5 * slope;
  const double above = up + slope * (at_once ? std::max(shift, 0.5) : shift);
  const double below = std::max(middle_of_five(&f[at - 2]), middle_of_five(&f[at - 1]));
  const double rounded = 0.5 * corner_loss * std::max(difference, 0.0);
  out.puncture_n = 0.5 * (above + below) + rounded;
  return {0.5 * (above - below), rounded, ring * std::max(difference, 0.0)};
}

namespace {

// Savitzky and Golay's weights of a window, / 231.
constexpr std::array<double, 5> kWeights{-21, 14, 39, 54, 59};
constexpr std::size_t kLast = 8;                           ///< sample of a window
constexpr double kWeightsAbove = 273, kWeightsBelow = 42;  ///< sums of those above 0, and of the rest

/// Of eight smoothed windows, the first beginning at f.
[[gnu::always_inline]] inline Eight smoothed(const double* f) {
  Eight sum = kWeights[4] * eight_at(f + 4);
  PENRIG_UNROLL(4)
  for (std::size_t k = 0; k < 4; ++k) sum += kWeights[k] * (eight_at(f + k) + eight_at(f + kLast - k));
  return sum;
}

constexpr std::size_t kWindowsAtOnce = 32;

/// Whether so many windows may go beyond a range: not if their samples lie close together, well within it.
[[gnu::always_inline]] inline bool may_widen(const double* f, const Range& range) {
  constexpr double kRounding = 1e-9;
  Eight low = eight_at(f), high = low;
  PENRIG_UNROLL(4)
  for (std::size_t at = kLanes; at < kWindowsAtOnce + kLast; at += kLanes) {
    low = smaller(low, eight_at(f + at));
    high = larger(high, eight_at(f + at));
  }
  const double lowest = lowest_of_lanes(low), highest = highest_of_lanes(high);
  const double least = kWeightsAbove * lowest - kWeightsBelow * highest,
               most = kWeightsAbove * highest - kWeightsBelow * lowest;
  const double rounding = kRounding * (std::abs(least) + std::abs(most));
  return !(least - rounding >= range.low && most + rounding <= range.high);
}

/// Where to begin to look: where the extremes are likely, so that most of the rest is passed over.
enum class Begin { first, last };

/// Of the smoothed windows that begin at [0, n), and goes on with what was found before.
PENRIG_EACH_PROCESSOR Range smoothed_range(const double* f, std::size_t n, Begin begin, const Range& before) {
  Range range = before;
  if (n < kWindowsAtOnce && n >= kLanes) {
    Eight low = smoothed(f), high = low;
    for (std::size_t next = kLanes; next < n; next += kLanes) {
      const Eight more = smoothed(f + std::min(next, n - kLanes));  // the last overlap those before
      low = smaller(low, more);
      high = larger(high, more);
    }
    return {std::min(range.low, lowest_of_lanes(low)), std::max(range.high, highest_of_lanes(high))};
  }
  if (n < kLanes) {
    for (std::size_t at = 0; at < n; ++at) {
      double sum = kWeights[4] * f[at + 4];
      for (std::size_t k = 0; k < 4; ++k) sum += kWeights[k] * (f[at + k] + f[at + kLast - k]);
      range = {std::min(range.low, sum), std::max(range.high, sum)};
    }
    return range;
  }
  for (std::size_t next = 0; next < n; next += kWindowsAtOnce) {
    const std::size_t passed = std::min(next, n - kWindowsAtOnce);  // the last overlap those before
    const double* const at = f + (begin == Begin::first ? passed : n - kWindowsAtOnce - passed);
    if (!may_widen(at, range)) continue;
    Eight low = smoothed(at), high = low;
    PENRIG_UNROLL(3)
    for (std::size_t k = kLanes; k < kWindowsAtOnce; k += kLanes) {
      const Eight more = smoothed(at + k);
      low = smaller(low, more);
      high = larger(high, more);
    }
    range = {std::min(range.low, lowest_of_lanes(low)), std::max(range.high, highest_of_lanes(high))};
  }
  return range;
}

std::size_t windows_of(std::span<const double> f) { return f.size() < kLast + 1 ? 0 : f.size() - kLast; }

}  // namespace

double find_pull_force(const ForceCycle& cycle, std::size_t top) {
  const std::size_t windows = windows_of(cycle.force_n);
  if (top >= windows) return 0;
  Range smooth;
  smooth.high = std::numeric_limits<double>::infinity();  // only the pull is asked for
  return -smoothed_range(&cycle.force_n[top], windows - top, Begin::first, smooth).low / 231;
}

void find_peak_force(const ForceCycle& cycle, std::size_t from, std::size_t top, double sigma, StrokeForce& out) {
  constexpr double kClear = 4;
  const std::span<const double> f = cycle.force_n;
  if (from >= f.size()) return;
  const std::size_t windows = windows_of(f), fall = std::min(top, windows);
  Range smooth;
  smooth.low = -std::numeric_limits<double>::infinity();  // only the peak is asked for
  // The rise first: what was felt there passes over most of the way back.
  if (from < fall) smooth = smoothed_range(&f[from], fall - from, Begin::last, smooth);
  if (fall < windows) smooth = smoothed_range(&f[fall], windows - fall, Begin::first, smooth);
  out.peak_n = from < windows ? smooth.high / 231 : 0;
  const double highest_n = highest_of(&f[from], f.size() - from);
  if (highest_n - out.peak_n <= kClear * sigma) return;
  const auto highest = static_cast<std::size_t>(
      std::find(f.begin() + static_cast<std::ptrdiff_t>(from), f.end(), highest_n) - f.begin());
  const double before = highest > 0 ? f[highest - 1] : 0, after = highest + 1 < f.size() ? f[highest + 1] : 0;
  const double above = f[highest] + 0.5 * (f[highest] - std::min(before, after));
  out.peak_half_width_n = 0.5 * (above - out.peak_n);
  out.peak_n = 0.5 * (out.peak_n + above);
}

}  // namespace penrig
