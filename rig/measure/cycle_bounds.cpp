#include "rig/measure/cycle_bounds.hpp"

#include <algorithm>
#include <cmath>

#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

/// Which bottoms lie between two strokes whose sides there are as long and as high as most are, by their extreme
/// samples: [i] is the one between cycles i and i + 1.
std::vector<bool> regular_bottoms(std::span<const std::int32_t> position, std::span<const RawCycle> cycles, double rise,
                                  double fall) {
  constexpr double kLength = 0.25, kHeight = 0.15;
  const auto up = [&](std::size_t i) {
    return static_cast<double>(position[cycles[i].top]) - position[cycles[i].first_bottom];
  };
  const auto down = [&](std::size_t i) {
    return static_cast<double>(position[cycles[i].top]) - position[cycles[i].second_bottom];
  };
  std::vector<double> heights;
  heights.reserve(cycles.size());
  for (std::size_t i = 0; i < cycles.size(); ++i) heights.push_back(std::max(up(i), down(i)));
  const double height = median_of(heights);
  const auto alike = [](double a, double typical, double share) { return std::abs(a - typical) <= share * typical; };
  std::vector<bool> regular;
  for (std::size_t i = 0; i + 1 < cycles.size(); ++i) {
    const auto falls = static_cast<double>(cycles[i].second_bottom - cycles[i].top),
               rises = static_cast<double>(cycles[i + 1].top - cycles[i + 1].first_bottom);
    regular.push_back(std::abs(falls - fall) <= kLength * fall + 1 && std::abs(rises - rise) <= kLength * rise + 1 &&
                      alike(down(i), height, kHeight) && alike(up(i + 1), height, kHeight));
  }
  return regular;
}

}  // namespace

std::vector<CycleBounds> bounds_of(std::span<const std::int32_t> position, std::span<const RawCycle> cycles) {
  constexpr double kRests = 1.25;  // tops that lie farther apart than so many turns have a rest between them
  constexpr double kShared = 0.7;  // tops that lie nearer share a turn
  constexpr double kLonger = 1.1;  // a side of a stroke that is longer by this than the median one holds a rest
  constexpr std::size_t kTypical = 64;
  std::vector<CycleBounds> bounds;
  bounds.reserve(cycles.size());
  std::vector<double> rises, falls;
  for (auto* of : {&rises, &falls}) of->reserve(cycles.size());
  const auto joined = [&](std::size_t i) { return cycles[i + 1].first_bottom == cycles[i].second_bottom; };
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    const RawCycle& cycle = cycles[i];
    const std::size_t half = parabola_half(cycle);
    const double start =
        i > 0 && joined(i - 1) ? bounds.back().end : extreme_by_parabola(position, cycle.first_bottom, half);
    bounds.push_back({start, extreme_by_parabola(position, cycle.second_bottom, half)});
    rises.push_back(static_cast<double>(cycle.top - cycle.first_bottom));
    falls.push_back(static_cast<double>(cycle.second_bottom - cycle.top));
  }
  std::vector<double> sorted_rises = rises, sorted_falls = falls;
  const double rise = median_of(sorted_rises), fall = median_of(sorted_falls);
  const std::vector<bool> regular = regular_bottoms(position, cycles, rise, fall);
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    const bool rests = static_cast<double>(cycles[i + 1].top - cycles[i].top) > kRests * (rise + fall);
    if (!joined(i) || (regular[i] && !rests)) continue;
    const auto shares = [&](std::size_t a, std::size_t b) {
      return b < cycles.size() && static_cast<double>(cycles[b].top - cycles[a].top) < kShared * (rise + fall);
    };
    // Tops of one turn have no turn of their own.
    if (!(i > 0 && shares(i - 1, i)) && !shares(i, i + 1)) bounds[i].end_is_own = true;
    if (!shares(i, i + 1) && !shares(i + 1, i + 2)) bounds[i + 1].start_is_own = true;
  }
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    // Nothing joins on, but the needles may have rested there.
    if (!cycles[i].cut && (i == 0 || !joined(i - 1)) && rises[i] > kLonger * rise + 1) bounds[i].start_is_own = true;
    if (!cycles[i].cut && (i + 1 == bounds.size() || !joined(i)) && falls[i] > kLonger * fall + 1)
      bounds[i].end_is_own = true;
    if (bounds[i].start_is_own || bounds[i].end_is_own) own.push_back(i);
  }
  if (own.empty()) return bounds;
  const auto top_of = [&](std::size_t i) {
    return extreme_by_parabola(position, cycles[i].top,
                               std::max<std::size_t>(3, static_cast<std::size_t>(0.08 * (rise + fall))));
  };
  // How long a stroke takes from half of its height to its top says how fast it turns.
  struct Sides {
    double top, rise, fall;  ///< of the half height
  };
  const auto sides_of = [&](std::size_t i) {
    const double top = top_of(i);
    return Sides{top, top - half_way(position, cycles[i].top, cycles[i].first_bottom),
                 half_way(position, cycles[i].top, cycles[i].second_bottom) - top};
  };
  std::vector<double> up, down;  // to the bottom over to half of the height
  for (std::size_t i = 0; i < bounds.size() && up.size() < kTypical; ++i) {
    if (cycles[i].cut || bounds[i].start_is_own || bounds[i].end_is_own) continue;
    const Sides s = sides_of(i);
    up.push_back((s.top - bounds[i].start) / s.rise);
    down.push_back((bounds[i].end - s.top) / s.fall);
  }
  const bool known = !up.empty();
  const double per_rise = known ? median_of(up) : 0, per_fall = known ? median_of(down) : 0;
  for (const std::size_t i : own) {
    const Sides s = sides_of(i);
    if (bounds[i].start_is_own) bounds[i].start = s.top - (known ? per_rise * s.rise : rise);
    if (bounds[i].end_is_own) bounds[i].end = s.top + (known ? per_fall * s.fall : fall);
  }
  return bounds;
}

}  // namespace penrig
