#include "reports/study/chart_report.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/finite_or_null.hpp"
#include "reports/number_format.hpp"
#include "reports/statistics/run_length.hpp"
#include "reports/study/study_page.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;
using statistics::ChartKind;
using statistics::ChartSeries;
using statistics::ControlChart;

constexpr std::size_t kPlottedCharts = 12;

const char* chart_kind_word(ChartKind kind) {
  switch (kind) {
    case ChartKind::individuals:
      return "individuals and moving range";
    case ChartKind::mean_and_range:
      return "mean and range";
    case ChartKind::mean_and_deviation:
      return "mean and standard deviation";
    case ChartKind::ewma:
      return "EWMA";
    case ChartKind::cusum:
      return "CUSUM";
  }
  return "";
}

std::size_t reference_of(const ChartReport& r, const ChartRow& row) {
  return r.demand.reference == 0 ? row.labels.size() : std::min(r.demand.reference, row.labels.size());
}

std::vector<std::string> labels_of(const ValueSeries& s, const std::vector<std::vector<double>>& groups) {
  std::vector<std::string> all;
  for (const auto& p : s.points)
    if (p.value) all.push_back(p.label);
  std::vector<std::string> labels;
  std::size_t at = 0;
  for (const auto& g : groups) {
    labels.push_back(all[at]);
    at += g.size();
  }
  return labels;
}

/// Every signal of a row: subgroup by subgroup, what it was.
std::map<std::size_t, std::string> signals_of(const ControlChart& chart) {
  std::map<std::size_t, std::string> all;
  for (const ChartSeries& s : chart.series) {
    std::optional<std::size_t> last;
    for (const auto& signal : s.signals) {
      std::string& text = all[signal.point];
      // Several rules at one point of a chart: its name once.
      text += last == signal.point ? ", " + signal.text
                                   : fmt::format("{}{}: {}", text.empty() ? "" : "; ", s.name, signal.text);
      last = signal.point;
    }
  }
  return all;
}

/// What came after a reference that is all one value, and is another; empty: nothing, or the reference varies.
/// @param reference  so many values
std::string departure_of(const ValueSeries& s, std::size_t reference) {
  std::size_t seen = 0, other = 0;
  double usual = 0;
  const ValueSeries::Point* first = nullptr;
  for (const ValueSeries::Point& p : s.points) {
    if (!p.value) continue;
    if (seen++ == 0) usual = *p.value;
    if (*p.value == usual) continue;
    if (seen <= reference) return "";
    if (other++ == 0) first = &p;
  }
  if (first == nullptr) return "";
  return fmt::format("all {} values of the reference are {}, {} of the {} after it are not (the first: {} at {})",
                     reference, usual, other, seen - reference, *first->value, first->label);
}

void make_chart(ChartRow& row, const ChartDemand& demand) {
  const auto groups = whole_subgroups_of(row.series, demand.subgroup);
  row.labels = labels_of(row.series, groups);
  row.still = groups.size() >= std::max(demand.reference, statistics::kFewestReference) && !row.series.varies();
  // Of too few values for one subgroup there is none that could tell.
  const bool singles =
      demand.subgroup == 1 && std::all_of(groups.begin(), groups.end(), [](const auto& g) { return g.size() == 1; });
  row.kind = demand.kind.value_or(singles ? ChartKind::individuals : ChartKind::mean_and_deviation);
  const std::span<const std::vector<double>> all(groups);
  const auto first = demand.reference == 0 ? all : all.first(std::min(demand.reference, all.size()));
  if (demand.reference > groups.size()) {
    row.why_not = fmt::format("{}, the reference alone has {}", counted(groups.size(), "point"), demand.reference);
    return;
  }
  const auto reference = statistics::chart_reference(first, row.kind);
  const auto chart = reference ? statistics::control_chart(all, row.kind, *reference, demand.options)
                               : Result<ControlChart>(reference.error());
  if (!chart) {
    std::size_t values = 0;
    for (const auto& group : first) values += group.size();
    const std::string departure = demand.reference > 0 ? departure_of(row.series, values) : "";
    row.departed = !departure.empty();
    row.why_not = row.departed ? departure : chart.error().message;
    return;
  }
  row.chart = *chart;
  for (const auto& [point, _] : signals_of(*chart))
    ++(demand.reference > 0 && point < demand.reference ? row.in_reference : row.after);
}

