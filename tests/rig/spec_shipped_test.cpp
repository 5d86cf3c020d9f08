#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>

#include "rig/spec/load.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAre;

Loaded<Product> shipped_product(const std::string& name) {
  const std::string file = "fixtures/products/" + name + ".yaml";
  return load_product(read_source_file(file), file);
}

class ShippedPlan : public ::testing::TestWithParam<std::string> {};

TEST_P(ShippedPlan, LoadsWithoutAMistake) {
  const std::string file = "rig/plans/" + GetParam() + ".yaml";
  const auto plan = load_plan(read_source_file(file), file);
  EXPECT_EQ(render_all(plan.mistakes), "");
  EXPECT_EQ(plan.value.name, GetParam());
}

TEST_P(ShippedPlan, FitsItsProduct) {
  const std::string file = "rig/plans/" + GetParam() + ".yaml", text = read_source_file(file);
  const auto plan = load_plan(text, file);
  const auto product_file = (std::filesystem::path("rig/plans") / plan.value.product_path).lexically_normal().string();
  const auto product = load_product(read_source_file(product_file), product_file);
  ASSERT_TRUE(product.ok()) << render_all(product.mistakes);
  EXPECT_EQ(render_all(check_plan(plan.value, text, file, product.value)), "");
}

TEST_P(ShippedPlan, JudgesInTheOrderOfItsProduct) {
  const std::string file = "rig/plans/" + GetParam() + ".yaml";
  const auto plan = load_plan(read_source_file(file), file);
  std::vector<std::string> in_order;
  const auto product = std::filesystem::path(plan.value.product_path).stem().string();
  for (const Requirement& r : shipped_product(product).value.requirements) {
    if (std::find(plan.value.judge.begin(), plan.value.judge.end(), r.id) != plan.value.judge.end()) {
      in_order.push_back(r.id);
    }
  }
  EXPECT_EQ(plan.value.judge, in_order);
}

INSTANTIATE_TEST_SUITE_P(Plans, ShippedPlan,
                         ::testing::Values("eol-pro", "smoke", "swarm", "swarm-sweep", "soak-treatment", "golden-pro",
                                           "links-pro", "inspect-pro"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(ShippedProducts, LoadWithoutAMistake) {
  EXPECT_EQ(render_all(shipped_product("pen-pro").mistakes), "");
  EXPECT_EQ(render_all(shipped_product("pen-home").mistakes), "");
}

TEST(ShippedProducts, PenProSaysWhatTheDesignSays) {
  const Product pro = shipped_product("pen-pro").value;
  EXPECT_EQ(pro.depth_from_mm, 0.25);
  EXPECT_EQ(pro.depth_to_mm, 2.5);
  EXPECT_EQ(pro.depth_step_mm, 0.25);
  EXPECT_EQ(pro.rate_from_per_min, 6000);
  EXPECT_EQ(pro.rate_to_per_min, 9000);
  ASSERT_FALSE(pro.requirements.empty());
  EXPECT_EQ(pro.requirements[0].measurand, find_measurand("penetration_ti"));
  EXPECT_EQ(pro.requirements[0].limit.tolerance, 0.15);
  EXPECT_EQ(pro.requirements[0].limit.guard_band_r, 1);
  EXPECT_THAT(pro.requirements.back().limit.allowed, ElementsAre("2.4.*"));
}

TEST(ShippedProducts, PenHomeStaysAtHalfAMillimetre) { EXPECT_EQ(shipped_product("pen-home").value.depth_to_mm, 0.5); }

TEST(ShippedRigs, LoadWithoutAMistake) {
  for (const std::string file : {"fixtures/rigs/simulated.yaml", "fixtures/rigs/bench-example.yaml"}) {
    EXPECT_EQ(render_all(load_rig(read_source_file(file), file).mistakes), "");
  }
}

TEST(ShippedRigs, OnlyTheSimulatedOneIsSimulated) {
  EXPECT_TRUE(load_rig(read_source_file("fixtures/rigs/simulated.yaml"), "simulated").value.simulated);
  EXPECT_FALSE(load_rig(read_source_file("fixtures/rigs/bench-example.yaml"), "example").value.simulated);
}

TEST(ShippedRigs, KnowWhereTheirLinksStand) {
  const std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const SlotDescription slot = load_rig(text, "example").value.slots.at(0);
  const auto stands_at = [&](const TextPlace& at) {
    std::istringstream lines(text);
    std::string line;
    for (int i = 0; i < at.line; ++i) std::getline(lines, line);
    return line.substr(static_cast<std::size_t>(at.column) - 1, static_cast<std::size_t>(at.length));
  };
  EXPECT_EQ(stands_at(slot.pen_place), slot.pen_link);
  EXPECT_EQ(stands_at(slot.daq_place), slot.daq_link);
}

TEST(ShippedRigs, UncertaintyInPercentBecomesOneInTheUnitOfTheFactor) {
  const auto rig = load_rig(read_source_file("fixtures/rigs/simulated.yaml"), "simulated").value;
  EXPECT_DOUBLE_EQ(rig.calibrations.position_mm_per_count.u, 2e-8);
  EXPECT_DOUBLE_EQ(rig.calibrations.force_delay_us.u, 0.5);
}

}  // namespace
}  // namespace penrig
