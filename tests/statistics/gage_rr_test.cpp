#include "reports/statistics/gage_rr.hpp"

#include <cstdio>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/statistics.hpp"
#include "tests/statistics/published.hpp"

namespace penrig::statistics {
namespace {

using testing::published_gage_study;

GageStudy study_of(const std::string& name, GageDesign design = GageDesign::crossed) {
  return lay_out(published_gage_study(name), design).value();
}

TEST(GageRanges, GiveTheFiguresOfTheAiagStudy) {
  const GageRanges g = gage_ranges(study_of("aiag_msa4_gagerr"));
  EXPECT_NEAR(g.ev, 0.20188, 0.00005);
  EXPECT_NEAR(g.av, 0.22963, 0.0001);  // the sheet works from rounded means
  EXPECT_NEAR(g.grr, 0.30575, 0.00005);
  EXPECT_NEAR(g.pv, 1.10456, 0.0002);  // as K3 is there
  EXPECT_NEAR(g.tv, 1.14610, 0.0001);
  EXPECT_NEAR(100 * g.grr / g.tv, 26.68, 0.005);
  EXPECT_EQ(g.categories.count, 5U);
  EXPECT_NEAR(g.range_limit, 0.880, 0.0005);
  ASSERT_EQ(g.beyond.size(), 1U);
  EXPECT_EQ(g.beyond[0].part + g.beyond[0].appraiser, "4B");
}

TEST(GageAnova, GivesTheFiguresOfTheAiagStudy) {
  const GageAnova g = gage_anova(study_of("aiag_msa4_gagerr"));
  EXPECT_NEAR(g.interaction_p.value(), 0.974, 0.0005);
  EXPECT_TRUE(g.pooled);
  EXPECT_NEAR(g.table[0].ss, 88.3619344, 1e-6);
  EXPECT_NEAR(g.table[1].ss, 3.1672622, 1e-6);
  EXPECT_NEAR(g.table[2].ss, 0.3589822, 1e-6);
  EXPECT_NEAR(g.table[3].ss, 2.7589333, 1e-6);
  EXPECT_NEAR(g.repeatability.sd.value, 0.1999332, 1e-6);
  EXPECT_NEAR(g.appraiser.sd.value, 0.2268375, 1e-6);
  EXPECT_NEAR(g.part.sd.value, 1.0423275, 1e-6);
  EXPECT_NEAR(100 * g.grr.study_share.value, 27.86, 0.005);
  EXPECT_NEAR(100 * g.grr.contribution, 7.76, 0.005);
  EXPECT_NEAR(100 * g.part.contribution, 92.24, 0.005);
  EXPECT_EQ(g.categories.count, 4U);
  EXPECT_NEAR(g.categories.exact, 1.41 * 1.0423275 / 0.3023715, 1e-5);
}

TEST(GageAnova, KeepsAnInteractionThatIsThere) {
  const GageAnova g = gage_anova(study_of("houf_berman"));
  EXPECT_FALSE(g.pooled);
  EXPECT_NEAR(g.table[0].ss, 3935.96, 0.005);
  EXPECT_NEAR(g.table[1].ss, 39.27, 0.005);
  EXPECT_NEAR(g.table[2].ss, 48.51, 0.005);
  EXPECT_NEAR(g.table[3].ss, 30.67, 0.005);
  EXPECT_NEAR(g.table[0].f, 162.27, 0.01);
  EXPECT_NEAR(g.table[1].f, 7.28, 0.005);
  EXPECT_NEAR(g.table[2].f, 5.27, 0.005);
  EXPECT_NEAR(g.repeatability.variance(), 0.51, 0.005);
  EXPECT_NEAR(g.interaction.value().variance(), 0.73, 0.005);
  EXPECT_NEAR(g.appraiser.variance(), 0.56, 0.005);
  EXPECT_NEAR(g.part.variance(), 48.29, 0.005);
}

TEST(GageAnova, NestsPartsInAppraisers) {
  const GageAnova g = gage_anova(study_of("montgomery_purity", GageDesign::nested));
  EXPECT_NEAR(g.table[0].ss, 15.06, 0.005);
  EXPECT_NEAR(g.table[1].ss, 69.92, 0.005);
  EXPECT_NEAR(g.table[2].ss, 63.33, 0.005);
  EXPECT_NEAR(g.table[0].f, 0.97, 0.005);
  EXPECT_NEAR(g.table[0].p, 0.416, 0.0005);
  EXPECT_NEAR(g.table[1].f, 2.94, 0.01);
  EXPECT_NEAR(g.repeatability.variance(), 2.64, 0.005);
  EXPECT_NEAR(g.part.variance(), 1.71, 0.005);
  EXPECT_EQ(g.appraiser.sd.value, 0);  // its estimate is negative
  EXPECT_NEAR(g.grr.variance(), 2.64, 0.005);
}

TEST(GageAnova, SharesTheTolerance) {
  const GageAnova g = gage_anova(study_of("aiag_msa4_gagerr"), 4.0);
  EXPECT_NEAR(g.grr.tolerance_share.value().value, 6 * 0.3023715 / 4, 1e-6);
  EXPECT_FALSE(gage_anova(study_of("aiag_msa4_gagerr")).grr.tolerance_share);
}

TEST(GageStudy, NamesTheCellThatLacksATrial) {
  auto readings = published_gage_study("aiag_msa4_gagerr");
  readings.erase(readings.begin() + 37);  // part 8, B, second trial
  const auto refused = lay_out(readings, GageDesign::crossed);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("part '8', appraiser 'B' has 2 of 3 trials"), std::string::npos)
      << refused.error().message;
}

TEST(GageStudy, RefusesWhatNoStudyIs) {
  EXPECT_FALSE(lay_out({}, GageDesign::crossed));
  EXPECT_FALSE(lay_out({{"1", "A", 1}, {"1", "A", 2}, {"2", "A", 1}, {"2", "A", 2}}, GageDesign::crossed));
  EXPECT_FALSE(lay_out({{"1", "A", 1}, {"1", "A", 2}, {"1", "B", 1}, {"1", "B", 2}}, GageDesign::crossed));
  EXPECT_FALSE(lay_out({{"1", "A", 1}, {"2", "A", 2}, {"1", "B", 1}, {"2", "B", 2}}, GageDesign::crossed));
  EXPECT_FALSE(lay_out({{"1", "A", NAN}, {"2", "A", 2}, {"1", "B", 1}, {"2", "B", 2}}, GageDesign::crossed));
}

TEST(GageAnova, OfEqualValuesHasNoSpread) {
  std::vector<GageReading> readings;
  for (const char* part : {"1", "2"})
    for (const char* who : {"A", "B"})
      for (int k = 0; k < 2; ++k) readings.push_back({part, who, 1});
  const GageAnova g = gage_anova(lay_out(readings, GageDesign::crossed).value(), 1.0);
  EXPECT_EQ(g.total.sd.value, 0);
  EXPECT_EQ(g.grr.study_share.value, 0);
}

/// A study of 10 parts, 3 appraisers, 3 trials with these standard deviations.
GageStudy simulated_study(Random& random, double part, double appraiser, double interaction, double error) {
  std::vector<GageReading> readings;
  std::vector<double> of_appraiser;
  for (int j = 0; j < 3; ++j) of_appraiser.push_back(appraiser * random.normal());
  for (int i = 0; i < 10; ++i) {
    const double p = part * random.normal();
    for (int j = 0; j < 3; ++j) {
      const double cell = p + of_appraiser[static_cast<std::size_t>(j)] + interaction * random.normal();
      for (int k = 0; k < 3; ++k)
        readings.push_back({std::to_string(i), std::to_string(j), cell + error * random.normal()});
    }
  }
  return lay_out(readings, GageDesign::crossed).value();
}

TEST(GageAnova, IntervalsThatHoldTogetherAreWider) {
  Random random(7, "gage study");
  for (const double interaction : {0.0, 0.6}) {
    const GageAnova g = gage_anova(simulated_study(random, 1, 0.2, interaction, 0.2));
    EXPECT_EQ(g.pooled, interaction == 0);
    EXPECT_LT(g.together.repeatability.low, g.repeatability.sd.interval.low);
    EXPECT_GT(g.together.repeatability.high, g.repeatability.sd.interval.high);
    EXPECT_LT(g.together.part.low, g.part.sd.interval.low);
    EXPECT_GT(g.together.part.high, g.part.sd.interval.high);
    // Of one mean square: exact by chi squared at 1.25 %.
    const AnovaRow& error = g.pooled ? g.pooled_table.at(2) : g.table.at(3);
    EXPECT_NEAR(g.together.repeatability.low, std::sqrt(error.ss / chi_squared_quantile(0.9875, error.df)), 1e-12);
  }
}

/// How often intervals of 95 % hold the truth.
TEST(GageAnova, IntervalsHoldTheTruth) {
  const int studies = testing::campaign("PENRIG_STUDIES", 150);
  struct Case {
    double part, appraiser, interaction, error;
  };
  for (const Case& c : {Case{1, 0.2, 0, 0.2}, Case{1, 0.2, 0.15, 0.2}, Case{1, 0.05, 0, 0.5}}) {
    int repeatability = 0, part = 0, grr = 0, share = 0, categories = 0, together = 0;
    const double grr_variance = c.appraiser * c.appraiser + c.interaction * c.interaction + c.error * c.error;
    const double true_share = std::sqrt(grr_variance / (grr_variance + c.part * c.part));
    for (int s = 0; s < studies; ++s) {
      Random random(static_cast<std::uint64_t>(s), "gage study");
      const GageAnova g = gage_anova(simulated_study(random, c.part, c.appraiser, c.interaction, c.error));
      repeatability += g.repeatability.sd.interval.holds(c.error) ? 1 : 0;
      part += g.part.sd.interval.holds(c.part) ? 1 : 0;
      together += g.together.repeatability.holds(c.error) && g.together.part.holds(c.part) ? 1 : 0;
      grr += g.grr.sd.interval.holds(std::sqrt(grr_variance)) ? 1 : 0;
      share += g.grr.study_share.interval.holds(true_share) ? 1 : 0;
      categories += g.categories.interval.holds(kCategories * c.part / std::sqrt(grr_variance)) ? 1 : 0;
    }
    const auto percent = [&](int held) { return 100.0 * held / studies; };
    std::printf(
        "sd %.2g %.2g %.2g %.2g: repeatability %.2f %%, part %.2f %%, both by simultaneous ones %.2f %%, GRR %.2f %%, "
        "share %.2f %%, ndc %.2f %%\n",
        c.part, c.appraiser, c.interaction, c.error, percent(repeatability), percent(part), percent(together),
        percent(grr), percent(share), percent(categories));
    const double least = 95 - 3.2 * std::sqrt(95 * 5.0 / studies);  // chance below 1 in 1000
    for (const int held : {part, together, grr, share, categories}) EXPECT_GE(percent(held), least);
    EXPECT_GE(percent(repeatability), least);
  }
}

}  // namespace
}  // namespace penrig::statistics
