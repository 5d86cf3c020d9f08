#pragma once

#include <cstdint>
#include <vector>

#include "reports/sqlite_database.hpp"
#include "rig/record/run_record.hpp"
#include "rig/record/simulant_sheet.hpp"

/// Rows of the store, written and read back field for field. Writers expect an open transaction.
namespace penrig::rows {

std::int64_t write_header(sqlite::Database& db, const RunHeader& header);
RunHeader read_header(sqlite::Database& db, std::int64_t run);

void write_spot_taken(sqlite::Database& db, std::int64_t run, const SpotPlace& spot);
std::vector<SpotUse> read_spots_taken(sqlite::Database& db, const SimulantSheet& sheet);

void write_phase(sqlite::Database& db, std::int64_t run, const PhaseRecord& phase);
std::vector<PhaseRecord> read_phases(sqlite::Database& db, std::int64_t run);

void write_outcome(sqlite::Database& db, std::int64_t run, const RunOutcome& outcome);
/// Empty if the run was never closed.
std::optional<RunOutcome> read_outcome(sqlite::Database& db, std::int64_t run);

/// "R-000391".
std::string run_name(std::int64_t run);

}  // namespace penrig::rows
