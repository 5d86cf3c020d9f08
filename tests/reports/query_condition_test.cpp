#include <gtest/gtest.h>

#include "reports/query/condition_sql.hpp"

namespace penrig {
namespace {

Condition condition_of(std::string_view text) {
  const Loaded<Condition> loaded = parse_condition(text, "--where");
  EXPECT_TRUE(loaded.ok()) << text << "\n" << (loaded.ok() ? "" : render(loaded.mistakes[0], false));
  return loaded.value;
}

/// The mistake as a person sees it.
std::string mistake_of(std::string_view text) {
  const Loaded<Condition> loaded = parse_condition(text, "--where");
  EXPECT_EQ(loaded.mistakes.size(), 1U) << text;
  return loaded.ok() ? "" : render(loaded.mistakes[0], false);
}

TEST(QueryCondition, IsOneMeasurandAgainstANumberInItsOwnUnit) {
  const Condition c = condition_of("penetration_error>0.05");
  ASSERT_EQ(c.kind, Condition::Kind::comparison);
  EXPECT_EQ(c.comparison.measurand->id, "penetration_error");
  EXPECT_EQ(c.comparison.sign, ValueCondition::Sign::greater);
  EXPECT_EQ(c.comparison.value, 0.05);
}

TEST(QueryCondition, TakesUnitsAndConvertsThem) {
  EXPECT_EQ(condition_of("penetration_error > 50 µm").comparison.value, 0.05);
  EXPECT_EQ(condition_of("penetration_error > 50um").comparison.value, 0.05);
  EXPECT_EQ(condition_of("stroke_rate >= 150 1/s").comparison.value, 9000);
  EXPECT_EQ(condition_of("peak_force < 1.5e3 mN").comparison.value, 1.5);
  EXPECT_EQ(condition_of("missed_strokes = 0").comparison.value, 0);
  EXPECT_EQ(condition_of("penetration_error < -1e-2mm").comparison.value, -0.01);
}

TEST(QueryCondition, BindsNotBeforeAndBeforeOr) {
  const Condition c = condition_of("not penetration > 1 and peak_force > 2 or dwell < 3");
  ASSERT_EQ(c.kind, Condition::Kind::any);
  ASSERT_EQ(c.parts.size(), 2U);
  ASSERT_EQ(c.parts[0].kind, Condition::Kind::all);
  EXPECT_EQ(c.parts[0].parts[0].kind, Condition::Kind::none);
  EXPECT_EQ(c.parts[1].comparison.measurand->id, "dwell");
  const Condition bracketed = condition_of("penetration > 1 mm and (peak_force > 2 or dwell < 3)");
  ASSERT_EQ(bracketed.kind, Condition::Kind::all);
  EXPECT_EQ(bracketed.parts[1].kind, Condition::Kind::any);
}

TEST(QueryCondition, ComparesTextsAsTexts) {
  const Condition c = condition_of("firmware != '2.4.1'");
  EXPECT_EQ(c.comparison.text, "2.4.1");
  EXPECT_EQ(sql_of(c).values.size(), 2U);
}

TEST(QueryCondition, ShowsItsMistakesWhereTheyStand) {
  EXPECT_EQ(mistake_of("penetraton > 0.05"),
            "--where:1:1: unknown measurand 'penetraton' (did you mean 'penetration'?)\n"
            "     1 | penetraton > 0.05\n"
            "       | ^~~~~~~~~~\n");
  EXPECT_EQ(mistake_of("peak_force > 2 mm"),
            "--where:1:16: 'mm' is no unit of peak_force (write it in N, or without a unit)\n"
            "     1 | peak_force > 2 mm\n"
            "       |                ^~\n");
}

TEST(QueryCondition, RefusesWhatIsNoCondition) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "a measurand belongs here, and nothing stands there"},
      {"penetration", "one of < <= > >= = != belongs behind penetration"},
      {"penetration ! 1", "one of < <= > >= = != belongs behind penetration"},
      {"penetration > ", "a number belongs here, in mm"},
      {"penetration > deep", "a number belongs here, in mm"},
      {"penetration > 1e999", "a number belongs here, in mm"},
      {"penetration > 1 and", "a measurand belongs here, and nothing stands there"},
      {"penetration > 1 penetration > 2", "'penetration' is no unit of penetration"},
      {"penetration > 1 mm penetration > 2", "'penetration' cannot follow here"},
      {"(penetration > 1", "'(' without its ')'"},
      {"penetration > 1)", "')' without its '('"},
      {"firmware > '2'", "firmware is a text (compare it by = or !=)"},
      {"firmware = 2.4", "firmware is a text (write it in quotes: '2.4.1')"},
      {"firmware = '2.4", "the text has no end"},
      {"abs(firmware) = 1", "firmware is a text, and has no abs()"},
      {"missed_strokes = 0 mm", "'mm' is no unit of missed_strokes"},
      {"\xFF > 1", "a measurand belongs here, and '?' stands there"},
      {"1 < penetration", "a measurand belongs here, and '1' stands there"},
  };
  for (const auto& [text, message] : cases)
    EXPECT_NE(mistake_of(text).find(message), std::string::npos) << text << "\n" << mistake_of(text);
  EXPECT_NE(mistake_of(std::string(500, '(') + "dwell > 1").find("nested deeper"), std::string::npos);
  std::string many = "dwell > 1";
  for (int i = 0; i < 200; ++i) many += " or dwell > 1";
  EXPECT_NE(mistake_of(many).find("more than 100 comparisons"), std::string::npos);
}

TEST(QueryCondition, PutsNothingOfTheTextIntoTheSql) {
  EXPECT_EQ(sql_of(condition_of("firmware = '\"); DROP TABLE runs; --'")).sql.find("DROP"), std::string::npos);
}

}  // namespace
}  // namespace penrig
