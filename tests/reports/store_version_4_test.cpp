#include <gtest/gtest.h>

#include "reports/record_json.hpp"
#include "reports/store/store_schema.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/record_bits.hpp"

namespace penrig {
namespace {

using testing::bits_of;
using testing::opened;
using testing::Sqlite;

/// A file as version 4 left it: the last before waveforms, log and recovery.
void write_version_4(const std::filesystem::path& folder) {
  Sqlite db(folder);
  ASSERT_EQ(db.run(testing::bytes_in(PENRIG_SOURCE_DIR "/tests/reports/data/store-v4.sql")), "");
  ASSERT_EQ(db.first("PRAGMA user_version"), "4");
}

std::vector<std::string> all_runs(RecordStore& store) {
  std::vector<std::string> all;
  for (const RunRow& row : store.list_runs().value()) all.push_back(bits_of(store.load_run(row.run_id).value()));
  return all;
}

TEST(StoreVersion4, IsReadWithoutBeingChangedAndHasNoLog) {
  const ScratchDirectory folder;
  write_version_4(folder.path());
  const auto store = RecordStore::open_existing(folder.path()).value();
  const RunRecord run = store->load_run("R-000005").value();
  ASSERT_EQ(run.outcome.corrections.size(), 1U);
  EXPECT_EQ(run.outcome.corrections[0].value, 12.5);
  EXPECT_TRUE(run.header.engineering);
  EXPECT_EQ(run.header.engineering_because + run.header.reason, "");
  EXPECT_FALSE(run.standing.log_leaf || run.standing.voided);
  EXPECT_TRUE(store->audit_trail().value().empty());
  EXPECT_EQ(store->log_state().error().code, Errc::usage);
  EXPECT_EQ(store->evidence_of("R-000005").error().code, Errc::usage);
  const Verification v = verify_store(*store, {}).value();
  EXPECT_TRUE(v.faults.empty()) << v.faults[0].what;
  EXPECT_EQ(v.runs, 0U);
  EXPECT_GT(v.runs_before_log, 0U);
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), "4");
}

TEST(StoreVersion4, KeepsEveryRunWhenItIsMigratedAndBeginsItsLog) {
  const ScratchDirectory folder;
  write_version_4(folder.path());
  const std::vector<std::string> before = all_runs(*RecordStore::open_existing(folder.path()).value());
  ASSERT_EQ(before.size(), 5U);
  const auto store = opened(folder.path());
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), std::to_string(kStoreVersion));
  EXPECT_EQ(all_runs(*store), before);
  RunRecord more = testing::small_record();
  EXPECT_EQ(testing::stored(*store, more), "R-000006");
  const Verification v = verify_store(*store, {}).value();
  EXPECT_TRUE(v.faults.empty()) << v.faults[0].where << v.faults[0].what;
  EXPECT_EQ(v.runs, 1U);
  EXPECT_EQ(v.log_size, 1U);
}

TEST(StoreVersion4, BecomesTheSameSchemaAsANewStoreAndALogOfItsOwn) {
  const ScratchDirectory old, fresh;
  write_version_4(old.path());
  opened(old.path());
  opened(fresh.path());
  const char* const schema = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
  EXPECT_EQ(Sqlite(old.path()).first(schema), Sqlite(fresh.path()).first(schema));
  const std::string origin = "SELECT origin FROM log_origin";
  EXPECT_NE(Sqlite(old.path()).first(origin), Sqlite(fresh.path()).first(origin));
  EXPECT_TRUE(Sqlite(old.path()).first(origin).ends_with("/6/2"));
  EXPECT_TRUE(Sqlite(fresh.path()).first(origin).ends_with("/1/1"));
}

}  // namespace
}  // namespace penrig
