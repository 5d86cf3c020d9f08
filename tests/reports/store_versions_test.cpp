// Stores that older versions of this program left: what is in them stays what it was, to the byte.

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "reports/html_report.hpp"
#include "reports/record_json.hpp"
#include "reports/store/store_schema.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/old_store.hpp"
#include "tests/reports/record_bits.hpp"

namespace penrig {
namespace {

using testing::bits_of;
using testing::opened;
using testing::small_record;
using testing::Sqlite;
using testing::stored;
using testing::write_old_store;

/// What a version's file holds.
struct OldStore {
  int version;
  std::uint64_t runs, signed_runs, logged_runs;
  std::uint64_t waveforms;  ///< files that it names; none is there, and each is a fault

  friend void PrintTo(const OldStore& old, std::ostream* out) { *out << "version " << old.version; }
};

/// Every run as it is read, with the bytes that its signature is of.
std::vector<std::string> all_runs(RecordStore& store) {
  std::vector<std::string> all;
  for (const RunRow& row : store.list_runs().value()) {
    const RunRecord run = store.load_run(row.run_id).value();
    all.push_back(bits_of(run) + record_json_text(run));
  }
  return all;
}

class StoreVersions : public ::testing::TestWithParam<OldStore> {
 protected:
  void SetUp() override { write_old_store(folder_.path(), GetParam().version); }
  std::string version() const { return Sqlite(folder_.path()).first("PRAGMA user_version"); }
  void expect_verified(RecordStore& store, std::uint64_t more_runs) {
    const Verification v = verify_store(store, {}).value();
    for (const VerifyFault& fault : v.faults)
      EXPECT_TRUE(fault.what.ends_with(": is not there")) << fault.where << fault.what;
    EXPECT_EQ(v.faults.size(), GetParam().waveforms);
    EXPECT_EQ(v.signed_runs, GetParam().signed_runs);
    EXPECT_EQ(v.runs, GetParam().logged_runs + more_runs);
  }

  ScratchDirectory folder_;
};

TEST_P(StoreVersions, AreReadAndVerifiedWithoutBeingChanged) {
  const auto store = RecordStore::open_existing(folder_.path()).value();
  EXPECT_EQ(all_runs(*store).size(), GetParam().runs);
  expect_verified(*store, 0);
  EXPECT_EQ(version(), std::to_string(GetParam().version));
}

TEST_P(StoreVersions, KeepEveryRunAndItsBytesWhenTheyAreMigratedAndTakeMore) {
  std::vector<std::string> runs = all_runs(*RecordStore::open_existing(folder_.path()).value());
  const auto store = opened(folder_.path());
  EXPECT_EQ(version(), std::to_string(kStoreVersion));
  EXPECT_EQ(all_runs(*store), runs);
  RunRecord more = small_record();
  const std::string id = stored(*store, more);
  EXPECT_EQ(bits_of(store->load_run(id).value()), bits_of(more));
  expect_verified(*store, 1);
}

TEST_P(StoreVersions, BecomeTheSameSchemaAsANewStore) {
  const ScratchDirectory fresh;
  opened(folder_.path());
  opened(fresh.path());
  const char* const schema = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
  EXPECT_EQ(Sqlite(folder_.path()).first(schema), Sqlite(fresh.path()).first(schema));
}

TEST(NewestSchema, IsWhatTheMigrationsMake) {
  const std::string made = schema_by_migrations() + "\n", file = PENRIG_SOURCE_DIR "/reports/store/newest_schema.sql";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(file, std::ios::binary) << made;
  EXPECT_EQ(testing::bytes_in(file), made) << "UPDATE_GOLDEN=1 writes it anew";
  EXPECT_EQ(newest_schema(), made);
}

INSTANTIATE_TEST_SUITE_P(Old, StoreVersions,
                         ::testing::Values(OldStore{1, 4, 0, 0, 0}, OldStore{2, 4, 0, 0, 0}, OldStore{3, 4, 0, 0, 0},
                                           OldStore{4, 5, 0, 0, 0}, OldStore{7, 2, 2, 2, 0}, OldStore{8, 2, 1, 1, 2},
                                           OldStore{9, 1, 1, 1, 13}, OldStore{10, 1, 1, 1, 6}),
                         [](const auto& test) { return std::to_string(test.param.version); });

TEST(StoreVersion1, HasItsSpotsAndNoNameOfASheet) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 1);
  const RunRecord run = RecordStore::open_existing(folder.path()).value()->load_run("R-000001").value();
  EXPECT_EQ(run.header.serial_number, "PRO-000123");
  EXPECT_EQ(run.header.simulant_sheet, "");
  ASSERT_EQ(run.phases.size(), 2U);
  EXPECT_EQ(run.phases[1].spot->name, "A2");
  EXPECT_EQ(run.phases[1].spot->strokes_after, 60U);
}

