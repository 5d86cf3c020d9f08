#include "tools/penrig/certifying.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/calibration_json.hpp"
#include "reports/number_format.hpp"
#include "reports/store/approvals.hpp"
#include "reports/store/record_log.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

/// The descriptions that are not approved, and what approves them.
Result<std::string> not_approved(RecordStore& store, const std::vector<SourceDocument>& documents) {
  const auto approvals = approvals_in(store);
  if (!approvals) return approvals.error();
  std::string names, files;
  const auto lacks = [&](std::string_view what, std::string_view name) {
    names += fmt::format("{}{} {}", names.empty() ? "" : ", ", what, name);
  };
  const auto plan = std::ranges::find(documents, "plan", &SourceDocument::kind);
  bool approve_plan = false;
  for (SourceDocument document : documents) {
    // What a person is shown decides what they answer; it is approved with its plan.
    if (document.kind != "picture" || plan == documents.end()) continue;
    document.name = picture_name(plan->name, document.name);
    if (approval_of(*approvals, document) != nullptr) continue;
    lacks(document.kind, document.name);
    approve_plan = true;
  }
  for (const char* kind : {"plan", "product", "rig"}) {
    const auto document = std::ranges::find(documents, kind, &SourceDocument::kind);
    if (document == documents.end()) {
      lacks("no", kind);
      continue;
    }
    const bool approved = approval_of(*approvals, *document) != nullptr;
    if (!approved) lacks(kind, document->name);
    if (!approved || (document == plan && approve_plan)) files += " " + shell_word(document->path);
  }
  if (names.empty()) return std::string();
  return fmt::format("not approved: {} (penrig approve{} --reason TEXT)", names, files);
}

/// Why the store's trail does not vouch for this calibration; empty: somebody with its key filed it as it is.
Result<std::string> why_not_vouched_for(RecordStore& store, const std::vector<TrailEntry>& trail,
                                        const Calibration& c) {
  const Result<Calibration> there = store.load_calibration(c.id);
  if (!there) return there.error();
  const Result<std::string> sha256 = store.calibration_sha256(c.id);
  if (!sha256) return sha256.error();
  std::string why = "the audit trail does not know it";
  for (const TrailEntry& item : trail) {
    const AuditEntry& e = item.entry;
    if (e.action != audit::kCalibrationFiled || e.subject != c.id) continue;
    const auto said = e.new_value.is_object() ? e.new_value.find("sha256") : e.new_value.end();
    if (said == e.new_value.end() || *said != *sha256 || calibration_json_text(*there) != calibration_json_text(c)) {
      why = fmt::format("it is not the one that {} says was filed", e.id);
    } else if (item.signed_by.empty()) {
      why = item.fault.empty() ? fmt::format("nobody signed {}", e.id) : fmt::format("{} is {}", e.id, item.fault);
    } else {
      return std::string();
    }
  }
  return why;
}

/// The filed calibrations that no key of the store stands behind, and what to do; empty: there are none.
Result<std::string> not_vouched_for(RecordStore& store, const std::vector<Calibration>& filed) {
  if (filed.empty()) return std::string();
  const Result<std::vector<TrailEntry>> trail = store.audit_trail();
  if (!trail) return trail.error();
  std::string names;
  for (const Calibration& c : filed) {
    const Result<std::string> why = why_not_vouched_for(store, *trail, c);
    if (!why) return why.error();
    if (!why->empty()) names += fmt::format("{}{} {} ({})", names.empty() ? "" : ", ", c.id, c.target, *why);
  }
  if (names.empty()) return names;
  return fmt::format(
      "no signature stands behind calibration {}: have it filed anew by who has the key of these "
      "records (penrig calibrate)",
      names);
}

Result<std::string> why_engineering(RecordStore& store, const RunOptions& options, const PreparedRun& prepared,
                                    const std::vector<Calibration>& filed, const std::shared_ptr<const KeyRing>& keys) {
  if (prepared.inputs.simulated || prepared.inputs.rig.simulated)
    return std::string("a simulated rig certifies nothing");
  if (options.engineering) return std::string("--engineering");
  if (!options.answers.empty()) return std::string("--answer: nobody looked when it was asked");
  if (!options.without.empty()) return std::string("--without leaves corrections out");
  if (!keys) return std::string("no key signs it (penrig keys init --name 'YOUR NAME')");
  Result<std::string> lacks = not_approved(store, prepared.inputs.documents);
  if (!lacks || !lacks->empty()) return lacks;
  return not_vouched_for(store, filed);
}

std::string listed(const std::vector<std::string>& runs) {
  std::string text;
  for (const std::string& run : runs) text += (text.empty() ? "" : ", ") + run;
  return text;
}

/// Every certifying run that came to a pen counts, whatever became of it: else one could stop those that look bad. One
/// that ended in an error before any pen answered has tested none.
Result<std::vector<std::string>> earlier_runs(RecordStore& store, const RunOptions& options, const Product& product) {
  RunFilter filter;
  filter.serial_number = options.serial_number;
  filter.product_name = product.name;
  const Result<std::vector<RunRow>> rows = store.list_runs(filter);
  if (!rows) return rows.error();
  std::vector<std::string> runs;
  for (const RunRow& row : *rows) {
    const bool no_pen = row.closed && row.verdict == Verdict::error && row.firmware.empty();
    if (!row.engineering && !row.simulated && !no_pen) runs.push_back(row.run_id);
  }
  return runs;
}

