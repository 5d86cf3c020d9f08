#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/html_report.hpp"
#include "reports/record_json.hpp"
#include "reports/store/record_store.hpp"
#include "tests/reports/old_store.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig {
namespace {

using testing::opened;
using testing::sample_record;
using testing::SampleEnd;
using testing::small_record;
using testing::write_old_store;

const SimulantSheet kSheet{"bench-2", "BENCH-2", "left", "S-2610-04", "7"};

/// A run on a bench that outlives it, on kSheet.
RunHeader on_sheet() {
  RunHeader h = small_record().header;
  h.simulation.clear();
  h.rig_name = kSheet.rig_name;
  h.fixture_id = kSheet.fixture_id;
  h.slot = kSheet.slot;
  h.simulant_lot = kSheet.lot;
  h.simulant_sheet = kSheet.sheet;
  return h;
}

PhaseRecord on_spot(const std::string& name, std::optional<std::uint64_t> strokes_after) {
  PhaseRecord phase;
  phase.name = "2.5 mm at 9000/min";
  phase.kind = "setting";
  phase.spot = Spot{name, 0, strokes_after};
  return phase;
}

/// "A1:55 A2:0", in the order given; a place, where one is known, as "A1@6,0:55".
std::string taken(RecordStore& store, const SimulantSheet& sheet) {
  std::string all;
  for (const SpotUse& use : store.spots_taken(sheet).value()) {
    all += all.empty() ? "" : " ";
    all += use.name;
    if (use.x_mm && use.y_mm) all += fmt::format("@{},{}", *use.x_mm, *use.y_mm);
    all += fmt::format(":{}", use.strokes);
  }
  return all;
}

TEST(SimulantHistory, OfANewSheetIsEmpty) {
  const ScratchDirectory folder;
  EXPECT_EQ(taken(*opened(folder.path()), kSheet), "");
}

TEST(SimulantHistory, KnowsSpotPlaceAndStrokesOfAClosedRun) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  const std::string id = store->open_run(on_sheet()).value();
  for (const char* spot : {"A1", "A2"}) {
    store->take_spot(id, {spot, spot[1] == '1' ? 0.0 : 6.5, -0.0}).value();
    store->add_phase(id, on_spot(spot, 55)).value();
  }
  store->close_run(id, {}).value();
  EXPECT_EQ(taken(*store, kSheet), "A1@0,-0:55 A2@6.5,-0:55");
}

TEST(SimulantHistory, CountsASpotThatWasTakenByARunThatNeverCameFurther) {
  const ScratchDirectory folder;
  std::string id;
  {
    const auto store = opened(folder.path());
    id = store->open_run(on_sheet()).value();
    store->take_spot(id, {"A1", 0, 0}).value();
  }
  EXPECT_EQ(taken(*opened(folder.path()), kSheet), "A1@0,0:0");
}

TEST(SimulantHistory, CountsASpotWhoseAttemptFailedAndDoesNotKnowItsStrokes) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  const std::string id = store->open_run(on_sheet()).value();
  store->take_spot(id, {"A1", 0, 0}).value();
  store->add_phase(id, on_spot("A1", std::nullopt)).value();
  EXPECT_EQ(taken(*store, kSheet), "A1@0,0:0");
  const RunRecord loaded = store->load_run(id).value();
  EXPECT_FALSE(loaded.phases.at(0).spot->strokes_after.has_value());
}

TEST(SimulantHistory, GivesEveryRunItsOwnEntry) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  for (const double x_mm : {0.0, 0.5}) {
    const std::string id = store->open_run(on_sheet()).value();
    store->take_spot(id, {"A1", x_mm, 0}).value();
    store->add_phase(id, on_spot("A1", 55)).value();
  }
  EXPECT_EQ(taken(*store, kSheet), "A1@0,0:55 A1@0.5,0:55");
}

TEST(SimulantHistory, BelongsToLotSheetAndSlot) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  store->take_spot(store->open_run(on_sheet()).value(), {"A1", 0, 0}).value();
  for (std::string SimulantSheet::*field : {&SimulantSheet::slot, &SimulantSheet::lot, &SimulantSheet::sheet}) {
    SimulantSheet other = kSheet;
    other.*field = "another";
    EXPECT_EQ(taken(*store, other), "");
  }
}

