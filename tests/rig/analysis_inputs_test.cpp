#include "rig/record/analysis_inputs.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace penrig {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> names_of(const AnalysisInputs& inputs) {
  std::vector<std::string> names;
  for (const AnalysisInputs::Input& input : inputs) names.emplace_back(input.name);
  return names;
}

/// More than the names of one set have room for in one piece.
std::string long_name(char c) { return std::string(700, c); }

TEST(AnalysisInputs, StandInTheOrderOfTheirNamesHoweverTheyCame) {
  AnalysisInputs inputs;
  for (const char* name : {"tare.u_counts", "depth_mm", "tick_hz", "clock.tick_ref"}) inputs[name] = 1.5;
  EXPECT_THAT(names_of(inputs), ElementsAre("clock.tick_ref", "depth_mm", "tare.u_counts", "tick_hz"));
  inputs["depth_mm"] = std::string("2.5");
  inputs.erase("tick_hz");
  inputs.erase("of another");
  EXPECT_THAT(names_of(inputs), ElementsAre("clock.tick_ref", "depth_mm", "tare.u_counts"));
  EXPECT_EQ(std::get<std::string>(inputs.at("depth_mm")), "2.5");
  EXPECT_FALSE(inputs.contains("depth"));
  EXPECT_THROW(inputs.at("tick_hz"), std::out_of_range);
}

TEST(AnalysisInputs, TakeBehindTheLastOnlyWhatComesBehindIt) {
  AnalysisInputs inputs;
  EXPECT_TRUE(inputs.append("b", 1.0));
  EXPECT_FALSE(inputs.append("b", 2.0));
  EXPECT_FALSE(inputs.append_with_lasting_name("a", 2.0));
  EXPECT_TRUE(inputs.append_with_lasting_name("c", 3.0));
  EXPECT_THAT(names_of(inputs), ElementsAre("b", "c"));
  EXPECT_EQ(std::get<double>(inputs.at("b")), 1.0);
}

TEST(AnalysisInputs, KeepTheirNamesInEveryCopyWhateverBecomesOfTheOthers) {
  AnalysisInputs last;
  {
    AnalysisInputs first;
    first[long_name('c')] = 1.0;
    first[long_name('a')] = 2.0;
    AnalysisInputs second = first;
    second["b"] = 3.0;
    first["d"] = 4.0;
    EXPECT_THAT(names_of(first), ElementsAre(long_name('a'), long_name('c'), "d"));
    last = AnalysisInputs::joined(second, {}).value();
    second["e"] = 5.0;
  }
  EXPECT_THAT(names_of(last), ElementsAre(long_name('a'), "b", long_name('c')));
}

TEST(AnalysisInputs, AreJoinedInOrderUnlessANameStandsInBoth) {
  AnalysisInputs a, b;
  a["calibrations.id"] = std::string("RIG-7");
  b["a"] = 1.0;
  b["tick_hz"] = 2.0;
  const auto both = AnalysisInputs::joined(a, b);
  ASSERT_TRUE(both);
  EXPECT_THAT(names_of(*both), ElementsAre("a", "calibrations.id", "tick_hz"));
  EXPECT_EQ(*both, AnalysisInputs::joined(b, a));
  b["calibrations.id"] = std::string("RIG-7");
  EXPECT_FALSE(AnalysisInputs::joined(a, b));
}

TEST(AnalysisInputs, AreTheSameToTheBitOnlyWithTheSameBits) {
  AnalysisInputs a, b;
  a["u"] = 0.0;
  b["u"] = -0.0;
  EXPECT_EQ(a, b);
  EXPECT_FALSE(same_to_the_bit(a, b));
  b["u"] = std::int64_t{0};
  EXPECT_FALSE(same_to_the_bit(a, b));
  b["u"] = 0.0;
  EXPECT_TRUE(same_to_the_bit(a, b));
  b["v"] = 0.0;
  EXPECT_FALSE(same_to_the_bit(a, b));
}

}  // namespace
}  // namespace penrig
