#include "reports/study/gage_report.hpp"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/study/bias_report.hpp"
#include "reports/study/gage_survey.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

/// Three references, each read so many times with this bias and scatter; sd 0: copies.
LinearityReport linearity_of_gage(double bias, double sd, int trials, std::optional<double> allowed) {
  LinearityReport r;
  Random random(1, "linearity");
  for (const double reference : {1.0, 2.0, 5.0})
    for (int k = 0; k < trials; ++k) r.readings.push_back({"", reference, reference + bias + sd * random.normal()});
  r.linearity = statistics::linearity_of(r.readings).value();
  r.allowed = allowed;
  return r;
}

Verdict verdict_of_gage(double bias, double sd, std::optional<double> allowed) {
  return linearity_verdict(linearity_of_gage(bias, sd, 10, allowed));
}

TEST(LinearityReport, OfABandThatHoldsZeroIsNoPassWithoutAnAllowedBias) {
  const LinearityReport noisy = linearity_of_gage(0, 1, 2, {});
  ASSERT_TRUE(noisy.linearity.holds_zero());
  const StudySummary s = linearity_summary(noisy);
  EXPECT_EQ(s.verdict, Verdict::indeterminate);
  EXPECT_EQ(s.word, "cannot tell");
  EXPECT_NE(s.lead.find("name what bias is allowed (--allowed-bias)"), std::string::npos) << s.lead;
  EXPECT_EQ(linearity_json(noisy)["verdict"], "INDETERMINATE");
  EXPECT_TRUE(linearity_json(noisy)["allowed_bias"].is_null());
}

TEST(LinearityReport, HoldsTheWholeBandAgainstTheAllowedBias) {
  EXPECT_EQ(verdict_of_gage(0, 0.01, 0.05), Verdict::pass);
  EXPECT_EQ(verdict_of_gage(0, 1, 0.05), Verdict::indeterminate) << "the noisier, the less sure";
  EXPECT_EQ(verdict_of_gage(0.02, 0.01, 0.05), Verdict::pass) << "a bias that is there, and is allowed";
  EXPECT_EQ(verdict_of_gage(0.02, 0.01, {}), Verdict::fail);
  EXPECT_EQ(verdict_of_gage(0.05, 0.01, 0.05), Verdict::fail)
      << "a bias that is there, and may be more than is allowed";
  EXPECT_EQ(verdict_of_gage(0.2, 0.01, 0.05), Verdict::fail);
  const StudySummary s = linearity_summary(linearity_of_gage(0, 0.01, 10, 0.05));
  EXPECT_EQ(s.word, "acceptable");
  EXPECT_NE(s.lead.find("the band lies within the allowed ±0.05"), std::string::npos) << s.lead;
  EXPECT_EQ(linearity_json(linearity_of_gage(0, 0.01, 10, 0.05))["allowed_bias"], 0.05);
}

TEST(LinearityReport, OfCopiesCannotTell) {
  const LinearityReport copies = linearity_of_gage(0, 0, 5, 0.05);
  EXPECT_EQ(linearity_verdict(copies), Verdict::indeterminate);
  EXPECT_NE(linearity_summary(copies).lead.find("All readings of each reference are one value: look at the resolution"),
            std::string::npos);
  EXPECT_EQ(verdict_of_gage(0.02, 0, 0.05), Verdict::indeterminate);
  EXPECT_EQ(verdict_of_gage(0.2, 0, 0.05), Verdict::fail) << "the bias alone is too much";
}

TEST(TypeOneReport, OfEqualReadingsCannotTell) {
  const auto report = [](std::vector<double> readings, double reference) {
    TypeOneReport r;
    r.study = statistics::type_one(readings, reference, 1).value();
    r.readings = std::move(readings);
    return r;
  };
  const TypeOneReport equal = report(std::vector<double>(25, 1.5), 1.5);
  EXPECT_EQ(type_one_verdict(equal), Verdict::indeterminate);
  EXPECT_NE(type_one_summary(equal).lead.find(
                "All 25 readings are 1.5: look at the resolution, or a sensor that stands still."),
            std::string::npos);
  EXPECT_EQ(type_one_json(equal)["verdict"], "INDETERMINATE");
  EXPECT_EQ(type_one_verdict(report(std::vector<double>(25, 1.5), 1.8)), Verdict::fail) << "the bias alone is too much";
  std::vector<double> coarse(50, 10);
  coarse[20] = 10.06;
  EXPECT_EQ(type_one_verdict(report(coarse, 10)), Verdict::fail);
  EXPECT_NE(type_one_summary(report(coarse, 10)).lead.find("takes 6.0"), std::string::npos);
}

/// Parts 1 apart, each read by appraisers who differ from each other, so many times.
statistics::GageStudy gage_study(int parts, int appraisers, int trials, double appraiser_sd, double sd) {
  std::vector<statistics::GageReading> readings;
  Random random(1, "gage");
  for (int who = 0; who < appraisers; ++who) {
    const double own = appraiser_sd * random.normal();
    for (int part = 0; part < parts; ++part)
      for (int k = 0; k < trials; ++k)
        readings.push_back({std::to_string(part), std::to_string(who), part + own + sd * random.normal()});
  }
  return statistics::lay_out(readings, statistics::GageDesign::crossed).value();
}

