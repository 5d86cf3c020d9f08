#include <gmock/gmock.h>

#include "rig/spec/civil_date.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/settings_grid.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

std::string first_message(const YamlText& yaml) {
  const auto mistakes = yaml.mistakes();
  return mistakes.empty() ? "" : mistakes.front().message;
}

TEST(YamlMapping, ReadsTypedValues) {
  YamlText yaml("a_mm: 1.5e-3\nb: 7\nc: [1, -2, +3]\nd: yes please\ne: true\nf: {g: x}\nh: 2\n", "f");
  YamlMapping root = yaml.root();
  EXPECT_EQ(root.number("a_mm"), 1.5e-3);
  EXPECT_EQ(root.count("b", 0, 10), 7U);
  EXPECT_THAT(root.numbers("c"), ElementsAre(1, -2, 3));
  EXPECT_EQ(root.text("d"), "yes please");
  EXPECT_TRUE(root.flag_or("e", false));
  YamlMapping f = root.mapping("f");
  EXPECT_EQ(f.text("g"), "x");
  f.done();
  EXPECT_THAT(root.numbers("h"), ElementsAre(2));
  root.done();
  EXPECT_THAT(yaml.mistakes(), IsEmpty());
}

TEST(YamlMapping, ReportsEveryMistakeInTheOrderOfTheText) {
  YamlText yaml("z: 1\ny: x\nx_s: 3 h\n", "f");
  YamlMapping root = yaml.root();
  root.number("x_s");
  root.number("y");
  root.done();
  const auto mistakes = yaml.mistakes();
  ASSERT_EQ(mistakes.size(), 3U);
  EXPECT_EQ(mistakes[0].line, 1);
  EXPECT_EQ(mistakes[1].line, 2);
  EXPECT_EQ(mistakes[2].message, "a number was expected, in s (the key says so), not '3 h' (write: x_s: 10800)");
}

TEST(YamlMapping, GivesNoAdviceThatIsRefusedAsWell) {
  YamlText yaml("strokes: 99999999999999999999\nseed: 1e16\nquoted: '1e20'\n", "f");
  YamlMapping root = yaml.root();
  root.count("strokes", 1, 100'000);
  root.whole("seed", 0, INT64_MAX);
  root.count("quoted", 1, 9);
  const auto mistakes = yaml.mistakes();
  ASSERT_EQ(mistakes.size(), 3U);
  EXPECT_EQ(mistakes[0].message, "'strokes' must be from 1 to 100000, not 1e+20");
  EXPECT_EQ(mistakes[1].message, "'seed' must be from 0 to 9000000000000000, not 1e+16");
  EXPECT_EQ(mistakes[2].message, "a whole number was expected, not '1e20'");
}

TEST(YamlMapping, DoesNotCallAMisspeltKeyMissingAsWell) {
  YamlText yaml("strkoes: 1\n", "f");
  YamlMapping root = yaml.root();
  root.count("strokes", 1, 9);
  root.done();
  ASSERT_EQ(yaml.mistakes().size(), 1U);
  EXPECT_EQ(first_message(yaml), "unknown key 'strkoes' (did you mean 'strokes'?)");
}

TEST(YamlMapping, SaysWhichUnitAKeyTakes) {
  YamlText yaml("depth_um: 1\n", "f");
  YamlMapping root = yaml.root();
  root.number("depth_mm");
  root.done();
  ASSERT_EQ(yaml.mistakes().size(), 1U);
  EXPECT_EQ(first_message(yaml), "unknown key 'depth_um' (this takes mm: write depth_mm)");
}

TEST(YamlMapping, SaysThatTheUnitBelongsToTheKey) {
  YamlText yaml("timeout: 1\n", "f");
  YamlMapping root = yaml.root();
  root.number_or("timeout_s", 1);
  root.done();
  EXPECT_EQ(first_message(yaml), "unknown key 'timeout' (the unit belongs to the key: write timeout_s)");
}

class NoNumber : public ::testing::TestWithParam<std::string> {};

TEST_P(NoNumber, IsRefused) {
  YamlText yaml("a: " + GetParam() + "\n", "f");
  YamlMapping root = yaml.root();
  EXPECT_EQ(root.number("a"), 0);
  EXPECT_EQ(yaml.mistakes().size(), 1U) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Texts, NoNumber,
                         ::testing::Values(".nan", ".inf", "-.inf", "nan", "inf", "1e999", "0x10", "1_000", "--1",
                                           "+-1", "'1'", "1 mm", "1,5", "one", "[1]", "{b: 1}", "", "~", "1e", "e1",
                                           "."));

TEST(YamlMapping, RefusesAFractionWhereACountIsMeant) {
  YamlText yaml("a: 1.5\nb: 1e30\nc: -1\n", "f");
  YamlMapping root = yaml.root();
  root.count("a", 0, 9);
  root.count("b", 0, 9);
  root.count("c", 0, 9);
  const auto mistakes = yaml.mistakes();
  ASSERT_EQ(mistakes.size(), 3U);
  EXPECT_EQ(mistakes[0].message, "a whole number was expected, not '1.5'");
  EXPECT_EQ(mistakes[2].message, "'c' must be from 0 to 9, not -1");
}

TEST(YamlMapping, ThatIsNotThereGivesDefaultsAndOneMistake) {
  YamlText yaml("a: 1\n", "f");
  YamlMapping root = yaml.root();
  root.number("a");
  YamlMapping b = root.mapping("b");
  EXPECT_FALSE(b.present());
  EXPECT_EQ(b.number_or("c", 4), 4);
  b.number("d");
  b.done();
  root.done();
  ASSERT_EQ(yaml.mistakes().size(), 1U);
  EXPECT_THAT(first_message(yaml), HasSubstr("missing key 'b'"));
}

TEST(YamlMapping, ThatLacksAKeyIsShownByItsFirst) {
  YamlText yaml("# a plan\n\nname: a\nphase: {b_mm: 1}\n", "f");
  YamlMapping root = yaml.root();
  root.text("name");
  YamlMapping phase = root.mapping("phase");
  phase.number("b_mm");
  phase.number("c_mm");
  phase.done();
  root.number("d_mm");
  root.done();
  const auto mistakes = yaml.mistakes();
  ASSERT_EQ(mistakes.size(), 2U);
  EXPECT_EQ(render(mistakes[0], false),
            "f:3:1: missing key 'd_mm' (a number, in mm)\n     3 | name: a\n       | ^~~~\n");
  EXPECT_EQ(mistakes[1].line, 4);
  YamlText empty("{}\n", "f");
  YamlMapping nothing = empty.root();
  nothing.text("name");
  nothing.done();
  EXPECT_EQ(empty.mistakes().front().line, 1);
}

TEST(YamlText, IsRefusedWhenNestedTooDeeply) {
  YamlText yaml("a: " + std::string(1000, '[') + std::string(1000, ']') + "\n", "f");
  EXPECT_FALSE(yaml.root().present());
  EXPECT_EQ(yaml.mistakes().size(), 1U);
}

TEST(YamlText, IsRefusedWhenTooLarge) {
  YamlText yaml("a: " + std::string(2'000'000, 'x') + "\n", "f");
  EXPECT_FALSE(yaml.root().present());
  EXPECT_THAT(first_message(yaml), HasSubstr("2000004 bytes"));
}

TEST(YamlText, MayBeginWithAByteOrderMarkAndEndLinesAsWindowsDoes) {
  YamlText yaml("\xef\xbb\xbfname: a\r\nb: c\r\n", "f");
  YamlMapping root = yaml.root();
  EXPECT_EQ(root.text("name"), "a");
  root.done();
  const auto mistakes = yaml.mistakes();
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes[0].line, 2);
  EXPECT_EQ(mistakes[0].column, 1);
  EXPECT_EQ(mistakes[0].source_line, "b: c");
}

