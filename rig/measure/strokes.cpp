#include "rig/measure/strokes.hpp"

#include <algorithm>
#include <cmath>

#include "rig/base/eight.hpp"
#include "rig/base/unset_vector.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/turn_finder.hpp"

namespace penrig {

std::vector<RawCycle> find_cycles(std::span<const std::int32_t> position, std::int32_t hysteresis) {
  std::vector<RawCycle> cycles;
  if (hysteresis <= 0) return cycles;
  TurnFinder finder({static_cast<double>(hysteresis), 0});
  TurnFinder::Found cycle;
  while (finder.next(position, cycle)) cycles.push_back(cycle);
  if (finder.finish(cycle)) cycles.push_back(cycle);
  return cycles;
}

namespace {

/// x = a + b i + c i^2 by least squares on a symmetric window, where the odd part decouples; i from the centre, x from
/// the centre's sample.
struct Parabola {
  double a = 0, b = 0, c = 0;
};
/// Sums of x, x i and x i^2 over n samples, i from `first` on; x from base.
struct Powers {
  double x = 0, xi = 0, xii = 0;
};
PENRIG_EACH_PROCESSOR Powers sums_of_powers(const std::int32_t* counts, std::size_t n, double base, double first) {
  Eight sum{}, sum_i{}, sum_ii{}, d = eight_from(first);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Eight x = eight_at(counts + i) - base, xd = x * d;
    sum += x;
    sum_i += xd;
    sum_ii += xd * d;
    d = d + static_cast<double>(kLanes);
  }
  Powers all{sum_of(sum), sum_of(sum_i), sum_of(sum_ii)};
  for (; i < n; ++i) {
    const double x = counts[i] - base, at = first + static_cast<double>(i);
    all.x += x;
    all.xi += x * at;
    all.xii += x * at * at;
  }
  return all;
}

Parabola fit_parabola(std::span<const std::int32_t> position, std::size_t centre, std::size_t half) {
  const auto [sum, sum_i, sum_ii] =
      sums_of_powers(&position[centre - half], 2 * half + 1, position[centre], -static_cast<double>(half));
  const double n = 2 * static_cast<double>(half) + 1;
  const double m = static_cast<double>(half);
  const double s2 = m * (m + 1) * (2 * m + 1) / 3;
  const double s4 = s2 * (3 * m * m + 3 * m - 1) / 5;
  const double c = (n * sum_ii - s2 * sum) / (n * s4 - s2 * s2);
  return {(sum - c * s2) / n, sum_i / s2, c};
}

bool fits_inside(std::span<const std::int32_t> position, std::size_t centre, std::size_t half) {
  return half > 0 && centre >= half && centre + half < position.size();
}

}  // namespace

double sample_noise(std::span<const std::int32_t> x) {
  constexpr std::size_t kMost = 2000;  ///< differences: their median is known to 3 %
  if (x.size() < 8) return 0;
  const std::size_t step = std::max<std::size_t>(1, x.size() / kMost);
  UnsetVector<double> d((x.size() - 4) / step + 1);
  const std::int32_t* at = &x[3];
  for (double& each : d) {
    each = std::abs(static_cast<double>(at[0]) - 3.0 * at[-1] + 3.0 * at[-2] - at[-3]);
    at += step;
  }
  return median_of(d) / 0.6744897501960817 / std::sqrt(20.0);
}

double half_way(std::span<const std::int32_t> position, std::size_t top, std::size_t bottom) {
  const double level = 0.5 * (static_cast<double>(position[top]) + position[bottom]);
  const std::ptrdiff_t step = bottom < top ? -1 : 1;
  const auto end = static_cast<std::ptrdiff_t>(bottom);
  auto i = static_cast<std::ptrdiff_t>(top);
  while (i != end && position[static_cast<std::size_t>(i + step)] > level) i += step;
  if (i == end) return static_cast<double>(i);
  const double here = position[static_cast<std::size_t>(i)], next = position[static_cast<std::size_t>(i + step)];
  return static_cast<double>(i) + static_cast<double>(step) * (here - level) / (here - next);
}

std::size_t parabola_half(const RawCycle& cycle) {
  const std::size_t rise = cycle.top - cycle.first_bottom, fall = cycle.second_bottom - cycle.top;
  const std::size_t shorter = std::min(rise, fall), longer = std::max(rise, fall);
  const bool rests = 4 * longer > 5 * shorter;
  const std::size_t fewest = rise + fall < 16 ? 2 : 3;  // samples that hold a parabola
  return std::max(fewest, (rests ? 2 * shorter : rise + fall) * 2 / 25);
}

double extreme_by_parabola(std::span<const std::int32_t> position, std::size_t centre, std::size_t half) {
  if (!fits_inside(position, centre, half)) return static_cast<double>(centre);
  const Parabola p = fit_parabola(position, centre, half);
  if (p.c == 0) return static_cast<double>(centre);
  const double shift = -p.b / (2 * p.c);
  // A vertex outside the window means that there is no extreme inside.
  const bool inside = std::abs(shift) <= static_cast<double>(half);
  return inside ? static_cast<double>(centre) + shift : static_cast<double>(centre);
}

double height_by_parabola(std::span<const std::int32_t> position, std::size_t centre, std::size_t half) {
  if (!fits_inside(position, centre, half)) return position[centre];
  const Parabola p = fit_parabola(position, centre, half);
  return position[centre] + p.a - (p.c != 0 ? p.b * p.b / (4 * p.c) : 0);
}

bool overshoots(double above_counts, double mm_per_count, std::span<const std::int32_t> stroke) {
  if (!(above_counts * mm_per_count > kBriefMm)) return false;  // nearly always: the noise is not asked for
  return above_counts > kBriefSigmas * std::max(sample_noise(stroke), 1 / std::sqrt(12.0));
}

}  // namespace penrig
