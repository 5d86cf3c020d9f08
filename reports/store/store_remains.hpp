#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "rig/base/result.hpp"

namespace penrig {

/// What lies in a folder of records beside its database. It is made only where there is a database.
struct StoreRemains {
  std::vector<std::filesystem::path> waveforms;       ///< files beneath waveforms/, also those still being written
  std::vector<std::filesystem::path> report_folders;  ///< "R-000001", of runs' pages
};

/// Nothing where there is no such folder. Errc::io: it cannot be looked into, with the cause.
Result<StoreRemains> find_remains(const std::filesystem::path& records);

/// Refuses a folder whose database is missing or has no byte, and where something lies that was made with one, its
/// write-ahead log too: it is lost, and a new one in its place would give its numbers and pages to other runs.
/// Errc::io: what was found, and what to do; also of a database that is no file.
Result<void> demand_not_lost(const std::filesystem::path& records);

/// The same where the database is there and its schema is not. @param what  such as "holds no records".
Result<void> demand_no_remains(const std::filesystem::path& records, std::string_view what);

}  // namespace penrig
