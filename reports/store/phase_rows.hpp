#pragma once

#include <cstdint>
#include <vector>

#include "reports/store/measurement_rows.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/record/run_record.hpp"

namespace penrig::rows {

/// Phases with strokes, traces and measurements, in the order in which they ran. Written and read back field for field;
/// the writer expects an open transaction.
void write_phase(sqlite::Database& db, std::int64_t run, const PhaseRecord& phase);
std::vector<PhaseRecord> read_phases(sqlite::Database& db, std::int64_t run, MeasurementReader& measurements);

}  // namespace penrig::rows
