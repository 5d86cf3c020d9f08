#include "rig/run/standing_needles.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

constexpr double kMmPerCount = 1e-4;

/// Needles of which the rig sees blocks.
struct Seen {
  StandingNeedles needles{kMmPerCount};
  Random noise{1, "standing"};

  void at(double mm, double noise_mm = 0.001, std::size_t samples = 128) {
    std::vector<std::int32_t> position;
    for (std::size_t i = 0; i < samples; ++i)
      position.push_back(static_cast<std::int32_t>(std::lround((mm + noise_mm * noise.normal()) / kMmPerCount)));
    const std::vector<std::int32_t> none(samples, 0);
    needles.samples({1000, 20, none, position, none});
  }
};

TEST(StandingNeedles, ThatCreepOnAreTold) {
  Seen seen;
  seen.needles.stand_at(-1.5);
  for (const double mm : {-1.5, -1.49, -1.2, 1.4, -1.5}) seen.at(mm);
  const Result<void> stood = seen.needles.stood(0.1);
  ASSERT_FALSE(stood);
  EXPECT_EQ(stood.error().code, Errc::device_fault);
  EXPECT_NE(stood.error().message.find("crept from -1.600 mm to +1.300 mm"), std::string::npos)
      << stood.error().message;
}

TEST(StandingNeedles, ThatStandAreNotToldForTheNoiseOfTheirEncoder) {
  Seen seen;
  seen.needles.stand_at(-1.5);
  for (int i = 0; i < 500; ++i) {
    seen.at(-1.49, 0.001);
    seen.at(-1.5, 0.05, 16);
  }
  EXPECT_TRUE(seen.needles.stood(0));
}

TEST(StandingNeedles, MayMoveOnceTheyWereLetGo) {
  Seen seen;
  seen.at(3);
  seen.needles.stand_at(-1.5);
  seen.at(-1.5);
  seen.needles.let_go();
  seen.at(1.4);
  EXPECT_TRUE(seen.needles.stood(0));
  seen.needles.stand_at(1.4);
  seen.at(1.4);
  EXPECT_TRUE(seen.needles.stood(0));
}

}  // namespace
}  // namespace penrig
