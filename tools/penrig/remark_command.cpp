#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "reports/html_report.hpp"
#include "reports/number_format.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/result_text.hpp"
#include "tools/penrig/run_papers.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The report that lies beside the records is what people open: it must not go on showing a run that counts. The run is
/// void whether that can be done or not.
void write_report_again(RecordStore& store, const EvidenceScope& scope, const std::string& run_id) {
  const std::filesystem::path file = kept_report(scope.records, run_id);
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) return;  // none was wanted
  const Result<RunRecord> run = store.load_run(run_id);
  const Result<void> written = run ? write_html_report(file, *run) : Result<void>(run.error());
  if (written) {
    std::cout << fmt::format("{}  says so\n", file.string());
    return;
  }
  spdlog::warn("{} is void, and its report still shows it as it was before: {} (remove it, or write another: {})",
               run_id, written.error().message, report_command_line(run_id, scope.records));
}

/// Enters a remark about a run.
ExitCode remark(const RemarkOptions& options, const char* action, const char* done) {
  if (options.reason.find_first_not_of(" \t\r\n") == std::string::npos)
    return complain(fail(Errc::usage, "what is to be said? (--reason TEXT stands in the audit trail)"));
  Result<std::unique_ptr<RecordStore>> store = open_signing(options.scope);
  if (!store) return complain(store.error());
  const Result<RunRecord> run = (*store)->load_run(options.run_id);
  if (!run) return complain(run.error());
  const bool voids = action == std::string_view(audit::kRunVoided);
  if (voids && run->standing.voided) {
    return complain(
        fail(Errc::usage, fmt::format("{} is void already: {} ({}, {})", options.run_id, run->standing.voided->text,
                                      run->standing.voided->who, format_utc(run->standing.voided->at_utc_ns))));
  }
  if (!options.superseded_by.empty()) {
    const Result<RunRecord> other = (*store)->load_run(options.superseded_by);
    if (!other) return complain(other.error());
    if (other->header.serial_number != run->header.serial_number || options.superseded_by == options.run_id) {
      return complain(fail(Errc::usage, fmt::format("--superseded-by: {} is of {}, {} of {}: that is no other run of "
                                                    "the same pen",
                                                    options.superseded_by, other->header.serial_number, options.run_id,
                                                    run->header.serial_number)));
    }
    if (other->standing.voided || !other->closed) {
      return complain(
          fail(Errc::usage, fmt::format("--superseded-by: {} is {}: it counts for nothing either",
                                        options.superseded_by, other->standing.voided ? "void" : "not closed")));
    }
  }
  const Result<std::string> whose = signature_missed(**store, options.scope.keys);
  if (!whose) return complain(whose.error());
  if (voids && !whose->empty()) {
    const std::string nobody = fmt::format("{}: nobody signs that {} is void, and these records have a key ({})",
                                           options.scope.records, options.run_id, *whose);
    if (!options.unsigned_too) {
      return complain(fail(Errc::usage, nobody +
                                            ": penrig verify would name it as a fault ever after; nothing was "
                                            "written (--keys DIR names the folder of a key; --unsigned declares it "
                                            "void all the same)"));
    }
    spdlog::warn("{}: it counts, and penrig verify names it as a fault", nobody);
  }
  const ActedBy by = acting(options.scope.operator_name);
  AuditEntry entry{.at_utc_ns = by.at_utc_ns, .who = by.who, .action = action, .subject = options.run_id};
  entry.reason = options.reason;
  if (!options.superseded_by.empty()) entry.new_value = Json{{"superseded_by", options.superseded_by}};
  const Result<std::string> id = (*store)->add_audit(entry);
  if (!id) return complain(id.error());
  std::cout << fmt::format("{}  {} {}; the record itself is as it was\n", *id, options.run_id, done);
  if (voids) write_report_again(**store, options.scope, run->header.run_id);
  return ExitCode::pass;
}

}  // namespace

ExitCode records_void_command(const RemarkOptions& options) { return remark(options, audit::kRunVoided, "is void"); }

ExitCode records_comment_command(const RemarkOptions& options) {
  return remark(options, audit::kComment, "has the comment");
}

ExitCode audit_command(const EvidenceScope& scope) {
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(scope.records, store_options());
  if (!store) return complain(store.error());
  const auto trail = (*store)->audit_trail();
  if (!trail) return complain(trail.error());
  const TerminalStyle style = detect_style(1);
  for (const TrailEntry& item : *trail) {
    const AuditEntry& e = item.entry;
    if (scope.json) {
      std::cout << audit_json_text(e);
      continue;
    }
    const std::string hand = !item.fault.empty()      ? "SIGNATURE DOES NOT COUNT: " + item.fault
                             : item.signed_by.empty() ? "unsigned"
                                                      : "signed by " + item.signed_by;
    std::cout << render(style, {{fmt::format("{}  {}  ", e.id, format_utc(e.at_utc_ns))},
                                {fmt::format("{} {}", e.action, e.subject), Ink::strong},
                                {fmt::format("  {}{}{}", e.who, e.reason.empty() ? "" : ": ", e.reason)},
                                {"  " + hand, Ink::label}});
    for (const auto& [word, value] : {std::pair{"old", &e.old_value}, std::pair{"new", &e.new_value}}) {
      if (value->is_null()) continue;
      std::cout << render(
          style, {{fmt::format("          {} {}", word, value->dump(-1, ' ', false, Json::error_handler_t::replace)),
                   Ink::label}});
    }
  }
  if (!scope.json && trail->empty()) std::cout << "nothing was entered yet\n";
  return ExitCode::pass;
}

}  // namespace penrig::cli
