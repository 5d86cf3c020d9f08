#pragma once

#include <string>
#include <vector>

#include "rig/calibrate/calibration.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// What a run measures with.
struct CalibrationChoice {
  Calibrations calibrations;             ///< the description's, with every filed one that is in force in its place
  std::vector<Calibration> used;         ///< those, in the order of calibration_targets()
  std::vector<std::string> passed_over;  ///< of this fixture, not in force, older than the description: what was found
};

/// Puts filed calibrations in the place of the description's factors: of each factor the newest that is in force, which
/// is: of this fixture, dated no later than today, not due before today, with an uncertainty, and not made on a
/// simulation if the rig is real.
///
/// Errc::calibration, naming every one, what was found and what to do: a factor that the description requires to be
/// filed has none in force (missing, expired, of the future, of another fixture, without u, simulated); of another
/// factor none is in force, and the newest that is not is no older than the description's certificate; or what is filed
/// is not plausible.
/// @param filed  all of a store, oldest first.
Result<CalibrationChoice> apply_filed(const RigDescription& rig, const std::vector<Calibration>& filed,
                                      const CivilDate& today);

/// Why this calibration does not count for the rig today; empty if it does.
std::string why_not_in_force(const Calibration& calibration, const RigDescription& rig, const CivilDate& today);

/// What the evaluation says, and why this rig cannot have it: a value beyond the target's range; or a scale that is not
/// half to twice the description's, which is a wrong unit or a wrong certificate, and no drift (interlocks hang on it).
/// Empty if it can.
std::string why_not_plausible(const CalibrationTarget& target, const CalibrationEvaluation& evaluation,
                              const RigDescription& rig);

}  // namespace penrig
