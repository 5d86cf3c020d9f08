#include <gtest/gtest.h>

#include "rig/measure/link_level.hpp"

namespace penrig {
namespace {

TEST(LinkLevel, GivesMedianAndP99WithLimitsFromOrderStatistics) {
  std::vector<double> latencies;
  for (int i = 1000; i > 0; --i) latencies.push_back(i);  // 1 ... 1000, not sorted
  const auto out = link_level({{PenLink::serial, {latencies}}}, std::nullopt);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].measurand, "command_latency_median");
  EXPECT_NEAR(*out[0].value, 500.5, 0.5);
  EXPECT_NEAR(*out[0].low, 500.5 - 31.6, 1.5);  // 2 sqrt(n p (1 - p)) ranks
  EXPECT_NEAR(*out[0].high, 500.5 + 31.6, 1.5);
  EXPECT_NEAR(*out[1].value, 990, 1);
  EXPECT_NEAR(*out[1].high, 997, 1.5);
  EXPECT_EQ(out[1].note.find("largest"), std::string::npos);
}

TEST(LinkLevel, SaysWhereTheSampleIsTooSmallForAnUpperLimit) {
  const std::vector<double> latencies{1, 2, 3, 4, 5};
  const auto out = link_level({{PenLink::serial, {latencies}}}, std::nullopt);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(*out[1].high, 5);
  EXPECT_NE(out[1].note.find("the largest of the sample stands for the upper limit"), std::string::npos);
}

TEST(LinkLevel, GivesEachLinkItsOwn) {
  const auto out = link_level({{PenLink::serial, {{1, 2, 3}}}, {PenLink::ble, {{30, 10, 20}, -71.0}}}, std::nullopt);
  ASSERT_EQ(out.size(), 5U);
  EXPECT_EQ(out[0].link, PenLink::serial);
  EXPECT_EQ(*out[0].value, 2);
  EXPECT_EQ(out[2].measurand, "command_latency_median");
  EXPECT_EQ(out[2].link, PenLink::ble);
  EXPECT_EQ(*out[2].value, 20);
  EXPECT_NE(out[2].note.find("over BLE"), std::string::npos);
  EXPECT_EQ(out[4].measurand, "rssi");
  EXPECT_EQ(out[4].link, PenLink::ble);
  EXPECT_EQ(*out[4].value, -71);
  EXPECT_GT(out[4].expanded_u, 5);
  EXPECT_LT(out[4].expanded_u, 6);
}

TEST(LinkLevel, GivesTheBatteryThatThePenTold) {
  const auto out = link_level({}, 87.0);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].measurand, "battery");
  EXPECT_EQ(*out[0].value, 87);
  EXPECT_NEAR(out[0].expanded_u, 0.4772, 1e-4);  // whole percents: 95.45 % of half of one
}

}  // namespace
}  // namespace penrig
