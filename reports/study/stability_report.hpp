#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/statistics/gage_bias.hpp"
#include "reports/study/chart_report.hpp"

namespace penrig {

/// One measurement of a reference (a golden pen, a standard) over time.
struct StabilityRow {
  ChartRow chart;  ///< individuals, limits alone
  std::optional<statistics::Drift> drift;
  double adjusted_p = 1;  ///< of the drift, Holm over all measurements
  std::string why_not;    ///< without a drift
};

/// Does a reference stay what it was? A straight line over time for what goes on slowly, individuals' limits for what
/// happened at once. Source: AIAG MSA 4th edition, chapter III section A (stability).
struct StabilityReport {
  std::string source;
  std::string per;  ///< what a drift is for: "day"; "run" where all have one time; "row" of a table
  std::vector<StabilityRow> rows;
};
/// @param days  time of each point, the same for all series; all equal, or empty: the order of points counts.
StabilityReport stability_report(std::string source, std::vector<ValueSeries> series, const std::vector<double>& days);

/// FAIL: a drift with an adjusted p below 0.05, a point beyond its limits, or one without a value that is known to be
/// beyond a limit; INDETERMINATE: other values are missing, a measurement has too few for a chart or has none though it
/// varies, or nothing could be said. Enough values that are all the same are not judged.
Verdict stability_verdict(const StabilityReport& report);

StudySummary stability_summary(const StabilityReport& report);
std::string stability_html(const StabilityReport& report);
nlohmann::ordered_json stability_json(const StabilityReport& report);

}  // namespace penrig