/// What a certifying run of a pen that had those lacks.
StartLacks retest_lacks(const Product& product, const RunOptions& options, const std::vector<std::string>& earlier) {
  if (earlier.empty()) return StartLacks::nothing;
  if (options.reason.find_first_not_of(" \t\r\n") == std::string::npos) return StartLacks::reason;
  return product.second_signature && options.second.empty() ? StartLacks::second : StartLacks::nothing;
}

/// Enters a clock that went back; what it says, or nothing.
Result<std::string> clock_step(RecordStore& store, const RunOptions& options, std::int64_t utc_ns) {
  const auto newest = store.newest_utc();
  if (!newest) return newest.error();
  if (!*newest || (*newest)->utc_ns <= utc_ns) return std::string();
  const std::string said = fmt::format("this machine's clock says {}, and {} is of {}", format_utc(utc_ns),
                                       (*newest)->what, format_utc((*newest)->utc_ns));
  AuditEntry entry{.at_utc_ns = utc_ns, .who = acting(options.operator_name).who, .action = audit::kClockStep};
  entry.subject = "clock of this machine";
  entry.reason = said;
  entry.old_value = format_iso8601((*newest)->utc_ns);
  entry.new_value = format_iso8601(utc_ns);
  if (const auto id = store.add_audit(entry); !id) return id.error();
  return said;
}

}  // namespace

Result<Certifying> decide_certifying(RecordStore& store, const RunOptions& options, const PreparedRun& prepared,
                                     const std::vector<Calibration>& filed, const std::shared_ptr<const KeyRing>& keys,
                                     std::int64_t utc_ns) {
  Certifying certifying;
  Result<std::string> because = why_engineering(store, options, prepared, filed, keys);
  if (!because) return because.error();
  certifying.because = std::move(*because);
  certifying.certifies = certifying.because.empty();
  // A rig in this process has a clock of its own, which begins anew with every run.
  if (!prepared.inputs.simulated) {
    const Result<std::string> step = clock_step(store, options, utc_ns);
    if (!step) return step.error();
    if (certifying.certifies && !step->empty()) {
      return fail(Errc::refused,
                  fmt::format("{}: a certifying run must come after all that is recorded; set the clock, "
                              "or run with --engineering",
                              *step));
    }
  }
  if (!certifying.certifies) {
    certifying.reason = options.reason;
    return certifying;
  }
  const Product& product = prepared.inputs.product;
  Result<std::vector<std::string>> earlier = earlier_runs(store, options, product);
  if (!earlier) return earlier.error();
  certifying.earlier_runs = std::move(*earlier);
  if (product.max_certifying && certifying.earlier_runs.size() >= *product.max_certifying) {
    return fail(Errc::refused,
                fmt::format("{} had {} certifying runs ({}), and {} rev {} allows {}: no retest is left; run with "
                            "--engineering to find out more",
                            options.serial_number, certifying.earlier_runs.size(), listed(certifying.earlier_runs),
                            product.name, product.revision, *product.max_certifying));
  }
  const StartLacks lacks = retest_lacks(product, options, certifying.earlier_runs);
  if (lacks == StartLacks::reason) {
    return fail(Errc::usage, fmt::format("why again? {} was in {} (--reason TEXT stands in the record and on the "
                                         "certificate)",
                                         options.serial_number, listed(certifying.earlier_runs)));
  }
  if (lacks == StartLacks::second) {
    return fail(Errc::usage,
                fmt::format("{} was in {}, and {} rev {} wants somebody else's signature for a retest: start "
                            "it at the station (penrig station)",
                            options.serial_number, listed(certifying.earlier_runs), product.name, product.revision));
  }
  certifying.reason = options.reason;
  if (!certifying.earlier_runs.empty() && !options.second.empty())
    certifying.reason += fmt::format(" (second signature: {})", options.second);
  return certifying;
}

Result<StartLacks> retest_lacks(RecordStore& store, const RunOptions& options, const PreparedRun& prepared,
                                const std::vector<Calibration>& filed, const std::shared_ptr<const KeyRing>& keys) {
  const Result<std::string> because = why_engineering(store, options, prepared, filed, keys);
  if (!because) return because.error();
  if (!because->empty()) return StartLacks::nothing;
  const Product& product = prepared.inputs.product;
  const Result<std::vector<std::string>> earlier = earlier_runs(store, options, product);
  if (!earlier) return earlier.error();
  return retest_lacks(product, options, *earlier);
}

void enter_certifying(RunHeader& header, const Certifying& certifying) {
  header.engineering = !certifying.certifies;
  header.engineering_because = certifying.because;
  header.reason = certifying.reason;
  header.earlier_certifying = certifying.earlier_runs;
}

}  // namespace penrig::cli
