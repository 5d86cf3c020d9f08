#pragma once

#include "rig/measure/analyse_capture.hpp"
#include "rig/measure/corrections.hpp"

namespace penrig {

/// What a capture from anywhere is measured with: the rig's calibrations if one is named, what a person says before
/// them, corrections that are switched off left out. Its columns are in mm and N already and have their own zeros, so
/// zero and scale are nobody's to correct; the rig's u of the scales stands, as a share. The rig's coefficients of
/// temperature count where a temperature is said: columns are then taken as made with the scales of the calibration.
///
/// @param mm_per_count, n_per_count  steps in which the columns were counted.
/// @return errors as effective_calibrations().
Result<EffectiveCalibrations> capture_calibrations(const CaptureOptions& options, double mm_per_count,
                                                   double n_per_count);

/// The same list where there is no position: time and scale are all that a force alone is corrected for.
std::vector<Correction> only_of_force(std::vector<Correction> corrections);

}  // namespace penrig
