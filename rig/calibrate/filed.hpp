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
/// factor none is in force, and the newest that is not is no older than the description's certificate; or a filed scale
/// is not half to twice what the description says, so that one of them is wrong and interlocks would be too.
/// @param filed  all of a store, oldest first.
Result<CalibrationChoice> apply_filed(const RigDescription& rig, const std::vector<Calibration>& filed,
                                      const CivilDate& today);

/// Why this calibration does not count for the rig today; empty if it does.
std::string why_not_in_force(const Calibration& calibration, const RigDescription& rig, const CivilDate& today);

}  // namespace penrig
