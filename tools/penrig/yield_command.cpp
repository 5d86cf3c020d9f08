#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/store/record_store.hpp"
#include "reports/study/stability_report.hpp"
#include "reports/study/yield_report.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/quality_command.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/study_output.hpp"

namespace penrig::cli {
namespace {

/// Why verdicts cannot be counted in what was chosen by them; empty: they can.
std::string why_no_yield(const std::string& text, const RunSelection& selection) {
  if (std::ranges::find(selection.demands, "verdict", &RunSelection::Demand::key) != selection.demands.end())
    return "a yield counts verdicts, so it is not taken of runs that were chosen by theirs (leave verdict= out)";
  if (text.starts_with(kBaseline))
    return "a baseline leaves out the runs that ended in an ERROR, which a yield counts (choose with plan=, since= and "
           "the like)";
  return "";
}

}  // namespace

ExitCode yield_command(const YieldOptions& o) {
  std::vector<Mistake> mistakes;
  const auto selection = selection_of(o.source, o.selection, "SELECTION", mistakes);
  if (!selection) return complain(selection.error());
  if (const std::string why = why_no_yield(o.selection, *selection); !why.empty())
    mistakes.push_back(option_mistake("SELECTION", why));
  if (!mistakes.empty()) return refuse_study(mistakes);
  const auto all = runs_to_study(o.source.records, store_options());
  if (!all) return complain(all.error());
  const auto selected = select_runs(*all, *selection, "SELECTION", o.source.mixed_revisions, true);
  if (!selected) return complain(selected.error());
  const auto store = RecordStore::open_existing(o.source.records, store_options());
  if (!store) return complain(store.error());
  const auto causes = causes_of(**store, selected->runs);
  if (!causes) return complain(causes.error());
  const YieldReport report = yield_report((o.selection.empty() ? "" : o.selection + ": ") + words_of(*selected),
                                          selected->runs, *causes, pens_seen_before(*all, selected->runs));
  const double least = o.least_percent / 100;
  return put_study(
      yield_summary(report, least), o.output.json, [&] { return yield_json(report, least); }, o.output.html,
      [&] { return yield_html(report, least); });
}

ExitCode stability_command(const StabilityOptions& o) {
  std::vector<Mistake> mistakes;
  keep_apart(o.output.html, o.source.csv, mistakes);
  auto loaded = load_series(o.source, o.selection, "SELECTION", GroupBy::none, mistakes);
  if (!mistakes.empty()) return refuse_study(mistakes);
  if (!loaded) return complain(loaded.error());
  const StabilityReport report = stability_report(loaded->words, std::move(loaded->series), loaded->days);
  // Of one measurement of which nothing can be said the reason is the answer.
  if (report.rows.size() == 1 && !report.rows.front().why_not.empty() && stability_verdict(report) != Verdict::fail)
    return complain(
        fail(Errc::usage, fmt::format("{}: {}", report.rows.front().chart.series.title, report.rows.front().why_not)));
  return put_study(
      stability_summary(report), o.output.json, [&] { return stability_json(report); }, o.output.html,
      [&] { return stability_html(report); });
}

}  // namespace penrig::cli
