#include <cmath>

#include <gtest/gtest.h>

#include "tools/swarm/summary_text.hpp"
#include "tools/swarm/truth.hpp"

namespace penrig::swarm {
namespace {

TEST(DefectMix, NamesWhatIsUnknownAndWhatWasMeant) {
  const auto mix = parse_defect_mix("depth-ofset");
  ASSERT_FALSE(mix.has_value());
  EXPECT_EQ(mix.error().code, Errc::usage);
  EXPECT_NE(mix.error().message.find("did you mean 'depth-offset'?"), std::string::npos) << mix.error().message;
  EXPECT_FALSE(parse_defect_mix("all/1.5").has_value());
  EXPECT_FALSE(parse_defect_mix("all/x").has_value());
  EXPECT_FALSE(parse_defect_mix("").has_value());
  EXPECT_EQ(parse_defect_mix("none").value().defects.size(), 0U);
  EXPECT_EQ(parse_defect_mix("all").value().defects.size(), sim::defects().size());
  EXPECT_EQ(parse_defect_mix("wobble:50,droop").value().defects.front().greatest, 50);
}

TEST(DrawPen, GivesTheSharesAndSizesOfItsMix) {
  const DefectMix mix = parse_defect_mix("depth-offset,droop/0.5").value();
  int with = 0;
  double least = 1, greatest = -1;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    const DrawnPen pen = draw_pen(seed, mix, {});
    if (pen.defect == "none") {
      EXPECT_EQ(pen.plant.mechanism.depth_offset_mm, 0);
      continue;
    }
    ++with;
    if (pen.defect != "depth-offset") continue;
    EXPECT_EQ(pen.plant.mechanism.depth_offset_mm, pen.size);
    least = std::min(least, pen.size);
    greatest = std::max(greatest, pen.size);
  }
  EXPECT_NEAR(with, 1000, 90);
  EXPECT_LT(least, -0.29);
  EXPECT_GT(greatest, 0.29);
}

TEST(HeightQuantile, IsThatOfANormalOfASineAndBetween) {
  EXPECT_NEAR(height_quantile_um(0.995, 6, 0), 6 * 2.5758293, 0.01);
  EXPECT_NEAR(height_quantile_um(0.005, 6, 0), -6 * 2.5758293, 0.01);
  // P(a sin < x) = 1/2 + asin(x/a)/pi
  EXPECT_NEAR(height_quantile_um(0.995, 0.5, 100), 100 * std::sin(M_PI * 0.495), 0.4);
  EXPECT_NEAR(height_quantile_um(0.5, 6, 100), 0, 0.05);
}

TEST(Share, HasTheExactInterval) {
  EXPECT_NEAR((Share{0, 100}.interval().high), 0.036217, 1e-6);
  EXPECT_NEAR((Share{3, 98}.interval().low), 0.0063580, 1e-6);
  EXPECT_NEAR((Share{3, 98}.interval().high), 0.0868630, 1e-6);
  EXPECT_EQ((Share{0, 0}.interval().high), 1);
  EXPECT_EQ(in_words(Share{0, 100}), "0 of 100 (95 %: at most 3.6 %)");
}

SeedResult near_seed(std::uint64_t seed, bool passed) {
  SeedResult s;
  s.seed = seed;
  s.defect = "none";
  s.verdict = Verdict::fail;
  s.outside = "";
  s.near_outside = 1;
  s.near_passed = passed ? 1 : 0;
  s.near_risk = 0.023;
  return s;
}

TEST(Summary, HoldsNearPassesAgainstTheRulesRisk) {
  Summary as_stated, too_often;
  for (std::uint64_t i = 1; i <= 400; ++i) {
    as_stated.add(near_seed(i, i % 40 == 0));
    too_often.add(near_seed(i, i % 10 == 0));
  }
  EXPECT_TRUE(as_stated.whole());
  EXPECT_FALSE(too_often.whole());
  EXPECT_EQ(too_often.statistics_broken().size(), 1U);
}

TEST(Summary, HoldsRefusedGoodMeasurementsAgainstOneInAThousand) {
  Summary few, many;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    SeedResult s = near_seed(i, false);
    s.near_outside = 0;
    s.inside = 36;
    few.add(s);
    if (i % 10 == 0) s.refused.emplace_back("D1");
    many.add(s);
  }
  EXPECT_TRUE(few.whole());
  EXPECT_FALSE(many.whole());
}

TEST(Summary, PutsSizesIntoRangesOfTheirDefect) {
  Summary summary;
  SeedResult s = near_seed(1, false);
  s.defect = "depth-offset";
  s.unit = "mm";
  s.size_from = -0.3;
  s.size_to = 0.3;
  for (const double size : {-0.29, -0.25, 0.29}) {
    s.size = size;
    summary.add(s);
  }
  ASSERT_EQ(summary.matrix.size(), 2U);
  EXPECT_EQ(summary.matrix.begin()->second.seeds, 2U);
  EXPECT_NEAR(summary.matrix.begin()->second.size_to, -0.2, 1e-12);
  ASSERT_EQ(rows_by_defect(summary).size(), 1U);
  EXPECT_EQ(rows_by_defect(summary).front().seeds, 3U);
  EXPECT_EQ(sizes_in_words(rows_by_defect(summary).front()), "-0.3 to 0.3 mm");
}

}  // namespace
}  // namespace penrig::swarm
