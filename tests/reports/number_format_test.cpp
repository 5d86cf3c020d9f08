#include "reports/number_format.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "reports/digest.hpp"

namespace penrig {
namespace {

TEST(NumberFormat, GivesUTwoSignificantDigitsAndTheValueItsDecimals) {
  const ValueAndU shown = format_value_u(2.525391, 0.006789);
  EXPECT_EQ(shown.value, "2.5254");
  EXPECT_EQ(shown.u, "0.0068");
  EXPECT_EQ(format_value_u(8962.2512, 0.1793).value, "8962.25");
  EXPECT_EQ(format_value_u(371.4321, 1.21).u, "1.2");
}

TEST(NumberFormat, RoundsUUpToTheNextDecadeWithoutAThirdDigit) {
  const ValueAndU shown = format_value_u(1, 0.00996);
  EXPECT_EQ(shown.u, "0.010");
  EXPECT_EQ(shown.value, "1.000");
}

TEST(NumberFormat, RoundsToTensWhereUIsLarge) {
  const ValueAndU shown = format_value_u(40391.7, 1234);
  EXPECT_EQ(shown.value, "40\u2009400");
  EXPECT_EQ(shown.u, "1200");
}

TEST(NumberFormat, LeavesOutUOfExactCounts) {
  const ValueAndU shown = format_value_u(11, 0);
  EXPECT_EQ(shown.value, "11");
  EXPECT_EQ(shown.u, "");
  EXPECT_EQ(format_plus_minus(11, 0), "11");
}

TEST(NumberFormat, SetsThinSpacesFromFiveDigitsOn) {
  EXPECT_EQ(format_number(8412, 0), "8412");
  EXPECT_EQ(format_number(40391, 0), "40\u2009391");
  EXPECT_EQ(format_number(1234567.25, 2), "1\u2009234\u2009567.25");
  EXPECT_EQ(format_number(-123456, 0), "\u2212123\u2009456");
}

TEST(NumberFormat, WritesMinusAsMinusAndNeverANegativeZero) {
  EXPECT_EQ(format_number(-0.412, 4), "\u22120.4120");
  EXPECT_EQ(format_number(-0.00001, 3), "0.000");
  EXPECT_EQ(format_number(-0.0, 0), "0");
}

TEST(NumberFormat, HasAnAsciiForm) {
  EXPECT_EQ(format_number(-40391.5, 1, NumberStyle::ascii), "-40391.5");
  EXPECT_EQ(format_plus_minus(-1.25, 0.11, NumberStyle::ascii), "-1.25 +- 0.11");
  EXPECT_EQ(format_percent(0.62, NumberStyle::ascii), "62 %");
}

TEST(NumberFormat, SaysWhatIsNotFinite) {
  EXPECT_EQ(format_number(std::nan(""), 2), "NaN");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::infinity(), 2), "\u2212\u221E");
  EXPECT_EQ(format_short(std::numeric_limits<double>::infinity()), "\u221E");
}

TEST(NumberFormat, WritesSettingsAndLimitsShort) {
  EXPECT_EQ(format_short(0.1 + 0.2), "0.3");
  EXPECT_EQ(format_short(9000), "9000");
  EXPECT_EQ(format_short(0.000125), "0.000125");
  EXPECT_EQ(format_short(1234567.0, 3), "1\u2009234\u2009567");
  EXPECT_EQ(format_depth(2), "2.0");
  EXPECT_EQ(format_depth(0.75), "0.75");
  EXPECT_EQ(format_setting(2.5, 9000, " at "), "2.5\u00A0mm at 9000/min");
  EXPECT_EQ(format_setting({}, {}), "");
}

TEST(NumberFormat, WritesAsymmetricIntervals) { EXPECT_EQ(format_interval(21.63, 19.41, 24.38), "21.6 (19.4 … 24.4)"); }

TEST(NumberFormat, WritesTimesInUtc) {
  EXPECT_EQ(format_utc(1'767'225'600'000'000'000), "2026-01-01 00:00:00 UTC");
  EXPECT_EQ(format_utc_time(1'767'225'600'000'000'000 + 3'723'999'000'000), "01:02:03");
  EXPECT_EQ(format_iso8601(-1'000'000), "1969-12-31T23:59:59.999Z");
}

TEST(Digest, KnowsTheVectorsOfTheStandard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FormatProbability, NeverSaysThatAnythingIsCertain) {
  EXPECT_EQ(format_probability(0.9772498681), "97.72\u00A0%");
  EXPECT_EQ(format_probability(0.5), "50.0\u00A0%");
  EXPECT_EQ(format_probability(0.0227501319), "2.28\u00A0%");
  EXPECT_EQ(format_probability(0.9999), "99.99\u00A0%");
  EXPECT_EQ(format_probability(0.999951), "> 99.99\u00A0%");
  EXPECT_EQ(format_probability(1), "> 99.99\u00A0%");
  EXPECT_EQ(format_probability(0), "< 0.01\u00A0%");
  for (const double none : {std::nan(""), -0.1, 1.1, static_cast<double>(INFINITY)})
    EXPECT_EQ(format_probability(none, NumberStyle::ascii), "NaN %");
}

}  // namespace
}  // namespace penrig
