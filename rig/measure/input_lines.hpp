#pragma once

#include <vector>

#include "rig/measure/budget.hpp"
#include "rig/measure/setting.hpp"

namespace penrig {

/// Names of the inputs that every setting of a run has in common, as source and as cause of their lines.
namespace input_name {
inline constexpr const char* kNeedleScale = "needle encoder scale";
inline constexpr const char* kStageScale = "stage encoder scale";
inline constexpr const char* kForceScale = "load cell scale";
inline constexpr const char* kTimeBase = "time base";
inline constexpr const char* kClocks = "DAQ's clock against the host's";
inline constexpr const char* kDelay = "channel delay";
inline constexpr const char* kTip = "compliance of the tips";
inline constexpr const char* kFrame = "compliance of the frame";
inline constexpr const char* kCell = "compliance of the load cell";
inline constexpr const char* kMass = "reciprocating mass";
inline constexpr const char* kNeedlePerK = "temperature coefficient of the needle encoder";
inline constexpr const char* kStagePerK = "temperature coefficient of the stage encoder";
inline constexpr const char* kForcePerK = "temperature coefficient of the load cell";
inline constexpr const char* kTare = "tare";
inline constexpr const char* kZero = "zero and touch-off";
inline constexpr const char* kTilt = "tilt, Abbe and cosine";
inline constexpr const char* kSurfaceTouch = "surface touch";
inline constexpr const char* kReferenceSde = "needle encoder, sub-divisional error at the reference";
}  // namespace input_name

/// Derivatives of one measured value, in its own unit, by the inputs of its setting, signed. One struct a value: what
/// an input does in several terms of it is added here, and so is one line.
struct Sensitivities {
  double needle_scale = 0, stage_scale = 0, force_scale = 0;  ///< by the scale's relative change: by its logarithm
  double time_base_ppm = 0, delay_us = 0;
  double tip_um_per_n = 0, frame_um_per_n = 0, cell_um_per_n = 0;
  double mass_g = 0;
  double tare_counts = 0;
  double zero_mm = 0;   ///< by the needle's reading at z = 0
  double touch_mm = 0;  ///< by the stage's reading where this spot's surface was touched
  double tilt_um = 0;   ///< by depth, µm

  Sensitivities& operator-=(const Sensitivities& other);
  friend Sensitivities operator-(Sensitivities a, const Sensitivities& b) { return a -= b; }
};

/// The lines of those inputs, each with unit, value, u, signed sensitivity, degrees of freedom and cause. An input
/// without u, or that does nothing here, has none. A scale's temperature coefficient acts as the scale does, by how
/// far the temperature is from that of its calibration; without a temperature it has no line.
std::vector<BudgetLine> lines_of_inputs(const SettingInput& input, const Sensitivities& sensitivities);

/// Makes of lines of lines_of_inputs() those of another height: sensitivities.needle_scale is this, not 0 and was not
/// 0.
void set_needle_scale(std::vector<BudgetLine>& lines, const Calibrations& calibrations, double needle_scale);

/// Whether a line is one of lines_of_inputs() that a Monte Carlo draws as an input of its own; the tilt is none: no
/// measured number hangs on a value of it.
bool is_input_line(const BudgetLine& line);

}  // namespace penrig
