#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "reports/record_json.hpp"
#include "reports/store/store_schema.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/record_bits.hpp"

namespace penrig {
namespace {

using testing::bits_of;
using testing::opened;
using testing::Sqlite;

/// A file as version 9 left it: the last before waveforms had parts. R-000001 is closed and signed.
void write_version_9(const std::filesystem::path& folder) {
  Sqlite db(folder);
  ASSERT_EQ(db.run(testing::bytes_in(PENRIG_SOURCE_DIR "/tests/reports/data/store-v9.sql")), "");
  ASSERT_EQ(db.first("PRAGMA user_version"), "9");
}

/// Of the bytes that were signed, as the program that wrote the store showed them.
constexpr const char* kSha256 = "09ef57e5f3f4c689024dd176714d9e65f1c4f95198562478fdb93f6913b1f8d7";

/// The rows, their signature and their leaf of the log. Its waveforms are not there: each is a fault.
void expect_verified(RecordStore& store, std::uint64_t runs) {
  const RunRecord run = store.load_run("R-000001").value();
  EXPECT_EQ(sha256_hex(record_json_text(run)), kSha256);
  ASSERT_EQ(run.standing.signatures.size(), 1U) << run.standing.signature_fault;
  const Verification v = verify_store(store, {}).value();
  for (const VerifyFault& fault : v.faults) EXPECT_TRUE(fault.what.ends_with(": is not there")) << fault.what;
  EXPECT_EQ(v.faults.size(), 13U);
  EXPECT_EQ(v.signed_runs, 1U);
  EXPECT_EQ(v.runs, runs);
}

TEST(StoreVersion9, IsReadAndVerifiedByteForByteWithoutBeingChanged) {
  const ScratchDirectory folder;
  write_version_9(folder.path());
  const auto store = RecordStore::open_existing(folder.path()).value();
  expect_verified(*store, 1);
  for (const PhaseRecord& phase : store->load_run("R-000001").value().phases) {
    for (const WaveformRecord& w : phase.waveforms) EXPECT_TRUE(w.parts.empty()) << w.purpose;
  }
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), "9");
}

TEST(StoreVersion9, KeepsItsBytesWhenItIsMigratedAndTakesWaveformsWithParts) {
  const ScratchDirectory folder;
  write_version_9(folder.path());
  const auto store = opened(folder.path());
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA user_version"), std::to_string(kStoreVersion));
  RunRecord more = testing::small_record();
  WaveformRecord w;
  w.purpose = "touch nose";
  w.sha256 = std::string(64, '7');
  w.parts = {{0, 256}, {256, 256}};
  more.phases.front().waveforms = {w};
  EXPECT_EQ(testing::stored(*store, more), "R-000002");
  EXPECT_EQ(bits_of(store->load_run("R-000002").value()), bits_of(more));
  EXPECT_EQ(sha256_hex(record_json_text(store->load_run("R-000001").value())), kSha256);
}

TEST(StoreVersion9, BecomesTheSameSchemaAsANewStore) {
  const ScratchDirectory old, fresh;
  write_version_9(old.path());
  opened(old.path());
  opened(fresh.path());
  const char* const schema = "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
  EXPECT_EQ(Sqlite(old.path()).first(schema), Sqlite(fresh.path()).first(schema));
}

}  // namespace
}  // namespace penrig
