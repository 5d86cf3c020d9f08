#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/study/gage_report.hpp"
#include "reports/study/value_series.hpp"

namespace penrig {

/// One measurement of a study of the rig.
struct GageSurveyRow {
  std::string title, key, unit;
  std::optional<GageReport> report;
  std::string why_not;    ///< without one
  bool to_judge = false;  ///< there is a tolerance to hold it against, not only the parts that somebody chose
};

/// A study of the rig: every measurement that its plan makes, each a gage study of its own.
struct GageSurvey {
  std::string words;  ///< which study
  std::vector<GageSurveyRow> rows;
};

/// @param series  a point's pen is the part, its group the appraiser. A reading that is missing leaves that measurement
///                without a report; it is never guessed.
/// The tolerance of a measurement is that of its own limits where there are two, unless `demand` has one.
GageSurvey gage_survey(std::string words, const std::vector<ValueSeries>& series, const GageDemand& demand);

/// Of the survey: the worst of measurements that have a tolerance, INDETERMINATE of one that has no report, and where
/// none has a tolerance; of one measurement alone its own.
Verdict gage_survey_verdict(const GageSurvey& survey);

StudySummary gage_survey_summary(const GageSurvey& survey);
std::string gage_survey_html(const GageSurvey& survey);
nlohmann::ordered_json gage_survey_json(const GageSurvey& survey);

}  // namespace penrig
