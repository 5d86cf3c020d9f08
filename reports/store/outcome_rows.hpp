#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reports/store/measurement_rows.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/record/run_record.hpp"

namespace penrig::rows {

/// What closes a run: its measurements, decisions, corrections, events and devices. Written and read back field for
/// field, but that a measurement of the run that stands in a phase is not written again; the writer expects an open
/// transaction. From then on the run takes no more rows.
/// @param phases        those of the run, as read back
/// @param measurements  what read them
void write_outcome(sqlite::Database& db, std::int64_t run, const RunOutcome& outcome,
                   const std::vector<PhaseRecord>& phases, const MeasurementReader& measurements);
/// Empty if the run was never closed.
std::optional<RunOutcome> read_outcome(sqlite::Database& db, std::int64_t run, const std::vector<PhaseRecord>& phases,
                                       MeasurementReader& measurements);

}  // namespace penrig::rows
