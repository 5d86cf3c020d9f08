#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "rig/base/result.hpp"

namespace penrig {

/// One run's rows out of a folder of records, as a record store of its own: same tables, same ids, same triggers, and
/// nothing of any other run. `--records` takes a folder that holds the file under its name, `records.db`, and the
/// waveforms beside it. The log does not come along: the extract says of itself that it begins behind this run.
/// The same rows give the same bytes with one version of SQLite.
///
/// @param folder  of records; read only
/// @param run_id  "R-000391"
/// @return the file's bytes. Errors as RecordStore's.
Result<std::string> run_extract(const std::filesystem::path& folder, const std::string& run_id);

/// What a folder of records holds that no extract of that run does, a table each: rows of other runs, of the audit
/// trail, of calibrations. Empty: it is such an extract. Errors as above.
Result<std::vector<std::string>> rows_beside(const std::filesystem::path& folder, const std::string& run_id);

}  // namespace penrig
