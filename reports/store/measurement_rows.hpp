#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reports/store/sqlite_database.hpp"
#include "rig/record/measurement.hpp"

namespace penrig::rows {

/// Measurements of one phase, or where that is empty of the outcome, with budget and tolerance interval. Written and
/// read back field for field; writers expect an open transaction.
void write_measurement(sqlite::Database& db, std::int64_t run, std::optional<std::int64_t> phase,
                       const Measurement& measurement);
std::vector<Measurement> read_measurements(sqlite::Database& db, std::int64_t run, std::optional<std::int64_t> phase);

}  // namespace penrig::rows
