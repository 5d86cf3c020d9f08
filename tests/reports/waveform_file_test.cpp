#include "reports/waveforms/waveform_file.hpp"

#include <array>
#include <deque>
#include <set>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "reports/digest.hpp"
#include "reports/waveforms/decode_waveform.hpp"
#include "reports/waveforms/kept_waveform.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "rig/base/random.hpp"
#include "rig/base/sample_codec.hpp"
#include "tests/reports/file_bytes.hpp"

namespace penrig {
namespace {

using testing::bytes_in;
using ::testing::HasSubstr;
using testing::write_bytes;

WaveformHead sample_head() {
  WaveformHead head;
  head.phase = "2.5 mm at 9000/min";
  head.attempt = 2;
  head.purpose = "setting";
  head.calibration = "RIG-7, C-000012 load-cell";
  head.force = {2e-4, -0.0274};
  head.position = {1e-4, -12.5};
  head.stage = {1e-4, 0};
  head.clock.tick_hz = 1e7;
  head.clock.tick_ref = 1'000'000;
  head.clock_utc_ns = 1'767'225'600'000'000'000;
  return head;
}

/// Brings a made-up capture, in blocks, to a sink and to a Capture of its own.
class Samples {
 public:
  explicit Samples(std::size_t n, std::int32_t most = 8'388'607) : random_(5, "samples") {
    for (auto* channel : {&force_, &position_, &stage_}) {
      std::int32_t at = 0;
      for (std::size_t i = 0; i < n; ++i) {
        at += static_cast<std::int32_t>(random_.below(201)) - 100;
        channel->push_back(at);
      }
    }
    if (n > 1) {
      stage_[0] = most;
      stage_[1] = -most - 1;
    }
  }
  /// The stage moves from this sample on alone.
  Samples& stand_until(std::size_t moves_from) {
    std::fill_n(stage_.begin(), moves_from, -20'000);
    return *this;
  }
  SampleBlock block(std::size_t from, std::size_t n) const {
    const auto part = [&](const std::vector<std::int32_t>& channel) {
      return std::span<const std::int32_t>(channel).subspan(from, n);
    };
    return {2'000'000 + 200 * from, 200, part(force_), part(position_), part(stage_), {}};
  }
  void bring(SampleSink& sink, std::size_t block_samples) const {
    for (std::size_t at = 0; at < force_.size(); at += block_samples) {
      sink.samples(block(at, std::min(block_samples, force_.size() - at)));
    }
  }

 private:
  Random random_;
  std::vector<std::int32_t> force_, position_, stage_;
};

std::vector<std::string> files_beneath(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(std::filesystem::relative(entry.path(), folder).string());
  }
  return files;
}

void expect_same(const Capture& kept, const Capture& came) {
  EXPECT_EQ(kept.force, came.force);
  EXPECT_EQ(kept.position, came.position);
  EXPECT_EQ(kept.stage, came.stage);
  EXPECT_EQ(kept.first_tick, came.first_tick);
  EXPECT_EQ(kept.ticks_per_sample, came.ticks_per_sample);
  ASSERT_EQ(kept.gaps.size(), came.gaps.size());
  for (std::size_t i = 0; i < kept.gaps.size(); ++i) {
    EXPECT_EQ(kept.gaps[i].before_sample, came.gaps[i].before_sample);
    EXPECT_EQ(kept.gaps[i].reason, came.gaps[i].reason);
  }
}

/// Writes a file of them, and expects that it gives every count again.
void expect_kept(const Samples& samples, WaveformForm form, WaveformRecord& record, std::string& bytes) {
  const ScratchDirectory folder;
  WaveformFile file(folder.path(), "R-000007", sample_head(), form);
  Capture came;
  samples.bring(file, 512);
  samples.bring(came, 512);
  const Result<WaveformRecord> finished = file.finish();
  ASSERT_TRUE(finished) << finished.error().message;
  record = *finished;
  bytes = bytes_in(folder.path() / waveform_path(record));
  EXPECT_EQ(record.bytes, bytes.size());
  const Result<Capture> kept = kept_capture(record, bytes);
  ASSERT_TRUE(kept) << kept.error().message;
  expect_same(*kept, came);
}

class OfEachForm : public ::testing::TestWithParam<WaveformForm> {};
INSTANTIATE_TEST_SUITE_P(WaveformFile, OfEachForm, ::testing::ValuesIn(kWaveformForms),
                         [](const auto& form) { return std::string(name_of(form.param)); });

TEST_P(OfEachForm, KeepsEveryCountUnderTheHashOfItsBytes) {
  for (const std::size_t n : {std::size_t{2}, std::size_t{512}, std::size_t{50'001}}) {
    const Samples samples(n);
    WaveformRecord record;
    std::string bytes;
    expect_kept(samples, GetParam(), record, bytes);
    EXPECT_EQ(record.samples, n);
    EXPECT_EQ(record.sample_rate_hz, 50'000);
    // A million ticks after the clock's reference, of ten million a second.
    EXPECT_EQ(record.start_utc_ns, 1'767'225'600'100'000'000);
  }
}

TEST_P(OfEachForm, KeepsAStageThatStandsAndOneThatMovesAfterAll) {
  const std::size_t n = 100'000;  // more than one piece
  for (const std::size_t moves_from : {n, n - 1, std::size_t{70'000}, std::size_t{300}}) {
    Samples samples(n);
    samples.stand_until(moves_from);
    WaveformRecord record;
    std::string bytes;
    expect_kept(samples, GetParam(), record, bytes);
    EXPECT_EQ(bytes.find("CHANNEL2_STANDS_AT=-20000") != std::string::npos,
              GetParam() == WaveformForm::flac && moves_from == n);
  }
}

/// A block as it comes off a link.
class PackedBlock {
 public:
  /// @param packers  of force, position and stage.
  PackedBlock(const SampleBlock& block, std::array<SamplePacker, 3>& packers) : block_(kept(block)) {
    const std::array<std::span<const std::int32_t>, 3> channels{block_.force, block_.position, block_.stage};
    for (std::size_t c = 0; c < channels.size(); ++c) packers[c].pack(channels[c], bytes_[c]);
    const auto packed = [this](std::size_t c) { return std::as_bytes(std::span(bytes_[c])); };
    block_.packed = {packed(0), packed(1), packed(2)};
    block_.extremes = {extremes_of(block_.force), extremes_of(block_.position), extremes_of(block_.stage)};
  }
  const SampleBlock& block() const { return block_; }

 private:
  std::array<std::string, 3> bytes_;
  SampleBlock block_;
};

TEST_P(OfEachForm, KeepsEveryCountOfBlocksThatCamePackedAlsoBehindAGap) {
  const ScratchDirectory folder;
  Samples samples(60'000);
  samples.stand_until(40'000);
  std::deque<PackedBlock> blocks;  // held until they are written
  std::array<SamplePacker, 3> packers;
  WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
  Capture came;
  for (std::size_t i = 0; i < 60; ++i) {
    if (i == 42) packers = {};  // the device begins anew
    blocks.emplace_back(samples.block(1000 * i, 1000), packers);
    if (i == 20 || i == 41) continue;  // a frame is lost
    for (SampleSink* sink : {static_cast<SampleSink*>(&file), static_cast<SampleSink*>(&came)})
      sink->samples(blocks.back().block());
  }
  const WaveformRecord record = file.finish().value();
  const std::string bytes = bytes_in(folder.path() / waveform_path(record));
  const Result<Capture> kept = kept_capture(record, bytes);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_FALSE(kept->gaps.empty());
  expect_same(*kept, came);
}

TEST_P(OfEachForm, SaysInItsTagsWhatItHolds) {
  const ScratchDirectory folder;
  WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
  Samples(1000).bring(file, 100);
  const std::string bytes = bytes_in(folder.path() / waveform_path(file.finish().value()));
  for (const char* tag :
       {"RUN=R-000007", "PHASE=2.5 mm at 9000/min", "ATTEMPT=2", "PURPOSE=setting",
        "CALIBRATION=RIG-7, C-000012 load-cell", "START_UTC=2026-01-01T00:00:00.1", "FIRST_TICK=2000000",
        "TICKS_PER_SAMPLE=200", "TICK_HZ=1e+07", "CHANNEL1_NAME=position", "CHANNEL1_UNIT=mm"}) {
    EXPECT_THAT(bytes, HasSubstr(tag));
  }
  const Waveform waveform = decode_waveform(bytes).value();
  EXPECT_EQ(waveform.channels[0].scale, 2e-4);
  EXPECT_EQ(waveform.channels[0].offset, -0.0274);
  EXPECT_EQ(waveform.channels[1].offset, -12.5);
}

TEST_P(OfEachForm, DoesNotHangOnHowSamplesWereCutIntoBlocks) {
  const ScratchDirectory folder;
  std::set<std::string> hashes;
  for (const std::size_t block : {std::size_t{1}, std::size_t{511}, std::size_t{8192}, std::size_t{20'000}}) {
    WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
    Samples(20'000).bring(file, block);
    hashes.insert(file.finish().value().sha256);
  }
  EXPECT_EQ(hashes.size(), 1U);
}

TEST_P(OfEachForm, KeepsWhereSamplesWereLostInTheRecordAndInTheFile) {
  const ScratchDirectory folder;
  const Samples samples(5000);
  WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
  Capture came;
  for (SampleSink* sink : {static_cast<SampleSink*>(&file), static_cast<SampleSink*>(&came)}) {
    sink->samples(samples.block(0, 1000));
    sink->gap("frame 12 is missing");
    sink->samples(samples.block(2000, 1000));  // and the clock says so too
    sink->gap("at the end");
  }
  const WaveformRecord record = file.finish().value();
  const std::string bytes = bytes_in(folder.path() / waveform_path(record));
  EXPECT_THAT(bytes, HasSubstr("GAPS=before sample 1000: frame 12 is missing; before sample 1000: the device's clock"));
  const Result<Capture> kept = kept_capture(record, bytes);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->gaps.size(), 3U);
  expect_same(*kept, came);
}

TEST_P(OfEachForm, SaysHowManyGapsThereWasNoRoomFor) {
  const ScratchDirectory folder;
  const Samples samples(5000);
  WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
  for (std::size_t i = 0; i < 5000; i += 10) {
    file.samples(samples.block(i, 10));
    file.gap("one more");
  }
  const WaveformRecord record = file.finish().value();
  EXPECT_EQ(record.gaps.size(), 500U);
  const std::string bytes = bytes_in(folder.path() / waveform_path(record));
  EXPECT_THAT(bytes, HasSubstr(" more"));
  EXPECT_TRUE(kept_capture(record, bytes));
}

TEST_P(OfEachForm, RefusesACountThat24BitsDoNotHold) {
  const ScratchDirectory folder;
  for (const std::int32_t counts : {8'388'608, -8'388'609, 2'147'483'647}) {
    WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
    const std::vector<std::int32_t> zero(4, 0), beyond{0, counts, 0, 0};
    file.samples({0, 200, zero, beyond, zero, {}});
    const Result<WaveformRecord> record = file.finish();
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error().code, Errc::bad_data);
    EXPECT_THAT(record.error().message, HasSubstr("position"));
    EXPECT_THAT(record.error().message, HasSubstr(std::to_string(counts)));
  }
  EXPECT_THAT(files_beneath(folder.path()), ::testing::IsEmpty());
}

TEST_P(OfEachForm, LosesNothingInSilenceWhenTheDiskIsSlowerThanTheSamples) {
  const ScratchDirectory folder;
  WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam(), {.held_bytes_max = 1});
  const Samples samples(2'000'000);
  samples.bring(file, 20'000);
  const Result<WaveformRecord> record = file.finish();
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().message, HasSubstr("more slowly than they came"));
  EXPECT_THAT(files_beneath(folder.path()), ::testing::IsEmpty());
}

TEST_P(OfEachForm, RefusesToKeepMoreSamplesThanAnyReaderTakes) {
  const ScratchDirectory folder;
  const Samples samples(20'000);
  WaveformFile whole(folder.path(), "R-000007", sample_head(), GetParam(), {.samples_max = 20'000});
  samples.bring(whole, 512);
  EXPECT_EQ(whole.finish().value().samples, 20'000U);
  WaveformFile file(folder.path(), "R-000008", sample_head(), GetParam(), {.samples_max = 19'999});
  samples.bring(file, 512);
  const Result<WaveformRecord> record = file.finish();
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, Errc::bad_data);
  EXPECT_THAT(record.error().message, HasSubstr("more than 19999 samples a channel"));
}

TEST_P(OfEachForm, HoldsUpWhoBringsSamplesInVirtualTimeRatherThanLoseOne) {
  const ScratchDirectory folder;
  WaveformHead head = sample_head();
  head.may_wait = true;
  WaveformFile file(folder.path(), "R-000007", head, GetParam(), {.held_bytes_max = 1});
  const Samples samples(300'000);
  samples.bring(file, 20'000);
  EXPECT_EQ(file.finish().value().samples, 300'000U);
}

TEST_P(OfEachForm, NamesThePlaceThatCannotBeWritten) {
  const ScratchDirectory folder;
  write_bytes(folder.path() / "waveforms", "somebody's file");
  WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
  Samples(20'000).bring(file, 512);
  const Result<WaveformRecord> record = file.finish();
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().message, HasSubstr("waveforms"));
  EXPECT_THAT(record.error().message, HasSubstr("2.5 mm at 9000/min"));
}

TEST_P(OfEachForm, LeavesNothingWhenItIsGivenUp) {
  const ScratchDirectory folder;
  {
    WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
    Samples(100'000).bring(file, 512);
  }
  EXPECT_THAT(files_beneath(folder.path()), ::testing::IsEmpty());
}

TEST_P(OfEachForm, IsNoneWhereNoSampleCame) {
  const ScratchDirectory folder;
  WaveformFile file(folder.path(), "R-000007", sample_head(), GetParam());
  file.gap("the link was lost");
  const WaveformRecord record = file.finish().value();
  EXPECT_EQ(record.samples, 0U);
  EXPECT_EQ(record.sha256, "");
  EXPECT_THAT(files_beneath(folder.path()), ::testing::IsEmpty());
}

TEST(KeptWaveform, NamesAFileOfWhichOneByteWasChanged) {
  const ScratchDirectory folder;
  WaveformFile file(folder.path(), "R-000007", sample_head());
  Samples(1000).bring(file, 512);
  const WaveformRecord record = file.finish().value();
  const std::string whole = bytes_in(folder.path() / waveform_path(record));
  // In the sums, the tags, the room for tags, the samples.
  for (const std::size_t at : {std::size_t{30}, std::size_t{100}, std::size_t{1500}, whole.size() - 5}) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    const Result<Capture> kept = kept_capture(record, bytes);
    ASSERT_FALSE(kept) << at;
    EXPECT_EQ(kept.error().code, Errc::bad_data);
    EXPECT_THAT(kept.error().message, HasSubstr(record.sha256 + ".flac"));
    EXPECT_THAT(kept.error().message, HasSubstr("SHA-256"));
  }
  EXPECT_TRUE(kept_capture(record, whole));
}

TEST(KeptWaveform, NamesAFileThatIsNotThere) {
  const ScratchDirectory folder;
  WaveformRecord record;
  record.sha256 = std::string(64, 'c');
  const Result<std::string> bytes = waveforms_in(folder.path())(record);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::bad_data);
  EXPECT_THAT(bytes.error().message, HasSubstr(record.sha256 + ".flac"));
}

}  // namespace
}  // namespace penrig
