#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/penrig/run_several.hpp"

namespace penrig::cli {
namespace {

using ::testing::ElementsAre;

// Pens and plans stand in the order in which they are written: so do the slots that they are for.
TEST(ChosenSlots, KeepTheOrderInWhichTheyAreWrittenWithTheirPensAndPlans) {
  const Inputs rig = load_rig_inputs("sim:slots=3");
  RunSlotsOptions options;
  options.slots = "3,1";
  options.serial_numbers = {"PRO-0003", "PRO-0001"};
  options.plan_paths = {"of-3.yaml", "of-1.yaml"};
  const SlotsToRun to_run = slots_to_run(options, rig.rig);
  ASSERT_TRUE(to_run.mistakes.empty()) << to_run.mistakes.front().message;
  std::vector<std::string> all;
  for (const RunOptions& each : to_run.each) all.push_back(each.slot + " " + each.serial_number + " " + each.plan_path);
  EXPECT_THAT(all, ElementsAre("3 PRO-0003 of-3.yaml", "1 PRO-0001 of-1.yaml"));
}

TEST(ChosenSlots, AreAllInTheOrderOfTheRig) {
  std::vector<Mistake> mistakes;
  EXPECT_THAT(chosen_slots("all", load_rig_inputs("sim:slots=3").rig, mistakes), ElementsAre("1", "2", "3"));
  EXPECT_TRUE(mistakes.empty());
  chosen_slots("2,2", load_rig_inputs("sim:slots=3").rig, mistakes);
  ASSERT_EQ(mistakes.size(), 1U);
}

}  // namespace
}  // namespace penrig::cli