TEST(SimulantHistory, FollowsABenchThatKeptItsNameOrItsFixture) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  store->take_spot(store->open_run(on_sheet()).value(), {"A1", 0, 0}).value();
  SimulantSheet renamed = kSheet, repaired = kSheet, elsewhere = kSheet;
  renamed.rig_name = elsewhere.rig_name = "bench-3";
  repaired.fixture_id = elsewhere.fixture_id = "BENCH-3";
  EXPECT_EQ(taken(*store, renamed), "A1@0,0:0");
  EXPECT_EQ(taken(*store, repaired), "A1@0,0:0");
  EXPECT_EQ(taken(*store, elsewhere), "");
}

TEST(SimulantHistory, LeavesOutBenchesThatWereMadeForOneRun) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunHeader in_process = on_sheet();
  in_process.simulation = "sim:seed=1";
  store->take_spot(store->open_run(in_process).value(), {"A1", 0, 0}).value();
  EXPECT_EQ(taken(*store, kSheet), "");
}

TEST(SimulantHistory, OfABenchThatIsMadeForThisRunIsEmpty) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  store->take_spot(store->open_run(on_sheet()).value(), {"A1", 0, 0}).value();
  SimulantSheet new_one = kSheet;
  new_one.new_in_this_run = true;
  EXPECT_EQ(taken(*store, new_one), "");
}

TEST(SimulantHistory, TakesNoSpotForAClosedOrUnknownRun) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  EXPECT_FALSE(store->take_spot("R-000001", {"A1", 0, 0}).has_value());
  const std::string id = store->open_run(on_sheet()).value();
  store->close_run(id, {}).value();
  EXPECT_FALSE(store->take_spot(id, {"A1", 0, 0}).has_value());
  EXPECT_EQ(taken(*store, kSheet), "");
}

/// What version 1 called bench-2 had no fixture in its records, and no name for its sheet.
const SimulantSheet kOldSheet{"bench-2", "BENCH-2", "1", "S-2610-04", "1"};

TEST(StoreVersion1, TellsWhatItsRunsDidToTheSheetThatHadNoName) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 1);
  const auto store = opened(folder.path());
  EXPECT_EQ(taken(*store, kOldSheet), "A1:55 A2:60 A1:55 A2:0 A3:61");
  SimulantSheet next = kOldSheet;
  next.sheet = "2";
  EXPECT_EQ(taken(*store, next), "");
}

TEST(SimulantSheetInDocuments, StandsBesideTheLot) {
  const RunRecord run = sample_record();
  EXPECT_NE(html_report(run).find("lot S-2610-04, sheet 7"), std::string::npos);
  EXPECT_NE(html_report(run).find("15 fresh, B1 to D5"), std::string::npos);
  EXPECT_EQ(record_json(run).at("header").at("simulant").at("sheet"), "7");
}

TEST(SimulantSheetInDocuments, IsEscaped) {
  RunRecord run = sample_record();
  run.header.simulant_sheet = "<b>7";
  EXPECT_EQ(html_report(run).find("<b>7"), std::string::npos);
}

TEST(SimulantSheetInDocuments, NothingIsCalledFreshWhereNobodyKnew) {
  RunRecord run = sample_record();
  run.header.simulant_sheet.clear();
  EXPECT_NE(html_report(run).find("15, use before not known, B1 to D5"), std::string::npos);
  EXPECT_EQ(html_report(run).find("fresh"), std::string::npos);
  EXPECT_TRUE(record_json(run).at("header").at("simulant").at("sheet").is_null());
}

TEST(SimulantSheetInDocuments, StrokesThatNobodyCountedAreNotZero) {
  RunRecord run = sample_record();
  run.phases.at(3).spot->strokes_after.reset();
  EXPECT_NE(html_report(run).find("0 … not known"), std::string::npos);
  EXPECT_TRUE(record_json(run).at("phases").at(3).at("spot").at("strokes_after").is_null());
}

}  // namespace
}  // namespace penrig
