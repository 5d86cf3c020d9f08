#pragma once

#include <filesystem>
#include <string>

#include "reports/store/record_store.hpp"
#include "rig/run/sequencer.hpp"
#include "tools/penrig/commands.hpp"

namespace penrig::cli {

/// What a run leaves beside its record.
struct RunPapers {
  std::string report_path;   ///< `records/R-000001/report.html`; empty: none was wanted, or there is no record
  std::string report_error;  ///< empty: written
  std::string junit_error;   ///< empty: written, or none was wanted
};

/// Where a run's report lies beside its record, where one was wanted.
std::filesystem::path kept_report(const std::filesystem::path& records, const std::string& run_id);

/// JUnit XML that says that the run has not ended. Nothing without --junit.
Result<void> write_junit_not_ended(const RunOptions& options);

/// JUnit XML that says why nothing was begun. Nothing without --junit.
void write_junit_refused(const RunOptions& options, const std::string& reason);

/// All that the command line alone says of a run.
RunHeader header_before_loading(const RunOptions& options);

/// The report, from the stored record; then, last of all, the JUnit XML.
RunPapers write_papers(const RunOptions& options, RecordStore& store, const RunResult& result);

}  // namespace penrig::cli
