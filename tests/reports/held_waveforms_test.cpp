#include "reports/waveforms/held_waveforms.hpp"

#include <algorithm>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/record_json.hpp"
#include "reports/store/archive_waveforms.hpp"
#include "reports/waveforms/waveform_file.hpp"
#include "tests/reports/evidence_store.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;
using testing::opened;

WaveformHead head_of_setting() {
  WaveformHead head;
  head.phase = "2.5 mm at 9000/min";
  head.purpose = "setting";
  head.clock.tick_hz = 1e7;
  head.clock.tick_ref = 1'000'000;
  head.clock_utc_ns = 1'767'225'600'000'000'000;
  return head;
}

/// Brings samples in blocks of 500, the last of them shorter, and one gap.
/// @param moves_from  up to that sample the stage stands.
void bring(WaveformWriter& writer, std::size_t n, std::size_t moves_from = 0) {
  std::vector<std::int32_t> force, position, stage;
  for (std::size_t i = 0; i < n; ++i) {
    force.push_back(static_cast<std::int32_t>(i * 7919 % 613));
    position.push_back(static_cast<std::int32_t>(i % 400) * 20);
    stage.push_back(i < moves_from ? -20'000 : static_cast<std::int32_t>(i) - 20'000);
  }
  const auto part = [](const std::vector<std::int32_t>& channel, std::size_t from, std::size_t samples) {
    return std::span<const std::int32_t>(channel).subspan(from, samples);
  };
  for (std::size_t at = 0; at < n; at += 500) {
    const std::size_t samples = std::min<std::size_t>(500, n - at);
    writer.samples(
        {2'000'000 + 200 * at, 200, part(force, at, samples), part(position, at, samples), part(stage, at, samples)});
    if (at == 0) writer.gap("a frame is missing");
  }
}

class HeldOfEachForm : public ::testing::TestWithParam<WaveformForm> {
 protected:
  WaveformFile in_memory(HeldWaveforms& held) const {
    return {nowhere_.path(), "R-000007", head_of_setting(), GetParam(), {}, nullptr, &held};
  }
  bool made_no_file() const { return std::filesystem::is_empty(nowhere_.path()); }
  ScratchDirectory nowhere_;
};
INSTANTIATE_TEST_SUITE_P(HeldWaveforms, HeldOfEachForm, ::testing::ValuesIn(kWaveformForms),
                         [](const auto& form) { return std::string(name_of(form.param)); });

