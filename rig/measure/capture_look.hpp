#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/measure/sampling.hpp"
#include "rig/measure/strokes.hpp"

namespace penrig {

/// A column as counts, so that the estimators that certify can read it: value = counts x scale + offset. Counts are
/// steps of the column's own resolution where it has one that 32 bits can hold, else 2^-30 of its range.
struct ColumnCounts {
  std::vector<std::int32_t> counts;
  double scale = 1, offset = 0;
  double low = 0, high = 0;  ///< of the values
  double range() const { return high - low; }
};
ColumnCounts column_counts(std::span<const double> values, double resolution);

/// Noise of one sample, counts: from third differences, which motion hardly enters, by their median, which a puncture
/// here and there does not move.
double sample_noise(std::span<const std::int32_t> x);

/// Turns of one column.
struct Turns {
  std::vector<RawCycle> cycles;
  double period = 0;           ///< median, samples
  double top = 0, bottom = 0;  ///< medians, counts
};
/// hysteresis: counts.
Turns find_turns(std::span<const std::int32_t> x, double hysteresis);

/// Share of the first harmonic in the variance of a column over given turns (at most 40 of them, in the middle): above
/// 0.95 for a needle's position, far below for the force of a simulant that is touched for a part of the turn.
double first_harmonic_share(std::span<const std::int32_t> x, std::span<const RawCycle> cycles);

/// What a position cannot be: metres or micrometres under a head that says mm, or the force.
std::optional<CaptureRefusal> implausible_position(const ColumnCounts& position, const Turns& turns, double noise,
                                                   const ColumnCounts* force);
/// What a force cannot be: millinewtons under a head that says N; a cell at the end of its range.
std::optional<CaptureRefusal> implausible_force(const ColumnCounts& force, double noise);

/// z at which the needles meet something, within some tenths of a mm, and the correlation of force and position.
struct ContactGuess {
  std::optional<double> surface_mm;
  double correlation = 0;
};
ContactGuess guess_contact(const ColumnCounts& position, const ColumnCounts& force, const Turns& turns,
                           double force_noise);

}  // namespace penrig
