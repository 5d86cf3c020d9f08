#include "tools/penrig/run_papers.hpp"

#include <filesystem>

#include "reports/html_report.hpp"
#include "reports/junit.hpp"

namespace penrig::cli {
namespace {

Result<void> write_report(const RunRecord& record, const std::filesystem::path& path) {
  std::error_code ec;
  std::filesystem::create_directories(path.parent_path(), ec);  // a failure shows when the file is written
  return write_html_report(path, record);
}

}  // namespace

Result<void> write_junit_not_ended(const RunOptions& options) {
  if (options.junit_path.empty()) return {};
  return write_junit_running(options.junit_path, options.plan_path, options.serial_number);
}

RunPapers write_papers(const RunOptions& options, RecordStore& store, const RunResult& result) {
  RunPapers papers;
  Result<RunRecord> record = fail(Errc::io, "there is no record");
  if (!result.run_id.empty()) record = store.load_run(result.run_id);
  if (options.report && !result.run_id.empty()) {
    const std::filesystem::path path = std::filesystem::path(options.records) / result.run_id / "report.html";
    papers.report_path = path.string();
    const Result<void> written = record ? write_report(*record, path) : Result<void>(record.error());
    if (!written) papers.report_error = written.error().message;
  }
  if (options.junit_path.empty()) return papers;
  const Result<void> written = write_junit(options.junit_path, record, result);
  if (!written) papers.junit_error = written.error().message;
  return papers;
}

}  // namespace penrig::cli
