#include "tools/penrig/quality_command.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/study/capability_report.hpp"
#include "reports/study/change_report.hpp"
#include "reports/study/chart_report.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/study_output.hpp"

namespace penrig::cli {
namespace {

GroupBy group_of(const std::string& word) {
  return word == "slot"  ? GroupBy::slot
         : word == "lot" ? GroupBy::lot
         : word == "pen" ? GroupBy::pen
         : word == "day" ? GroupBy::day
                         : GroupBy::none;
}

/// Each series cut into one a group, with no groups left. A group that has no value of it is told all the same: nothing
/// is known of it.
std::vector<ValueSeries> apart(const std::vector<ValueSeries>& series, const std::string& what) {
  std::vector<ValueSeries> all;
  for (const ValueSeries& s : series) {
    std::map<std::string, ValueSeries> parts;
    for (const ValueSeries::Point& p : s.points) {
      ValueSeries::Point alone = p;
      alone.group.clear();
      parts[p.group].add(std::move(alone));
    }
    for (auto& [group, part] : parts) {
      const std::string name = group.empty() ? "no " + what : what + " " + group;
      part.title = fmt::format("{}, {}", s.title, name);
      part.key = fmt::format("{};{}={}", s.key, what, group);
      part.unit = s.unit;
      part.tolerance = s.tolerance;
      part.note = s.note;
      all.push_back(std::move(part));
    }
  }
  return all;
}

bool is_table(const std::string& text) { return text.ends_with(".csv") || text.ends_with(".CSV"); }

/// One side of a comparison.
Result<LoadedSeries> side(const SeriesOptions& source, const std::string& what, const std::string& name,
                          std::vector<Mistake>& mistakes) {
  SeriesOptions o = source;
  if (is_table(what)) o.csv = what;
  return load_series(o, is_table(what) ? "" : what, name, GroupBy::none, mistakes);
}

/// Runs of another plan, or of a rig that is none, are no revision of the others.
std::optional<Error> unlike(const ValuesRun& base, const ValuesRun& fresh, bool mixed_revisions) {
  const auto refuse = [](const std::string& what, const auto& a, const auto& b, const std::string& how) {
    return fail(Errc::usage, fmt::format("BASE and NEW are of another {}: {} and {}{}", what, a, b, how));
  };
  if (base.plan_name != fresh.plan_name)
    return refuse("plan", base.plan_name, fresh.plan_name, "; choose with plan=NAME");
  if (base.product_name != fresh.product_name)
    return refuse("product", base.product_name, fresh.product_name, "; choose with product=NAME");
  if (base.simulated != fresh.simulated)
    return refuse("kind", base.simulated ? "simulated" : "real", fresh.simulated ? "simulated" : "real", "");
  if (mixed_revisions) return std::nullopt;
  const std::string how = "; their settings or limits may differ: compare them nonetheless with --mixed-revisions";
  if (base.plan_revision != fresh.plan_revision)
    return refuse("revision of the plan", base.plan_revision, fresh.plan_revision, how);
  if (base.product_revision != fresh.product_revision)
    return refuse("revision of the product", base.product_revision, fresh.product_revision, how);
  if (base.algorithm != fresh.algorithm)
    return refuse("algorithm", base.algorithm, fresh.algorithm,
                  "; what changed may be how it was measured: compare them nonetheless with --mixed-revisions");
  return std::nullopt;
}

/// A run that is compared with itself shows no change.
std::optional<Error> overlap(const std::vector<std::string>& base, const std::vector<std::string>& fresh) {
  std::vector<std::string> both;
  std::ranges::copy_if(base, std::back_inserter(both),
                       [&](const std::string& run) { return std::ranges::find(fresh, run) != fresh.end(); });
  if (both.empty()) return std::nullopt;
  return fail(Errc::usage,
              fmt::format("BASE and NEW have {} {} in common (the first: {}), and what is compared with itself has not "
                          "changed: choose each run for one of them (firmware=, since= and until=, R-000001..R-000040)",
                          both.size(), both.size() == 1 ? "run" : "runs", both.front()));
}

}  // namespace

ExitCode capability_command(const CapabilityOptions& o) {
  std::vector<Mistake> mistakes;
  keep_apart(o.output.html, o.source.csv, mistakes);
  if (!o.source.csv.empty() && !o.source.lower && !o.source.upper)
    mistakes.push_back(option_mistake("--lower, --upper", "a table has no limits of its own: name one at least"));
  auto loaded = load_series(o.source, o.selection, "SELECTION", group_of(o.per), mistakes);
  if (loaded) check_limits(loaded->series, o.source, mistakes);
  if (!mistakes.empty()) return refuse_study(mistakes);
  if (!loaded) return complain(loaded.error());
  if (!o.per.empty()) loaded->series = apart(loaded->series, o.per);
  const CapabilityReport report =
      capability_report(loaded->words, std::move(loaded->series), {o.least, o.subgroup, o.reading_u, o.reading_nu});
  if (report.rows.empty())
    return complain(fail(Errc::usage, fmt::format("{}: none of {} has a limit (name one with --lower or --upper)",
                                                  loaded->words, counted(report.unlimited.size(), "measurement"))));
  return put_study(
      capability_summary(report, o.output.all), o.output.json, [&] { return capability_json(report); }, o.output.html,
      [&] { return capability_html(report); });
}

ExitCode spc_command(const SpcOptions& o) {
  std::vector<Mistake> mistakes;
  keep_apart(o.output.html, o.source.csv, mistakes);
  auto loaded = load_series(o.source, o.selection, "SELECTION", group_of(o.by), mistakes);
  if (!mistakes.empty()) return refuse_study(mistakes);
  if (!loaded) return complain(loaded.error());
  ChartDemand demand;
  demand.kind = chart_kind_named(o.chart);
  if (const auto rules = rules_named(o.rules)) demand.options.rules = *rules;
  demand.options.lambda = o.lambda;
  demand.options.width = o.width;
  demand.options.allowance = o.allowance;
  demand.options.decision = o.decision;
  demand.subgroup = o.subgroup;
  demand.reference = o.reference;
  const ChartReport report = chart_report(loaded->words, std::move(loaded->series), demand);
  // Of one measurement that has no chart the reason is the answer, unless it is out of control without one.
  if (report.rows.size() == 1 && !report.rows.front().chart && chart_verdict(report) != Verdict::fail)
    return complain(
        fail(Errc::usage, fmt::format("{}: {}", report.rows.front().series.title, report.rows.front().why_not)));
  return put_study(
      chart_summary(report, o.output.all), o.output.json, [&] { return chart_json(report); }, o.output.html,
      [&] { return chart_html(report); });
}

ExitCode compare_command(const CompareOptions& o) {
  std::vector<Mistake> mistakes;
  if (is_table(o.base) != is_table(o.fresh))
    mistakes.push_back(
        option_mistake("BASE, NEW", "one is a table and the other selects runs: both have to be of one kind"));
  for (const std::string& table : {o.base, o.fresh})
    if (is_table(table)) keep_apart(o.output.html, table, mistakes);
  if (!mistakes.empty()) return refuse_study(mistakes);
  const auto base = side(o.source, o.base, "BASE", mistakes), fresh = side(o.source, o.fresh, "NEW", mistakes);
  if (!mistakes.empty()) return refuse_study(mistakes);
  if (!base) return complain(base.error());
  if (!fresh) return complain(fresh.error());
  if (const auto error = overlap(base->runs, fresh->runs)) return complain(*error);
  if (const auto error = unlike(base->newest, fresh->newest, o.source.mixed_revisions)) return complain(*error);
  const ChangeReport report =
      change_report(base->words, base->series, fresh->words, fresh->series, {o.margin_percent / 100, o.margin});
  if (report.rows.empty())
    return complain(
        fail(Errc::usage, fmt::format("nothing was measured in both: base {}; new {}", base->words, fresh->words)));
  // Of one measurement that cannot be compared the reason is the answer.
  if (report.rows.size() == 1 && result_of(report.rows.front()) == ChangeResult::none)
    return complain(fail(Errc::usage, fmt::format("{}: {}", report.rows.front().title, report.rows.front().why_not)));
  return put_study(
      change_summary(report, o.output.all), o.output.json, [&] { return change_json(report); }, o.output.html,
      [&] { return change_html(report); });
}

}  // namespace penrig::cli