TEST(StoreVersion3, HasNothingInvented) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 3);
  const RunRecord run = RecordStore::open_existing(folder.path()).value()->load_run("R-000001").value();
  EXPECT_TRUE(run.outcome.corrections.empty());
  ASSERT_FALSE(run.outcome.decisions.empty());
  EXPECT_FALSE(run.outcome.decisions[0].conformity.has_value());
  EXPECT_FALSE(run.outcome.decisions[0].false_acceptance_max.has_value());
  const std::vector<BudgetLine>& budget = run.phases.at(0).measurements.at(0).budget;
  ASSERT_EQ(budget.size(), 1U);
  EXPECT_EQ(budget[0].source, "scale of encoder");
  EXPECT_EQ(budget[0].distribution, "normal");
  EXPECT_EQ(budget[0].u, 5e-05);
  EXPECT_EQ(budget[0].unit + budget[0].cause, "");
  EXPECT_EQ(budget[0].sensitivity, 0);
}

TEST(StoreVersion3, SaysInItsDocumentsThatItDoesNotKnow) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 3);
  const RunRecord run = RecordStore::open_existing(folder.path()).value()->load_run("R-000001").value();
  const auto json = record_json(run);
  EXPECT_TRUE(json["corrections"].is_null());
  for (const char* key : {"conformity", "false_acceptance", "false_acceptance_max"})
    EXPECT_TRUE(json["decisions"][0][key].is_null()) << key;
  for (const char* key : {"unit", "value", "u_input", "sensitivity", "cause"})
    EXPECT_TRUE(json["phases"][0]["measurements"][0]["budget"][0][key].is_null()) << key;
  EXPECT_NE(html_report(run).find("The record does not say which corrections were made"), std::string::npos);
}

TEST(StoreVersion3, KeepsItsCalibrationWhenItIsMigrated) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 3);
  const Calibration calibration = opened(folder.path())->load_calibration("C-000001").value();
  EXPECT_EQ(calibration.fixture_id, "BENCH-2");
  ASSERT_EQ(calibration.evaluation.budget.size(), 3U);
  EXPECT_EQ(calibration.evaluation.budget[2].source, "reference standard REF-LC-7");
  EXPECT_EQ(calibration.evaluation.budget[2].unit + calibration.evaluation.budget[2].cause, "");
}

