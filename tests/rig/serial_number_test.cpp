#include "rig/spec/serial_number.hpp"

#include <gtest/gtest.h>

namespace penrig {
namespace {

/// Characters that a pattern takes, and then one that it does not.
const std::string kStray = std::string(kLongestSerialNumber - 1, 'A') + "_";

std::string times(int n, const std::string& text) {
  std::string all;
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

// Each of them doubled its time with every character, and 32 never ended: this test would not end either.
TEST(SerialNumber, IsToldWithoutGoingBackWhateverThePattern) {
  for (const std::string& pattern : {std::string("([A-Z0-9]+-?)+"), std::string("(A|AA)*"), std::string("((A*)*)*"),
                                     times(100, "A*"), times(50, "A?") + times(50, "A+")}) {
    EXPECT_EQ(why_no_serial_pattern(pattern), "") << pattern;
    EXPECT_FALSE(fits_serial_pattern(kStray, pattern)) << pattern;
  }
  EXPECT_TRUE(fits_serial_pattern("AB-12-C", "([A-Z0-9]+-?)+"));
  EXPECT_FALSE(fits_serial_pattern("AB-12-C", "[A-Z0-9]+")) << "the whole of it";
}

TEST(SerialNumber, HasNoPatternThatMayTakeForEver) {
  EXPECT_NE(why_no_serial_pattern("(A+)-\\1").find("refers back to a group"), std::string::npos);
  const std::string nested = times(30, "(?=.*") + "_" + times(30, ")");
  EXPECT_NE(why_no_serial_pattern(nested).find("looks ahead behind its beginning"), std::string::npos);
  EXPECT_FALSE(fits_serial_pattern(kStray, nested));
  EXPECT_NE(why_no_serial_pattern("(?=").find("is no regular expression"), std::string::npos);
}

TEST(SerialNumber, MayBeToldByALookAheadAtTheBeginning) {
  for (const char* pattern : {"(?!PRO-0000)PRO-[0-9]{4}", "^(?!PRO-0000)PRO-[0-9]{4}"}) {
    EXPECT_EQ(why_no_serial_pattern(pattern), "");
    EXPECT_TRUE(fits_serial_pattern("PRO-0001", pattern));
    EXPECT_FALSE(fits_serial_pattern("PRO-0000", pattern));
  }
}

TEST(SerialNumber, MayBeToldBySeveralLookAheadsAtTheBeginning) {
  const std::string pattern = "^(?=.*[A-Z])(?=.*([0-9]|[)\\](?=]))[A-Z0-9-]+$";
  EXPECT_EQ(why_no_serial_pattern(pattern), "");
  EXPECT_TRUE(fits_serial_pattern("AB-12", pattern));
  EXPECT_FALSE(fits_serial_pattern("AB-CD", pattern));
  EXPECT_FALSE(fits_serial_pattern("12-34", pattern));
  for (const char* nested : {"(?=.*(?=.*_))A", "(?=A)(?=\\)(?=A))A", "(?=\\c)(?=A))A", "(?=[)](?=A))A", "(?=A)A(?!A)"})
    EXPECT_NE(why_no_serial_pattern(nested).find("looks ahead behind its beginning"), std::string::npos) << nested;
}

// As many as a pattern has room for, with whatever in them: each reads the serial number once.
TEST(SerialNumber, IsToldSoonByManyLookAheadsAtTheBeginning) {
  for (const std::string& pattern : {times(27, "(?=.*_)") + "A+", times(18, "(?=(A*)*_)") + "A+",
                                     times(13, "(?=(A?){99}_)") + "A+", times(11, "(?=.*A*A*A*A*A*_)") + "A+"}) {
    EXPECT_EQ(why_no_serial_pattern(pattern), "") << pattern;
    EXPECT_FALSE(fits_serial_pattern(kStray, pattern)) << pattern;
  }
}

TEST(SerialNumber, HasNoLookAheadInAClassOrBehindABackslash) {
  for (const char* pattern : {"D[(?=]1", "D[[:digit:]](|_)[\\](?=]1", "D\\(?=?1", "D[^(?!]?1"}) {
    EXPECT_EQ(why_no_serial_pattern(pattern), "") << pattern;
  }
  EXPECT_TRUE(fits_serial_pattern("D(1", "D[(?=]1"));
  EXPECT_TRUE(fits_serial_pattern("D(=1", "D\\(?=1"));
  EXPECT_NE(why_no_serial_pattern("D[[:digit:]](?=1)1").find("looks ahead"), std::string::npos) << "behind a class";
  EXPECT_NE(why_no_serial_pattern("D[\\]](?=1)1").find("looks ahead"), std::string::npos) << "behind a class";
}

TEST(SerialNumber, ThatIsTooLongIsRefusedForItsLength) {
  EXPECT_EQ(why_no_serial_number(std::string(64, 'D'), "D*"), "");
  EXPECT_EQ(why_no_serial_number(std::string(65, 'D'), "D*"), "it has 65 bytes, and they have 64 at most");
  EXPECT_EQ(why_no_serial_number("E", "D*"), "they look like D*");
}

}  // namespace
}  // namespace penrig
