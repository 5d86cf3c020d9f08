#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/statistics/control_chart.hpp"
#include "reports/study/study_table.hpp"
#include "reports/study/value_series.hpp"

namespace penrig {

/// "i-mr", "xbar-r", "xbar-s", "ewma", "cusum"; none of another word.
std::optional<statistics::ChartKind> chart_kind_named(std::string_view word);
/// "western", "nelson", "limits"; none of another word.
std::optional<statistics::RuleSet> rules_named(std::string_view word);

struct ChartDemand {
  std::optional<statistics::ChartKind> kind;  ///< none: individuals, or mean and deviation where there are subgroups
  statistics::ChartOptions options;
  std::size_t subgroup = 1;  ///< so many values in a row, an unfinished one is none; 1: as they are grouped, or singles
  std::size_t reference = 0;  ///< the first so many points freeze the limits; 0: all
};

struct ChartRow {
  ValueSeries series;
  std::vector<std::string> labels;                                  ///< of the subgroups: the first point's
  statistics::ChartKind kind = statistics::ChartKind::individuals;  ///< of the chart, or of the one that it lacks
  std::optional<statistics::ControlChart> chart;
  std::string why_not;
  bool departed =
      false;           ///< no chart, since the reference is all one value; what came after it is not: why_not says it
  bool still = false;  ///< no value differs from another, and there are enough for a chart
  std::size_t in_reference = 0, after = 0;  ///< signals
};
/// FAIL: a signal behind the reference, or anywhere where all points are the reference; a point known to be beyond a
/// limit that has no value; or a value other than the one of a reference that is all one value. INDETERMINATE: signals
/// in the reference alone (its limits are not those of a stable process), other points without a value, or no chart of
/// values that vary or are too few. PASS: a chart without. Not judged: enough values for a chart, and nothing that
/// varies.
Verdict chart_verdict(const ChartRow& row);

struct ChartReport {
  std::string source;
  ChartDemand demand;
  std::vector<ChartRow> rows;
};
ChartReport chart_report(std::string source, std::vector<ValueSeries> series, const ChartDemand& demand);
/// The worst of its rows; INDETERMINATE where none was judged.
Verdict chart_verdict(const ChartReport& report);

StudySummary chart_summary(const ChartReport& report, bool all);
std::string chart_html(const ChartReport& report);
nlohmann::ordered_json chart_json(const ChartReport& report);
/// One measurement of it. Points count from 1.
/// @param from  the first point that is told, from 0; limits and signals are those of all
nlohmann::ordered_json chart_row_json(const ChartRow& row, std::size_t from = 0);
/// "in control" (PASS), "out of control" (FAIL), "not known to be in control".
std::string_view control_word(Verdict verdict);

std::string chart_plot(const ChartRow& row, std::size_t series, std::size_t reference_points);

}  // namespace penrig
