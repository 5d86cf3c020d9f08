#include "rig/measure/capture_look.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "rig/base/portable_math.hpp"
#include "rig/measure/range_ends.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr double kClear = 30;            ///< range over noise from which on a motion is none of noise
constexpr double kLeastStrokeMm = 0.05;  ///< range of a position below which it is no stroke of a pen
constexpr double kMostStrokeMm = 30;
constexpr double kMostForceN = 200;
constexpr std::size_t kLookedAt = 40;     ///< turns
constexpr std::size_t kTimeAndAgain = 3;  ///< stretches at an end of the range that no single stroke makes

/// The turns in the middle of a capture.
std::span<const RawCycle> middle_of(std::span<const RawCycle> cycles, std::size_t most) {
  if (cycles.size() <= most) return cycles;
  return cycles.subspan((cycles.size() - most) / 2, most);
}

/// The first row that holds a value, to the nearest count.
std::size_t row_of(const ColumnCounts& column, double value) {
  const double x = (value - column.offset) / column.scale;
  const auto wanted = static_cast<std::int32_t>(x >= 0 ? x + 0.5 : x - 0.5);
  const auto found = std::ranges::find(column.counts, wanted);
  return found == column.counts.end() ? 0 : static_cast<std::size_t>(found - column.counts.begin());
}

std::int32_t nearest_count(double value, double offset, double per_unit) {
  const double x = (value - offset) * per_unit;
  return static_cast<std::int32_t>(x >= 0 ? x + 0.5 : x - 0.5);
}

CaptureRefusal implausible(CapturePart part, std::string why, std::optional<std::size_t> row = {}) {
  return {fail(Errc::usage, std::move(why)), part, row};
}

/// What to write in place of a head that is 10^3 off; empty: there is no such unit.
std::string length_that_fits(int exponent) {
  switch (exponent) {
    case 3:
      return "these look like metres (write the head as position_m)";
    case 0:
      return "these look like millimetres (write the head as position_mm)";
    case -3:
      return "these look like micrometres (write the head as position_um)";
    default:
      return {};
  }
}

/// A channel that stands at its end time and again: what it should have shown is not known.
std::optional<CaptureRefusal> saturated(const ColumnCounts& column, std::span<const Stretch> stretches,
                                        CapturePart part) {
  if (stretches.size() < kTimeAndAgain) return std::nullopt;
  std::size_t longest = 0;
  for (const Stretch& s : stretches) longest = std::max(longest, s.length);
  const double end = column.counts[stretches.front().first] * column.scale + column.offset;
  return CaptureRefusal{stands_at_end(part, end, stretches.size(), longest), part, stretches.front().first};
}

}  // namespace

ColumnCounts column_counts(std::span<const double> values, double resolution) {
  ColumnCounts out;
  if (values.empty()) return out;
  out.low = out.high = values.front();
  for (const double v : values) {
    out.low = std::min(out.low, v);
    out.high = std::max(out.high, v);
  }
  const double finest = out.range() / 0x1p30, largest = std::max(std::abs(out.low), std::abs(out.high));
  if (resolution > finest && largest / resolution < 0x1p30) {
    out.scale = resolution;
  } else {
    out.scale = finest > 0 ? finest : 1;
    out.offset = 0.5 * (out.low + out.high);
  }
  out.counts.resize(values.size());
  const double per_unit = 1 / out.scale, offset = out.offset;
  for (std::size_t i = 0; i < values.size(); ++i) out.counts[i] = nearest_count(values[i], offset, per_unit);
  return out;
}

Turns find_turns(std::span<const std::int32_t> x, double hysteresis) {
  Turns turns;
  turns.hysteresis = std::clamp(std::ceil(hysteresis), 1.0, 2e9);
  turns.cycles = find_cycles(x, static_cast<std::int32_t>(turns.hysteresis));
  for (const RawCycle& c : turns.cycles) {
    turns.widths.push_back(half_way(x, c.top, c.second_bottom) - half_way(x, c.top, c.first_bottom));
  }
  std::vector<double> widths = turns.widths;
  turns.width = median_of(widths);
  std::vector<double> periods, tops, bottoms;
  for (const RawCycle& cycle : turns.cycles) {
    periods.push_back(static_cast<double>(cycle.second_bottom - cycle.first_bottom));
    tops.push_back(x[cycle.top]);
    bottoms.push_back(x[cycle.first_bottom]);
  }
  turns.period = median_of(periods);
  turns.top = median_of(tops);
  turns.bottom = median_of(bottoms);
  return turns;
}

