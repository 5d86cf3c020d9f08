#pragma once

#include <cstdint>
#include <string>

#include "reports/capture/capture_file.hpp"
#include "rig/calibrate/filed.hpp"

namespace penrig::cli {

/// The day on which a capture was taken, YYYY-MM-DD: as the file says (START_UTC), else as --date does; empty: neither.
/// @param date    of --date; empty: it was not said.
/// @param utc_ns  now.
/// Errc::usage: START_UTC is no time, lies after today, or is another day than --date.
Result<std::string> day_of_capture(const std::string& start_utc, const std::string& date, std::int64_t utc_ns);

/// What to say of a file whose scales come from a calibration that is not measured with; empty: nothing.
/// @param calibration  as the file's tag names them: one, or several with commas between.
std::string foreign_calibration(const std::string& calibration, const CalibrationChoice& choice);

}  // namespace penrig::cli
