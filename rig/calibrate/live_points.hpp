#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/calibrate/points.hpp"

namespace penrig {

/// One point of a series that is taken from the rig.
struct PlannedPoint {
  std::optional<double> applied;  ///< by hand, in the unit of the kind's first column; none: the reference says it
  int direction = 0;              ///< +1 up, -1 down; 0: there is none
  std::string what;               ///< what a person does, "hang 0.500 kg (standard M1-7)"; empty: `applied` says it
  double drive_to = 0;            ///< where the rig itself goes first: crank angle in degrees, or axial mm
};

/// Why a kind's points are not taken from the rig, and what to do instead; empty if they are.
std::string why_not_live(const CalibrationTarget& target);

/// Up and down again, as often as `rounds` says; the turning points are taken once a turn. A needle's crank goes on
/// turning the same way: in is the other half of the turn.
/// @param values  in rising order, at least two.
std::vector<PlannedPoint> up_and_down(const std::vector<PlannedPoint>& values, unsigned rounds,
                                      const CalibrationTarget& target);

/// What is planned where nobody says otherwise. A load cell: eleven forces from 0 to 80 % of the force interlock. The
/// needle encoder: eleven crank angles over the whole stroke, out and in. The stage: eleven places from its safe
/// position towards the pen, up to 3 mm before anything can touch. Errc::usage if the rig leaves no room for that.
Result<std::vector<PlannedPoint>> default_plan(const CalibrationTarget& target, const RigDescription& rig);

/// `standards: [{force_n: 0.5, do: hang 51 g (standard M1-7)}, ...]`: rising values in the unit of the kind's first
/// column, each with what a person does. Every mistake at its place.
Loaded<std::vector<PlannedPoint>> load_standards(std::string_view text, const std::string& file, CalibrationKind kind);

/// The same from a list of numbers, without words.
Result<std::vector<PlannedPoint>> plan_of_values(const std::vector<double>& values);

/// Refuses a value by hand that the rig's interlocks would not let stand. Errc::usage names it.
Result<void> check_applied(double applied, const CalibrationTarget& target, const RigDescription& rig);

/// A reading at rest.
struct SteadyReading {
  double mean = 0;   ///< counts
  double sd = 0;     ///< of one sample about the mean of its tenth, counts
  double moved = 0;  ///< largest less smallest mean of the ten tenths, counts
  std::size_t samples = 0;
};
/// What counts as rest, in counts.
struct SteadyLimits {
  double sd_max = 0, moved_max = 0;
};
/// A load cell: 0.5 % and 0.02 % of its range; encoders: 10 µm and 1 µm.
SteadyLimits steady_limits(const CalibrationTarget& target, const RigDescription& rig);

/// Mean of all samples if they are at rest. Errc::not_determined says how much they moved or scattered, and what to do;
/// Errc::bad_data for fewer than a hundred.
/// @param range_counts  readings at or beyond it either way are at the end of the range: not determined. 0: no end.
Result<SteadyReading> steady_reading(std::span<const std::int32_t> counts, const SteadyLimits& limits,
                                     double range_counts);

/// A point as it was taken.
struct LivePoint {
  std::vector<double> values;  ///< in the order of live_columns()
  int direction = 0;
  std::size_t number = 0;  ///< of the planned point, from 1
  std::optional<SteadyReading> reading{};
  double by_description = 0;  ///< what the description's factor makes of it: since the first point, in the first unit
};

/// Whether the reading went from the first point as the reference did: by half to half as much again, give or take 2 %
/// of the largest step so far. Errc::not_determined: the value is not on, or its unit or sign is wrong.
Result<void> follows_reference(const std::vector<LivePoint>& before, const LivePoint& point,
                               const CalibrationTarget& target);

/// The columns that a live series of this kind has, beside direction.
std::vector<std::string> live_columns(CalibrationKind kind);

/// A series as load_points() reads it: remarks, head row, one row a point.
std::string points_csv(CalibrationKind kind, const std::vector<std::string>& remarks,
                       const std::vector<LivePoint>& points);

}  // namespace penrig