TEST(YamlText, PrintsNothingItself) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  YamlText yaml("a: [1, 2\nb: }\n", "f");
  EXPECT_EQ(::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(yaml.mistakes().empty());
}

TEST(KeyUnit, IsTheLongestSuffixThatIsAUnit) {
  EXPECT_EQ(unit_of_key("depth_mm").unit, "mm");
  EXPECT_EQ(unit_of_key("speed_mm_per_s").unit, "mm/s");
  EXPECT_EQ(unit_of_key("rate_from_per_min").unit, "1/min");
  EXPECT_EQ(unit_of_key("jitter_us").unit, "µs");
  EXPECT_EQ(unit_of_key("strokes").unit, "");
  EXPECT_EQ(unit_of_key("min").unit, "");
  EXPECT_EQ(stem_of_key("speed_mm_per_s"), "speed");
}

TEST(KeyUnit, ConvertsWhatIsOfItsDimension) {
  EXPECT_THAT(converted_to_key_unit("500 ms", "timeout_s"), Optional(0.5));
  EXPECT_THAT(converted_to_key_unit("500ms", "timeout_s"), Optional(0.5));
  EXPECT_THAT(converted_to_key_unit("0.15 mm", "tolerance_um"), Optional(150.0));
  EXPECT_THAT(converted_to_key_unit("150 Hz", "rate_per_min"), Optional(9000.0));
  EXPECT_THAT(converted_to_key_unit("9000 rpm", "rate_per_min"), Optional(9000.0));
  EXPECT_THAT(converted_to_key_unit("100 µs", "jitter_ms"), Optional(0.1));
  EXPECT_THAT(converted_to_key_unit("50 kHz", "sample_rate_hz"), Optional(50000.0));
  EXPECT_EQ(converted_to_key_unit("500 ms", "depth_mm"), std::nullopt);
  EXPECT_EQ(converted_to_key_unit("500", "timeout_s"), std::nullopt);
  EXPECT_EQ(converted_to_key_unit("ms", "timeout_s"), std::nullopt);
}

