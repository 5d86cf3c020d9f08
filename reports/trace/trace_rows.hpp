#pragma once

#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

#include "reports/store/sqlite_database.hpp"
#include "rig/record/link_trace_record.hpp"

namespace penrig {

/// A link trace as a record's JSON shows it: where it lies in the folder of records, its SHA-256, and what passed over
/// which link.
nlohmann::ordered_json link_trace_json(const LinkTraceRecord& trace);

namespace rows {

/// Written and read back field for field; the writer expects an open transaction. A file of an older version that is
/// only read has none.
void write_link_trace(sqlite::Database& db, std::int64_t run, const LinkTraceRecord& trace);
std::optional<LinkTraceRecord> read_link_trace(sqlite::Database& db, std::int64_t run);

}  // namespace rows
}  // namespace penrig