TEST(StoreVersion4, HasNoLogAndBeginsOneOfItsOwn) {
  const ScratchDirectory old, fresh;
  write_old_store(old.path(), 4);
  {
    const auto store = RecordStore::open_existing(old.path()).value();
    const RunRecord run = store->load_run("R-000005").value();
    ASSERT_EQ(run.outcome.corrections.size(), 1U);
    EXPECT_EQ(run.outcome.corrections[0].value, 12.5);
    EXPECT_TRUE(run.header.engineering);
    EXPECT_EQ(run.header.engineering_because + run.header.reason, "");
    EXPECT_FALSE(run.standing.log_leaf || run.standing.voided);
    EXPECT_TRUE(store->audit_trail().value().empty());
    EXPECT_EQ(store->log_state().error().code, Errc::usage);
    EXPECT_EQ(store->evidence_of("R-000005").error().code, Errc::usage);
    EXPECT_GT(verify_store(*store, {}).value().runs_before_log, 0U);
  }
  opened(old.path());
  opened(fresh.path());
  const std::string origin = "SELECT origin FROM log_origin";
  EXPECT_NE(Sqlite(old.path()).first(origin), Sqlite(fresh.path()).first(origin));
  EXPECT_TRUE(Sqlite(old.path()).first(origin).ends_with("/6/2"));
  EXPECT_TRUE(Sqlite(fresh.path()).first(origin).ends_with("/1/1"));
}

TEST(StoreVersion4, TakesNoCorrectionForAClosedRun) {
  const ScratchDirectory folder;
  RunRecord run = small_record();
  stored(*opened(folder.path()), run);
  EXPECT_EQ(
      Sqlite(folder.path())
          .run("INSERT INTO corrections(run, name, applied, value, u, unit, note) VALUES(1, 'x', 1, 0, 0, '', '')"),
      "the run is closed");
}

TEST(StoreVersion4, RefusesABudgetLineThatIsCutShort) {
  const ScratchDirectory folder;
  RunRecord run = small_record();
  const std::string id = stored(*opened(folder.path()), run);
  ASSERT_EQ(Sqlite(folder.path())
                .run("DROP TRIGGER phases_no_update; UPDATE phases SET budget_lines_json = "
                     "'[[\"a\",\"B\",\"normal\",1.0,0.0,\"mm\",1.0]]' WHERE budget_lines_json <> '[]'"),
            "");
  const auto loaded = RecordStore::open_existing(folder.path()).value()->load_run(id);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, Errc::bad_data);
}

TEST(StoreVersion7, HasNoTracesAndTakesOneWhenItIsMigrated) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 7);
  {
    const RunRecord run = RecordStore::open_existing(folder.path()).value()->load_run("R-000001").value();
    EXPECT_TRUE(run.standing.voided.has_value());
    EXPECT_FALSE(record_json(run).contains("link_trace"));
  }
  const auto store = opened(folder.path());
  RunRecord more = small_record();
  more.link_trace =
      LinkTraceRecord{std::string(64, 'a'), 10, 2, {{"pen \xff", 3, 4}, {"daq", 5, ~std::uint64_t{0} >> 1U}}};
  EXPECT_EQ(stored(*store, more), "R-000003");
  const RunRecord again = store->load_run("R-000003").value();
  ASSERT_TRUE(again.link_trace.has_value());
  ASSERT_EQ(again.link_trace->links.size(), 2U);
  EXPECT_EQ(again.link_trace->links[1].bytes_out, ~std::uint64_t{0} >> 1U);
  more.link_trace->links[0].name = "pen \xEF\xBF\xBD";  // what is no UTF-8 is replaced
  EXPECT_EQ(bits_of(again), bits_of(more));
}

TEST(LinkTraceRow, IsOnePerRunAndOfAnOpenRunAlone) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  const LinkTraceRecord trace{std::string(64, 'a'), 10, 2, {}};
  RunRecord run = small_record();
  run.closed = false;
  const std::string id = stored(*store, run);
  EXPECT_TRUE(store->add_link_trace(id, trace));
  EXPECT_FALSE(store->add_link_trace(id, trace));
  RunRecord closed = small_record();
  EXPECT_FALSE(store->add_link_trace(stored(*store, closed), trace));
  for (const char* sql : {"UPDATE link_traces SET chunks = 3", "DELETE FROM link_traces",
                          "INSERT OR REPLACE INTO link_traces SELECT * FROM link_traces"})
    EXPECT_NE(Sqlite(folder.path()).run(sql), "") << sql;
}

