#include <gtest/gtest.h>

#include "reports/html_report.hpp"
#include "reports/record_json.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/store_schema.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/record_bits.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig {
namespace {

using testing::bits_of;
using testing::bytes_in;
using testing::opened;
using testing::small_record;
using testing::Sqlite;
using testing::stored;

/// A file as version 3 left it.
void write_version_3(const std::filesystem::path& folder) {
  Sqlite db(folder);
  ASSERT_EQ(db.run(bytes_in(PENRIG_SOURCE_DIR "/tests/reports/data/store-v3.sql")), "");
  ASSERT_EQ(db.first("PRAGMA user_version"), "3");
}

std::vector<std::string> all_runs(RecordStore& store) {
  std::vector<std::string> all;
  for (const RunRow& row : store.list_runs().value()) all.push_back(bits_of(store.load_run(row.run_id).value()));
  return all;
}

TEST(StoreVersion3, IsReadWithoutBeingChangedAndWithNothingInvented) {
  const ScratchDirectory folder;
  write_version_3(folder.path());
  const auto store = RecordStore::open_existing(folder.path()).value();
  const RunRecord run = store->load_run("R-000001").value();
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
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), "3");
}

TEST(StoreVersion3, SaysInItsDocumentsThatItDoesNotKnow) {
  const ScratchDirectory folder;
  write_version_3(folder.path());
  const RunRecord run = RecordStore::open_existing(folder.path()).value()->load_run("R-000001").value();
  const auto json = record_json(run);
  EXPECT_TRUE(json["corrections"].is_null());
  for (const char* key : {"conformity", "false_acceptance", "false_acceptance_max"})
    EXPECT_TRUE(json["decisions"][0][key].is_null()) << key;
  for (const char* key : {"unit", "value", "u_input", "sensitivity", "cause"})
    EXPECT_TRUE(json["phases"][0]["measurements"][0]["budget"][0][key].is_null()) << key;
  EXPECT_NE(html_report(run).find("The record does not say which corrections were made"), std::string::npos);
}

TEST(StoreVersion3, KeepsEveryRunAndCalibrationWhenItIsMigrated) {
  const ScratchDirectory folder;
  write_version_3(folder.path());
  const std::vector<std::string> before = all_runs(*RecordStore::open_existing(folder.path()).value());
  ASSERT_EQ(before.size(), 4U);
  const auto store = opened(folder.path());
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), std::to_string(kStoreVersion));
  EXPECT_EQ(all_runs(*store), before);
  const Calibration calibration = store->load_calibration("C-000001").value();
  EXPECT_EQ(calibration.fixture_id, "BENCH-2");
  ASSERT_EQ(calibration.evaluation.budget.size(), 3U);
  EXPECT_EQ(calibration.evaluation.budget[2].source, "reference standard REF-LC-7");
  EXPECT_EQ(calibration.evaluation.budget[2].unit + calibration.evaluation.budget[2].cause, "");
  RunRecord more = small_record();
  ASSERT_FALSE(more.outcome.corrections.empty());
  EXPECT_EQ(stored(*store, more), "R-000005");
  EXPECT_EQ(bits_of(store->load_run("R-000005").value()), bits_of(more));
}

TEST(StoreVersion3, BecomesTheSameSchemaAsANewStore) {
  const ScratchDirectory old, fresh;
  write_version_3(old.path());
  opened(old.path());
  opened(fresh.path());
  const char* const schema = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
  EXPECT_EQ(Sqlite(old.path()).first(schema), Sqlite(fresh.path()).first(schema));
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

}  // namespace
}  // namespace penrig
