#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/statistics/change.hpp"
#include "reports/statistics/flaky.hpp"
#include "reports/study/study_table.hpp"
#include "reports/study/value_series.hpp"

namespace penrig {

/// The margin within which a change is harmless.
struct ChangeDemand {
  double margin_share = 0.10;             ///< of the tolerance; of one limit: of its distance from the base's mean
  std::optional<double> margin_absolute;  ///< in the measurement's unit, of all
};

/// One measurement in both selections.
struct ChangeRow {
  std::string title, key, unit;
  statistics::Tolerance tolerance;  ///< the new runs' where they have one
  std::size_t base_missing = 0, new_missing = 0;
  std::optional<statistics::MeanDifference> difference;
  std::optional<double> margin;
  statistics::ChangeVerdict verdict;  ///< counts where there are both; of one without margin only its p
  std::string why_not;                ///< no difference: why
};

struct FlakyRow {
  std::string title, key;
  bool in_new = false;
  statistics::FlipRate rate;
};

struct ChangeReport {
  std::string base, fresh;  ///< "'firmware=2.4.0': 30 runs of 10 pens"
  ChangeDemand demand;
  std::vector<ChangeRow> rows;
  std::vector<std::string> only_base, only_new;  ///< titles
  std::vector<FlakyRow> flaky;
};
ChangeReport change_report(std::string base_words, const std::vector<ValueSeries>& base, std::string new_words,
                           const std::vector<ValueSeries>& fresh, const ChangeDemand& demand);
/// FAIL: something changed and matters; INDETERMINATE: something cannot be told yet, or was measured in the base alone;
/// PASS: all is the same or changed harmlessly.
Verdict change_verdict(const ChangeReport& report);

StudySummary change_summary(const ChangeReport& report, bool all, bool pictures = false);
std::string change_html(const ChangeReport& report);
nlohmann::ordered_json change_json(const ChangeReport& report);

}  // namespace penrig
