#pragma once

#include <cstdint>
#include <string>

#include "reports/store/sqlite_database.hpp"
#include "rig/record/measurement.hpp"

namespace penrig::rows {

/// JSON for a column. Text from a device may be no UTF-8, which JSON cannot carry; that must not lose the record.
std::string dumped(const nlohmann::ordered_json& json);

/// A verdict as its column holds it. Errc::bad_data: that is none.
Verdict verdict_of(std::int64_t stored);
std::int64_t stored(Verdict verdict);

}  // namespace penrig::rows