/// What stands in the table though not all are asked for.
bool to_be_looked_at(const ChartRow& row) {
  return row.departed || row.series.missing > 0 || row.after + row.in_reference > 0;
}

/// How many rows that are not listed have no chart, and why.
std::string without_chart_text(const ChartReport& r) {
  std::vector<std::string> reasons;
  for (const ChartRow& row : r.rows)
    if (!row.chart && !to_be_looked_at(row)) reasons.push_back(row.why_not);
  return fmt::format("{} {} no chart: {}.", reasons.size(), reasons.size() == 1 ? "has" : "have",
                     study_reasons(reasons));
}

/// Both, or the one that is there.
std::string joined(const std::string& a, const std::string& b) { return a + (a.empty() || b.empty() ? "" : "; ") + b; }

std::string run_length_text(const ChartDemand& d, ChartKind kind) {
  if (kind == ChartKind::ewma)
    return fmt::format("λ {}, {} σ: in control a signal every {} points on average.", d.options.lambda, d.options.width,
                       format_number(statistics::ewma_run_length(d.options.lambda, d.options.width), 0));
  if (kind == ChartKind::cusum)
    return fmt::format("k {}, h {}: in control a signal every {} points on average.", d.options.allowance,
                       d.options.decision,
                       format_number(statistics::cusum_run_length(d.options.allowance, d.options.decision), 0));
  if (d.options.rules.rules == statistics::western_electric().rules)
    return "With the four Western Electric rules a stable process gives a signal every 92 points on average (Champ and "
           "Woodall 1987), a "
           "chart of spread apart.";
  if (d.options.rules.rules == statistics::limits_only().rules)
    return "Points beyond the limits alone: a stable process gives a signal every 370 points on average, a chart of "
           "spread apart.";
  return "All eight of Nelson's rules together call out more often than any of them: of a stable process too.";
}

}  // namespace

std::optional<ChartKind> chart_kind_named(std::string_view word) {
  static const std::map<std::string_view, ChartKind> kKinds{{"i-mr", ChartKind::individuals},
                                                            {"xbar-r", ChartKind::mean_and_range},
                                                            {"xbar-s", ChartKind::mean_and_deviation},
                                                            {"ewma", ChartKind::ewma},
                                                            {"cusum", ChartKind::cusum}};
  const auto found = kKinds.find(word);
  return found == kKinds.end() ? std::nullopt : std::optional(found->second);
}

std::optional<statistics::RuleSet> rules_named(std::string_view word) {
  if (word == "western") return statistics::western_electric();
  if (word == "nelson") return statistics::nelson();
  return word == "limits" ? std::optional(statistics::limits_only()) : std::nullopt;
}

ChartReport chart_report(std::string source, std::vector<ValueSeries> series, const ChartDemand& demand) {
  ChartReport r{std::move(source), demand, {}};
  for (ValueSeries& s : series) {
    ChartRow row;
    row.series = std::move(s);
    make_chart(row, demand);
    r.rows.push_back(std::move(row));
  }
  return r;
}

Verdict chart_verdict(const ChartRow& row) {
  if (row.departed || row.after > 0 || row.series.beyond > 0) return Verdict::fail;
  if (row.in_reference > 0 || row.series.missing > 0) return Verdict::indeterminate;
  if (row.chart) return Verdict::pass;
  return row.still ? Verdict::not_judged : Verdict::indeterminate;
}

Verdict chart_verdict(const ChartReport& r) {
  Verdict v = Verdict::not_judged;
  for (const ChartRow& row : r.rows) v = worst(v, chart_verdict(row));
  return v == Verdict::not_judged ? Verdict::indeterminate : v;
}

std::string_view control_word(Verdict v) {
  return v == Verdict::pass ? "in control" : v == Verdict::fail ? "out of control" : "not known to be in control";
}

