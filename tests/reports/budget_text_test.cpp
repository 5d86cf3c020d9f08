#include "reports/store/budget_text.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "rig/base/result.hpp"

namespace penrig::rows {
namespace {

BudgetLine line(const std::string& source, double u) {
  BudgetLine l;
  l.source = source;
  l.distribution = "normal";
  l.u = u;
  l.unit = "mm";
  l.value = 1.0 / 3;
  l.cause = source;
  return l;
}

std::string text_of_lines(const std::vector<BudgetLine>& lines) {
  std::vector<const BudgetLine*> all;
  for (const BudgetLine& l : lines) all.push_back(&l);
  return lines_json(all);
}

TEST(BudgetReader, GivesBackLinesThatItReadBeforeAndThoseThatItDidNot) {
  // Brackets and escapes in texts, and lines that differ in the last bit, or in a sign, alone.
  const std::vector<std::vector<BudgetLine>> budgets{
      {line("tare", 0.1), line("scale [1]", 0.2)},
      {},
      {line("tare", 0.1), line("tare", std::nextafter(0.1, 1)), line("scale [1]", 0.2), line("a \"b\"]", -0.0)},
      {line("scale [1]", 0.2), line("tare", -0.1), line("tare", std::numeric_limits<double>::infinity())},
      {line("tare", 0.1), line("tare", 0.1)}};
  BudgetReader reader;
  for (int round = 0; round < 2; ++round) {
    for (const auto& budget : budgets) {
      const std::string text = text_of_lines(budget);
      const std::vector<BudgetLine> read = reader.read(text);
      EXPECT_EQ(text_of_lines(read), text);
      ASSERT_EQ(read.size(), budget.size());
      for (std::size_t i = 0; i < read.size(); ++i)
        EXPECT_EQ(std::bit_cast<std::uint64_t>(read[i].u), std::bit_cast<std::uint64_t>(budget[i].u));
    }
  }
}

TEST(BudgetReader, RefusesWhatIsDamagedAroundALineThatItKnows) {
  BudgetReader reader;
  const std::string text = text_of_lines({line("tare", 0.1)});
  ASSERT_EQ(reader.read(text).size(), 1U);
  const std::string known = text.substr(1, text.size() - 2);
  for (const std::string& damaged : {"[" + known, "[" + known + known + "]", "[" + known + ",]", known + "]",
                                     "[" + known + "] ]", "[" + known.substr(1) + "]", "[," + known + "]"}) {
    EXPECT_THROW(reader.read(damaged), nlohmann::json::exception) << damaged;
  }
}

}  // namespace
}  // namespace penrig::rows
