#pragma once

#include <filesystem>
#include <string>

#include "rig/base/result.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// The report of one run as one HTML file that loads nothing from elsewhere. The same record gives the same bytes.
/// A run of whatever end gets a whole page: what ended in ERROR or was aborted or interrupted says what happened, what
/// to do and what had been measured by then. Simulated and engineering runs are visibly void as a certificate.
std::string html_report(const RunRecord& run);

/// Writes it whole or not at all. Errors as replace_file() says.
Result<void> write_html_report(const std::filesystem::path& file, const RunRecord& run);

}  // namespace penrig