TEST(NumberText, ReadsBackAsTheSameNumber) {
  for (const double value : {0.1, 1.0 / 3, 1e-300, 6000.0, -2.75, 1e22}) {
    EXPECT_THAT(parse_number(number_text(value)), Optional(value));
  }
  EXPECT_EQ(number_text(9000), "9000");
}

TEST(DidYouMean, FindsTheNearWordAndNoFarOne) {
  const std::vector<std::string_view> known{"min_strokes", "strokes", "settle_strokes"};
  EXPECT_THAT(did_you_mean("min_stroke", known), Optional(std::string_view("min_strokes")));
  EXPECT_THAT(did_you_mean("stroeks", known), Optional(std::string_view("strokes")));
  EXPECT_EQ(did_you_mean("voltage", known), std::nullopt);
  EXPECT_EQ(did_you_mean("", known), std::nullopt);
}

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("ab", "ba"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(SettingsGrid, HoldsDecimalStepsInSpiteOfBinaryFractions) {
  Product pen;
  pen.depth_from_mm = 0.1;
  pen.depth_to_mm = 2.5;
  pen.depth_step_mm = 0.1;
  for (int i = 1; i <= 25; ++i) EXPECT_TRUE(is_depth_setting(pen, i * 0.1)) << i;
  EXPECT_FALSE(is_depth_setting(pen, 0.15));
  EXPECT_FALSE(is_depth_setting(pen, 2.6));
  EXPECT_FALSE(is_depth_setting(pen, 0.0));
}

TEST(CivilDate, KnowsTheCalendar) {
  EXPECT_EQ(parse_date("1970-01-01")->days, 0);
  EXPECT_EQ(parse_date("2026-01-01")->days, 20454);
  EXPECT_TRUE(parse_date("2028-02-29"));
  EXPECT_FALSE(parse_date("2027-02-29"));
  EXPECT_FALSE(parse_date("2026-13-01"));
  EXPECT_FALSE(parse_date("2026-1-1"));
  EXPECT_FALSE(parse_date("01.01.2026"));
}

// 40 000 numbers in one line took six seconds: each was counted from the line's start.
TEST(TextLines, CountsALineOnceForAllThatStandsInIt) {
  std::string text = "first\n";
  std::vector<std::size_t> places;
  for (int i = 0; i < 1000; ++i) {
    places.push_back(text.size());
    text += "µ, ";
  }
  const TextLines lines(text);
  for (std::size_t i = 0; i < places.size(); ++i)
    EXPECT_EQ(lines.place(places[i], places[i] + 2).column, 1 + 3 * static_cast<int>(i));
  EXPECT_LE(lines.bytes_counted(), text.size());
}

TEST(TextLines, FindsTheSamePlaceInWhateverOrderItIsAsked) {
  const std::string text = "aµ\xff±\nb€\r\n\xb5z";
  const TextLines asked(text);
  for (std::size_t step : {1U, 5U, 7U, 11U}) {
    for (std::size_t i = 0, at = 0; i <= text.size(); ++i, at = (at + step) % (text.size() + 1)) {
      const TextPlace found = asked.place(at, at + 1), alone = TextLines(text).place(at, at + 1);
      EXPECT_EQ(found.line, alone.line) << at;
      EXPECT_EQ(found.column, alone.column) << at;
    }
  }
}

// Each of 40 000 mistakes in one line had the whole line with it, and 240 characters of it are shown.
TEST(Mistake, KeepsOfALongLineWhatIsShown) {
  std::string list = "a: [x";
  for (int i = 0; i < 1000; ++i) list += ",µ";
  YamlText yaml(list + "]\n", "f");
  yaml.root().numbers("a");
  const auto mistakes = yaml.mistakes();
  ASSERT_EQ(mistakes.size(), 1001U);
  EXPECT_EQ(utf8_count(mistakes.back().source_line), kLongestLineShown + 1);
  EXPECT_THAT(render(mistakes.front(), false), HasSubstr("µ,…\n"));
}

TEST(YamlNode, FindsTheFirstOfAKeyThatIsGivenTwice) {
  const YamlTree tree = parse_yaml("a: 1\nb: 2\na: 3\n", "f");
  ASSERT_NE(tree.root.find("a"), nullptr);
  EXPECT_EQ(tree.root.find("a")->text, "1");
  EXPECT_EQ(tree.root.find("c"), nullptr);
}

TEST(Utf8, RefusesOverlongSurrogateAndCutSequences) {
  EXPECT_EQ(utf8_length("µ"), 2U);
  EXPECT_EQ(utf8_length("\xc0\x80"), 0U);
  EXPECT_EQ(utf8_length("\xed\xa0\x80"), 0U);
  EXPECT_EQ(utf8_length("\xe2\x82"), 0U);
  EXPECT_EQ(utf8_length("\xf4\x90\x80\x80"), 0U);
  EXPECT_EQ(utf8_count("µm ±"), 4U);
}

}  // namespace
}  // namespace penrig
