#pragma once

#include <string>
#include <vector>

#include "rig/calibrate/calibration.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// "in force", "superseded", "expired", "of the future" or "no u": what it is on that day, whatever the rig.
/// superseded: a newer one took its place.
std::string state_of(const Calibration& calibration, const CivilDate& today, bool superseded);

/// "0.00020031 ± 0.00000060 N/count", or the value and that it has no uncertainty.
std::string value_text(const Calibration& calibration);

/// Points with residuals, comparison of degrees, what came of it, uncertainty, result: a calibration for people.
/// @param rows_most  points beyond that are counted, not shown.
std::vector<Line> calibration_text(const Calibration& calibration, std::size_t rows_most);

}  // namespace penrig::cli
