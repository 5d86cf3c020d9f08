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

/// Turns of one column.
struct Turns {
  std::vector<RawCycle> cycles;
  std::vector<double> widths;  ///< a cycle: samples that it is above half of its height
  double period = 0;           ///< median, samples
  double width = 0;            ///< median
  double top = 0, bottom = 0;  ///< medians, counts
  double hysteresis = 0;       ///< counts
};
/// hysteresis: counts.
Turns find_turns(std::span<const std::int32_t> x, double hysteresis);

/// The whole turns at speed: what is judged of a capture.
struct JudgedTurns {
  std::size_t first = 0, last = 0;  ///< cycles [first, last)
  std::size_t cut = 0, ramps = 0;   ///< left out at the ends
};
inline constexpr double kMargin = 0.3;  ///< of a turn, kept on both sides of the judged ones

/// Leaves out what the record cuts off at its ends, and strokes there that are slower or faster than the others by a
/// tenth: running up and braking. A stroke's speed is told by how long it is above half of its height, so that a missed
/// stroke beside it changes nothing; strokes that share a turn are faults and no ramp.
JudgedTurns judged_turns(const Turns& turns, std::span<const std::int32_t> x);

/// Share of the first harmonic in the variance of a column over given turns (at most 40 of them, in the middle): above
/// 0.95 for a needle's position, far below for the force of a simulant that is touched for a part of the turn.
double first_harmonic_share(std::span<const std::int32_t> x, std::span<const RawCycle> cycles);

/// What a position cannot be: another unit than its head says; an encoder at the end of its range; the
/// force.
/// @param exponent  of ten: the head says so many mm (3: m), to name the unit that fits instead.
std::optional<CaptureRefusal> implausible_position(const ColumnCounts& position, int exponent, const Turns& turns,
                                                   double noise, const ColumnCounts* force);
/// What a force cannot be: millinewtons under a head that says N; a cell at the end of its range.
/// @param exponent  as above, of N.
std::optional<CaptureRefusal> implausible_force(const ColumnCounts& force, int exponent, double noise);

/// A force of the other sign: it falls where the needles come out, or for a short part of each turn far below where it
/// mostly is. Its peaks would be those of noise.
/// @param correlation  of force and position; nothing: no position.
std::optional<CaptureRefusal> upside_down(const ColumnCounts& force, std::optional<double> correlation);

/// z at which the needles meet something, within some tenths of a mm, and the correlation of force and position.
struct ContactGuess {
  std::optional<double> surface_mm;
  double correlation = 0;
};
ContactGuess guess_contact(const ColumnCounts& position, const ColumnCounts& force, const Turns& turns,
                           double force_noise);

}  // namespace penrig
