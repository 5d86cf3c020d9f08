#include "reports/json_text.hpp"

#include <array>
#include <bit>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reports/json_plain_text.hpp"
#include "reports/store/json_scan.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Random bits as a double, or a short decimal, or a text of any bytes.
double some_number(Random& random) {
  constexpr std::array kEdges{0.0, -0.0, 1.0, -1.0, 1e15, 1e16, 1e21, 1e-5, 5e-324, 0.1, 100.0};
  if (random.bernoulli(0.1)) return kEdges[random.below(kEdges.size())];
  if (random.bernoulli(0.5)) return std::bit_cast<double>(random.bits());
  return static_cast<double>(static_cast<std::int64_t>(random.below(2'000'001)) - 1'000'000) / 1000;
}
std::string some_text(Random& random) {
  std::string text(random.below(12), ' ');
  const bool ascii = random.bernoulli(0.7);
  if (random.bernoulli(0.2)) return text + "\u00B5m/N \u2264 \U0001F512";
  for (char& c : text) c = static_cast<char>(ascii ? ' ' + random.below(95) : random.below(256));
  return text;
}

TEST(JsonText, WritesWhatTheLibraryWouldDump) {
  constexpr std::uint64_t kSeed = 20261126;
  Random random(kSeed, "json text");
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = some_text(random);
    const double value = some_number(random);
    const auto whole = static_cast<std::int64_t>(random.bits() >> random.below(64));
    JsonText out;
    out.open_object().key("name").text(name).key("values").open_array().stored_number(value).whole(whole).null();
    out.close_array().key("none").open_array().close_array().key("flag").flag(i % 2 == 0).close_object();
    const Json tree{{"name", name},
                    {"values", Json::array({sqlite::json_of(value), whole, nullptr})},
                    {"none", Json::array()},
                    {"flag", i % 2 == 0}};
    ASSERT_EQ(out.str(), dumped(tree)) << "seed " << kSeed << ", draw " << i;
  }
}

// Digits that were found lately are used again: whichever number came before in the same place.
TEST(JsonText, WritesANumberTheSameHoweverOften) {
  constexpr std::uint64_t kSeed = 20261126;
  Random random(kSeed, "numbers again");
  std::vector<double> numbers(300);
  for (double& n : numbers) n = some_number(random);
  for (int i = 0; i < 50'000; ++i) {
    const double value = random.bernoulli(0.5) ? numbers[random.below(numbers.size())] : some_number(random);
    JsonText out;
    out.stored_number(value);
    ASSERT_EQ(out.str(), dumped(sqlite::json_of(value))) << "seed " << kSeed << ", draw " << i;
  }
}

TEST(PlainText, EndsAtTheFirstByteThatIsNot) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'a');
      text[at] = c;
      ASSERT_EQ(plain_ascii(text), plain ? text.size() : at) << "byte " << byte;
      // A second one behind it changes nothing.
      text.back() = '"';
      ASSERT_EQ(plain_ascii(text), plain && at + 1 < text.size() ? text.size() - 1 : at) << "byte " << byte;
    }
  }
  EXPECT_EQ(plain_utf8("contact \u00B5m/N, and more\\"), std::string_view("contact \u00B5m/N, and more").size());
  EXPECT_EQ(plain_utf8("cut off \xC2"), 8U);
}

TEST(JsonText, SaysWhatIsNotFiniteInWords) {
  JsonText out;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  out.open_array().number(kInfinity).number(-kInfinity).number(std::numeric_limits<double>::quiet_NaN()).number(-0.0);
  EXPECT_EQ(out.close_array().str(), R"(["Infinity","-Infinity","NaN",-0.0])");
}

TEST(JsonScan, ReadsEveryDoubleThatIsWrittenBackToTheBit) {
  constexpr std::uint64_t kSeed = 20261126;
  Random random(kSeed, "json scan");
  for (int i = 0; i < 50'000; ++i) {
    const double value = some_number(random);
    if (!(value - value == 0)) continue;
    JsonText out;
    out.number(value);
    JsonScan scan(out.str());
    const auto read = scan.real();
    ASSERT_TRUE(read && scan.at_end()) << "seed " << kSeed << ", draw " << i << ": " << out.str();
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*read), std::bit_cast<std::uint64_t>(value)) << out.str();
  }
}

TEST(JsonScan, LeavesToTheLibraryWhatTheStoreDoesNotWrite) {
  for (const char* const text : {"\"a\\n\"", "\"\xC3\"", "\"open", "'a'", "", "\x01"}) {
    JsonScan scan(text);
    EXPECT_FALSE(scan.plain_text()) << text;
  }
  for (const char* const text : {"NaN", "true", "1.5.2", "1e", "--1", "", "99999999999999999999", "1e999", "0x10"}) {
    JsonScan scan(text);
    EXPECT_FALSE(scan.number().has_value() && scan.at_end()) << text;
  }
}

}  // namespace
}  // namespace penrig
