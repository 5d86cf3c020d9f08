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

/// A file as version 8 left it: the last before record format 2. R-000001 is closed and signed, R-000002 was left open.
void write_version_8(const std::filesystem::path& folder) {
  Sqlite db(folder);
  ASSERT_EQ(db.run(testing::bytes_in(PENRIG_SOURCE_DIR "/tests/reports/data/store-v8.sql")), "");
  ASSERT_EQ(db.first("PRAGMA user_version"), "8");
}

/// The rows, their signature and their leaf of the log. Its waveforms are not there: each is a fault.
void expect_verified(RecordStore& store, std::uint64_t runs) {
  const Verification v = verify_store(store, {}).value();
  for (const VerifyFault& fault : v.faults) EXPECT_TRUE(fault.what.ends_with(": is not there")) << fault.what;
  EXPECT_EQ(v.faults.size(), 2U);
  EXPECT_EQ(v.signed_runs, 1U);
  EXPECT_EQ(v.runs, runs);
}

TEST(StoreVersion8, IsReadAndVerifiedInRecordFormat1WithoutBeingChanged) {
  const ScratchDirectory folder;
  write_version_8(folder.path());
  const auto store = RecordStore::open_existing(folder.path()).value();
  const RunRecord run = store->load_run("R-000001").value();
  EXPECT_EQ(run.format, 1U);
  ASSERT_EQ(run.standing.signatures.size(), 1U) << run.standing.signature_fault;
  const auto json = record_json(run);
  EXPECT_EQ(json["format_version"], 1);
  EXPECT_EQ(json["measurements"][1].dump(), json["phases"][2]["measurements"][1].dump());
  EXPECT_EQ(json["measurements"][1]["budget"][0]["source"], "repeatability, s/√n_eff");
  EXPECT_EQ(json["phases"][2]["waveforms"][1]["inputs"]["calibrations.force.id"], "C-000012");
  EXPECT_FALSE(json.contains("budget_lines") || json.contains("calibration_inputs"));
  expect_verified(*store, 1);
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), "8");
}

TEST(StoreVersion8, KeepsItsRunsInTheirFormatWhenItIsMigratedAndTakesNewOnesInTheNext) {
  const ScratchDirectory folder;
  write_version_8(folder.path());
  const std::string before = bits_of(RecordStore::open_existing(folder.path()).value()->load_run("R-000001").value());
  const auto store = opened(folder.path());
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), std::to_string(kStoreVersion));
  RunRecord more = testing::small_record();
  EXPECT_EQ(testing::stored(*store, more), "R-000003");
  const RunRecord old = store->load_run("R-000001").value(), young = store->load_run("R-000003").value();
  EXPECT_EQ(bits_of(old), before);
  EXPECT_EQ(bits_of(young), bits_of(more));
  EXPECT_EQ(old.format, 1U);
  EXPECT_EQ(young.format, 2U);
  expect_verified(*store, 2);
}

TEST(StoreVersion8, HasARunClosedAsInterruptedInItsOwnFormatWhichTakesNothingElse) {
  const ScratchDirectory folder;
  write_version_8(folder.path());
  const auto store = opened(folder.path());
  RunRecord run = store->load_run("R-000002").value();
  const auto refused = store->add_phase("R-000002", run.phases.front());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::usage);
  EXPECT_NE(refused.error().message.find("R-000002 was begun in record format 1"), std::string::npos);
  EXPECT_FALSE(store->close_run("R-000002", testing::small_record().outcome));
  EXPECT_EQ(store->close_interrupted(testing::kNow).value().size(), 1U);
  run = store->load_run("R-000002").value();
  EXPECT_EQ(run.format, 1U);
  EXPECT_TRUE(run.outcome.interrupted);
  EXPECT_EQ(run.phases[2].measurements.size(), 14U);
  expect_verified(*store, 2);
}

TEST(StoreVersion8, BecomesTheSameSchemaAsANewStore) {
  const ScratchDirectory old, fresh;
  write_version_8(old.path());
  opened(old.path());
  opened(fresh.path());
  const char* const schema = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
  EXPECT_EQ(Sqlite(old.path()).first(schema), Sqlite(fresh.path()).first(schema));
}

}  // namespace
}  // namespace penrig
