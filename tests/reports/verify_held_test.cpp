#include <gtest/gtest.h>

#include "reports/export/bundle.hpp"
#include "tests/reports/evidence_store.hpp"

namespace penrig {
namespace {

// Whoever is told of a run may have read its files for that: those alone are not read again.
TEST(VerifyStore, ReadsEveryWaveformThatNobodyHasJustReadAndHashed) {
  const ScratchDirectory folder;
  const auto store = testing::opened(folder.path());
  WaveformRecord held, other;
  held.purpose = other.purpose = "setting";
  held.sha256 = testing::write_waveform_file(folder.path(), "one");
  other.sha256 = testing::write_waveform_file(folder.path(), "another");
  RunRecord run = testing::small_record();
  run.phases.front().waveforms = {held, other};
  testing::stored(*store, run);
  for (const WaveformRecord& w : {held, other}) {
    testing::write_bytes(folder.path() / waveform_path(w), "damaged");
  }
  VerifyOptions options;
  EXPECT_EQ(verify_store(*store, options).value().faults.size(), 2U);
  std::set<std::string> read;
  options.seen = [&read](const RunRecord&) { return read; };
  EXPECT_EQ(verify_store(*store, options).value().faults.size(), 2U);
  read = {held.sha256, std::string(64, '0')};
  const Verification v = verify_store(*store, options).value();
  ASSERT_EQ(v.faults.size(), 1U);
  EXPECT_NE(v.faults.front().where.find(other.sha256.substr(0, 16)), std::string::npos);
  EXPECT_EQ(v.waveforms, 2U);
}

std::string notes_in(const RecordStore& store, const Verification& v) {
  std::string text;
  for (const std::string& note : v.notes) text += note + "\n";
  EXPECT_TRUE(v.faults.empty()) << testing::faults_in(store.folder());
  return text;
}

TEST(VerifyStore, SaysThatPagesInTheStoreWereNotChecked) {
  const ScratchDirectory folder;
  const auto store = testing::opened(folder.path());
  RunRecord run = testing::small_record();
  const std::string id = testing::stored(*store, run);
  EXPECT_EQ(notes_in(*store, verify_store(*store, {}).value()).find("page"), std::string::npos);
  std::filesystem::create_directory(folder.path() / id);
  testing::write_bytes(folder.path() / id / "report.html", "PASS, says somebody");
  for (const std::vector<std::string>& runs : {std::vector<std::string>{}, std::vector{id}}) {
    VerifyOptions options;
    options.runs = runs;
    const std::string notes = notes_in(*store, verify_store(*store, options).value());
    EXPECT_NE(notes.find("report pages in the store (R-.../report.html): 1; they are no evidence and were not checked "
                         "(penrig report RUN --html FILE writes one anew"),
              std::string::npos)
        << notes;
  }
}

TEST(VerifyStore, SaysWhichWaveformFilesNoRunHas) {
  const ScratchDirectory folder;
  const auto store = testing::opened(folder.path());
  WaveformRecord w;
  w.purpose = "setting";
  w.sha256 = testing::write_waveform_file(folder.path(), "of the run");
  RunRecord run = testing::small_record();
  run.phases.front().waveforms = {w};
  testing::stored(*store, run);
  std::filesystem::create_directories(incoming_folder(folder.path()));
  testing::write_bytes(incoming_folder(folder.path()) / "R-000002-1.flac", "is being written");
  EXPECT_EQ(notes_in(*store, verify_store(*store, {}).value()).find("belong to no run"), std::string::npos);
  testing::write_waveform_file(folder.path(), "of nobody");
  const std::string notes = notes_in(*store, verify_store(*store, {}).value());
  EXPECT_NE(notes.find("waveform files that belong to no run: 1; they were not checked"), std::string::npos) << notes;
}

// Whoever mistypes a run is told what there is, as records show tells it.
TEST(VerifyStore, SaysWhichRunsThereAreWhereOneIsNotThere) {
  const ScratchDirectory folder;
  const auto store = testing::opened(folder.path());
  VerifyOptions options;
  options.runs = {"R-000099"};
  const std::string none = verify_store(*store, options).error().message;
  EXPECT_NE(none.find("no run 'R-000099'; the store holds no runs yet"), std::string::npos) << none;
  RunRecord run = testing::small_record();
  testing::stored(*store, run);
  const std::string one = verify_store(*store, options).error().message;
  EXPECT_NE(one.find("no run 'R-000099'; runs in the store: 1, the newest is R-000001"), std::string::npos) << one;
}

// A device was called "no such file".
TEST(BundleCheck, SaysOfADeviceAndAFolderThatTheyAreNoFile) {
  for (const char* file : {"/dev/zero", "/dev"}) {
    const std::string said = check_bundle_file(file).error().message;
    EXPECT_NE(said.find("it is no file but a directory, a pipe or a device"), std::string::npos) << said;
  }
  const std::string gone = check_bundle_file("/dev/null/none/of/it.zip").error().message;
  EXPECT_EQ(gone.find("it is no file but"), std::string::npos) << gone;
}

}  // namespace
}  // namespace penrig
