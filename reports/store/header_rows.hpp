#pragma once

#include <cstdint>
#include <string>

#include "reports/store/sqlite_database.hpp"
#include "rig/record/run_record.hpp"

namespace penrig::rows {

/// What is known before a run begins, with its documents; a document of many runs is stored once. Written and read back
/// field for field; the writer expects an open transaction, and begins a record of kRecordFormat.
/// @return the run's number. Errc::internal: a document whose bytes do not have the SHA-256 that it came with.
std::int64_t write_header(sqlite::Database& db, const RunHeader& header);
/// Header and format. Errc::bad_data: a format that this program does not know.
void read_header(sqlite::Database& db, std::int64_t run, RunRecord& record);

/// Which record format a run is in. Errc::bad_data as read_header().
std::uint32_t format_of(sqlite::Database& db, std::int64_t run);
/// Errc::usage: the record is of an earlier format, in which this program writes no phases and measurements.
void demand_own_format(sqlite::Database& db, std::int64_t run);

/// "R-000391".
std::string run_name(std::int64_t run);

}  // namespace penrig::rows
