#include "rig/measure/strokes.hpp"

#include <algorithm>
#include <cmath>

namespace penrig {

std::vector<RawCycle> find_cycles(std::span<const std::int32_t> position, std::int32_t hysteresis) {
  std::vector<RawCycle> cycles;
  if (position.empty() || hysteresis <= 0) return cycles;
  bool rising = false;
  RawCycle cycle;
  std::size_t low_at = 0, high_at = 0;
  std::int32_t low = position[0], high = position[0];
  bool open = false;                                               // a bottom is known, so a top makes a stroke
  std::int32_t highest = position[0], before_first = position[0];  // so far; before the first bottom
  for (std::size_t i = 0; i < position.size(); ++i) {
    const std::int32_t x = position[i];
    if (rising) {
      if (x > high) {
        high = x;
        high_at = i;
      } else if (high - x >= hysteresis) {
        rising = false;
        cycle.first_bottom = low_at;
        cycle.top = high_at;
        open = true;
        low = x;
        low_at = i;
      }
    } else {
      if (cycles.empty() && !open) highest = std::max(highest, x);
      if (x < low) {
        low = x;
        low_at = i;
        before_first = highest;
      } else if (x - low >= hysteresis) {
        if (open) {
          cycle.second_bottom = low_at;
          cycles.push_back(cycle);
          open = false;
          cycle.cut = false;
        } else {
          cycle.cut = before_first - low < hysteresis;
        }
        rising = true;
        high = x;
        high_at = i;
      }
    }
  }
  if (open) {
    cycle.second_bottom = low_at;
    cycle.cut = true;
    cycles.push_back(cycle);
  }
  return cycles;
}

namespace {

/// x = a + b i + c i^2 by least squares on a symmetric window, where the odd part decouples; i from the centre, x from
/// the centre's sample.
struct Parabola {
  double a = 0, b = 0, c = 0;
};
Parabola fit_parabola(std::span<const std::int32_t> position, std::size_t centre, std::size_t half) {
  double sum = 0, sum_i = 0, sum_ii = 0;
  const double base = position[centre];
  const auto h = static_cast<std::ptrdiff_t>(half);
  for (std::ptrdiff_t i = -h; i <= h; ++i) {
    const double x = position[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(centre) + i)] - base;
    const auto d = static_cast<double>(i);
    sum += x;
    sum_i += x * d;
    sum_ii += x * d * d;
  }
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

}  // namespace penrig