StudySummary chart_summary(const ChartReport& r, bool all) {
  StudySummary s;
  s.command = "penrig spc";
  s.verdict = chart_verdict(r);
  s.word = control_word(s.verdict);
  s.title = "control charts";
  std::size_t charts = 0, quiet = 0, refused = 0, signals = 0, missing = 0, beyond = 0, departed = 0, quiet_listed = 0;
  ChartKind kind = r.demand.kind.value_or(r.rows.empty() ? ChartKind::individuals : r.rows.front().kind);
  StudyTable t, list;
  t.title = "Charts";
  const bool frozen = r.demand.reference > 0;  // else all points are the reference
  using enum StudyTable::Weight;
  t.columns = {{"measurement", true, false},        {"unit", true, false},  {"points", false, false, detail},
               {"reference", false, false, detail}, {"mean", false, false}, {"σ", false, false}};
  if (frozen) t.columns.push_back({"signals in reference", false, false, detail});
  t.columns.push_back({frozen ? "signals after" : "signals", false, false, StudyTable::Weight::verdict});
  t.columns.push_back({"verdict", true, false, StudyTable::Weight::verdict});
  t.columns.push_back({"first signal", true, false, detail});
  list.title = "Signals";
  list.columns = {
      {"measurement", true, false}, {"point", false, false}, {"run or row", true, false}, {"rule", true, false}};
  for (const ChartRow& row : r.rows) {
    const std::string lacking = missing_text(row.series);
    const Verdict verdict = chart_verdict(row), ink = verdict == Verdict::pass ? Verdict::not_judged : verdict;
    missing += row.series.missing;
    beyond += row.series.beyond;
    if (row.departed) ++departed;
    if (!row.chart) {
      if (!to_be_looked_at(row)) ++refused;
      if (!all && !to_be_looked_at(row)) continue;
      std::vector<std::string> cells{row.series.title, row.series.unit == "1" ? "" : row.series.unit,
                                     std::to_string(row.labels.size())};
      cells.resize(frozen ? 8 : 7);
      cells.insert(cells.end(), {study_verdict(verdict), joined(lacking, row.why_not)});
      t.rows.push_back({std::move(cells), ink, false, 0});
      continue;
    }
    ++charts;
    kind = row.chart->kind;
    const auto found = signals_of(*row.chart);
    signals += found.size();
    if (found.empty()) ++quiet;
    if (!to_be_looked_at(row) && !all) continue;
    if (found.empty()) ++quiet_listed;
    const auto& reference = row.chart->reference;
    const auto first = std::find_if(found.begin(), found.end(), [&](const auto& f) {
      return r.demand.reference == 0 || f.first >= r.demand.reference;
    });
    std::vector<std::string> cells{row.series.title,
                                   row.series.unit == "1" ? "" : row.series.unit,
                                   std::to_string(row.labels.size()),
                                   std::to_string(reference.points),
                                   study_number(reference.mean, 5),
                                   study_number(reference.sigma, 3)};
    if (frozen) cells.push_back(std::to_string(row.in_reference));
    cells.insert(
        cells.end(),
        {std::to_string(row.after), study_verdict(verdict),
         joined(lacking, first == found.end() ? "" : fmt::format("{}, {}", row.labels[first->first], first->second))});
    t.rows.push_back({std::move(cells), ink, false, 0});
    for (const auto& [point, text] : found)
      if (list.rows.size() < (all ? 1000U : 20U))
        list.rows.push_back(
            {{row.series.title, std::to_string(point + 1), row.labels[point], text}, Verdict::not_judged, false, 0});
  }
  if (!all && quiet > quiet_listed)
    t.note = fmt::format("{}{} without a signal. ", t.rows.empty() ? "" : "And ", quiet - quiet_listed);
  if (!all && refused > 0) t.note += without_chart_text(r);
  if (signals > list.rows.size()) list.note = fmt::format("The first {} of {}.", list.rows.size(), signals);
  s.lead =
      fmt::format("{}: {} of {} charts without a signal ({}; {}).", r.source, quiet, charts, chart_kind_word(kind),
                  r.demand.reference == 0 ? "limits from all points"
                                          : fmt::format("limits frozen from the first {} points", r.demand.reference));
  if (departed > 0)
    s.lead += fmt::format(" {} without a chart {} not what {} in all of the reference.", departed,
                          departed == 1 ? "is" : "are", departed == 1 ? "it was" : "they were");
  s.lead += missing_sentence(missing, beyond);
  s.tables = {t};
  if (!list.rows.empty()) s.tables.push_back(list);
  s.method = {fmt::format("Chart: {}. Limits of 3 σ, σ from the mean moving range over d2, the mean range over d2 or "
                          "the mean deviation over c4.",
                          chart_kind_word(kind)),
              fmt::format("Rules: {}. Beyond is strictly beyond; a point on the centre belongs to no side; k of m is "
                          "told at a point that is "
                          "itself beyond. Charts of spread, EWMA and CUSUM: their limits alone.",
                          r.demand.options.rules.name),
              run_length_text(r.demand, kind),
              // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one sentence after another, as long as they are
              "No chart has what never changed in the reference: any other value behind it is out of control. Points "
              "without a value are in no chart: out of control where they are known to be beyond a limit, else not "
              "known to be in control.",
              "Each chart by itself: of 200 charts some call out by chance, the sooner the more rules there are."};
  return s;
}

