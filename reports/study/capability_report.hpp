#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/statistics/capability.hpp"
#include "reports/study/study_table.hpp"
#include "reports/study/value_series.hpp"

namespace penrig {

struct CapabilityDemand {
  double least = 1.33;                          ///< that Ppk has to reach
  std::size_t subgroup = 1;                     ///< so many values in a row; 1: as the series are grouped, or singles
  std::optional<double> reading_u, reading_nu;  ///< spread of reading alone, to be taken out
};

/// One measurement: its capability, or why it has none.
struct CapabilityRow {
  ValueSeries series;
  std::optional<statistics::Capability> capability;
  std::string why_not;
  Verdict verdict = Verdict::not_judged;
};

struct CapabilityReport {
  std::string source;  ///< "34 runs of plan eol-pro rev 1"
  CapabilityDemand demand;
  std::vector<CapabilityRow> rows;     ///< with a limit
  std::vector<std::string> unlimited;  ///< titles of those without
};
/// Series without a limit are set aside. PASS: the whole interval of Ppk (by percentiles where the values are not
/// normal) reaches the demand; FAIL: none of it does, or a value without an index is outside; INDETERMINATE between,
/// where only counting is left, and where there are too few values for an index. Enough values that are all the same
/// and inside are not judged. A row that lacks values is no PASS: what they would have been nobody knows. FAIL where
/// clearly more of its points (by Clopper and Pearson) are known to be beyond a limit than a normal process has that
/// just reaches the demand.
CapabilityReport capability_report(std::string source, std::vector<ValueSeries> series, const CapabilityDemand& demand);
/// The worst of its rows; INDETERMINATE where none was judged.
Verdict capability_verdict(const CapabilityReport& report);

/// @param all  else only rows that are not PASS, and how many are.
StudySummary capability_summary(const CapabilityReport& report, bool all, bool pictures = false);
std::string capability_html(const CapabilityReport& report);
nlohmann::ordered_json capability_json(const CapabilityReport& report);

/// Histogram with limits and the fitted distribution; and normal probability plot. Of a row with a capability.
std::string capability_histogram(const CapabilityRow& row);
std::string probability_plot(const CapabilityRow& row);

}  // namespace penrig
