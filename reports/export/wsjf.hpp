#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "rig/record/run_record.hpp"

namespace penrig {

/// A run as WATS takes it (`POST /api/report/wsjf`): a sequence by phases' settings, one numeric step a decision, one
/// without a limit ("LOG") a measurement that nothing was decided about. The id is made of run and bytes of the record,
/// so that the same record posted twice is one report. The void mark stands in `purpose` and among `miscInfos`.
///
/// @param process_code  of this test, as the WATS server numbers its processes
nlohmann::ordered_json wsjf(const RunRecord& run, int process_code);

/// What WATS calls an identifier: none of * % ? _ [ ] ^ !, each is '-'; control characters and bytes that are no UTF-8
/// are U+FFFD.
std::string wats_name(std::string_view name);

}  // namespace penrig