TEST(StoreVersion8, KeepsItsRunsInRecordFormat1AndTakesNewOnesInTheNext) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 8);
  const auto store = opened(folder.path());
  RunRecord more = small_record();
  EXPECT_EQ(store->load_run(stored(*store, more)).value().format, 2U);
  const RunRecord run = store->load_run("R-000001").value();
  EXPECT_EQ(run.format, 1U);
  ASSERT_EQ(run.standing.signatures.size(), 1U) << run.standing.signature_fault;
  const auto json = record_json(run);
  EXPECT_EQ(json["format_version"], 1);
  EXPECT_EQ(json["measurements"][1].dump(), json["phases"][2]["measurements"][1].dump());
  EXPECT_EQ(json["measurements"][1]["budget"][0]["source"], "repeatability, s/√n_eff");
  EXPECT_EQ(json["phases"][2]["waveforms"][1]["inputs"]["calibrations.force.id"], "C-000012");
  EXPECT_FALSE(json.contains("budget_lines") || json.contains("calibration_inputs"));
}

TEST(StoreVersion8, HasARunClosedAsInterruptedInItsOwnFormatWhichTakesNothingElse) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 8);
  const auto store = opened(folder.path());
  RunRecord run = store->load_run("R-000002").value();
  const auto refused = store->add_phase("R-000002", run.phases.front());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::usage);
  EXPECT_NE(refused.error().message.find("R-000002 was begun in record format 1"), std::string::npos);
  EXPECT_FALSE(store->close_run("R-000002", small_record().outcome));
  EXPECT_EQ(store->close_interrupted(testing::kNow).value().size(), 1U);
  run = store->load_run("R-000002").value();
  EXPECT_EQ(run.format, 1U);
  EXPECT_TRUE(run.outcome.interrupted);
  EXPECT_EQ(run.phases[2].measurements.size(), 14U);
  EXPECT_EQ(verify_store(*store, {}).value().runs, 2U);
}

TEST(StoreVersion9, GivesTheBytesThatItsProgramSignedAndItsWaveformsHaveNoParts) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 9);
  const RunRecord run = RecordStore::open_existing(folder.path()).value()->load_run("R-000001").value();
  EXPECT_EQ(sha256_hex(record_json_text(run)), "09ef57e5f3f4c689024dd176714d9e65f1c4f95198562478fdb93f6913b1f8d7");
  ASSERT_EQ(run.standing.signatures.size(), 1U) << run.standing.signature_fault;
  for (const PhaseRecord& phase : run.phases) {
    for (const WaveformRecord& w : phase.waveforms) EXPECT_TRUE(w.parts.empty()) << w.purpose;
  }
}

TEST(StoreVersion10, GivesTheBytesThatItsProgramSignedAndNothingOfItIsOfALink) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 10);
  const RunRecord run = RecordStore::open_existing(folder.path()).value()->load_run("R-000001").value();
  EXPECT_EQ(sha256_hex(record_json_text(run)), "a7e48f5ec1b39a90483cd4e5ed3687a7ad825f366c49916460790f9b39bcc6a9");
  for (const Measurement& m : run.outcome.measurements) EXPECT_FALSE(m.link.has_value()) << m.measurand;
  EXPECT_EQ(run.phases.at(2).via, PenLink::ble);
}

TEST(StoreVersion11, TakesWaveformsWithPartsPhasesOverBleAndMeasurementsOfALink) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  WaveformRecord w;
  w.purpose = "touch nose";
  w.sha256 = std::string(64, '7');
  w.parts = {{0, 256}, {256, 256}};
  run.phases.front().waveforms = {w};
  run.phases.front().via = PenLink::ble;
  for (const PenLink link : kPenLinks) {
    Measurement& m = run.phases.front().measurements.emplace_back();
    m.measurand = "rate_report_error";
    m.link = link;
    run.outcome.measurements.push_back(m);
  }
  const std::string id = stored(*store, run);
  EXPECT_EQ(bits_of(store->load_run(id).value()), bits_of(run));
}

}  // namespace
}  // namespace penrig
