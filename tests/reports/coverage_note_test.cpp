#include "reports/html/coverage_note.hpp"

#include <gtest/gtest.h>

#include "reports/html_report.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

TEST(CoverageNote, SaysTheCommonestFactorAloneAndTheOthersByName) {
  std::vector<Measurement> all(5);
  for (Measurement& m : all) {
    m.value = 1;
    m.expanded_u = 0.1;
    m.k = 2;
  }
  all[2].k = all[3].k = 1.654;
  all[4].expanded_u = 0;  // an exact count has none
  EXPECT_EQ(html::coverage_factors(
                {{"F1", &all[0]}, {"P1", &all[1]}, {"X1", &all[1]}, {"S1", &all[2]}, {"S3", &all[3]}, {"M1", &all[4]}}),
            "k = 2.00; S1, S3: 1.65");
  all[1].k = 2.05;
  EXPECT_EQ(html::coverage_factors({{"F1", &all[0]}, {"F1", &all[1]}}), "k = 2.00 to 2.05");
  EXPECT_EQ(html::coverage_factors({{"M1", &all[4]}, {"none", nullptr}}), "");
}

TEST(CoverageNote, StandsUnderEachTableThatShowsAU) {
  RunRecord run = testing::small_record();
  for (Measurement& m : run.outcome.measurements) m.k = m.depth_mm ? 2 : 1.96;
  for (PhaseRecord& phase : run.phases)
    for (Measurement& m : phase.measurements) m.k = 2;
  const std::string page = html_report(run);
  EXPECT_NE(page.find("<p class=\"note\">U: k = 2.00; n = "), std::string::npos);
  EXPECT_NE(page.find("<p class=\"note\">U: k = 1.96"), std::string::npos);
}

}  // namespace
}  // namespace penrig