std::string chart_html(const ChartReport& r) {
  std::vector<const ChartRow*> rows;
  for (const ChartRow& row : r.rows)
    if (row.chart) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const ChartRow* a, const ChartRow* b) {
    return a->after + a->in_reference > b->after + b->in_reference;
  });
  std::string plots;
  for (std::size_t i = 0; i < std::min(rows.size(), kPlottedCharts); ++i)
    for (std::size_t k = 0; k < rows[i]->chart->series.size(); ++k)
      plots += study_figure(k == 0 ? rows[i]->series.title : "",
                            fmt::format("{}, n = {}", rows[i]->chart->series[k].name, rows[i]->labels.size()),
                            chart_plot(*rows[i], k, r.demand.reference == 0 ? 0 : reference_of(r, *rows[i])));
  if (rows.size() > kPlottedCharts)
    plots += fmt::format("<p class=\"note\">The {} with the most signals of {}.</p>", kPlottedCharts, rows.size());
  return study_page(chart_summary(r, true), {{"plots", "Charts, point by point", plots}});
}

Json chart_row_json(const ChartRow& row, std::size_t from) {
  Json j{{"measurement", row.series.key},         {"title", row.series.title},     {"unit", row.series.unit},
         {"points", row.labels.size()},           {"missing", row.series.missing}, {"beyond", row.series.beyond},
         {"verdict", name_of(chart_verdict(row))}};
  if (!row.chart) {
    j["why_not"] = row.why_not;
    return j;
  }
  j["chart"] = chart_kind_word(row.chart->kind);
  j["reference"] = {{"mean", row.chart->reference.mean},
                    {"sigma", row.chart->reference.sigma},
                    {"points", row.chart->reference.points}};
  Json series = Json::array();
  for (const ChartSeries& s : row.chart->series) {
    const std::size_t gone = from > s.first ? std::min(from - s.first, s.values.size()) : 0;
    Json one{{"name", s.name}, {"first", s.first + gone + 1}, {"values", Json::array()}};
    Json centre = Json::array(), lower = Json::array(), upper = Json::array();
    for (std::size_t i = gone; i < s.values.size(); ++i) {
      one["values"].push_back(s.values[i]);
      centre.push_back(s.centre[i]);
      lower.push_back(finite_or_null(s.lower[i]));
      upper.push_back(finite_or_null(s.upper[i]));
    }
    one["centre"] = centre;
    one["lower"] = lower;
    one["upper"] = upper;
    Json signals = Json::array();
    for (const auto& signal : s.signals) {
      if (signal.point < from) continue;
      signals.push_back({{"point", signal.point + 1}, {"label", row.labels[signal.point]}, {"rule", signal.text}});
    }
    one["signals"] = signals;
    series.push_back(one);
  }
  j["series"] = series;
  j["signals_in_reference"] = row.in_reference;
  j["signals"] = row.after;
  return j;
}

Json chart_json(const ChartReport& r) {
  Json rows = Json::array();
  for (const ChartRow& row : r.rows) rows.push_back(chart_row_json(row));
  return {{"study", "spc"},
          {"source", r.source},
          {"verdict", name_of(chart_verdict(r))},
          {"rules", r.demand.options.rules.name},
          {"reference_points", r.demand.reference},
          {"measurements", rows}};
}

}  // namespace penrig
