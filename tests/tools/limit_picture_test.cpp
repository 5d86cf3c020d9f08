#include "tools/penrig/limit_picture.hpp"

#include <gtest/gtest.h>

#include "tests/tools/sample_outcome.hpp"

namespace penrig::cli {
namespace {

std::string picture(const Decision& decision, const Measurement& measurement) {
  std::string text;
  for (const Line& line : limit_picture(decision, measurement)) text += render({}, line);
  return text;
}

TEST(LimitPicture, ShowsStrokesBetweenTheirLimits) {
  const RunOutcome o = passing_outcome();
  EXPECT_EQ(picture(o.decisions[0], o.measurements[0]),
            "         2.350                     2.500                     2.650  mm\n"
            "    ░░░░░░░│                   ├─────────●──────────┤          │░░░░░░░\n");
}

TEST(LimitPicture, CrossesTheLimitWhereStrokesDo) {
  const RunOutcome o = failing_outcome();
  const std::string text = picture(o.decisions[0], o.measurements[0]);
  EXPECT_NE(text.find("✗──────┼───┤"), std::string::npos) << text;
}

TEST(LimitPicture, HasTheNaturalZeroOppositeASingleLimit) {
  const RunOutcome o = passing_outcome();
  EXPECT_EQ(picture(o.decisions[3], o.measurements[3]),
            "           0                                                  100  µs\n"
            "                      ├●─┤                                    ╱│░░░░░░░\n");
}

TEST(LimitPicture, DrawsAGuardBandHoweverThin) {
  const RunOutcome o = passing_outcome();
  const Decision& rate = o.decisions[2];  // U is 0.18 of ± 180: far less than a column
  EXPECT_NE(picture(rate, o.measurements[2]).find("╱│"), std::string::npos);
  EXPECT_NE(picture(rate, o.measurements[2]).find("│╱"), std::string::npos);
}

TEST(LimitPicture, PointsToAValueOffTheScale) {
  RunOutcome o = failing_outcome();
  o.measurements[0].value = 3.4;
  o.measurements[0].interval->low = 3.3;
  o.measurements[0].interval->high = 3.5;
  const std::string text = picture(o.decisions[0], o.measurements[0]);
  EXPECT_TRUE(text.ends_with("→\n")) << text;
}

TEST(LimitPicture, IsNotDrawnForTextsAndMissingValues) {
  const RunOutcome o = passing_outcome();
  EXPECT_EQ(picture(o.decisions.back(), o.measurements.back()), "");
  Measurement none = o.measurements[0];
  none.value.reset();
  EXPECT_EQ(picture(o.decisions[0], none), "");
}

TEST(LimitPicture, TakesALimitOfZero) {
  RunOutcome o;
  decide_sample(o, measured("missed_strokes", "1", 2.5, 9000, 2, 0), "M1", "missed strokes", Verdict::fail, 3, "≤ 0",
                std::nullopt, 0);
  const std::string text = picture(o.decisions[0], o.measurements[0]);
  EXPECT_NE(text.find("│"), std::string::npos) << text;
  EXPECT_TRUE(text.find("✗") != std::string::npos || text.find("→") != std::string::npos) << text;
}

}  // namespace
}  // namespace penrig::cli
