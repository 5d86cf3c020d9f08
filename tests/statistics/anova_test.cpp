#include "reports/statistics/anova.hpp"

#include <gtest/gtest.h>

#include "tests/statistics/published.hpp"

namespace penrig::statistics {
namespace {

using testing::digits;
using testing::published;

OneWay nist(const std::string& name) {
  std::map<std::string, std::vector<double>> groups;
  for (const auto& row : published(name)) groups[row.at(0)].push_back(std::strtod(row.at(1).c_str(), nullptr));
  std::vector<std::vector<double>> all;
  for (const auto& [_, values] : groups) all.push_back(values);
  return one_way(all);
}

TEST(OneWay, HasTheCertifiedDigitsOfNist) {
  EXPECT_GE(digits(nist("SiRstv").between.f, 1.18046237440255), 12.5);
  EXPECT_GE(digits(nist("SmLs01").between.f, 21), 14);
  EXPECT_GE(digits(nist("SmLs04").between.f, 21), 10);
  for (const char* name : {"SiRstv", "SmLs01", "SmLs04"}) {
    const double certified = name[1] == 'i' ? 1.18046237440255 : 21;
    RecordProperty(name, std::to_string(digits(nist(name).between.f, certified)));
    std::printf("%s: F to %.1f digits\n", name, digits(nist(name).between.f, certified));
  }
}

TEST(OneWay, HasNoAnswerForOneGroupOrOneValueEach) {
  EXPECT_TRUE(std::isnan(one_way(std::vector<std::vector<double>>{{1, 2, 3}}).between.f));
  EXPECT_TRUE(std::isnan(one_way(std::vector<std::vector<double>>{{1}, {2}}).between.f));
}

TEST(OneWay, SeesDifferenceWithoutNoise) {
  const OneWay apart = one_way(std::vector<std::vector<double>>{{1, 1}, {2, 2}});
  EXPECT_EQ(apart.between.p, 0);
  const OneWay same = one_way(std::vector<std::vector<double>>{{1, 1}, {1, 1}});
  EXPECT_EQ(same.between.p, 1);
}

}  // namespace
}  // namespace penrig::statistics
