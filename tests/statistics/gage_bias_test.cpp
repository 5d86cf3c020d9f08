#include "reports/statistics/gage_bias.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace penrig::statistics {
namespace {

/// AIAG MSA 4th edition, table III-B 1 (bias study) and III-B 4 (linearity study).
const std::vector<double> kBias{5.8, 5.7, 5.9, 5.9, 6.0, 6.1, 6.0, 6.1, 6.4, 6.3, 6.0, 6.1, 6.2, 5.6, 6.0};
const std::vector<std::vector<double>> kLinearity{{2.7, 2.5, 2.4, 2.5, 2.7, 2.3, 2.5, 2.5, 2.4, 2.4, 2.6, 2.4},
                                                  {5.1, 3.9, 4.2, 5.0, 3.8, 3.9, 3.9, 3.9, 3.9, 4.0, 4.1, 3.8},
                                                  {5.8, 5.7, 5.9, 5.9, 6.0, 6.1, 6.0, 6.1, 6.4, 6.3, 6.0, 6.1},
                                                  {7.6, 7.7, 7.8, 7.7, 7.8, 7.8, 7.8, 7.7, 7.8, 7.5, 7.6, 7.7},
                                                  {9.1, 9.3, 9.5, 9.3, 9.4, 9.5, 9.5, 9.5, 9.6, 9.2, 9.3, 9.4}};

std::vector<ReferenceReading> aiag_linearity() {
  std::vector<ReferenceReading> all;
  for (std::size_t part = 0; part < kLinearity.size(); ++part)
    for (const double v : kLinearity[part])
      all.push_back({std::to_string(part + 1), 2.0 * static_cast<double>(part + 1), v});
  return all;
}

TEST(GageBias, GivesTheFiguresOfTheAiagStudy) {
  const Bias b = bias_of(kBias, 6.00).value();
  EXPECT_NEAR(b.mean, 6.0067, 0.00005);
  // The 3rd edition's 0.22514 is the range over d2*; the spread itself gives 0.2120 and a t of 0.12 (Minitab).
  EXPECT_NEAR(b.sd, 0.21202, 0.000005);
  EXPECT_NEAR(b.bias.value, 0.0067, 0.00005);
  EXPECT_NEAR(b.t, 0.12, 0.005);
  EXPECT_TRUE(b.bias.interval.holds(0));
  EXPECT_NEAR(b.bias.interval.high, b.bias.value + 2.14479 * 0.21202 / std::sqrt(15.0), 1e-5);
}

TEST(GageLinearity, GivesTheFiguresOfTheAiagStudy) {
  const Linearity l = linearity_of(aiag_linearity()).value();
  EXPECT_NEAR(l.slope.value, -0.131667, 5e-7);
  EXPECT_NEAR(l.intercept.value, 0.736667, 5e-7);
  EXPECT_NEAR(l.line.residual_sd, 0.23954, 0.000005);
  EXPECT_NEAR(l.line.r_squared, 0.714, 0.0005);
  EXPECT_NEAR(l.slope.value / ((l.slope.interval.high - l.slope.value) / 2.00172), -12.043, 0.001);
  EXPECT_LT(l.slope_p, 1e-15);
  EXPECT_FALSE(l.holds_zero());
  EXPECT_NEAR(l.parts[0].bias.value, 0.491667, 1e-6);
  EXPECT_NEAR(l.parts[4].bias.value, -0.616667, 1e-6);
}

TEST(GageLinearity, RefusesWhatHasNoLine) {
  EXPECT_FALSE(linearity_of({}));
  EXPECT_FALSE(linearity_of(std::vector<ReferenceReading>{{"1", 2, 2.1}, {"1", 2, 2.2}, {"1", 2, 2.3}}));
  EXPECT_FALSE(linearity_of(std::vector<ReferenceReading>{{"1", 2, 2.1}, {"1", 2, 2.2}, {"2", 3, 2.3}}));
}

TEST(GageTypeOne, FollowsItsConvention) {
  std::vector<double> readings;
  for (int i = 0; i < 25; ++i) readings.push_back(10.01 + 0.01 * (i % 5 - 2));
  const GageTypeOne g = type_one(readings, 10, 2).value();
  const double s = std::sqrt(25 * 0.0002 / 24);
  EXPECT_NEAR(g.cg.value, 0.4 / (6 * s), 1e-9);
  EXPECT_NEAR(g.cgk, (0.2 - 0.01) / (3 * s), 1e-9);
  EXPECT_NEAR(g.resolution_share, 0.005, 1e-9);
  EXPECT_TRUE(g.capable);
  EXPECT_TRUE(g.cg.interval.holds(g.cg.value));
  EXPECT_FALSE(type_one(readings, 10.3, 2).value().capable);  // repeats well, reads wrong
}

TEST(GageTypeOne, OfEqualReadingsOrTooCoarseOnesIsNotCapable) {
  // Their mean is not exactly 1.1.
  const GageTypeOne equal = type_one(std::vector<double>(25, 1.1), 1.1, 1).value();
  EXPECT_TRUE(equal.equal);
  EXPECT_TRUE(std::isinf(equal.cg.value));
  EXPECT_FALSE(equal.capable);
  std::vector<double> coarse(50, 10);
  coarse[20] = 10.06;
  const GageTypeOne g = type_one(coarse, 10, 1).value();
  EXPECT_GT(g.cgk, 1.33);
  EXPECT_NEAR(g.resolution_share, 0.06, 1e-9);
  EXPECT_FALSE(g.capable);
}

TEST(GageTypeOne, RefusesTooFewReadingsAndNoTolerance) {
  EXPECT_FALSE(type_one(std::vector<double>(9, 1.0), 1, 1));
  EXPECT_FALSE(type_one(std::vector<double>(25, 1.0), 1, 0));
  EXPECT_TRUE(std::isinf(type_one(std::vector<double>(25, 1.0), 1, 1).value().cg.value));
}

TEST(Drift, SeesALineAndNoneInNoise) {
  const std::vector<double> x{0, 1, 2, 3, 4, 5}, up{0, 1.1, 1.9, 3.05, 3.95, 5}, level{1, 0, 1, 0, 1, 0};
  EXPECT_LT(drift_of(x, up).value().p, 1e-5);
  EXPECT_GT(drift_of(x, level).value().p, 0.2);
  EXPECT_FALSE(drift_of(std::vector<double>{1, 1, 1}, std::vector<double>{1, 2, 3}));
}

}  // namespace
}  // namespace penrig::statistics
