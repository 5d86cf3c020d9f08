#include "reports/study/gage_report.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/study/bias_report.hpp"
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
  const std::string page = gage_html(gage_report("f", "mm", study, {0.5, 0.1, 5}));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(page.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace penrig
