#include <gtest/gtest.h>

#include "rig/spec/load.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

/// The shipped example with one text in it replaced.
Loaded<RigDescription> example_with(const std::string& written, const std::string& instead) {
  std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const std::size_t at = text.find(written);
  if (at == std::string::npos) throw std::runtime_error("the example has no " + written);
  text.replace(at, written.size(), instead);
  return load_rig(text, "bench.yaml");
}

const std::string kSecondSlot = "  - name: '2'\n    pen: serial:/dev/ttyUSB2\n    daq: serial:/dev/ttyUSB3\n";

TEST(SimulantSheetOfARig, IsCalled1WhereNobodySaysOtherwise) {
  const auto rig = example_with("  sheet: '1' ", "  # ");
  ASSERT_TRUE(rig.ok()) << render_all(rig.mistakes);
  EXPECT_EQ(rig.value.slots.at(0).sheet, "1");
}

TEST(SimulantSheetOfARig, StandsBesideTheLot) {
  const auto rig = example_with("sheet: '1' ", "sheet: 12-b ");
  ASSERT_TRUE(rig.ok()) << render_all(rig.mistakes);
  EXPECT_EQ(rig.value.simulant.sheet, "12-b");
  EXPECT_EQ(rig.value.slots.at(0).sheet, "12-b");
}

TEST(SimulantSheetOfARig, IsNotEmpty) { EXPECT_FALSE(example_with("sheet: '1' ", "sheet: '' ").ok()); }

TEST(SimulantSheetOfARig, StandsInEachOfSeveralSlots) {
  const auto one_for_two = example_with("\nstage:", kSecondSlot + "\nstage:");
  ASSERT_EQ(one_for_two.mistakes.size(), 1U) << render_all(one_for_two.mistakes);
  EXPECT_EQ(one_for_two.mistakes[0].message,
            "the rig has 2 slots, and each has a sheet of its own (write sheet: in each slot)");

  std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  text.replace(text.find("  sheet: '1' "), 13, "  # ");
  text.insert(text.find("\nstage:"), kSecondSlot + "    sheet: seven\n");
  const auto rig = load_rig(text, "bench.yaml");
  ASSERT_TRUE(rig.ok()) << render_all(rig.mistakes);
  EXPECT_EQ(rig.value.slots.at(0).sheet, "1");
  EXPECT_EQ(rig.value.slots.at(1).sheet, "seven");
}

TEST(SimulantSheetOfARig, IsSaidOnce) {
  const auto twice = example_with("\nstage:", "    sheet: '4'\n\nstage:");
  ASSERT_EQ(twice.mistakes.size(), 1U) << render_all(twice.mistakes);
  EXPECT_EQ(twice.mistakes[0].message, "slot '1' names its sheet as well (leave one of them out)");
}

}  // namespace
}  // namespace penrig
