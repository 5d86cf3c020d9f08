#pragma once

#include <cstdint>
#include <vector>

#include "reports/store/sqlite_database.hpp"
#include "rig/record/simulant_sheet.hpp"

namespace penrig::rows {

/// Spots of simulant that runs took. The writer expects an open transaction.
void write_spot_taken(sqlite::Database& db, std::int64_t run, const SpotPlace& spot);
std::vector<SpotUse> read_spots_taken(sqlite::Database& db, const SimulantSheet& sheet);
/// Those of one run, in the order taken; a file of an older version that is only read has none.
std::vector<SpotPlace> read_spots_of_run(sqlite::Database& db, std::int64_t run);

}  // namespace penrig::rows