JudgedTurns judged_turns(const Turns& turns, std::span<const std::int32_t> x) {
  constexpr double kOtherSpeed = 0.1, kSharedTurn = 0.7, kClearly = 1.25;
  const std::vector<RawCycle>& cycles = turns.cycles;
  JudgedTurns judged{0, cycles.size(), 0, 0};
  const auto margin = static_cast<std::size_t>(kMargin * turns.period);
  // Beyond a bottom the position must be seen to rise again, else the needles may have rested there.
  const auto rises = [&](std::size_t bottom, std::size_t from, std::size_t to) {
    const std::int32_t highest =
        *std::max_element(x.begin() + static_cast<std::ptrdiff_t>(from), x.begin() + static_cast<std::ptrdiff_t>(to));
    return static_cast<double>(highest) - x[bottom] >= kClearly * turns.hysteresis;
  };
  const auto starts_cut = [&](const RawCycle& c) {
    return c.cut || c.first_bottom <= margin || !rises(c.first_bottom, c.first_bottom - margin, c.first_bottom + 1);
  };
  const auto ends_cut = [&](const RawCycle& c) {
    return c.cut || c.second_bottom + margin >= x.size() ||
           !rises(c.second_bottom, c.second_bottom, c.second_bottom + margin);
  };
  while (judged.first < judged.last && starts_cut(cycles[judged.first])) ++judged.first, ++judged.cut;
  while (judged.first < judged.last && ends_cut(cycles[judged.last - 1])) --judged.last, ++judged.cut;
  const auto other_speed = [&](std::size_t i) {
    const auto nearer = [&](std::size_t a, std::size_t b) {
      return static_cast<double>(cycles[b].top - cycles[a].top) < kSharedTurn * turns.period;
    };
    if ((i > 0 && nearer(i - 1, i)) || (i + 1 < cycles.size() && nearer(i, i + 1))) return false;
    return std::abs(turns.widths[i] - turns.width) > kOtherSpeed * turns.width;
  };
  while (judged.first < judged.last && other_speed(judged.first)) ++judged.first, ++judged.ramps;
  while (judged.first < judged.last && other_speed(judged.last - 1)) --judged.last, ++judged.ramps;
  return judged;
}

double first_harmonic_share(std::span<const std::int32_t> x, std::span<const RawCycle> cycles) {
  double harmonic = 0, all = 0;
  for (const RawCycle& cycle : middle_of(cycles, kLookedAt)) {
    const std::size_t from = cycle.first_bottom, n = cycle.second_bottom - from;
    if (n < 4) continue;
    double mean = 0, c = 0, s = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i) mean += x[from + i];
    mean /= static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double v = x[from + i] - mean;
      const SinCos w = sin_cos_turns(static_cast<double>(i) / static_cast<double>(n));
      c += v * w.cos;
      s += v * w.sin;
      squares += v * v;
    }
    harmonic += 2 * (c * c + s * s) / static_cast<double>(n);
    all += squares;
  }
  return all > 0 ? harmonic / all : 0;
}

std::optional<CaptureRefusal> implausible_position(const ColumnCounts& position, int exponent, const Turns& turns,
                                                   double noise, const ColumnCounts* force) {
  const double range = position.range(), counts = range / position.scale;
  const bool clear = counts > kClear * noise && turns.cycles.size() >= 4;
  const std::string larger = length_that_fits(exponent + 3), smaller = length_that_fits(exponent - 3);
  if (clear && range < kLeastStrokeMm && range * 1e3 >= kLeastStrokeMm && range * 1e3 <= kMostStrokeMm &&
      !larger.empty()) {
    return implausible(CapturePart::position,
                       fmt::format("the position moves by {:.4g} mm in all, back and forth: {}", range, larger));
  }
  if (range > kMostStrokeMm) {
    const bool fits = range * 1e-3 <= kMostStrokeMm && turns.cycles.size() >= 4 && !smaller.empty();
    return implausible(
        CapturePart::position,
        fmt::format("the position reaches from {:.6g} to {:.6g} mm, no pen's stroke does: {}", position.low,
                    position.high,
                    fits ? smaller : "a wrong unit, or a sample that is none (the largest stands in this row)"),
        row_of(position, position.high));
  }
  if (auto no = saturated(position, cut_tops(position), CapturePart::position)) return no;
  if (force == nullptr || !(counts > 20 * noise)) return std::nullopt;
  // A force that is a position: a clean sine, while the position is flat for a part of each turn.
  const double noise_of_force = sample_noise(force->counts), reach = force->range() / force->scale;
  if (force->range() < 0.2 || reach < kClear * noise_of_force) return std::nullopt;
  const Turns other = find_turns(force->counts, std::max(0.3 * reach, 12 * noise_of_force));
  if (other.cycles.size() < 4) return std::nullopt;
  const double of_force = first_harmonic_share(force->counts, other.cycles);
  const double of_position = first_harmonic_share(position.counts, other.cycles);
  if (of_force < 0.9 || of_position > 0.75) return std::nullopt;
  return implausible(
      CapturePart::position,
      fmt::format("position and force look swapped: the force is a sine ({:.0f} % of its variance), as a "
                  "needle's position is, and the position is none ({:.0f} %) (swap the heads)",
                  100 * of_force, 100 * of_position));
}

