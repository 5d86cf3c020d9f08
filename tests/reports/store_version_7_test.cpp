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

/// A file as version 7 left it: the last before traces of the links.
void write_version_7(const std::filesystem::path& folder) {
  Sqlite db(folder);
  ASSERT_EQ(db.run(testing::bytes_in(PENRIG_SOURCE_DIR "/tests/reports/data/store-v7.sql")), "");
  ASSERT_EQ(db.first("PRAGMA user_version"), "7");
}

TEST(StoreVersion7, IsReadAndVerifiedWithoutBeingChanged) {
  const ScratchDirectory folder;
  write_version_7(folder.path());
  const auto store = RecordStore::open_existing(folder.path()).value();
  const RunRecord run = store->load_run("R-000001").value();
  EXPECT_FALSE(run.link_trace.has_value());
  EXPECT_TRUE(run.standing.voided.has_value());
  EXPECT_FALSE(record_json(run).contains("link_trace"));
  const Verification v = verify_store(*store, {}).value();
  EXPECT_TRUE(v.faults.empty()) << v.faults[0].where << v.faults[0].what;
  EXPECT_EQ(v.signed_runs, 2U);
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), "7");
}

TEST(StoreVersion7, KeepsEveryRunAndItsSignatureWhenItIsMigratedAndTakesATrace) {
  const ScratchDirectory folder;
  write_version_7(folder.path());
  const std::string before = bits_of(RecordStore::open_existing(folder.path()).value()->load_run("R-000002").value());
  const auto store = opened(folder.path());
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), std::to_string(kStoreVersion));
  EXPECT_EQ(bits_of(store->load_run("R-000002").value()), before);
  const Verification v = verify_store(*store, {}).value();
  EXPECT_TRUE(v.faults.empty()) << v.faults[0].where << v.faults[0].what;
  EXPECT_EQ(v.signed_runs, 2U);
  RunRecord more = testing::small_record();
  more.link_trace =
      LinkTraceRecord{std::string(64, 'a'), 10, 2, {{"pen \xff", 3, 4}, {"daq", 5, ~std::uint64_t{0} >> 1U}}};
  EXPECT_EQ(testing::stored(*store, more), "R-000003");
  const RunRecord again = store->load_run("R-000003").value();
  ASSERT_TRUE(again.link_trace.has_value());
  ASSERT_EQ(again.link_trace->links.size(), 2U);
  EXPECT_EQ(again.link_trace->links[1].bytes_out, ~std::uint64_t{0} >> 1U);
  more.link_trace->links[0].name = "pen \xEF\xBF\xBD";  // what is no UTF-8 is replaced
  EXPECT_EQ(bits_of(again), bits_of(more));
}

TEST(StoreVersion7, BecomesTheSameSchemaAsANewStore) {
  const ScratchDirectory old, fresh;
  write_version_7(old.path());
  opened(old.path());
  opened(fresh.path());
  const char* const schema = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
  EXPECT_EQ(Sqlite(old.path()).first(schema), Sqlite(fresh.path()).first(schema));
}

TEST(LinkTraceRow, IsOnePerRunAndOfAnOpenRunAlone) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  const LinkTraceRecord trace{std::string(64, 'a'), 10, 2, {}};
  RunRecord run = testing::small_record();
  run.closed = false;
  const std::string id = testing::stored(*store, run);
  EXPECT_TRUE(store->add_link_trace(id, trace));
  EXPECT_FALSE(store->add_link_trace(id, trace));
  RunRecord closed = testing::small_record();
  EXPECT_FALSE(store->add_link_trace(testing::stored(*store, closed), trace));
  for (const char* sql : {"UPDATE link_traces SET chunks = 3", "DELETE FROM link_traces",
                          "INSERT OR REPLACE INTO link_traces SELECT * FROM link_traces"})
    EXPECT_NE(Sqlite(folder.path()).run(sql), "") << sql;
}

}  // namespace
}  // namespace penrig
