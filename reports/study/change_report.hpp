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
  struct Points {
    std::size_t all = 0, missing = 0, beyond = 0;  ///< as ValueSeries has them
  };
  Points base_points, new_points;
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

/// What became of one measurement. Also without a margin (no limit, or one that the base's mean lies on) a change is a
/// change: it matters where it goes towards a limit. Where a value is missing on either side, nothing is the same.
enum class ChangeResult {
  matters,  ///< or clearly more points of the new runs are known to be beyond a limit (Clopper and Pearson)
  changed,  ///< without a margin, and not towards a limit
  unknown,  ///< too little to tell, or values are missing
  harmless,
  no_margin,  ///< no change was found, and there is no margin to exclude one by
  none,       ///< cannot be compared
  same
};
ChangeResult result_of(const ChangeRow& row);

/// FAIL: something changed and matters; INDETERMINATE: something changed without a margin, cannot be told yet or cannot
/// be compared, or was measured in the base alone; PASS: all else is the same or changed harmlessly. Not judged by
/// itself: what has no margin and no change.
Verdict change_verdict(const ChangeReport& report);

StudySummary change_summary(const ChangeReport& report, bool all, bool pictures = false);
std::string change_html(const ChangeReport& report);
nlohmann::ordered_json change_json(const ChangeReport& report);

}  // namespace penrig
