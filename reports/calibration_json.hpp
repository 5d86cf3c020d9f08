#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "rig/calibrate/calibration.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// A calibration as it is filed and shown: one JSON object, every double bit for bit. `id` is not in what is filed: the
/// store gives it.
nlohmann::ordered_json calibration_json(const Calibration& calibration);
/// The bytes that are filed, and that a run keeps of the calibrations it used.
std::string calibration_json_text(const Calibration& calibration);
/// Errc::bad_data: not such an object.
Result<Calibration> calibration_of(const std::string& text);

/// The filed calibrations that a run measured with, from the documents that it kept; what cannot be read is left out.
std::vector<Calibration> calibrations_of(const RunHeader& header);

}  // namespace penrig
