#include "reports/study/stability_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/statistics/change.hpp"
#include "reports/study/study_page.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kSignificant = 0.05;
constexpr std::size_t kPlottedMeasurements = 12;

bool said_something(const StabilityRow& row) { return row.drift && row.chart.chart; }

Verdict stability_verdict(const StabilityRow& row) {
  const ValueSeries& s = row.chart.series;
  if (s.beyond > 0) return Verdict::fail;
  const Verdict missing = s.missing > 0 ? Verdict::indeterminate : Verdict::not_judged;
  if (!said_something(row)) return worst(missing, row.chart.still ? Verdict::not_judged : Verdict::indeterminate);
  return worst(missing, row.adjusted_p < kSignificant || row.chart.after > 0 ? Verdict::fail : Verdict::pass);
}

std::string stability_word(const StabilityRow& row) {
  std::string word;
  const auto add = [&](const std::string& more) { word += (word.empty() || more.empty() ? "" : ", ") + more; };
  add(missing_text(row.chart.series));
  if (!said_something(row)) {
    add(row.why_not);
    return word;
  }
  if (row.adjusted_p < kSignificant) add("drifts");
  if (row.chart.after > 0) add(fmt::format("{} beyond the limits", row.chart.after));
  return word.empty() ? "stable" : word;
}

StudyTable stability_table(const StabilityReport& r) {
  StudyTable t;
  t.title = "Measurements";
  using enum StudyTable::Weight;
  t.columns = {{"measurement", true, false},
               {"unit", true, false, detail},
               {"n", false, false},
               {"mean", false, false},
               {"σ", false, false},
               {"drift a " + r.per, false, false},
               {"95 %", false, false, detail},
               {"p, Holm", false, false, detail},
               {"", true, false, verdict}};
  for (const StabilityRow& row : r.rows) {
    StudyTable::Row out;
    out.verdict = stability_verdict(row);
    out.cells = {row.chart.series.title, row.chart.series.unit == "1" ? "" : row.chart.series.unit,
                 std::to_string(row.chart.labels.size())};
    if (!said_something(row)) {
      out.cells.resize(8);
    } else {
      const auto& reference = row.chart.chart->reference;
      const auto& d = row.drift->per_unit;
      out.cells.insert(out.cells.end(),
                       {study_number(reference.mean, 6), study_number(reference.sigma, 3), study_number(d.value, 3),
                        fmt::format("{} … {}", study_number(d.interval.low, 3), study_number(d.interval.high, 3)),
                        study_p(row.adjusted_p)});
    }
    out.cells.push_back(stability_word(row));
    t.rows.push_back(std::move(out));
  }
  std::ranges::stable_sort(t.rows, [](const auto& a, const auto& b) { return a.verdict > b.verdict; });
  return t;
}

}  // namespace

StabilityReport stability_report(std::string source, std::vector<ValueSeries> series, const std::vector<double>& days) {
  StabilityReport r;
  r.source = std::move(source);
  const bool timed = !days.empty() && std::ranges::any_of(days, [&](double day) { return day != days.front(); });
  r.per = timed ? "day" : days.empty() ? "row" : "run";
  ChartDemand demand;
  demand.kind = statistics::ChartKind::individuals;
  demand.options.rules = statistics::limits_only();
  ChartReport charts = chart_report("", std::move(series), demand);
  std::vector<double> p;
  for (ChartRow& chart : charts.rows) {
    StabilityRow row;
    std::vector<double> x, y;
    const auto& points = chart.series.points;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!points[i].value) continue;
      x.push_back(timed ? days[i] : static_cast<double>(i));
      y.push_back(*points[i].value);
    }
    if (chart.chart) {
      const auto drift = statistics::drift_of(x, y);
      if (drift) row.drift = *drift;
      if (!drift) row.why_not = drift.error().message;
    } else {
      row.why_not = chart.why_not;
    }
    row.chart = std::move(chart);
    if (row.drift) p.push_back(row.drift->p);
    r.rows.push_back(std::move(row));
  }
  const std::vector<double> adjusted = statistics::holm(p);
  std::size_t at = 0;
  for (StabilityRow& row : r.rows)
    if (row.drift) row.adjusted_p = adjusted[at++];
  return r;
}

