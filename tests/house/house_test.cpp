#include <gtest/gtest.h>

#include "tests/house/rules.hpp"

namespace penrig::house {
namespace {

template <class Rule>
std::string broken_by(Rule rule) {
  std::string report;
  for (const SourceLine& line : source_lines()) {
    if (auto why = rule(line))
      report += line.file + ":" + std::to_string(line.number) + ": " + *why + "\n    " + line.text + "\n";
  }
  return report;
}

TEST(House, HasSourcesToCheck) { EXPECT_GT(source_lines().size(), 1000U); }

TEST(House, NoRoomIncludesAgainstTheDirection) { EXPECT_EQ(broken_by(against_direction), ""); }

TEST(House, NothingWaitsOrTellsTheTimeBesideTheTimeline) { EXPECT_EQ(broken_by(banned_clock), ""); }

TEST(House, TheTruthOfThePlantReachesTestsAndTheSwarmOnly) { EXPECT_EQ(broken_by(truth_outside_tests), ""); }

TEST(House, TheDirectionRuleSeesAnIncludeAgainstIt) {
  EXPECT_TRUE(against_direction({"rig/run/a.cpp", 1, "#include \"reports/store/record_store.hpp\""}));
  EXPECT_TRUE(against_direction({"rig/base/a.hpp", 1, "#include \"rig/spec/plan.hpp\""}));
  EXPECT_TRUE(against_direction({"protocols/a.cpp", 1, "  #  include \"rig/ports/daq.hpp\""}));
  EXPECT_TRUE(against_direction({"reports/a.cpp", 1, "#include \"protocols/frame.hpp\""}));
  EXPECT_TRUE(against_direction({"tools/a.cpp", 1, "#include \"tests/fixtures/device_rig.hpp\""}));
  EXPECT_FALSE(against_direction({"fixtures/a.cpp", 1, "#include \"protocols/frame.hpp\""}));
}

TEST(House, TheClockRuleSeesEachBannedWord) {
  for (const char* text :
       {"auto t = std::chrono::steady_clock::now();", "std::this_thread::sleep_for(1s);", "usleep(10);",
        "std::random_device seed;", "boost::asio::steady_timer t(io);", "std::mt19937 g;", "nanosleep(&t, nullptr);"}) {
    EXPECT_TRUE(banned_clock({"rig/run/a.cpp", 1, text})) << text;
  }
  EXPECT_FALSE(banned_clock({"rig/base/timeline.cpp", 1, "std::chrono::steady_clock::now()"}));
  EXPECT_FALSE(banned_clock({"rig/run/a.cpp", 1, "// steady_clock::now is banned"}));
}

TEST(House, TheTruthRuleSeesAUse) {
  EXPECT_TRUE(truth_outside_tests({"tools/penrig/a.cpp", 1, "PlantTruthProbe::strokes(plant);"}));
  EXPECT_FALSE(truth_outside_tests({"tools/swarm/a.cpp", 1, "PlantTruthProbe::strokes(plant);"}));
  EXPECT_FALSE(truth_outside_tests({"fixtures/sim/plant.hpp", 1, "  friend struct PlantTruthProbe;  // why"}));
}

}  // namespace
}  // namespace penrig::house
