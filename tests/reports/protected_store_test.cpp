#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/export/bundle.hpp"
#include "tests/reports/as_nobody.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/record_bits.hpp"

namespace penrig {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A store with one run, in a folder and files that nobody may write to.
class ProtectedStore : public ::testing::Test {
 protected:
  void SetUp() override {
    run_ = testing::small_record();
    testing::stored(*testing::opened(records()), run_);
  }
  void protect() const {
    using fs::perms;
    const auto reading = perms::owner_read | perms::group_read | perms::others_read;
    const auto entering = reading | perms::owner_exec | perms::group_exec | perms::others_exec;
    fs::permissions(folder_.path(), entering);
    for (const auto& entry : fs::recursive_directory_iterator(records()))
      fs::permissions(entry.path(), entry.is_directory() ? entering : reading);
    fs::permissions(records(), entering);
  }
  void TearDown() override {
    fs::permissions(folder_.path(), fs::perms::owner_all);
    fs::permissions(records(), fs::perms::owner_all);
  }
  fs::path records() const { return folder_.path() / "50% of #1?"; }
  RunRecord run_;
  ScratchDirectory folder_;
};

TEST_F(ProtectedStore, IsReadAndVerifiedByWhoMayNotWriteIt) {
  protect();
  const test::AsNobody nobody;
  const auto store = RecordStore::open_existing(records());
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_EQ(testing::bits_of((*store)->load_run("R-000001").value()), testing::bits_of(run_));
  EXPECT_EQ(testing::faults_in(records()), "");
  EXPECT_FALSE((*store)->open_run(run_.header).has_value());
  EXPECT_EQ(RecordStore::open(records()).error().code, Errc::io);
}

TEST_F(ProtectedStore, GivesTheBundleThatItGivesWhereItMayBeWritten) {
  const auto bundle = [&] {
    const auto store = RecordStore::open_existing(records());
    const auto packed = store ? bundle_of(**store, "R-000001", {}) : store.error();
    return packed ? *packed : packed.error().message;
  };
  const std::string before = bundle();
  ASSERT_THAT(check_bundle(before).faults, ::testing::IsEmpty()) << before.substr(0, 300);
  protect();
  const test::AsNobody nobody;
  EXPECT_TRUE(bundle() == before) << bundle().substr(0, 300);
}

TEST_F(ProtectedStore, IsNotReadWithoutTheRowsOfItsLog) {
  testing::write_bytes(records() / "records.db-wal", "rows");
  protect();
  const test::AsNobody nobody;
  const auto store = RecordStore::open_existing(records());
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, Errc::io);
  EXPECT_THAT(store.error().message,
              HasSubstr("records.db-wal has rows that cannot be read so; copy the whole folder"));
}

}  // namespace
}  // namespace penrig
