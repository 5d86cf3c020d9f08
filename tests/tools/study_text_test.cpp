#include "tools/penrig/study_text.hpp"

#include <gtest/gtest.h>

#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

StudySummary comparison() {
  using enum StudyTable::Weight;
  StudyTable t;
  t.title = "Measurement by measurement";
  t.columns = {{"measurement", true, false},    {"unit", true, false, detail},  {"base", false, false},
               {"new", false, false},           {"95 %", false, false, detail}, {"picture", false, true},
               {"result", true, false, verdict}};
  t.rows = {{{"error of the reported rate, 2.5 mm, 9000/min, serial", "1/min", "0.1634", "0.2634", "0.0912 … 0.1088",
              "<svg/>", "✗ changed, matters"},
             Verdict::fail,
             false,
             0}};
  StudySummary s;
  s.lead = "1 changed and matters.";
  s.tables = {t};
  return s;
}

std::string text_of(std::size_t columns) {
  std::string text;
  const TerminalStyle style{.columns = columns};
  for (const Line& line : study_text(style, comparison())) text += render(style, line);
  return text;
}

TEST(StudyText, SaysWhatARowComesToOnEveryTerminal) {
  for (const std::size_t columns : {200U, 120U, 100U, 80U, 60U}) {
    const std::string text = text_of(columns);
    EXPECT_NE(text.find("✗ changed, matters"), std::string::npos) << columns << '\n' << text;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(width(line), columns) << line;
  }
}

TEST(StudyText, IsNoWiderThanTheNarrowestTerminal) {
  StudySummary s = comparison();
  s.tables[0].rows[0].cells.back() = "not compared: in mm in the base, in µm in the new runs";
  for (const std::size_t columns : {60U, 50U, 40U}) {
    const TerminalStyle style{.columns = columns};
    std::string text;
    for (const Line& line : study_text(style, s)) text += render(style, line);
    EXPECT_NE(text.find("  error of the"), std::string::npos) << text;
    EXPECT_NE(text.find("  not compared"), std::string::npos) << text;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(width(line), columns) << line;
  }
}

TEST(StudyText, LeavesOutDetailsBeforeWordsAndWordsBeforeNumbers) {
  EXPECT_NE(text_of(200).find("0.0912 … 0.1088"), std::string::npos);
  const std::string narrower = text_of(105);
  EXPECT_EQ(narrower.find("0.0912 … 0.1088"), std::string::npos) << narrower;
  EXPECT_NE(narrower.find("9000/min, serial"), std::string::npos) << narrower;
  const std::string narrow = text_of(80);
  EXPECT_EQ(narrow.find("9000/min, serial"), std::string::npos) << narrow;
  EXPECT_NE(narrow.find("0.2634"), std::string::npos) << narrow;
}

TEST(StudyText, HasNoHeadOverNothing) {
  StudySummary s = comparison();
  s.tables[0].rows.clear();
  s.tables[0].note = "5 the same.";
  std::string text;
  for (const Line& line : study_text({}, s)) text += render({}, line);
  EXPECT_EQ(text, "1 changed and matters.\n\nMeasurement by measurement\n  5 the same.\n\n");
}

}  // namespace
}  // namespace penrig::cli
