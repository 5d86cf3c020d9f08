#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/study/study_table.hpp"
#include "reports/study/value_table.hpp"
#include "rig/spec/load.hpp"
#include "tools/penrig/exit_code.hpp"
#include "tools/penrig/mistakes.hpp"

namespace penrig::cli {

/// Writes a study: the page first, if one is wanted, then text or JSON. @return 0 PASS or nothing judged, 1 FAIL or
/// INDETERMINATE, else why the page could not be written.
/// @param json, page  made only where they are wanted.
ExitCode put_study(const StudySummary& summary, bool as_json, const std::function<nlohmann::ordered_json()>& json,
                   const std::string& html_path, const std::function<std::string()>& page);

/// All mistakes with their places, then that nothing was worked out. @return 4.
ExitCode refuse_study(const std::vector<Mistake>& mistakes);

/// The table in a file. Mistakes are appended; what comes back counts only where there are none.
ValueTable read_study_table(const std::string& path, std::vector<Mistake>& mistakes);

/// Whether the page would replace what is read; a mistake then.
void keep_apart(const std::string& html_path, const std::string& csv_path, std::vector<Mistake>& mistakes);

}  // namespace penrig::cli
