#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "reports/statistics/gage_rr.hpp"
#include "reports/study/study_table.hpp"

namespace penrig {

/// What a gage study is held against.
struct GageDemand {
  std::optional<double> tolerance;  ///< upper - lower limit
  double accept = 0.10;     ///< share that the gage may take, of the tolerance if there is one, else of the study
  unsigned categories = 5;  ///< that it has to tell apart
};

/// A study, evaluated.
struct GageReport {
  std::string source, unit;  ///< the file; empty: none
  statistics::GageStudy study;
  statistics::GageAnova anova;
  std::optional<statistics::GageRanges> ranges;  ///< of a crossed study
  GageDemand demand;
};
GageReport gage_report(std::string source, std::string unit, statistics::GageStudy study, const GageDemand& demand);

/// PASS: takes no more than `accept`, by its whole interval no more than 30 % (or than `accept`, if that is more), and
/// tells enough categories; FAIL: more than 30 % (or than `accept`), or fewer categories; INDETERMINATE between (AIAG:
/// may be acceptable for some applications), where the interval reaches further, and where the trials of each cell are
/// one value: that may be a coarse reading, or copies.
Verdict gage_verdict(const GageReport& report);
/// "acceptable", "not acceptable"; of INDETERMINATE "may be acceptable", "not clearly acceptable", "cannot tell".
std::string_view gage_word(const GageReport& report);
/// Where the interval alone keeps it from being acceptable, what would make it narrower: "more appraisers than 2";
/// else empty.
std::string gage_need(const GageReport& report);

StudySummary gage_summary(const GageReport& report);
std::string gage_html(const GageReport& report);
nlohmann::ordered_json gage_json(const GageReport& report);

}  // namespace penrig
