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

/// Puts filed calibrations in the place of the description's factors: of each factor the newest of this fixture, if it
/// is in force: dated no later than today, not due before today, with an uncertainty. (Those made on a simulation are
/// nothing to a real rig.) One that a newer one took the place of never comes back.
///
/// Errc::calibration, naming every one, what was found and what to do: a factor that the description requires to be
/// filed has none in force (missing, expired, of the future, of another fixture, without u, simulated); of another
/// factor the newest is not in force, and no older than the description's certificate; or what is filed is not
/// plausible.
/// @param filed  all of a store, oldest first.
Result<CalibrationChoice> apply_filed(const RigDescription& rig, const std::vector<Calibration>& filed,
                                      const CivilDate& today);

/// Why this calibration does not count for the rig today; empty if it does.
std::string why_not_in_force(const Calibration& calibration, const RigDescription& rig, const CivilDate& today);

/// Whether a newer one took its place, in force or not: of the same target and fixture, with a later date, or filed
/// later with the same.
/// @param filed  all of a store, oldest first.
bool is_superseded(const std::vector<Calibration>& filed, std::size_t index);

/// What the evaluation says, and why this rig cannot have it: a value beyond the target's range; or a scale that is not
/// half to twice the description's, which is a wrong unit or a wrong certificate, and no drift (interlocks hang on it);
/// or a cell response that is no model. Empty if it can.
std::string why_not_plausible(const CalibrationTarget& target, const CalibrationEvaluation& evaluation,
                              const RigDescription& rig);

}  // namespace penrig
