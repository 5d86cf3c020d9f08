#include <gtest/gtest.h>

#include "reports/station/gs1.hpp"

namespace penrig::station {
namespace {

TEST(Label, APlainOneIsASerialNumber) {
  for (const char* text : {"PRO-000123", "PRO-000123\r\n", "  PRO-000123 "}) {
    const auto label = read_label(text);
    ASSERT_TRUE(label) << text;
    EXPECT_EQ(label->serial_number, "PRO-000123");
    EXPECT_EQ(label->gtin, "");
  }
}

TEST(Label, AGs1UdiIsTakenApartHoweverItIsTyped) {
  for (const char* text :
       {"]d201095011010209171729123110B-4711\x1d"
        "21PRO-000123",
        "01095011010209171729123110B-4711\x1d"
        "21PRO-000123\n",
        "01095011010209171729123110B-4711<GS>21PRO-000123", "(01)09501101020917(17)291231(10)B-4711(21)PRO-000123",
        "01095011010209172"
        "1PRO-000123\x1d"
        "1729123110B-4711"}) {
    const auto label = read_label(text);
    ASSERT_TRUE(label) << text << ": " << label.error().message;
    EXPECT_EQ(label->serial_number, "PRO-000123") << text;
    EXPECT_EQ(label->gtin, "09501101020917") << text;
    EXPECT_EQ(label->lot, "B-4711") << text;
    EXPECT_EQ(label->expires, "291231") << text;
  }
}

TEST(Label, OneThatIsWrongSaysWhatWasReadAndWhy) {
  for (const auto& [text, why] : {std::pair{"", "nothing was read"},
                                  {"\nPRO-0001", "a character that no label has"},
                                  {"PRO\x1b-0001", "a character that no label has"},
                                  {"(21)PRO\x7f", "a character that no label has"},
                                  {"\r\n", "nothing was read"},
                                  {"(01)09501101020918(21)X", "check digit of GTIN 09501101020918 does not fit"},
                                  {"(01)09501101020917(10)B", "without a serial number (21)"},
                                  {"(01)0950110102091(21)X", "(01) has 13 characters, not 14"},
                                  {"(99)abc", "(99) is not known"},
                                  {"]d299abc", "begins with no identifier that is known"},
                                  {"]d20109501101", "(01) has too few characters"},
                                  {"(21)A(21)B", "(21) stands there twice"},
                                  {"(21)", "(21) has no value"},
                                  {"(11)29x231(21)A", "(11) '29x231' is not of digits"},
                                  {"(21)123456789012345678901", "(21) has too many characters"}}) {
    const auto label = read_label(text);
    ASSERT_FALSE(label) << text;
    EXPECT_EQ(label.error().code, Errc::usage);
    EXPECT_NE(label.error().message.find(why), std::string::npos) << text << ": " << label.error().message;
  }
  EXPECT_FALSE(read_label(std::string(201, 'A')));
}

}  // namespace
}  // namespace penrig::station