TEST(GageReport, JudgesByShareAndCategories) {
  std::vector<statistics::GageReading> readings;
  Random random(1, "gage");
  for (int part = 0; part < 10; ++part)
    for (const char* who : {"A", "B", "C"})
      for (int k = 0; k < 3; ++k) readings.push_back({std::to_string(part), who, part + 0.02 * random.normal()});
  const auto study = statistics::lay_out(readings, statistics::GageDesign::crossed).value();
  EXPECT_EQ(gage_verdict(gage_report("f", "mm", study, {})), Verdict::pass);
  EXPECT_EQ(gage_verdict(gage_report("f", "mm", study, {0.5, 0.1, 5})), Verdict::indeterminate);
  EXPECT_EQ(gage_verdict(gage_report("f", "mm", study, {0.1, 0.1, 5})), Verdict::fail);
  EXPECT_EQ(gage_verdict(gage_report("f", "mm", study, {{}, 0.1, 100000})), Verdict::fail);
  // On a narrow terminal sums of squares go before F and p, and a spread before its interval.
  std::set<std::string> kept;
  for (const StudyTable& t : gage_summary(gage_report("f", "mm", study, {0.5, 0.1, 5})).tables)
    for (const StudyTable::Column& c : t.columns)
      if (c.weight != StudyTable::Weight::detail) kept.insert(c.head);
  for (const char* head : {"F", "p", "σ, simultaneous 95 %", "% tolerance"}) EXPECT_TRUE(kept.contains(head)) << head;
  EXPECT_FALSE(kept.contains("sum of squares"));
  const std::string page = gage_html(gage_report("f", "mm", study, {0.5, 0.1, 5}));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(page.find("nan"), std::string::npos);
}

TEST(GageReport, OfAUsualGoodStudyIsAcceptable) {
  for (const double appraiser_sd : {0.0, 0.005, 0.01}) {
    const GageReport r = gage_report("f", "mm", gage_study(10, 3, 3, appraiser_sd, 0.02), {2.5, 0.1, 5});
    EXPECT_EQ(gage_word(r), "acceptable") << gage_summary(r).lead;
    EXPECT_EQ(gage_need(r), "");
  }
}

TEST(GageReport, OfAnIntervalThatReachesTooFarSaysWhatMoreIsNeeded) {
  const GageReport few = gage_report("f", "mm", gage_study(2, 2, 2, 0, 0.01), {1.3, 0.1, 5});
  ASSERT_LT(few.anova.grr.tolerance_share->value, 0.1);
  ASSERT_GT(few.anova.grr.tolerance_share->interval.high, 0.3);
  EXPECT_EQ(gage_verdict(few), Verdict::indeterminate);
  EXPECT_EQ(gage_need(few), "more appraisers than 2");
  const StudySummary s = gage_summary(few);
  EXPECT_EQ(s.word, "not clearly acceptable");
  EXPECT_NE(s.lead.find("more appraisers than 2 are needed to tell"), std::string::npos) << s.lead;
  EXPECT_GT(gage_json(few)["grr_share_high"], 0.3);
  // Whoever takes as much as that for acceptable has it so.
  EXPECT_EQ(gage_verdict(gage_report("f", "mm", gage_study(2, 2, 2, 0, 0.01), {1.3, 10, 5})), Verdict::pass);
}

TEST(GageReport, OfTrialsThatNeverDifferCannotTell) {
  for (const double appraiser_sd : {0.0, 0.001}) {
    const GageReport r = gage_report("f", "mm", gage_study(10, 3, 3, appraiser_sd, 0), {3, 0.1, 5});
    EXPECT_EQ(gage_verdict(r), Verdict::indeterminate);
    const StudySummary s = gage_summary(r);
    EXPECT_EQ(s.word, "cannot tell");
    EXPECT_NE(s.lead.find("All trials of a part by an appraiser are one value: look at the resolution"),
              std::string::npos)
        << s.lead;
    EXPECT_EQ(s.lead.find("1000000"), std::string::npos) << s.lead;
  }
  EXPECT_EQ(gage_verdict(gage_report("f", "mm", gage_study(10, 3, 3, 1, 0), {3, 0.1, 5})), Verdict::fail)
      << "appraisers who differ too much do so all the same";
}

TEST(GageSurvey, OfAMeasurementThatHasNoStudyIsNoPass) {
  ValueSeries good, equal;
  const statistics::GageStudy study = gage_study(10, 3, 3, 0, 0.02);
  good.title = equal.title = "a";
  good.tolerance = equal.tolerance = {0.0, 2.5};
  for (std::size_t i = 0; i < study.layout.values.size(); ++i) {
    const std::string part = std::to_string(i / 9), who = std::to_string(i / 3 % 3);
    good.add({"", part, who, study.layout.values[i], Verdict::pass});
    equal.add({"", part, who, 1.0, Verdict::pass});
  }
  EXPECT_EQ(gage_survey_verdict(gage_survey("s", {good, good}, {})), Verdict::pass);
  EXPECT_EQ(gage_survey_verdict(gage_survey("s", {good, equal}, {})), Verdict::indeterminate);
  equal.tolerance = {};
  EXPECT_EQ(gage_survey_verdict(gage_survey("s", {good, equal}, {})), Verdict::pass) << "not to be judged";
  const StudySummary none = gage_survey_summary(gage_survey("s", {equal, equal}, {}));
  EXPECT_EQ(none.verdict, Verdict::indeterminate);
  EXPECT_EQ(none.word, "nothing judged");
}

}  // namespace
}  // namespace penrig
