#include "rig/measure/force_landmarks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rig/base/eight.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/measure/levels.hpp"

namespace penrig {

namespace {

constexpr double kPunctureSigmas = 5;

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
};

[[gnu::always_inline]] inline Range range_of_lanes(const Eight& low, const Eight& high) {
  Range range;
  for (std::size_t k = 0; k < kLanes; ++k) range = {std::min(range.low, low[k]), std::max(range.high, high[k])};
  return range;
}

PENRIG_EACH_PROCESSOR Range range_of(const double* f, std::size_t n) {
  Eight low = eight_of(f[0]), high = low;
  std::size_t at = 0;
  for (; at + kLanes <= n; at += kLanes) {
    low = smaller(low, eight_at(f + at));
    high = larger(high, eight_at(f + at));
  }
  Range range = range_of_lanes(low, high);
  for (; at < n; ++at) range = {std::min(range.low, f[at]), std::max(range.high, f[at])};
  return range;
}

}  // namespace

double quadratic_at(const double* f, std::size_t n, double at, double* slope) {
  const double centre = static_cast<double>(n - 1) / 2;
  double s0 = 0, s1 = 0, s2 = 0, x2 = 0, x4 = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = static_cast<double>(i) - centre;
    s0 += f[i];
    s1 += x * f[i];
    s2 += x * x * f[i];
    x2 += x * x;
    x4 += x * x * x * x;
  }
  const double count = static_cast<double>(n);
  const double x = at - centre;
  const double c = n > 2 ? (count * s2 - x2 * s0) / (count * x4 - x2 * x2) : 0;
  const double b = s1 / x2;
  const double a = (s0 - c * x2) / count;
  if (slope != nullptr) *slope = b + 2 * c * x;
  return a + b * x + c * x * x;
}

Landmarks find_landmarks(const ForceCycle& cycle, const CycleFit& fit, const ForceScales& scales) {
  Landmarks marks;
  const double top = fit.top_index() + scales.delay_samples - static_cast<double>(cycle.first);
  const double last = static_cast<double>(cycle.q_mm.size() - 1);
  marks.top = static_cast<std::size_t>(std::clamp(std::round(top), 0.0, last));
  const double bottom = cycle.q_mm.front();
  const double near_surface =
      std::max(bottom + 0.5 * (scales.surface_guess_mm - bottom), scales.surface_guess_mm - 0.2);
  marks.clear = std::min(cycle.rise, marks.top);
  marks.clear = first_not_below(std::span(cycle.q_mm).first(marks.top), marks.clear, near_surface);
  const double sigma = std::max(scales.needles_noise_n(), 1e-6);
  // Noise alone has its extremes some root of 2 ln n above and below the mean of n samples, and the running maximum
  // keeps the upper one.
  const double n = static_cast<double>(marks.top - marks.clear) + 2;
  const double drop = std::max(kPunctureSigmas, 1 + 2 * std::sqrt(2 * portable_log(n))) * sigma;
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
    const auto begin = cycle.force_n.begin() + static_cast<std::ptrdiff_t>(marks.puncture);
    const auto end = cycle.force_n.begin() + static_cast<std::ptrdiff_t>(std::max(marks.top, marks.puncture)) + 1;
    const double lowest = range_of(&*begin, static_cast<std::size_t>(end - begin)).low;
    marks.after = static_cast<std::size_t>(std::find(begin, end, lowest) - cycle.force_n.begin());
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
  const double below = std::max(quadratic_at(&f[at - 2], 5, 2), quadratic_at(&f[at - 1], 5, 2));
  const double rounded = 0.5 * corner_loss * std::max(difference, 0.0);
  out.puncture_n = 0.5 * (above + below) + rounded;
  return {0.5 * (above - below), rounded, ring * std::max(difference, 0.0)};
}

namespace {

/// Of the smoothed windows that begin at [0, n), and goes on with what was found before.
PENRIG_EACH_PROCESSOR Range smoothed_range(const double* f, std::size_t n, const Range& before) {
  // Savitzky and Golay's weights, / 231.
  constexpr std::array<double, 5> kWeights{-21, 14, 39, 54, 59};
  constexpr std::size_t kLast = 8;
  Eight high = eight_of(before.high), low = eight_of(before.low);
  std::size_t at = 0;
  for (; at + kLanes <= n; at += kLanes) {
    Eight sum = kWeights[4] * eight_at(f + at + 4);
    for (std::size_t k = 0; k < 4; ++k) sum += kWeights[k] * (eight_at(f + at + k) + eight_at(f + at + kLast - k));
    high = larger(high, sum);
    low = smaller(low, sum);
  }
  Range range = range_of_lanes(low, high);
  for (; at < n; ++at) {
    double sum = kWeights[4] * f[at + 4];
    for (std::size_t k = 0; k < 4; ++k) sum += kWeights[k] * (f[at + k] + f[at + kLast - k]);
    range = {std::min(range.low, sum), std::max(range.high, sum)};
  }
  return range;
}

}  // namespace

void find_peak_force(const ForceCycle& cycle, std::size_t from, std::size_t top, double sigma, StrokeForce& out) {
  constexpr double kClear = 4;
  constexpr std::size_t kWindow = 9;
  const std::span<const double> f = cycle.force_n;
  if (from >= f.size()) return;
  const std::size_t windows = f.size() < kWindow ? 0 : f.size() - kWindow + 1, fall = std::min(top, windows);
  Range smooth;
  if (fall < windows) {
    smooth = smoothed_range(&f[fall], windows - fall, smooth);
    out.withdrawal_n = -smooth.low / 231;
  }
  if (from < fall) smooth = smoothed_range(&f[from], fall - from, smooth);
  out.peak_n = from < windows ? smooth.high / 231 : 0;
  const double highest_n = range_of(&f[from], f.size() - from).high;
  if (highest_n - out.peak_n <= kClear * sigma) return;
  const auto highest = static_cast<std::size_t>(
      std::find(f.begin() + static_cast<std::ptrdiff_t>(from), f.end(), highest_n) - f.begin());
  const double before = highest > 0 ? f[highest - 1] : 0, after = highest + 1 < f.size() ? f[highest + 1] : 0;
  const double above = f[highest] + 0.5 * (f[highest] - std::min(before, after));
  out.peak_half_width_n = 0.5 * (above - out.peak_n);
  out.peak_n = 0.5 * (out.peak_n + above);
}

}  // namespace penrig
