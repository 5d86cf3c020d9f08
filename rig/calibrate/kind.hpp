#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/measure/cell_response.hpp"
#include "rig/spec/rig_description.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {

enum class CalibrationKind { load_cell, encoder, time_base, delay, cell_response, compliance, inertia, tilt };

/// One factor of a rig's calibrations that a calibration of its own can replace.
struct CalibrationTarget {
  CalibrationKind kind;
  std::string_view name;    ///< "load-cell", "encoder", "encoder:stage": as plans, descriptions and commands write it
  std::string_view factor;  ///< its key in the rig description, with the unit as suffix: "force_n_per_count"
  std::string_view unit;    ///< "N/count"
  Range range;              ///< what its value may be, wherever it comes from: a description, points, or the store
};

/// All of them, those of one kind together; the first of a kind is the one that is meant where none is named.
std::span<const CalibrationTarget> calibration_targets();
/// By name ("encoder" is the needle's, "encoder:stage" the stage's); nullptr if there is none.
const CalibrationTarget* find_target(std::string_view name);
/// By the key of the rig description.
const CalibrationTarget* target_of_factor(std::string_view factor);
/// "load-cell, encoder, encoder:stage, ...".
std::string target_names();

std::string_view name_of(CalibrationKind kind);

/// The value that the description gives.
Factor factor_of(const Calibrations& calibrations, const CalibrationTarget& target);
/// Puts a calibrated one in its place. Not for a cell response, which is more than one number.
void replace_factor(Calibrations& calibrations, const CalibrationTarget& target, const Factor& factor);
/// The same for a cell response: of first order or of second, whatever the description's is. Of a corner the resonance
/// stays the description's; nothing is taken through it.
void replace_cell_response(Calibrations& calibrations, const CellResponse& response);
/// Of a cell's resonance; 10 is so slow that nothing resonates.
inline constexpr double kMostCellDamping = 10;

/// Columns that a file of points has, in the order in which they are shown: the first is the reference's, the last the
/// one that is calibrated. One kind may take its points in several forms.
struct PointForm {
  std::vector<std::string_view> columns;
};
std::span<const PointForm> point_forms(CalibrationKind kind);
/// "force_n, reading_counts" or "delay_us".
std::string form_names(CalibrationKind kind);

}  // namespace penrig
