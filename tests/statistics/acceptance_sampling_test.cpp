#include "reports/statistics/acceptance_sampling.hpp"

#include <gtest/gtest.h>

namespace penrig::statistics {
namespace {

// Montgomery, "Introduction to Statistical Quality Control", 15.2: n = 89, c = 2 accepts lots of 1 % with 0.9397, of 5
// % with 0.1721.
TEST(AttributesPlan, HasThePublishedCharacteristic) {
  const AttributesPlan plan{89, 2};
  EXPECT_NEAR(plan.probability_of_acceptance(0.01), 0.9397, 0.00005);
  EXPECT_NEAR(plan.probability_of_acceptance(0.05), 0.1721, 0.00005);
}

// The nomograph's 89 and 2 for 1 % at 0.95 and 6 % at 0.10 accept a good lot with 0.94 only.
TEST(AttributesPlan, KeepsBothRisksWhereTheNomographDoesNot) {
  const AttributesPlan plan = attributes_plan({0.01, 0.05, 0.06, 0.10}).value();
  EXPECT_EQ(plan.accept, 3U);
  EXPECT_NEAR(static_cast<double>(plan.sample), 110, 1);
}

TEST(AttributesPlan, KeepsItsRisksEverywhere) {
  for (const double good : {0.001, 0.01, 0.04}) {
    for (const double ratio : {2.5, 4.0, 10.0}) {
      const SamplingTarget target{good, 0.05, good * ratio, 0.10};
      const auto plan = attributes_plan(target);
      ASSERT_TRUE(plan);
      EXPECT_GE(plan->probability_of_acceptance(target.good), 0.95);
      EXPECT_LE(plan->probability_of_acceptance(target.bad), 0.10);
      if (plan->sample > 1) {
        EXPECT_GT((AttributesPlan{plan->sample - 1, plan->accept}.probability_of_acceptance(target.bad)), 0.10);
      }
    }
  }
  EXPECT_FALSE(attributes_plan({0.05, 0.05, 0.01, 0.1}));
}

// Montgomery, example 16.1: 1 % with 0.95, 6 % with 0.10, deviation unknown: n = 40, k = 1.9 off the nomograph.
TEST(VariablesPlan, IsNearThePublishedOne) {
  const VariablesPlan plan = variables_plan({0.01, 0.05, 0.06, 0.10}).value();
  EXPECT_NEAR(static_cast<double>(plan.sample), 40, 3);
  EXPECT_NEAR(plan.k, 1.9, 0.03);
  EXPECT_NEAR(plan.probability_of_acceptance(0.01), 0.95, 1e-6);
  EXPECT_LE(plan.probability_of_acceptance(0.06), 0.10);
  EXPECT_FALSE(variables_plan({0.01, 0.05, 0.01, 0.1}));
}

}  // namespace
}  // namespace penrig::statistics
