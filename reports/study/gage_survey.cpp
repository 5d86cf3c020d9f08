#include "reports/study/gage_survey.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/study/study_page.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

GageSurveyRow survey_row(const std::string& source, const ValueSeries& s, const GageDemand& demand) {
  GageSurveyRow row{s.title, s.key, s.unit, std::nullopt, ""};
  const bool limited = s.tolerance.lower && s.tolerance.upper && *s.tolerance.upper > *s.tolerance.lower;
  row.to_judge = demand.tolerance || limited;
  std::vector<statistics::GageReading> readings;
  for (const ValueSeries::Point& p : s.points)
    if (p.value) readings.push_back({p.pen, p.group, *p.value});
  if (readings.size() < s.points.size()) {
    row.why_not = fmt::format("{} of {} readings missing", s.points.size() - readings.size(), s.points.size());
    return row;
  }
  const auto unequal = [&](const auto& r) { return r.value != readings.front().value; };
  if (std::ranges::none_of(readings, unequal)) {
    row.why_not = "all readings are equal";
    return row;
  }
  auto study = statistics::lay_out(readings, statistics::GageDesign::crossed);
  if (!study) {
    row.why_not = study.error().message;
    return row;
  }
  GageDemand own = demand;
  if (!own.tolerance && limited) own.tolerance = *s.tolerance.upper - *s.tolerance.lower;
  row.report = gage_report(fmt::format("{}: {}", source, s.title), s.unit, std::move(*study), own);
  return row;
}

/// Of what was to be judged and has no study nothing is known.
Verdict verdict_of(const GageSurveyRow& row) {
  if (!row.to_judge) return Verdict::not_judged;
  return row.report ? gage_verdict(*row.report) : Verdict::indeterminate;
}

StudyTable survey_table(const GageSurvey& survey) {
  StudyTable t;
  t.title = "Measurements";
  using enum StudyTable::Weight;
  t.columns = {{"measurement", true, false},   {"unit", true, false, detail},        {"σ R&R", false, false},
               {"95 %", false, false, detail}, {"σ repeat", false, false, detail},   {"σ pens", false, false, detail},
               {"95 %", false, false, detail}, {"R&R takes", false, false, verdict}, {"categories", false, false},
               {"", true, false, verdict}};
  for (const GageSurveyRow& r : survey.rows) {
    StudyTable::Row row;
    row.cells = {r.title, r.unit == "1" ? "" : r.unit};
    if (!r.report) {
      row.cells.resize(9);
      row.cells.push_back(r.why_not);
      row.verdict = verdict_of(r);
      t.rows.push_back(std::move(row));
      continue;
    }
    const auto& a = r.report->anova;
    const auto interval = [](const statistics::GageComponent& c) {
      return fmt::format("{} … {}", study_number(c.sd.interval.low, 3), study_number(c.sd.interval.high, 3));
    };
    const std::string need = gage_need(*r.report);
    row.cells.insert(
        row.cells.end(),
        {study_number(a.grr.sd.value, 3), interval(a.grr), study_number(a.repeatability.sd.value, 3),
         study_number(a.part.sd.value, 3), interval(a.part),
         a.grr.tolerance_share ? study_percent(a.grr.tolerance_share->value) + " of T"
                               : study_percent(a.grr.study_share.value) + " of study",
         std::to_string(a.categories.count),
         r.to_judge ? std::string(gage_word(*r.report)) + (need.empty() ? "" : ": " + need) : "no two limits"});
    row.verdict = verdict_of(r);
    t.rows.push_back(std::move(row));
  }
  t.note =
      "T: upper − lower limit. Pens are the parts, benches the appraisers. Not clearly acceptable is what may take "
      "more than 30 % by its interval of 95 %. Each interval holds by itself; --only NAME shows one measurement in "
      "full, with intervals of σ repeat and σ pens that hold together.";
  return t;
}

}  // namespace

GageSurvey gage_survey(std::string words, const std::vector<ValueSeries>& series, const GageDemand& demand) {
  GageSurvey survey{std::move(words), {}};
  for (const ValueSeries& s : series) survey.rows.push_back(survey_row(survey.words, s, demand));
  return survey;
}

Verdict gage_survey_verdict(const GageSurvey& survey) {
  if (survey.rows.size() == 1 && survey.rows.front().report) return gage_verdict(*survey.rows.front().report);
  Verdict v = Verdict::not_judged;
  for (const GageSurveyRow& row : survey.rows) v = worst(v, verdict_of(row));
  return v == Verdict::not_judged ? Verdict::indeterminate : v;
}

StudySummary gage_survey_summary(const GageSurvey& survey) {
  if (survey.rows.size() == 1 && survey.rows.front().report) return gage_summary(*survey.rows.front().report);
  StudySummary s;
  s.command = "penrig study grr";
  s.verdict = gage_survey_verdict(survey);
  s.title = "gage R&R of the rig";
  std::size_t with = 0, acceptable = 0;
  for (const GageSurveyRow& row : survey.rows) {
    if (row.to_judge) ++with;
    if (verdict_of(row) == Verdict::pass) ++acceptable;
  }
  s.word = s.verdict == Verdict::pass   ? "acceptable"
           : s.verdict == Verdict::fail ? "not acceptable"
           : with == 0                  ? "nothing judged"
                                        : "not clearly acceptable";
  s.lead = fmt::format("{}. {}, {} of them with two limits, {} of those acceptable.", survey.words,
                       counted(survey.rows.size(), "measurement"), with, acceptable);
  s.tables.push_back(survey_table(survey));
  for (const GageSurveyRow& row : survey.rows) {
    if (!row.report) continue;
    s.method = gage_summary(*row.report).method;
    break;
  }
  return s;
}

std::string gage_survey_html(const GageSurvey& survey) {
  if (survey.rows.size() == 1 && survey.rows.front().report) return gage_html(*survey.rows.front().report);
  return study_page(gage_survey_summary(survey), {});
}

Json gage_survey_json(const GageSurvey& survey) {
  Json rows = Json::array();
  for (const GageSurveyRow& row : survey.rows) {
    Json j{{"measurement", row.key}, {"title", row.title}, {"judged", row.to_judge && row.report}};
    if (row.report) j["grr"] = gage_json(*row.report);
    if (!row.report) j["why_not"] = row.why_not;
    rows.push_back(std::move(j));
  }
  return {{"study", "grr of the rig"},
          {"source", survey.words},
          {"verdict", name_of(gage_survey_verdict(survey))},
          {"measurements", rows}};
}

}  // namespace penrig
