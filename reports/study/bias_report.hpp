#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/statistics/gage_bias.hpp"
#include "reports/study/study_table.hpp"

namespace penrig {

/// Bias over the range of references.
struct LinearityReport {
  std::string source, unit;
  std::vector<statistics::ReferenceReading> readings;
  statistics::Linearity linearity;
  std::optional<double> allowed;  ///< bias, either way; none: nothing to hold the band against
};
/// PASS where the whole band lies within the allowed bias. FAIL where it does not, and leaves out zero at some
/// reference (AIAG). INDETERMINATE where it holds zero and is wider than what is allowed, or nothing is said to be; and
/// where the readings of each reference are one value: that may be a coarse reading, or copies.
Verdict linearity_verdict(const LinearityReport& report);
StudySummary linearity_summary(const LinearityReport& report);
std::string linearity_html(const LinearityReport& report);
nlohmann::ordered_json linearity_json(const LinearityReport& report);

/// One reference against the tolerance, and whether it drifted while it was read.
struct TypeOneReport {
  std::string source, unit;
  std::vector<double> readings;
  statistics::GageTypeOne study;
  statistics::TypeOneWidths widths;
  statistics::Drift drift;  ///< per reading
};
/// PASS where Cg and Cgk are both high enough and the smallest step is fine enough. INDETERMINATE where all readings
/// are one value near enough to the reference: that may be a coarse reading, or a sensor that stands still. Else FAIL.
Verdict type_one_verdict(const TypeOneReport& report);
StudySummary type_one_summary(const TypeOneReport& report);
std::string type_one_html(const TypeOneReport& report);
nlohmann::ordered_json type_one_json(const TypeOneReport& report);

}  // namespace penrig