Verdict stability_verdict(const StabilityReport& r) {
  Verdict v = Verdict::not_judged;
  for (const StabilityRow& row : r.rows) v = worst(v, stability_verdict(row));
  return v == Verdict::not_judged ? Verdict::indeterminate : v;
}

StudySummary stability_summary(const StabilityReport& r) {
  StudySummary s;
  s.command = "penrig study stability";
  s.verdict = stability_verdict(r);
  s.word = s.verdict == Verdict::pass ? "stable" : s.verdict == Verdict::fail ? "not stable" : "cannot tell";
  s.title = "stability of a reference";
  std::size_t judged = 0, unstable = 0, missing = 0, beyond = 0;
  for (const StabilityRow& row : r.rows) {
    const Verdict verdict = stability_verdict(row);
    missing += row.chart.series.missing;
    beyond += row.chart.series.beyond;
    if (verdict == Verdict::pass || verdict == Verdict::fail) ++judged;
    if (verdict == Verdict::fail) ++unstable;
  }
  s.lead = fmt::format("{}. {} of {} could be judged, {} of them not stable.", r.source, judged,
                       counted(r.rows.size(), "measurement"), unstable);
  s.lead += missing_sentence(missing, beyond);
  s.tables.push_back(stability_table(r));
  s.method = {
      "AIAG, Measurement Systems Analysis, 4th edition: stability. Drift: a straight line by least squares over the "
      "time "
      "of the runs (over their order where all have one time), Student's t, p by Holm over all measurements, below "
      "0.05.",
      "Points without a value are in neither: not stable where they are known to be beyond a limit, else nothing is "
      "known.",
      "Beyond the limits: individuals and moving ranges at 3 σ, σ from the mean moving range over d2(2), all points "
      "being "
      "the reference."};
  return s;
}

std::string stability_html(const StabilityReport& r) {
  std::string plots = "<div class=\"grid2\">\n";
  std::size_t plotted = 0;
  for (const Verdict wanted : {Verdict::fail, Verdict::indeterminate, Verdict::pass}) {
    for (const StabilityRow& row : r.rows) {
      if (!said_something(row) || stability_verdict(row) != wanted || plotted == kPlottedMeasurements) continue;
      ++plotted;
      plots +=
          study_figure(row.chart.series.title, stability_word(row), chart_plot(row.chart, 0, row.chart.labels.size()));
    }
  }
  return study_page(stability_summary(r), {{"plots", "Plots", plots + "</div>"}});
}

Json stability_json(const StabilityReport& r) {
  Json rows = Json::array();
  for (const StabilityRow& row : r.rows) {
    Json j{{"measurement", row.chart.series.key}, {"title", row.chart.series.title},
           {"unit", row.chart.series.unit},       {"verdict", name_of(stability_verdict(row))},
           {"word", stability_word(row)},         {"n", row.chart.labels.size()},
           {"missing", row.chart.series.missing}, {"missing_beyond", row.chart.series.beyond}};
    if (row.drift)
      j["drift"] = {{"value", row.drift->per_unit.value},
                    {"low", row.drift->per_unit.interval.low},
                    {"high", row.drift->per_unit.interval.high},
                    {"p", row.drift->p},
                    {"adjusted_p", row.adjusted_p}};
    if (row.chart.chart) j["beyond"] = row.chart.after;
    rows.push_back(std::move(j));
  }
  return {{"study", "stability"},
          {"source", r.source},
          {"per", r.per},
          {"verdict", name_of(stability_verdict(r))},
          {"measurements", rows}};
}

}  // namespace penrig
