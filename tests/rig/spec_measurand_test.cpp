#include <set>

#include <gmock/gmock.h>

#include "rig/spec/key_unit.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig {
namespace {

TEST(Measurands, HaveEachTheirOwnNameAndATitle) {
  std::set<std::string_view> ids;
  for (const MeasurandInfo& m : measurands()) {
    EXPECT_TRUE(ids.insert(m.id).second) << m.id;
    EXPECT_FALSE(m.title.empty()) << m.id;
    EXPECT_EQ(find_measurand(m.id), &m);
  }
  EXPECT_EQ(find_measurand("penetraton"), nullptr);
}

TEST(Measurands, CarryTheUnitThatTheKeysOfTheirLimitsSay) {
  for (const MeasurandInfo& m : measurands()) {
    if (m.suffix.empty()) {
      EXPECT_TRUE(m.exact_count || m.text) << m.id;
      EXPECT_EQ(m.unit, m.text ? "" : "1") << m.id;
    } else {
      EXPECT_EQ(unit_of_key("max_" + std::string(m.suffix)).unit, m.unit) << m.id;
    }
  }
}

TEST(Measurands, AreEachYieldedBySomePhase) {
  for (const MeasurandInfo& m : measurands()) EXPECT_NE(m.yields, 0U) << m.id;
}

TEST(Measurands, HoldAToleranceAgainstTheSettingOfTheirOwnUnit) {
  for (const MeasurandInfo& m : measurands()) {
    if (m.reference == SettingReference::none) continue;
    EXPECT_EQ(m.unit, m.reference == SettingReference::depth_mm ? "mm" : "1/min") << m.id;
  }
}

}  // namespace
}  // namespace penrig
