#include "tools/penrig/requirement_table.hpp"

#include <gtest/gtest.h>

#include "tests/tools/sample_outcome.hpp"

namespace penrig::cli {
namespace {

std::string table(const TerminalStyle& style, const RunOutcome& outcome) {
  std::string text;
  for (const Line& line : requirement_table(style, outcome)) text += render(style, line);
  return text;
}

TEST(RequirementTable, LetsTheWorstDecisionStandForARequirement) {
  const std::vector<RequirementSummary> all = summarise(failing_outcome().decisions);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].id, "D1");
  EXPECT_EQ(all[0].nearest, 0U);
  EXPECT_EQ(all[0].decisions.size(), 2U);
}

TEST(RequirementTable, LeavesOutNothingThatDidNotPass) {
  RunOutcome o;
  for (int i = 0; i < 12; ++i) {
    decide_sample(o, measured("stroke_rate", "1/min", {}, {}, i, 0.5), "X" + std::to_string(i), "x", Verdict::fail, 1.2,
                  "≤ 1", std::nullopt, 1);
  }
  const std::string text = table({}, o);
  for (int i = 0; i < 12; ++i) EXPECT_NE(text.find("  X" + std::to_string(i) + " "), std::string::npos) << text;
}

TEST(RequirementTable, CountsTheRequirementsThatItLeavesOut) {
  RunOutcome o;
  for (int i = 0; i < 13; ++i) {
    decide_sample(o, measured("stroke_rate", "1/min", {}, {}, i, 0.5), "X" + std::to_string(i), "x", Verdict::pass,
                  0.01 * i, "≤ 99", std::nullopt, 99);
  }
  const std::string text = table({}, o);
  EXPECT_NE(text.find("and 7 more requirements, all PASS"), std::string::npos) << text;
  EXPECT_NE(text.find("X12"), std::string::npos) << "the one nearest its limit is shown";
  EXPECT_NE(text.find("X0 "), std::string::npos) << "what the product names first is shown, however far from its limit";
  EXPECT_EQ(text.find("X2 "), std::string::npos) << "another one far from its limit is not";
}

TEST(RequirementTable, NeverSaysPassOfACapture) {
  RunOutcome o = failing_outcome();
  for (int i = 0; i < 13; ++i) {
    decide_sample(o, measured("stroke_rate", "1/min", {}, {}, i, 0.5), "X" + std::to_string(i), "x", Verdict::pass,
                  0.01 * i, "≤ 99", std::nullopt, 99);
  }
  std::string text;
  for (const Line& line : requirement_table({}, o, 6, VerdictWords::of_capture)) text += render({}, line);
  for (const char* word : {"PASS", "FAIL", "INDET", "verdict"}) EXPECT_EQ(text.find(word), std::string::npos) << text;
  EXPECT_NE(text.find("✗ 1 outside  ◇ 1 undecided"), std::string::npos) << text;
  EXPECT_NE(text.find("✓ inside"), std::string::npos) << text;
  EXPECT_NE(text.find("more requirements, all inside"), std::string::npos) << text;
}

TEST(RequirementTable, AlignsDecimalPoints) {
  const std::string text = table({}, passing_outcome());
  std::size_t point = 0;
  for (const char* number : {"2.5254", "8962.25", "23.4", "371.4", "0.0030"}) {
    const std::size_t at = text.find(number);
    ASSERT_NE(at, std::string::npos) << number;
    const std::size_t line = text.rfind('\n', at) + 1;
    const std::size_t column = width(text.substr(line, text.find('.', at) - line));
    if (point == 0) point = column;
    EXPECT_EQ(column, point) << number;
  }
}

TEST(RequirementTable, DropsUsedThenLimitInNarrowTerminals) {
  const RunOutcome o = passing_outcome();
  const std::string wide = table({}, o), narrow = table({.columns = 100}, o), narrower = table({.columns = 84}, o);
  EXPECT_NE(wide.find("used"), std::string::npos);
  EXPECT_EQ(narrow.find("used"), std::string::npos);
  EXPECT_NE(narrow.find("limit  "), std::string::npos) << narrow;
  EXPECT_EQ(narrower.find("2.5 ± 0.150"), std::string::npos) << narrower;
}

TEST(RequirementTable, KeepsLimitAndUsedWhereALimitIsVeryWide) {
  RunOutcome o = passing_outcome();
  o.decisions[3].upper = 1e308;
  o.decisions[3].limit_text = "≤ 1" + std::string(308, '0') + ".000";
  o.decisions[6].lower = -1e14;
  o.decisions[6].upper = 1e14;
  o.decisions[6].limit_text = "−100\u2009000\u2009000\u2009000\u2009000 … 100\u2009000\u2009000\u2009000\u2009000";
  o.decisions[2].lower = o.decisions[2].upper = std::nullopt;
  o.decisions[2].limit_text = "2.4.1 or 2.4.2 or 2.4.3 or 2.4.4 or 2.4.5 or 2.4.6";
  const std::string text = table({}, o);
  for (const char* part :
       {"used", " limit ", "≤ 1e+308 ", "−1e+14 … 1e+14 ", "2.5 ± 0.150 ", "2.4.1 or 2.4.2 or 2", "…"})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
  EXPECT_EQ(text.find("2.4.6"), std::string::npos) << text;
}

TEST(RequirementTable, ShowsWhatWasMeasuredBesideWhatWasNot) {
  RunOutcome o = failing_outcome();
  Measurement none;
  none.measurand = "penetration_ti";
  none.unit = "mm";
  o.measurements.push_back(none);
  Decision lost = o.decisions[0];
  lost.measurement = o.measurements.size() - 1;
  lost.verdict = Verdict::error;
  o.decisions.push_back(lost);
  const std::string text = table({}, o);
  const std::string row = text.substr(text.find("  D1 "), text.find('\n', text.find("  D1 ")) - text.find("  D1 "));
  EXPECT_NE(row.find("2.6098"), std::string::npos) << row;
  EXPECT_EQ(row.find("whole run"), std::string::npos) << row;
  EXPECT_NE(row.find("1 ERROR"), std::string::npos) << row;
}

TEST(RequirementTable, IsEmptyWithoutDecisions) { EXPECT_TRUE(requirement_table({}, RunOutcome{}).empty()); }

}  // namespace
}  // namespace penrig::cli
