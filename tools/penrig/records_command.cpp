#include <algorithm>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reports/atomic_file.hpp"
#include "reports/calibration_json.hpp"
#include "reports/counted.hpp"
#include "reports/decision_risk.hpp"
#include "reports/html_report.hpp"
#include "reports/number_format.hpp"
#include "reports/pdf/certificate.hpp"
#include "reports/record_json.hpp"
#include "reports/store/record_store.hpp"
#include "reports/verdict_word.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/limit_picture.hpp"
#include "tools/penrig/output_file.hpp"
#include "tools/penrig/requirement_table.hpp"
#include "tools/penrig/result_text.hpp"
#include "tools/penrig/store_options.hpp"

namespace penrig::cli {
namespace {

/// @param run_id  empty: the newest run.
Result<RunRecord> load(const std::string& records, const std::string& run_id) {
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(records, store_options());
  if (!store) return store.error();
  if (!run_id.empty()) return (*store)->load_run(run_id);
  RunFilter newest;
  newest.newest = 1;
  const Result<std::vector<RunRow>> rows = (*store)->list_runs(newest);
  if (!rows) return rows.error();
  if (rows->empty()) return fail(Errc::usage, fmt::format("{}: the store holds no runs yet", records));
  return (*store)->load_run(rows->front().run_id);
}

/// A label with a text of any length.
void add_wrapped(std::vector<Line>& lines, const TerminalStyle& style, std::string label, const std::string& text) {
  for (const std::string& part : wrap(style, text, style.columns - kLabelWidth))
    lines.push_back(labelled(std::exchange(label, ""), part));
}

std::vector<Line> header_lines(const TerminalStyle& style, const RunRecord& run) {
  const RunHeader& h = run.header;
  std::vector<Line> lines{
      labelled("run", fmt::format("{}, {}, slot {}", h.run_id, format_utc(h.started_utc_ns), h.slot)),
      labelled("plan", fmt::format("{} rev {}", h.plan_name, h.plan_revision)),
      labelled("product", fmt::format("{} rev {}", h.product_name, h.product_revision)),
      labelled("rig", fmt::format("{} rev {}{}", h.rig_name, h.rig_revision,
                                  h.simulation.empty() ? "" : ", " + h.simulation))};
  for (const Calibration& c : calibrations_of(h)) {
    lines.push_back(labelled("with", fmt::format("{}, {}, valid until {}", c.id, c.target, c.due.text)));
  }
  if (run.outcome.pen) lines.push_back(pen_line(h.serial_number, *run.outcome.pen));
  if (!h.operator_name.empty()) lines.push_back(labelled("operator", h.operator_name));
  if (run.link_trace)
    lines.push_back(labelled("trace", fmt::format("{} reads and writes on {} links: penrig records trace {}",
                                                  run.link_trace->chunks, run.link_trace->links.size(), h.run_id)));
  const std::string mark = void_mark(run);
  if (!mark.empty())
    add_wrapped(lines, style, "mode", fmt::format("{}: not a certificate. {}", mark, void_reason(run)));
  for (const RunSignature& s : run.standing.signatures)
    lines.push_back(labelled("signed", fmt::format("{}, {}", s.name, s.fingerprint)));
  for (const RunRemark& c : run.standing.comments)
    lines.push_back(labelled("comment", fmt::format("{} ({}, {})", c.text, c.who, format_utc(c.at_utc_ns))));
  return lines;
}

/// What was corrected and by how much, and what was not and why; nothing of a record that does not say.
std::vector<Line> correction_lines(const TerminalStyle& style, const RunOutcome& outcome) {
  std::string corrected, not_corrected;
  for (const Correction& c : outcome.corrections) {
    std::string& list = c.applied ? corrected : not_corrected;
    list += (list.empty() ? "" : ", ") + c.name;
    const bool known = !c.unit.empty() && (c.applied || c.value != 0 || c.u != 0);
    if (known) list += fmt::format(" {}\u00A0{}", format_value_u(c.value, c.u).value, c.unit);
    if (known && c.u != 0) list += fmt::format("\u00A0(u\u00A0{})", format_value_u(c.value, c.u).u);
    if (!c.note.empty()) list += fmt::format(" ({})", c.note);
  }
  std::vector<Line> lines;
  std::string label = "effects";
  for (const auto& [what, list] : {std::pair{"corrected: ", corrected}, std::pair{"not corrected: ", not_corrected}}) {
    if (list.empty()) continue;
    add_wrapped(lines, style, std::exchange(label, ""), what + list);
  }
  return lines;
}

/// What the deciding verdict risks; nothing where it has no distribution.
std::vector<Line> risk_lines(const RunOutcome& outcome) {
  if (!outcome.deciding || *outcome.deciding >= outcome.decisions.size()) return {};
  const Decision& decision = outcome.decisions[*outcome.deciding];
  const std::string risk = risk_text(decision);
  if (risk.empty()) return {};
  return {labelled("risk", fmt::format("{}: probability of {}", decision.requirement_id, risk)), {}};
}

std::vector<Line> ending_lines(const TerminalStyle& style, const RunRecord& run) {
  const bool voided = run.standing.voided.has_value();
  const Verdict verdict = voided ? Verdict::error : counted_verdict(run);
  const std::string word = voided ? fmt::format("VOID (was {})", verdict_word(run)) : verdict_word(run);
  std::vector<Line> lines{
      {{fmt::format("{} {}", sign_of(verdict), word), ink_of(verdict)},
       {fmt::format("   {}   {}", run.header.serial_number, counted(run.outcome.decisions.size(), "decision"))}}};
  if (!run.outcome.reason.empty() && verdict != Verdict::pass) lines.push_back({{"  " + run.outcome.reason}});
  if (!voided) return lines;
  for (const std::string& part : wrap(style, void_reason(run), style.columns - 2)) lines.push_back({{"  " + part}});
  return lines;
}

}  // namespace

ExitCode records_show_command(const RecordsShowOptions& options) {
  const Result<RunRecord> run = load(options.records, options.run_id);
  if (!run) return complain(run.error());
  if (options.json) {
    std::cout << record_json_text(*run);
    // What was decided later is not in the bytes that were signed.
    if (run->standing.voided) spdlog::warn("{} is void: {}", run->header.run_id, void_reason(*run));
    return ExitCode::pass;
  }
  const TerminalStyle style = detect_style(1);
  constexpr std::size_t kAllRows = 1000;
  print(style, folded(style, header_lines(style, *run), kLabelWidth));
  print(style, correction_lines(style, run->outcome));
  std::cout << '\n';
  if (worth_a_table(run->outcome)) {
    print(style, requirement_table(style, run->outcome, kAllRows));
    std::cout << '\n';
    const std::vector<Line> deciding = decided_by(style, run->outcome, deepest_strokes(run->phases));
    print(style, deciding);
    if (!deciding.empty()) std::cout << '\n';
    print(style, folded(style, risk_lines(run->outcome), kLabelWidth));
  }
  print(style, folded(style, ending_lines(style, *run), 2));
  return ExitCode::pass;
}

ExitCode report_command(const ReportOptions& options) {
  const Result<void> apart = check_apart({{"--html", options.html_path}, {"--pdf", options.pdf_path}});
  if (!apart) return complain(apart.error());
  const Result<RunRecord> run = load(options.records, options.run_id);
  if (!run) return complain(run.error());
  if (!options.html_path.empty()) {
    const Result<void> written = write_html_report(options.html_path, *run);
    if (!written) return complain(written.error());
    std::cout << options.html_path << '\n';
  }
  if (!options.pdf_path.empty()) {
    CertificateOptions certificate;
    certificate.paper = options.paper == "letter" ? pdf::Paper::letter : pdf::Paper::a4;
    const Result<void> written = replace_file(options.pdf_path, certificate_pdf(*run, certificate));
    if (!written) return complain(written.error());
    std::cout << options.pdf_path << '\n';
  }
  return ExitCode::pass;
}

}  // namespace penrig::cli
