#include "rig/calibrate/kind.hpp"

#include <algorithm>
#include <array>

namespace penrig {
namespace {

using Kind = CalibrationKind;

// Generous: what lies outside is a wrong unit or a wrong certificate on any bench for pens that a hand holds, and a run
// that measured with it would be wrong without showing it.
constexpr Range kClockPpm{.low = -1000, .high = 1000};  // a quartz keeps 100
constexpr Range kDelayUs{.low = -1000, .high = 1000};   // a stroke at 9000/min lasts 6700
constexpr Range kCellHz{.low = 100, .high = 1e6};
// A depth is some 1000 µm and a force some 5 N: what gives way by 100 µm/N gives way by half the depth.
constexpr Range kBends{.low = 0, .high = 100};
// Needles, bar and slider weigh some grams, and a whole pen hardly 200: what moves weighs less.
constexpr Range kMovingMassG{.low = 0, .high = 200};
// What lies on the cell. 1 kg would load one of 10 N to its end.
constexpr Range kPlateMassG{.low = 0, .high = 1000};
constexpr Range kTiltUm{.low = 0, .high = 1000};  // as much as a whole depth

constexpr std::array kTargets{
    // Of scales a description says more: filed ones must be half to twice its own.
    CalibrationTarget{Kind::load_cell, "load-cell", "force_n_per_count", "N/count", kPositive},
    CalibrationTarget{Kind::encoder, "encoder", "position_mm_per_count", "mm/count", kPositive},
    CalibrationTarget{Kind::encoder, "encoder:stage", "stage_mm_per_count", "mm/count", kPositive},
    CalibrationTarget{Kind::time_base, "time-base", "time_base_ppm", "ppm", kClockPpm},
    CalibrationTarget{Kind::delay, "delay", "force_delay_us", "µs", kDelayUs},
    CalibrationTarget{Kind::cell_response, "cell-response", "cell_resonance_hz", "Hz", kCellHz},
    CalibrationTarget{Kind::compliance, "compliance", "tip_um_per_n", "µm/N", kBends},
    CalibrationTarget{Kind::compliance, "compliance:frame", "frame_um_per_n", "µm/N", kBends},
    CalibrationTarget{Kind::compliance, "compliance:cell", "cell_um_per_n", "µm/N", kBends},
    CalibrationTarget{Kind::inertia, "inertia", "reciprocating_mass_g", "g", kMovingMassG},
    CalibrationTarget{Kind::inertia, "inertia:plate", "plate_mass_g", "g", kPlateMassG},
    CalibrationTarget{Kind::tilt, "tilt", "tilt_u_um", "µm", kTiltUm},
};

/// Where a factor with its own uncertainty stands; nullptr for the two that are numbers alone.
Factor* factor_named(Calibrations& c, std::string_view factor) {
  const std::pair<std::string_view, Factor*> places[] = {
      {"force_n_per_count", &c.force_n_per_count},
      {"position_mm_per_count", &c.position_mm_per_count},
      {"stage_mm_per_count", &c.stage_mm_per_count},
      {"time_base_ppm", &c.time_base_ppm},
      {"force_delay_us", &c.force_delay_us},
      {"tip_um_per_n", &c.tip_um_per_n},
      {"frame_um_per_n", &c.frame_um_per_n},
      {"cell_um_per_n", &c.cell_um_per_n},
      {"reciprocating_mass_g", &c.reciprocating_mass_g},
      {"plate_mass_g", &c.plate_mass_g},
  };
  for (const auto& [name, place] : places) {
    if (name == factor) return place;
  }
  return nullptr;
}

}  // namespace

std::span<const CalibrationTarget> calibration_targets() { return kTargets; }

const CalibrationTarget* find_target(std::string_view name) {
  const auto found = std::ranges::find(kTargets, name, &CalibrationTarget::name);
  return found == kTargets.end() ? nullptr : &*found;
}

const CalibrationTarget* target_of_factor(std::string_view factor) {
  const auto found = std::ranges::find(kTargets, factor, &CalibrationTarget::factor);
  return found == kTargets.end() ? nullptr : &*found;
}

std::string target_names() {
  std::string names;
  for (const CalibrationTarget& t : kTargets) names += (names.empty() ? "" : ", ") + std::string(t.name);
  return names;
}

std::string_view name_of(CalibrationKind kind) {
  // The first of a kind bears its name.
  return std::ranges::find(kTargets, kind, &CalibrationTarget::kind)->name;
}

Factor factor_of(const Calibrations& calibrations, const CalibrationTarget& target) {
  if (target.kind == Kind::cell_response) return {calibrations.cell_resonance_hz, 0};
  if (target.kind == Kind::tilt) return {calibrations.tilt_u_um, 0};
  Calibrations copy = calibrations;
  return *factor_named(copy, target.factor);
}

void replace_factor(Calibrations& calibrations, const CalibrationTarget& target, const Factor& factor) {
  if (target.kind == Kind::tilt) {
    calibrations.tilt_u_um = factor.value;
  } else {
    *factor_named(calibrations, target.factor) = factor;
  }
}

void replace_cell_response(Calibrations& calibrations, const CellResponse& response) {
  calibrations.cell_corner_hz = response.corner_hz;
  calibrations.cell_damping = response.damping;
  if (response.resonance_hz > 0) calibrations.cell_resonance_hz = response.resonance_hz;
}

std::span<const PointForm> point_forms(CalibrationKind kind) {
  static const std::vector<PointForm> load_cell{{{"force_n", "reading_counts"}}},
      encoder{{{"position_mm", "reading_counts"}}},
      time_base{{{"reference_s", "device_s"}}, {{"reference_s", "device_ticks"}}},
      delay{{{"frequency_hz", "phase_lag_deg"}}, {{"delay_us"}}},
      cell_response{{{"frequency_hz", "phase_lag_deg", "gain"}}}, compliance{{{"force_n", "deflection_um"}}},
      inertia{{{"acceleration_m_per_s2", "force_n"}}}, tilt{{{"position_mm", "height_um"}}};
  switch (kind) {
    case Kind::load_cell:
      return load_cell;
    case Kind::encoder:
      return encoder;
    case Kind::time_base:
      return time_base;
    case Kind::delay:
      return delay;
    case Kind::cell_response:
      return cell_response;
    case Kind::compliance:
      return compliance;
    case Kind::inertia:
      return inertia;
    case Kind::tilt:
      break;
  }
  return tilt;
}

std::string form_names(CalibrationKind kind) {
  std::string names;
  for (const PointForm& form : point_forms(kind)) {
    if (!names.empty()) names += " or ";
    for (std::size_t i = 0; i < form.columns.size(); ++i) {
      if (i > 0) names += ", ";
      names += form.columns[i];
    }
  }
  return names;
}

}  // namespace penrig
