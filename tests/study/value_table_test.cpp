#include "reports/study/value_table.hpp"

#include <array>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/study/gage_table.hpp"

namespace penrig {
namespace {

constexpr std::array<std::string_view, 2> kUsual{"y", "value"};

TEST(ValueTable, ReadsNumbersTextsAndGaps) {
  const auto t = read_value_table("# a study\nPart, Value\r\n1, 2.5\n\n\"two, b\", NaN\n3,\n", "f.csv");
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t.value.rows(), 3U);
  std::vector<Mistake> mistakes;
  const auto value = t.value.column("", kUsual, "--value", mistakes);
  ASSERT_TRUE(value);
  EXPECT_EQ(t.value.number(0, *value, mistakes), 2.5);
  EXPECT_FALSE(t.value.number(1, *value, mistakes));
  EXPECT_FALSE(t.value.number(2, *value, mistakes));
  EXPECT_EQ(t.value.text(1, 0), "two, b");
  EXPECT_TRUE(mistakes.empty());
}

TEST(ValueTable, ReadsDecimalCommasBesideSemicolons) {
  const auto t = read_value_table("part;y\na;1,25\nb;-2\nc;1e3\nd;1.5\n", "f.csv");
  std::vector<Mistake> mistakes;
  EXPECT_EQ(t.value.number(0, 1, mistakes), 1.25);
  EXPECT_EQ(t.value.number(1, 1, mistakes), -2);
  EXPECT_EQ(t.value.number(2, 1, mistakes), 1000);
  EXPECT_EQ(t.value.number(3, 1, mistakes), 1.5);
  EXPECT_TRUE(mistakes.empty());
}

TEST(ValueTable, ShowsWhereAMistakeStands) {
  const auto t = read_value_table("part,y\na,1\nb,  12x\n", "f.csv");
  std::vector<Mistake> mistakes;
  EXPECT_FALSE(t.value.number(1, 1, mistakes));
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(render(mistakes[0], false), "f.csv:3:5: '12x' is no number\n     3 | b,  12x\n       |     ^~~\n");
}

TEST(ValueTable, RefusesWhatIsNoTable) {
  EXPECT_FALSE(read_value_table("", "f").ok());
  EXPECT_FALSE(read_value_table("a,b\n", "f").ok());
  EXPECT_FALSE(read_value_table("a,A\n1,2\n", "f").ok());
  const auto uneven = read_value_table("a,b\n1,2\n1\n", "f.csv");
  ASSERT_FALSE(uneven.ok());
  EXPECT_EQ(uneven.mistakes[0].line, 3);
}

TEST(ValueTable, NamesTheColumnThatWasMeant) {
  const auto t = read_value_table("part,depht\n1,2\n", "f.csv");
  std::vector<Mistake> mistakes;
  EXPECT_FALSE(t.value.column("depth", {}, "--value", mistakes));
  EXPECT_EQ(mistakes[0].message, "f.csv has no column 'depth' (did you mean 'depht'?)");
  EXPECT_FALSE(t.value.column("", kUsual, "--value", mistakes));
  EXPECT_FALSE(t.value.optional_column("", kUsual, "--value", mistakes));
  EXPECT_EQ(mistakes.size(), 2U);
}

TEST(GageTable, FindsTheUsualColumnsAndRefusesHoles) {
  const auto good = read_value_table("part,operator,trial,y\n1,A,1,2\n1,B,1,3\n", "f.csv");
  EXPECT_EQ(gage_readings(good.value, {}).value.size(), 2U);
  const auto hole = read_value_table("part,operator,trial,y\n1,A,1,2\n1,B,1,\n", "f.csv");
  const auto refused = gage_readings(hole.value, {});
  ASSERT_FALSE(refused.ok());
  const Mistake& m = refused.mistakes[0];
  EXPECT_EQ(fmt::format("{}:{}:{}", m.file, m.line, m.column), "f.csv:3:7");
  EXPECT_NE(m.message.find("no value stands here"), std::string::npos);
}

TEST(GageTable, OfATypeOneStudyRefusesHolesToo) {
  EXPECT_EQ(plain_readings(read_value_table("y\n1\n2\n", "f.csv").value, "").value.size(), 2U);
  for (const char* hole : {"nan", "inf", "-"}) {
    const auto refused = plain_readings(read_value_table(fmt::format("n,y\n1,1.5\n2,{}\n", hole), "f.csv").value, "");
    ASSERT_FALSE(refused.ok()) << hole;
    const Mistake& m = refused.mistakes[0];
    EXPECT_EQ(fmt::format("{}:{}:{}", m.file, m.line, m.column), "f.csv:3:3");
  }
}

}  // namespace
}  // namespace penrig
