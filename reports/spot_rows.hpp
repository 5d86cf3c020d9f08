#pragma once

#include <cstdint>
#include <vector>

#include "reports/sqlite_database.hpp"
#include "rig/record/simulant_sheet.hpp"

namespace penrig::rows {

/// Spots of simulant that runs took. The writer expects an open transaction.
void write_spot_taken(sqlite::Database& db, std::int64_t run, const SpotPlace& spot);
std::vector<SpotUse> read_spots_taken(sqlite::Database& db, const SimulantSheet& sheet);

}  // namespace penrig::rows