std::optional<CaptureRefusal> implausible_force(const ColumnCounts& force, int exponent, double noise) {
  if (force.range() > kMostForceN) {
    return implausible(
        CapturePart::force,
        fmt::format("the force reaches from {:.6g} to {:.6g} N, no pen pushes so: {}", force.low, force.high,
                    force.range() * 1e-3 <= kMostForceN && exponent == 0
                        ? "these look like millinewtons (write the head as force_mN)"
                        : "a wrong unit, or a sample that is none (the largest stands in this row)"),
        row_of(force, force.high));
  }
  return saturated(force, stretches_at_end(force, noise), CapturePart::force);
}

std::optional<CaptureRefusal> upside_down(const ColumnCounts& force, std::optional<double> correlation) {
  constexpr double kClearlyAgainst = -0.3;
  constexpr double kFarBelow = 2.5;  // a withdrawal pulls, mostly by a part of what pushed before
  if (correlation && *correlation >= 0) return std::nullopt;
  // A spike here and there is no stroke.
  constexpr double kRare = 0.002;
  constexpr std::size_t kEnough = 500'000;
  std::vector<double> values;
  for (std::size_t i = 0; i < force.counts.size(); i += force.counts.size() / kEnough + 1) {
    values.push_back(force.counts[i] * force.scale + force.offset);
  }
  std::sort(values.begin(), values.end());
  const double low = quantile_of(values, kRare), mostly = quantile_of(values, 0.5),
               high = quantile_of(values, 1 - kRare);
  const bool dips = mostly - low > kFarBelow * (high - mostly);
  if (!dips && !(correlation && *correlation < kClearlyAgainst)) return std::nullopt;
  const std::string range = fmt::format("it reaches from {:.4g} to {:.4g} N", force.low, force.high);
  return implausible(
      CapturePart::force,
      correlation
          ? fmt::format("the force falls where the needles come out: {}, and its correlation with the position is "
                        "{:.2f}, expected above 0 (the sign of the force or of the position is the other way; out of "
                        "the pen and pushing are positive)",
                        range, *correlation)
          : fmt::format("the force falls in each stroke: {}, and is mostly {:.4g} N, expected near its smallest (its "
                        "sign is the other way; pushing is positive)",
                        range, mostly));
}

ContactGuess guess_contact(const ColumnCounts& position, const ColumnCounts& force, const Turns& turns,
                           double force_noise) {
  constexpr std::size_t kBins = 64;
  std::array<double, kBins> sum{}, count{};
  const double reach = turns.top - turns.bottom;
  ContactGuess guess;
  double n = 0, sz = 0, sf = 0, szz = 0, sff = 0, szf = 0;
  for (const RawCycle& cycle : middle_of(turns.cycles, 100)) {
    for (std::size_t i = cycle.first_bottom; i < cycle.second_bottom; ++i) {
      const double z = (position.counts[i] - turns.bottom) / reach, f = force.counts[i];
      n += 1;
      sz += z;
      sf += f;
      szz += z * z;
      sff += f * f;
      szf += z * f;
      if (i >= cycle.top) continue;
      const auto bin = static_cast<std::size_t>(std::clamp(z * kBins, 0.0, kBins - 1.0));
      sum[bin] += f;
      count[bin] += 1;
    }
  }
  const double vz = szz - sz * sz / n, vf = sff - sf * sf / n;
  if (vz > 0 && vf > 0) guess.correlation = (szf - sz * sf / n) / std::sqrt(vz * vf);
  std::array<double, kBins> mean{};
  double baseline = 0, of = 0;
  for (std::size_t b = 0; b < kBins; ++b) {
    mean[b] = count[b] > 0 ? sum[b] / count[b] : b > 0 ? mean[b - 1] : 0;
    if (b < kBins / 5) {
      baseline += sum[b];
      of += count[b];
    }
  }
  if (!(of > 0)) return guess;
  baseline /= of;
  const auto peak = std::max_element(mean.begin(), mean.end());
  const double height = *peak - baseline;
  if (!(height > 5 * force_noise)) return guess;
  auto at = static_cast<std::size_t>(peak - mean.begin());
  while (at > 0 && mean[at] - baseline > 0.1 * height) --at;
  const double z = turns.bottom + reach * (static_cast<double>(at) + 0.5) / kBins;
  guess.surface_mm = z * position.scale + position.offset;
  return guess;
}

}  // namespace penrig
