#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/store/measured_values.hpp"
#include "reports/store/store_remains.hpp"
#include "tests/reports/evidence_store.hpp"

namespace penrig {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A store with one run, two waveform files and the run's page; then its database goes.
class LostStore : public ::testing::Test {
 protected:
  void SetUp() override {
    RunRecord run = testing::small_record();
    testing::stored(*testing::opened(folder_.path()), run);
    testing::write_waveform_file(folder_.path(), "one");
    testing::write_waveform_file(folder_.path(), "another");
    make_folder("R-000001");
    testing::write_bytes(folder_.path() / "R-000001" / "report.html", "a page");
  }
  void make_folder(const fs::path& name) const { fs::create_directories(folder_.path() / name); }
  fs::path database() const { return folder_.path() / "records.db"; }

  /// Both ways of opening refuse with these words, and leave all as it is.
  void refused_with(const std::string& words) const {
    const bool there = fs::exists(database());
    for (const auto& opened : {RecordStore::open(folder_.path()), RecordStore::open_existing(folder_.path()),
                               RecordStore::open(folder_.path(), {.short_lived = true})}) {
      ASSERT_FALSE(opened.has_value());
      EXPECT_EQ(opened.error().code, Errc::io);
      EXPECT_THAT(opened.error().message, HasSubstr(words));
      EXPECT_THAT(opened.error().message, HasSubstr("restore records.db from a copy, or choose another --records"));
    }
    EXPECT_EQ(fs::exists(database()), there);
  }
  ScratchDirectory folder_;
};

TEST_F(LostStore, IsNotReplacedByANewOneWhereItsDatabaseIsGone) {
  fs::remove(database());
  refused_with(
      "records.db: it is gone, and what was recorded with it is still there (2 waveform files, 1 report folder)");
}

TEST_F(LostStore, IsNotReplacedByANewOneWhereItsDatabaseIsEmpty) {
  testing::write_bytes(database(), "");
  refused_with("records.db: it is empty, and what was recorded with it is still there (2 waveform files");
  EXPECT_EQ(fs::file_size(database()), 0U);
}

TEST_F(LostStore, IsNotReplacedByANewOneWhereItsDatabaseHasNoSchema) {
  fs::remove(database());
  testing::Sqlite(folder_.path()).run("PRAGMA journal_mode = WAL");
  ASSERT_GT(fs::file_size(database()), 0U);
  const std::string before = testing::bytes_in(database());
  refused_with("records.db: it holds no records, and what was recorded with it is still there (2 waveform files");
  EXPECT_EQ(testing::bytes_in(database()), before);
}

TEST_F(LostStore, IsKnownByAnyOneThingThatWasRecordedWithIt) {
  fs::remove(database());
  fs::remove_all(folder_.path() / "waveforms");
  refused_with("(1 report folder)");
  fs::remove_all(folder_.path() / "R-000001");
  testing::write_bytes(folder_.path() / "records.db-wal", "pages of the database");
  refused_with("(records.db-wal of 21 bytes)");
  EXPECT_EQ(testing::bytes_in(folder_.path() / "records.db-wal"), "pages of the database");
}

TEST_F(LostStore, IsSaidOfADatabaseThatIsNoFile) {
  fs::remove(database());
  fs::create_symlink("/dev/zero", database());
  for (const auto& opened : {RecordStore::open(folder_.path()), RecordStore::open_existing(folder_.path())}) {
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, Errc::io);
    EXPECT_THAT(opened.error().message, HasSubstr("records.db: it is no file but a directory, a pipe or a device"));
  }
}

TEST_F(LostStore, GivesNoValuesEither) {
  fs::remove(database());
  const auto runs = runs_to_study(folder_.path(), {});
  ASSERT_FALSE(runs.has_value());
  EXPECT_EQ(runs.error().code, Errc::io);
  EXPECT_THAT(runs.error().message, HasSubstr("it is gone"));
}

TEST_F(LostStore, IsNoFolderInWhichNothingWasRecorded) {
  fs::remove(database());
  fs::remove_all(folder_.path() / "waveforms");
  fs::remove_all(folder_.path() / "R-000001");
  for (const char* const name : {"running", "waveforms/incoming", "R-1", "R-00000x", "mine"}) make_folder(name);
  testing::write_bytes(folder_.path() / "R-000002", "a file");
  EXPECT_EQ(RecordStore::open_existing(folder_.path()).error().code, Errc::usage);
  testing::write_bytes(database(), "");
  EXPECT_EQ(RecordStore::open_existing(folder_.path()).error().code, Errc::usage);
  EXPECT_TRUE(RecordStore::open(folder_.path()).has_value());
}

}  // namespace
}  // namespace penrig
