#pragma once

#include <filesystem>

#include "rig/base/result.hpp"

namespace penrig {

/// The database of a folder of records, "records.db". SQLite's own files beside it have names that begin with its.
std::filesystem::path database_of(const std::filesystem::path& records);
/// Where the locks of runs lie that go on (reports/store/live_runs.hpp).
std::filesystem::path locks_of(const std::filesystem::path& records);

/// Whether there is a database. Errc::io: nobody can tell, with the cause.
Result<bool> holds_records(const std::filesystem::path& records);
/// The same where one is needed; Errc::usage: there is none; Errc::io: there was one (reports/store/store_remains.hpp).
Result<void> demand_records(const std::filesystem::path& records);

}  // namespace penrig
