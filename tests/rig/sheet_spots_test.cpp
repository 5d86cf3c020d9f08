#include "rig/run/sheet_spots.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace penrig {
namespace {

RigDescription rig_with(std::uint32_t rows, std::uint32_t columns) {
  RigDescription rig;
  rig.name = "bench-2";
  rig.calibrations.fixture_id = "BENCH-2";
  rig.simulant.lot = "S-20";
  rig.stage.spot_rows = rows;
  rig.stage.spot_columns = columns;
  rig.stage.spot_pitch_mm = 6;
  rig.stage.first_spot_x_mm = 12.5;
  rig.stage.first_spot_y_mm = 10;
  SlotDescription slot;
  slot.name = "left";
  slot.sheet = "1";
  rig.slots.push_back(slot);
  return rig;
}

RunHeader in_slot(const std::string& slot = "left") {
  RunHeader header;
  header.slot = slot;
  return header;
}

SheetSpots spots_of(const RigDescription& rig, const std::vector<SpotUse>& uses = {}) {
  SheetSpots spots(rig, in_slot());
  spots.remember(uses);
  return spots;
}

/// The names of all that are left, in the order in which they are taken.
std::string all_of(SheetSpots spots) {
  std::string names;
  for (int i = 0; i < 100 && spots.left() > 0; ++i) names += spots.take().value().name + " ";
  return names;
}

TEST(SheetSpots, AreTakenRowByRow) {
  EXPECT_EQ(all_of(spots_of(rig_with(2, 3))), "A1 A2 A3 B1 B2 B3 ");
  SheetSpots spots = spots_of(rig_with(2, 1));
  spots.take().value();
  const SpotPlace b1 = spots.take().value();
  EXPECT_EQ(b1.x_mm, 12.5);
  EXPECT_EQ(b1.y_mm, 16);
}

TEST(SheetSpots, HaveNamesOfTheirOwnBeyondTheAlphabet) {
  SheetSpots spots = spots_of(rig_with(28, 1));
  SpotPlace last;
  for (int i = 0; i < 26; ++i) last = spots.take().value();
  EXPECT_EQ(last.name, "Z1");
  EXPECT_EQ(spots.take().value().name, "AA1");
  EXPECT_EQ(spots.take().value().name, "AB1");
}

TEST(SheetSpots, PassOverWhatWasUsedUnderTheSameName) {
  EXPECT_EQ(all_of(spots_of(rig_with(2, 3), {{"A1", {}, {}, 55}, {"B2", {}, {}, 0}})), "A2 A3 B1 B3 ");
}

TEST(SheetSpots, StayFreshBesideTheNeighbourThatWasUsed) {
  EXPECT_EQ(all_of(spots_of(rig_with(2, 3), {{"A1", 12.5, 10.0, 55}})), "A2 A3 B1 B2 B3 ");
}

TEST(SheetSpots, PassOverWhereNeedlesWentInWhenSpotsWereLaidOutOtherwise) {
  // Spots were 3 mm apart then: what was called A7 lies where A4 does now, what was called A2 between A1 and A2.
  EXPECT_EQ(all_of(spots_of(rig_with(1, 6), {{"A7", 30.5, 10.0, 55}})), "A1 A2 A3 A5 A6 ");
  EXPECT_EQ(all_of(spots_of(rig_with(1, 6), {{"Z2", 15.5, 10.0, 55}})), "A3 A4 A5 A6 ");
}

TEST(SheetSpots, AreNotFreshNearAPlaceThatIsNotANumber) {
  EXPECT_EQ(all_of(spots_of(rig_with(1, 2), {{"Z9", std::numeric_limits<double>::quiet_NaN(), 10.0, 55}})), "");
}

TEST(SheetSpots, AreNotTakenBeforeTheHistoryIsKnown) {
  SheetSpots spots(rig_with(2, 3), in_slot());
  EXPECT_EQ(spots.left(), 0U);
  EXPECT_FALSE(spots.take().has_value());
  EXPECT_FALSE(spots.enough_for(1, "smoke").has_value());
}

TEST(SheetSpots, SayWhatToDoWhenTheyDoNotReachForAPlan) {
  const SheetSpots spots = spots_of(rig_with(2, 3), {{"A1", {}, {}, 55}, {"A2", {}, {}, 55}, {"A2", {}, {}, 55}});
  EXPECT_TRUE(spots.enough_for(4, "eol-pro").has_value());
  const Result<void> short_of = spots.enough_for(5, "eol-pro");
  ASSERT_FALSE(short_of.has_value());
  EXPECT_EQ(short_of.error().message,
            "plan 'eol-pro' takes 5 fresh spots, and simulant sheet '1' (lot S-20, slot 'left' of rig 'bench-2') has 4 "
            "of 6 left (put in a new sheet and enter its id as simulant.sheet in the rig description)");
}

TEST(SheetSpots, SayWhatToDoWhenNoneIsLeft) {
  SheetSpots spots = spots_of(rig_with(1, 1));
  spots.take().value();
  EXPECT_EQ(
      spots.take().error().message,
      "simulant sheet '1' (lot S-20, slot 'left' of rig 'bench-2') has no fresh spot left of 1 (put in a new sheet "
      "and enter its id as simulant.sheet in the rig description)");
}

TEST(SheetSpots, AreOfTheSheetInTheirSlot) {
  RigDescription rig = rig_with(1, 1);
  rig.slots.push_back(rig.slots.front());
  rig.slots[1].name = "right";
  rig.slots[1].sheet = "5";
  EXPECT_EQ(SheetSpots(rig, in_slot("left")).sheet().sheet, "1");
  SheetSpots right(rig, in_slot("right"));
  EXPECT_EQ(right.sheet().sheet, "5");
  EXPECT_EQ(right.sheet().slot, "right");
  right.remember({{"A1", {}, {}, 0}});
  EXPECT_NE(right.take().error().message.find("its id as sheet of slot 'right'"), std::string::npos);
}

TEST(SheetSpots, AreNewInEveryRunOfABenchThatIsMadeForIt) {
  RigDescription rig = rig_with(1, 1);
  RunHeader header = in_slot();
  header.simulation = "sim:seed=1";
  EXPECT_FALSE(SheetSpots(rig, header).sheet().new_in_this_run) << "the rig is real";
  rig.simulated = true;
  EXPECT_TRUE(SheetSpots(rig, header).sheet().new_in_this_run);
  EXPECT_EQ(SheetSpots(rig, header).sheet().sheet, "of this run");
  EXPECT_FALSE(SheetSpots(rig, in_slot()).sheet().new_in_this_run) << "a bench that is served outlives the run";
}

}  // namespace
}  // namespace penrig
