#include "tools/penrig/series_source.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/evidence/audit_entry.hpp"
#include "reports/number_format.hpp"
#include "reports/store/record_log.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/measurand.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/study_output.hpp"

namespace penrig::cli {
namespace {

Result<LoadedSeries> of_table(const SeriesOptions& o, std::vector<Mistake>& mistakes) {
  LoadedSeries loaded;
  const ValueTable table = read_study_table(o.csv, mistakes);
  if (!mistakes.empty()) return loaded;
  auto series = series_of(table, {o.value, o.pen, o.group, o.measurement}, o.unit);
  mistakes.insert(mistakes.end(), series.mistakes.begin(), series.mistakes.end());
  loaded.series = std::move(series.value);
  loaded.words = fmt::format("{}, {}", o.csv, counted(table.rows(), "row"));
  return loaded;
}

/// The command line's limits in place of the records'.
void take_limits(ValueSeries& s, const SeriesOptions& o) {
  const statistics::Tolerance of_records = s.tolerance;
  const auto replace = [&](statistics::Tolerance& limits) {
    if (o.lower) limits.lower = o.lower;
    if (o.upper) limits.upper = o.upper;
  };
  replace(s.tolerance);
  for (ValueSeries::Point& p : s.points) replace(p.limits);
  if (!unequal_limits(s)) s.note.clear();
  // What is beyond a limit need not be beyond a wider one.
  const bool wider = (of_records.lower && *s.tolerance.lower < *of_records.lower) ||
                     (of_records.upper && *s.tolerance.upper > *of_records.upper);
  if (wider) s.beyond = 0;
}

/// Between such limits nothing lies: all values would be outside, and the process be blamed.
void check_order(const ValueSeries& s, const SeriesOptions& o, std::vector<Mistake>& mistakes) {
  if (!o.lower && !o.upper) return;
  if (!s.tolerance.lower || !s.tolerance.upper || *s.tolerance.lower < *s.tolerance.upper) return;
  add_new(mistakes, {option_mistake("--lower, --upper",
                                    fmt::format("{}: the lower limit {} is not below the upper one {}", s.title,
                                                format_short(*s.tolerance.lower), format_short(*s.tolerance.upper)))});
}

/// The runs that a baseline pins.
Result<RunSelection> pinned(const std::string& records, const std::string& name) {
  const auto all = baselines_of(records);
  if (!all) return all.error();
  const auto found = std::find_if(all->rbegin(), all->rend(), [&](const Baseline& b) { return b.name == name; });
  if (found == all->rend()) return no_such_baseline(name, records, *all);
  RunSelection selection;
  selection.text = fmt::format("{}{}", kBaseline, name);
  for (const std::string& run : found->runs) {
    std::int64_t number = 0;
    std::from_chars(run.data() + std::min<std::size_t>(2, run.size()), run.data() + run.size(), number);
    selection.runs.emplace_back(number, number);
  }
  return selection;
}

Result<LoadedSeries> of_store(const SeriesOptions& o, const std::string& text, const std::string& name, GroupBy group,
                              std::vector<Mistake>& mistakes) {
  check_measurand(o.measurand, mistakes);
  const auto selection = selection_of(o, text, name, mistakes);
  if (!selection) return selection.error();
  if (!mistakes.empty()) return LoadedSeries{};
  const auto all = runs_to_study(o.records, store_options());
  if (!all) return all.error();
  auto runs = select_runs(*all, *selection, name, o.mixed_revisions);
  if (!runs) return runs.error();
  const auto values = values_to_study(o.records, store_options(), runs->runs, o.measurand);
  if (!values) return values.error();
  LoadedSeries loaded{series_of(*values, group), (text.empty() ? "" : text + ": ") + words_of(*runs),
                      runs->runs.back()};
  constexpr double kDayNs = 86'400e9;
  for (const ValuesRun& run : values->runs) {
    loaded.runs.push_back(run.run_id);
    loaded.days.push_back(static_cast<double>(run.started_utc_ns - values->runs.front().started_utc_ns) / kDayNs);
  }
  return loaded;
}

}  // namespace

Result<RunSelection> selection_of(const SeriesOptions& o, const std::string& text, const std::string& name,
                                  std::vector<Mistake>& mistakes) {
  if (text.empty()) return RunSelection{};
  if (text.starts_with(kBaseline)) return pinned(o.records, text.substr(kBaseline.size()));
  auto parsed = parse_selection(text, name);
  mistakes.insert(mistakes.end(), parsed.mistakes.begin(), parsed.mistakes.end());
  return parsed.value;
}

std::string words_of(const SelectedRuns& s) {
  std::set<std::string> pens, algorithms;
  for (const ValuesRun& r : s.runs) {
    pens.insert(r.serial_number);
    algorithms.insert(r.algorithm.empty() ? "none" : r.algorithm);
  }
  const ValuesRun& newest = s.runs.back();
  const std::string out = s.left_out();
  return fmt::format("{} of {}, plan {} rev {}{}{}{}", counted(s.runs.size(), "run"), counted(pens.size(), "pen"),
                     newest.plan_name, newest.plan_revision, newest.simulated ? ", simulated" : "",
                     algorithms.size() < 2 ? "" : fmt::format(", algorithms {}", fmt::join(algorithms, ", ")),
                     out.empty() ? "" : fmt::format(" (left out: {})", out));
}

Error no_such_baseline(const std::string& name, const std::string& records, const std::vector<Baseline>& all) {
  std::vector<std::string_view> known;
  known.reserve(all.size());
  for (const Baseline& b : all) known.emplace_back(b.name);
  const auto meant = did_you_mean(name, known);
  return fail(Errc::usage, fmt::format("no baseline '{}' is pinned in {} ({})", name, records,
                                       meant ? fmt::format("did you mean '{}'?", *meant)
                                             : "penrig baseline pin NAME SELECTION pins one"));
}

Result<std::vector<Baseline>> baselines_of(const std::string& records) {
  const auto store = RecordStore::open_existing(records, store_options());
  if (!store) return store.error();
  const auto trail = (*store)->audit_trail();
  if (!trail) return trail.error();
  std::vector<Baseline> all;
  for (const TrailEntry& item : *trail) {
    const AuditEntry& e = item.entry;
    if (e.action != audit::kBaselinePinned) continue;
    if (!item.fault.empty())
      return fail(Errc::bad_data,
                  fmt::format("{} pins a baseline, and its signature does not count: {}", e.id, item.fault));
    Baseline b{e.subject, "", e.who, e.reason, e.id, e.at_utc_ns, {}};
    if (e.new_value.is_object() && e.new_value.contains("runs")) {
      b.selection = e.new_value.value("selection", "");
      for (const auto& run : e.new_value.at("runs"))
        if (run.is_string()) b.runs.push_back(run.get<std::string>());
    }
    // A selection without runs would be one of all.
    if (b.runs.empty()) return fail(Errc::bad_data, fmt::format("{} pins a baseline without runs", e.id));
    all.push_back(std::move(b));
  }
  return all;
}

void check_limits(const std::vector<ValueSeries>& series, const SeriesOptions& o, std::vector<Mistake>& mistakes) {
  if (o.mixed_revisions) return;
  for (const ValueSeries& s : series) {
    const auto unequal = unequal_limits(s);
    if (!unequal) continue;
    mistakes.push_back(option_mistake(
        "--lower, --upper",
        fmt::format("{}: {} was judged by {}, {} by {}: good by the one is not good by the other (choose runs "
                    "of one, name limits for all with --lower and --upper, or take the newest's with "
                    "--mixed-revisions)",
                    s.title, unequal->earlier, limits_text(unequal->of_earlier), unequal->later,
                    limits_text(unequal->of_later))));
    return;
  }
}

Result<LoadedSeries> load_series(const SeriesOptions& o, const std::string& selection, const std::string& name,
                                 GroupBy group, std::vector<Mistake>& mistakes) {
  if (!o.csv.empty() && !selection.empty())
    mistakes.push_back(option_mistake(
        name, fmt::format("'{}' selects runs of a store, and --csv is a table (name one of them)", selection)));
  if (!mistakes.empty()) return LoadedSeries{};
  auto loaded = o.csv.empty() ? of_store(o, selection, name, group, mistakes) : of_table(o, mistakes);
  if (!loaded || !mistakes.empty()) return loaded;
  if (!o.only.empty()) {
    std::erase_if(loaded->series, [&](const ValueSeries& s) {
      return s.title.find(o.only) == std::string::npos && s.key.find(o.only) == std::string::npos;
    });
    if (loaded->series.empty())
      mistakes.push_back(option_mistake("--only", fmt::format("no measurement has '{}' in its name", o.only)));
  }
  for (ValueSeries& s : loaded->series) {
    take_limits(s, o);
    check_order(s, o, mistakes);
  }
  return loaded;
}

}  // namespace penrig::cli
