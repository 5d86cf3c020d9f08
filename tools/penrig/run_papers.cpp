#include "tools/penrig/run_papers.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "reports/html_report.hpp"
#include "reports/junit.hpp"
#include "tools/penrig/built_in.hpp"

namespace penrig::cli {
namespace {

Result<void> write_report(const RunRecord& record, const std::filesystem::path& path) {
  std::error_code ec;
  std::filesystem::create_directories(path.parent_path(), ec);
  if (ec) return fail(Errc::io, fmt::format("{}: its folder cannot be made: {}", path.string(), ec.message()));
  return write_html_report(path, record);
}

}  // namespace

std::filesystem::path kept_report(const std::filesystem::path& records, const std::string& run_id) {
  return records / run_id / "report.html";
}

RunHeader header_before_loading(const RunOptions& options) {
  RunHeader header;
  header.plan_name = std::filesystem::path(options.plan_path).stem().string();
  header.serial_number = options.serial_number;
  header.slot = options.slot;
  header.operator_name = options.operator_name;
  header.software_version = kVersion;
  header.software_commit = kCommit;
  return header;
}

Result<void> write_junit_not_ended(const RunOptions& options) {
  if (options.junit_path.empty()) return {};
  return write_junit_running(options.junit_path, header_before_loading(options));
}

void write_junit_refused(const RunOptions& options, const std::string& reason) {
  if (options.junit_path.empty()) return;
  RunOutcome outcome;
  outcome.verdict = Verdict::error;
  outcome.reason = reason;
  RecordState record;
  record.error = "no record was opened";
  // Where this fails, the file still says that the run has not ended: an error as well.
  (void)write_junit(options.junit_path, header_before_loading(options), outcome, record);
}

RunPapers write_papers(const RunOptions& options, RecordStore& store, const RunResult& result) {
  RunPapers papers;
  if (!options.report && options.junit_path.empty()) return papers;  // a record takes its time to be read back
  Result<RunRecord> record = fail(Errc::io, "there is no record");
  if (!result.run_id.empty()) record = store.load_run(result.run_id);
  if (options.report && !result.run_id.empty()) {
    const std::filesystem::path path = kept_report(options.records, result.run_id);
    papers.report_path = path.string();
    const Result<void> written = record ? write_report(*record, path) : Result<void>(record.error());
    if (!written) papers.report_error = written.error().message;
  }
  if (options.junit_path.empty()) return papers;
  RecordState state;
  state.durable = result.record_durable;
  state.error = result.record_error;
  const RunHeader header = record ? record->header : header_before_loading(options);
  const Result<void> written = write_junit(options.junit_path, header, result.outcome, state);
  if (!written) papers.junit_error = written.error().message;
  return papers;
}

}  // namespace penrig::cli
