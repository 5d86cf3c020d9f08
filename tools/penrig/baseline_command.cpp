#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/number_format.hpp"
#include "reports/store/record_log.hpp"
#include "reports/study/run_selection.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/quality_command.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/study_output.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

using Json = nlohmann::ordered_json;

namespace {
constexpr std::size_t kLongestName = 200;
}

/// A baseline is an entry of the audit trail: what it holds is known for good, whatever is measured later.
ExitCode baseline_pin_command(const BaselineOptions& o) {
  auto selection = parse_selection(o.selection, "SELECTION");
  if (penrig::shown(o.name, kLongestName) != o.name)
    selection.mistakes.push_back(option_mistake(
        "NAME", fmt::format("is no name (one line of UTF-8 text, of at most {} characters, without control characters)",
                            kLongestName)));
  if (!selection.ok()) return refuse_study(selection.mistakes);
  const auto all = runs_to_study(o.records, store_options());
  if (!all) return complain(all.error());
  const auto runs = select_runs(*all, selection.value, "SELECTION", false);
  if (!runs) return complain(runs.error());
  EvidenceScope scope;
  scope.records = o.records;
  scope.keys = o.keys;
  scope.operator_name = o.operator_name;
  auto store = open_signing(scope);
  if (!store) return complain(store.error());
  const ActedBy by = acting(o.operator_name);
  AuditEntry entry{.at_utc_ns = by.at_utc_ns, .who = by.who, .action = audit::kBaselinePinned, .subject = o.name};
  entry.reason = o.reason;
  Json numbers = Json::array();
  for (const ValuesRun& r : runs->runs) numbers.push_back(r.run_id);
  entry.new_value = Json{{"selection", o.selection}, {"runs", numbers}};
  const auto id = (*store)->add_audit(entry);
  if (!id) return complain(id.error());
  const std::string out = runs->left_out();
  std::cout << fmt::format("{}  baseline '{}' is {} {}{}: compare with  penrig compare baseline:{} NEW\n", *id, o.name,
                           runs->runs.size(), runs->runs.size() == 1 ? "run" : "runs",
                           out.empty() ? "" : fmt::format(" (left out: {})", out), o.name);
  return ExitCode::pass;
}

ExitCode baseline_show_command(const BaselineOptions& o) {
  const auto all = baselines_of(o.records);
  if (!all) return complain(all.error());
  const TerminalStyle style = detect_style(1);
  std::size_t shown_ones = 0;
  for (const Baseline& b : *all) {
    if (!o.name.empty() && b.name != o.name) continue;
    ++shown_ones;
    if (o.json) {
      std::cout << Json{{"baseline", b.name}, {"entry", b.entry},   {"pinned_utc", format_iso8601(b.at_utc_ns)},
                        {"who", b.who},       {"reason", b.reason}, {"selection", b.selection},
                        {"runs", b.runs}}
                       .dump(-1, ' ', false, Json::error_handler_t::replace)
                << '\n';
    } else {
      std::cout << render(style, {{fmt::format("{}  {}  {}  {}, {}  by {}{}", b.entry, format_utc(b.at_utc_ns), b.name,
                                               counted(b.runs.size(), "run"), b.selection, b.who,
                                               b.reason.empty() ? "" : ": " + b.reason)}});
    }
  }
  if (shown_ones > 0) return ExitCode::pass;
  if (!o.name.empty()) return complain(no_such_baseline(o.name, o.records, *all));
  if (!o.json) std::cout << "no baseline is pinned\n";
  return ExitCode::pass;
}

}  // namespace penrig::cli