TEST_P(HeldOfEachForm, AreByteForByteWhatTheirFilesAre) {
  // A FLAC file goes back to its head, and is written anew where a stage that stood moves after all.
  for (const std::size_t moves_from : {std::size_t{0}, std::size_t{9'000}, std::size_t{30'001}}) {
    const ScratchDirectory folder;
    WaveformFile file(folder.path(), "R-000007", head_of_setting(), GetParam());
    HeldWaveforms held;
    WaveformFile memory = in_memory(held);
    for (WaveformFile* const writer : {&file, &memory}) bring(*writer, 30'001, moves_from);
    const WaveformRecord of_file = file.finish().value(), of_memory = memory.finish().value();
    EXPECT_EQ(of_memory.sha256, of_file.sha256);
    EXPECT_EQ(of_memory.bytes, of_file.bytes);
    EXPECT_EQ(of_memory.samples, of_file.samples);
    ASSERT_EQ(of_memory.gaps.size(), 1U);
    const std::string bytes = testing::bytes_in(folder.path() / waveform_path(of_file));
    EXPECT_EQ(waveforms_in(held)(of_memory).value(), bytes);
    EXPECT_EQ(held.bytes(), bytes.size());
    EXPECT_EQ(kept_capture(of_memory, bytes)->size(), 30'001U);
    EXPECT_TRUE(made_no_file());
  }
}

TEST_P(HeldOfEachForm, LeaveNothingOfAWriterThatIsGivenUp) {
  HeldWaveforms held;
  {
    WaveformFile memory = in_memory(held);
    bring(memory, 200'000);
  }
  EXPECT_EQ(held.bytes(), 0U);
}

TEST_P(HeldOfEachForm, TakeNoMoreThanTheyMayHave) {
  HeldWaveforms held(std::uint64_t{1} << 20U);
  WaveformFile little = in_memory(held), much = in_memory(held), again = in_memory(held);
  bring(little, 20'000);
  const std::string kept = little.finish().value().sha256;
  const std::uint64_t bytes = held.bytes();
  bring(much, 1'000'000);
  const Result<WaveformRecord> refused = much.finish();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::no_space);
  EXPECT_THAT(refused.error().message, HasSubstr("2.5 mm at 9000/min"));
  EXPECT_THAT(refused.error().message, HasSubstr("held in memory may have 1 MiB together"));
  EXPECT_THAT(refused.error().message, HasSubstr("--waveforms files"));
  // What was refused takes no room any more.
  EXPECT_EQ(held.bytes(), bytes);
  EXPECT_NE(held.find(kept, suffix_of(GetParam())), nullptr);
  bring(again, 30'000);
  EXPECT_TRUE(again.finish());
}

TEST(HeldWaveforms, HoldOnceWhatIsTheSame) {
  const ScratchDirectory nowhere;
  HeldWaveforms held;
  std::string sha256;
  for (int i = 0; i < 2; ++i) {
    const auto incoming = held.begin(".raw");
    ASSERT_TRUE(incoming->write("the same"));
    sha256 = incoming->keep(nullptr).value().sha256;
  }
  EXPECT_EQ(held.bytes(), 8U);
  EXPECT_EQ(*held.find(sha256, ".raw"), "the same");
  EXPECT_EQ(held.find(sha256, ".flac"), nullptr);
}

TEST(HeldWaveforms, NameOneThatIsNotThere) {
  WaveformRecord record;
  record.sha256 = std::string(64, 'c');
  const HeldWaveforms held;
  const Result<std::string> bytes = waveforms_in(held)(record);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::bad_data);
  EXPECT_THAT(bytes.error().message, HasSubstr(record.sha256 + ".flac: is not there, in memory"));
}

const RecordStoreOptions kInMemory{.waveforms_in_memory = true};

/// A run whose setting has a waveform, as a sequencer stores it.
RunRecord recorded(RecordStore& store) {
  RunRecord run = testing::small_record();
  const auto writer = store.begin_waveform("R-000001", head_of_setting());
  bring(*writer, 20'000);
  run.phases.front().waveforms = {writer->finish().value()};
  testing::stored(store, run);
  return run;
}

std::string faults_of(RecordStore& store) {
  std::string text;
  for (const VerifyFault& fault : verify_store(store, {}).value().faults)
    text += fault.where + ": " + fault.what + "\n";
  return text;
}

TEST(StoreWithWaveformsInMemory, HoldsTheSameRecordAsOneWithFiles) {
  const ScratchDirectory memory_in, files_in;
  const auto memory = opened(memory_in.path(), kInMemory), files = opened(files_in.path());
  const RunRecord in_memory = recorded(*memory), in_files = recorded(*files);
  const WaveformRecord& waveform = in_memory.phases.front().waveforms.front();
  EXPECT_EQ(record_json_text(memory->load_run(in_memory.header.run_id).value()),
            record_json_text(files->load_run(in_files.header.run_id).value()));
  EXPECT_EQ(waveforms_of(*memory)(waveform).value(), waveforms_of(*files)(waveform).value());
  EXPECT_FALSE(std::filesystem::exists(waveform_folder(memory_in.path())));
  const Verification verified = verify_store(*memory, {}).value();
  EXPECT_EQ(verified.waveforms, 1U);
  EXPECT_TRUE(verified.faults.empty()) << faults_of(*memory);
}

TEST(StoreWithWaveformsInMemory, IsFoundDamagedByOneBit) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path(), kInMemory);
  const WaveformRecord waveform = recorded(*store).phases.front().waveforms.front();
  // Nothing but a fault of the memory could.
  auto* const bytes = const_cast<std::string*>(store->held_waveforms()->find(waveform.sha256, ".flac"));
  for (const std::size_t at : {std::size_t{0}, bytes->size() / 2, bytes->size() - 1}) {
    (*bytes)[at] ^= 1;
    EXPECT_THAT(faults_of(*store), HasSubstr("R-000001, waveform " + waveform.sha256.substr(0, 16) +
                                             ": is damaged in memory (its SHA-256 is "));
    (*bytes)[at] ^= 1;
  }
  EXPECT_EQ(faults_of(*store), "");
}

TEST(StoreWithWaveformsInMemory, LacksAWaveformThatWasNeverKept) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path(), kInMemory);
  RunRecord run = testing::small_record();
  WaveformRecord never;
  never.purpose = "setting";
  // A file is not where it is looked for.
  never.sha256 = testing::write_waveform_file(folder.path(), "a file");
  run.phases.front().waveforms = {never};
  testing::stored(*store, run);
  EXPECT_THAT(faults_of(*store), HasSubstr(never.sha256.substr(0, 16) + ": is not there, in memory"));
  EXPECT_EQ(verify_store(*store, {})->waveforms, 0U);
}

// Whoever opens the folder when the program is gone finds the rows, and that the samples are not there.
TEST(StoreWithWaveformsInMemory, LeavesRecordsThatDoNotVerify) {
  const ScratchDirectory folder;
  recorded(*opened(folder.path(), kInMemory));
  EXPECT_THAT(testing::faults_in(folder.path()), HasSubstr("is not there"));
}

TEST(StoreWithWaveformsInMemory, TakesNoRunOfARealRig) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path(), kInMemory);
  const Result<std::string> id = store->open_run(testing::small_record(testing::SampleEnd::pass, false).header);
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, Errc::usage);
  EXPECT_THAT(id.error().message, HasSubstr("a run of a real rig keeps its waveforms in files"));
}

TEST(StoreWithWaveformsInMemory, IsNoneThatWasThereBefore) {
  const ScratchDirectory folder;
  recorded(*opened(folder.path()));
  const auto refused = [](const Result<std::unique_ptr<RecordStore>>& store) {
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::usage);
    EXPECT_THAT(store.error().message, HasSubstr("it holds records already, whose waveforms are files"));
  };
  refused(RecordStore::open(folder.path(), kInMemory));
  refused(RecordStore::open_existing(folder.path(), kInMemory));
}

}  // namespace
}  // namespace penrig
