#include <limits>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "reports/export/zip_archive.hpp"
#include "reports/store/archive_waveforms.hpp"
#include "tests/reports/evidence_store.hpp"

namespace penrig {
namespace {

namespace fs = std::filesystem;
using testing::faults_in;
using testing::kByTester;
using testing::opened;
using testing::tamper;

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A store with a run of two waveforms.
class VerifyArchives : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto store = opened(records());
    RunRecord run = testing::small_record();
    for (const char* bytes : {"one", "another"}) {
      WaveformRecord w;
      w.purpose = "setting";
      w.sha256 = testing::write_waveform_file(records(), bytes);
      files_.push_back(records() / waveform_path(w));
      hashes_.push_back(w.sha256);
      run.phases.front().waveforms.push_back(w);
    }
    testing::stored(*store, run);
  }
  fs::path records() const { return folder_.path() / "records"; }
  /// Moves both into an archive. @return its path.
  fs::path archive() const {
    constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
    return archive_waveforms(*opened(records()), kEver, "old", folder_.path(), kByTester).value().files.at(0);
  }
  /// Archives a waveform by name alone: whatever the file is. @return the file.
  fs::path file_as_archive(const std::string& bytes) const {
    const fs::path file = folder_.path() / "other.zip";
    testing::write_bytes(file, bytes);
    const ArchivedIn other{file.string(), sha256_hex(bytes), kByTester.at_utc_ns};
    opened(records())->file_archive(other, {hashes_[0]}, kByTester).value();
    fs::remove(files_[0]);
    return file;
  }
  void expect_fault(const std::string& what) const {
    const std::string faults = faults_in(records());
    EXPECT_TRUE(says(faults, what)) << what << "\n" << faults;
  }

  ScratchDirectory folder_;
  std::vector<fs::path> files_;
  std::vector<std::string> hashes_;
};

TEST_F(VerifyArchives, WhatTheTrailKnowsIsFineAndIsHereOrNoted) {
  const fs::path zip = archive();
  EXPECT_FALSE(fs::exists(files_[0]));
  EXPECT_EQ(faults_in(records()), "");
  fs::remove(zip);
  EXPECT_EQ(faults_in(records()), "");
  // Made again after it was brought back, to the byte and with the same name.
  for (const auto& [file, bytes] : {std::pair{files_[0], "one"}, {files_[1], "another"}})
    testing::write_bytes(file, bytes);
  EXPECT_EQ(archive(), zip);
  EXPECT_EQ(faults_in(records()), "");
}

TEST_F(VerifyArchives, TwoRowsThatSayThatADeletedWaveformIsArchivedAreNotBelieved) {
  fs::remove(files_[0]);
  const std::string zip = (folder_.path() / "none.zip").string();
  tamper(records(), "INSERT INTO archives(made_utc_ns, file, sha256) VALUES(1, '" + zip + "', '" +
                        std::string(64, 'a') + "'); INSERT INTO archived_waveforms(archive, sha256) VALUES(1, '" +
                        hashes_[0] + "')");
  expect_fault("archive " + zip + ": the audit trail knows no archive of that name and SHA-256");
}

TEST_F(VerifyArchives, ALaterRowOrAnotherWaveformOnTheListOfAnArchiveIsNamed) {
  const fs::path zip = archive();
  fs::remove(zip);
  tamper(records(), "UPDATE archived_waveforms SET sha256 = '" + std::string(64, 'b') + "' WHERE id = 1");
  expect_fault("archive " + zip.string() + ": the waveforms that the store says it took are not those of A-000001");
  tamper(records(), "INSERT INTO archived_waveforms(archive, sha256) VALUES(1, '" + std::string(64, 'a') + "')");
  expect_fault("archive " + zip.string() +
               ": the store says that it took 3 waveforms, and A-000001 of the audit trail "
               "says 2");
  tamper(records(), "DELETE FROM archived_waveforms; DELETE FROM archives");
  expect_fault("A-000001: archive " + zip.string() + ": the store has no such archive");
}

TEST_F(VerifyArchives, AnArchiveThatIsHereHoldsWhatTheStoreSaysIsInIt) {
  const fs::path file = file_as_archive(zip_of({{"waveforms/x", "something else"}}).value());
  expect_fault("archive " + file.string() + ": does not hold waveform " + hashes_[0].substr(0, 16));
}

TEST_F(VerifyArchives, AnArchiveThatIsNoZipIsNamed) {
  const fs::path file = file_as_archive("no archive");
  expect_fault("archive " + file.string() + ": ");
}

TEST_F(VerifyArchives, WhatIsNoFileIsNamedWhereAnArchiveOrAWaveformShouldBe) {
  const fs::path zip = archive();
  const auto put = [](const fs::path& place, bool pipe) {
    fs::remove_all(place);
    const bool made = pipe ? ::mkfifo(place.c_str(), 0600) == 0 : fs::create_directory(place);
    ASSERT_TRUE(made) << place;
  };
  for (const bool pipe : {true, false}) {
    put(zip, pipe);
    expect_fault("archive " + zip.string() + ": is no file but a directory or a device");
    const auto restored = restore_waveforms(*opened(records()), zip);
    ASSERT_FALSE(restored);
    EXPECT_TRUE(says(restored.error().message, zip.string() + ": is no file")) << restored.error().message;
  }
  for (const bool pipe : {true, false}) {
    put(files_[0], pipe);
    expect_fault(files_[0].string() + ": cannot be read: it is no file but a directory or a device");
  }
}

TEST_F(VerifyArchives, NobodyWithoutTheKeyMovesAWaveformOutOfSight) {
  const auto keys = testing::new_ring(folder_.path());
  opened(records())->sign_with(keys, kByTester).value();
  const fs::path zip = archive();
  EXPECT_EQ(faults_in(records()), "") << "whoever wants to can look";
  fs::remove(zip);
  expect_fault("archive " + zip.string() + ": is not here, and A-000002");
}

TEST_F(VerifyArchives, ALinkTraceIsNeverArchived) {
  RunRecord run = testing::small_record();
  run.link_trace = LinkTraceRecord{};
  run.link_trace->sha256 = std::string(64, 'c');
  const auto store = opened(records());
  const std::string id = testing::stored(*store, run);
  const ArchivedIn gone{(folder_.path() / "gone.zip").string(), std::string(64, 'd'), kByTester.at_utc_ns};
  store->file_archive(gone, {run.link_trace->sha256}, kByTester).value();
  expect_fault(id + ", link trace: ");
}

}  // namespace
}  // namespace penrig
