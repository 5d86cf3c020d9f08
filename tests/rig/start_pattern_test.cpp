#include "rig/run/start_pattern.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace penrig {
namespace {

/// How long the i-th step takes, and where it turns the crank to (rig/run/prove_cables.cpp).
double seconds_of(std::size_t i) { return i == 0 || (i - 1) % 2 == 1 ? 0.75 : 0.5; }
double crank_deg_of(std::size_t i, double level) {
  if (i == 0 || (i - 1) % 4 == 3 || level == 0) return 0;
  if (level == 1) return 180;
  return (i - 1) % 4 == 0 ? 90 : 270;
}

/// Where an ideal pen's needles stand, as a share of the stroke, t seconds after its pattern began: the crank turns
/// forward at one turn a second, and rests.
double level_at(const StartPattern& pattern, double t) {
  double deg = 0, began = 0;
  for (std::size_t i = 0; i < pattern.levels.size() && t > began; ++i) {
    double to = std::floor(deg / 360) * 360 + crank_deg_of(i, pattern.levels[i]);
    if (to < deg) to += 360;
    deg = std::min(to, deg + 360 * std::min(t - began, seconds_of(i)));
    began += seconds_of(i);
  }
  return 0.5 * (1 - std::cos(deg * 3.14159265358979 / 180));
}

std::vector<double> instants_of(const StartPattern& pattern) {
  std::vector<double> instants;
  double t = 0;
  for (std::size_t i = 0; i < pattern.levels.size(); ++i) instants.push_back(t += seconds_of(i));
  return instants;
}

std::vector<double> readings_of(const StartPattern& moved, const StartPattern& looked_for, double later_s,
                                double depth_mm) {
  std::vector<double> read_mm;
  for (const double t : instants_of(looked_for)) read_mm.push_back(-0.5 + depth_mm * level_at(moved, t - later_s));
  return read_mm;
}

/// As prove_cables() looks: at the end of each step, and 0.2 s before it.
bool taken_for(const StartPattern& moved, const StartPattern& looked_for, double later_s) {
  return shows(readings_of(moved, looked_for, later_s, 2.0), looked_for, 0.3) &&
         shows(readings_of(moved, looked_for, later_s + 0.2, 2.0), looked_for, 0.3);
}

TEST(StartPattern, IsSeenWhereItsOwnPenMoves) {
  for (const std::size_t slots : {2U, 4U, 16U}) {
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const StartPattern own = StartPattern::of_slot(slot, slots);
      EXPECT_TRUE(taken_for(own, own, 0)) << slot << " of " << slots;
      EXPECT_TRUE(taken_for(own, own, 0.04)) << "blocks come late: " << slot << " of " << slots;
    }
  }
}

TEST(StartPattern, IsNeverTakenForThatOfAnotherSlotWheneverThatBegan) {
  for (const std::size_t slots : {2U, 4U, 8U, 16U}) {
    for (std::size_t a = 0; a < slots; ++a) {
      for (std::size_t b = 0; b < slots; ++b) {
        if (a == b) continue;
        const StartPattern moved = StartPattern::of_slot(a, slots), looked_for = StartPattern::of_slot(b, slots);
        for (double later_s = -6; later_s < 6; later_s += 0.01) {
          EXPECT_FALSE(taken_for(moved, looked_for, later_s))
              << "slot " << a << " taken for " << b << " of " << slots << ", " << later_s << " s later";
        }
      }
    }
  }
}

TEST(StartPattern, IsNotSeenInAnEncoderThatStandsOrCreeps) {
  const StartPattern own = StartPattern::of_slot(1, 4);
  EXPECT_FALSE(shows(std::vector<double>(own.levels.size(), 0.1), own, 0.3));
  std::vector<double> creeps;
  for (std::size_t i = 0; i < own.levels.size(); ++i) creeps.push_back(0.2 * static_cast<double>(i));
  EXPECT_FALSE(shows(creeps, own, 0.1));
  EXPECT_FALSE(shows({}, own, 0.3));
  EXPECT_FALSE(shows(readings_of(own, own, 0, 0.2), own, 0.3)) << "a stroke that is too short";
}

TEST(StartPattern, APlaceTellsOnlyWhatItSawWhileItStreamed) {
  StartPatterns all;
  const auto place = all.begin("2", "PRO-0002");
  const auto at = [](double s) { return TimePoint{seconds_to_ns(s)}; };
  EXPECT_FALSE(place->read_at(at(1)));
  place->note(at(1.0), 0.25);
  place->note(at(1.05), 0.5);
  EXPECT_FALSE(place->read_at(at(0.9)));
  EXPECT_EQ(place->read_at(at(1.04)), 0.25);
  EXPECT_EQ(place->read_at(at(1.1)), 0.5);
  EXPECT_FALSE(place->read_at(at(1.5))) << "it fell silent";
}

TEST(StartPattern, KnowsForWhichSlotAPenWasScannedWhileThatRuns) {
  StartPatterns all;
  const auto two = all.begin("2", "PRO-0002");
  const auto three = all.begin("3", "PRO-0003");
  ASSERT_NE(all.scanned_for("PRO-0003"), nullptr);
  EXPECT_EQ(all.scanned_for("PRO-0003")->slot, "3");
  three->over = true;
  EXPECT_EQ(all.scanned_for("PRO-0003"), nullptr);
  all.begin("2", "PRO-0009");
  EXPECT_EQ(all.scanned_for("PRO-0002"), nullptr) << "its place was taken by the next run";
  EXPECT_EQ(all.places().size(), 2U);
}

}  // namespace
}  // namespace penrig
