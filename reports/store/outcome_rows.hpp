#pragma once

#include <cstdint>
#include <optional>

#include "reports/store/measurement_rows.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/record/run_record.hpp"

namespace penrig::rows {

/// What closes a run: its measurements, decisions, corrections, events and devices. Written and read back field for
/// field; the writer expects an open transaction. From then on the run takes no more rows.
void write_outcome(sqlite::Database& db, std::int64_t run, const RunOutcome& outcome);
/// Empty if the run was never closed.
std::optional<RunOutcome> read_outcome(sqlite::Database& db, std::int64_t run, MeasurementReader& measurements);

}  // namespace penrig::rows
