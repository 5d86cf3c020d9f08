#include <gtest/gtest.h>

#include "rig/spec/load.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/served_rig.hpp"

namespace penrig::cli {
namespace {

TEST(ServedRig, NamesTheSheetOfEachSlot) {
  std::vector<SlotDescription> slots{{"1", "serial:/dev/pts/1", "serial:/dev/pts/2"},
                                     {"2", "serial:/dev/pts/3", "serial:/dev/pts/4"}};
  slots[0].sheet = "seed-1-2026-01-01T00:00:00.000Z";
  slots[1].sheet = "seed-2-2026-01-01T00:00:00.000Z";
  for (std::size_t n : {1U, 2U}) {
    const auto yaml = served_rig_yaml(simulated_rig_yaml(), {slots.begin(), slots.begin() + static_cast<long>(n)},
                                      1'767'225'600'000'000'000);
    ASSERT_TRUE(yaml);
    const Loaded<RigDescription> served = load_rig(*yaml, "served.yaml");
    ASSERT_TRUE(served.ok()) << served.mistakes.front().message << *yaml;
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(served.value.slots.at(i).sheet, slots[i].sheet);
  }
}

}  // namespace
}  // namespace penrig::cli
