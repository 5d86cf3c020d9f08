#include "reports/waveforms/waveform_raw.hpp"

#include <gmock/gmock.h>

#include "reports/capture/capture_file.hpp"
#include "reports/waveforms/decode_waveform.hpp"
#include "reports/waveforms/memory_output.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Two channels of made-up counts, the ends of 24 bits among them.
struct Sample {
  explicit Sample(std::size_t n) : counts(2) {
    Random random(1, "raw");
    for (auto& channel : counts) {
      for (std::size_t i = 0; i < n; ++i)
        channel.push_back(static_cast<std::int32_t>(random.below(1U << 24U)) - (1 << 23));
      channel[0] = (1 << 23) - 1;
      channel[n - 1] = -(1 << 23);
    }
  }
  std::string encoded(std::size_t piece, const WaveformTags& more = {}) const {
    MemoryOutput memory;
    WaveformFormat format;
    format.channels = 2;
    format.tags = {{"SAMPLE_RATE_HZ", "50000.25"}, {"START_UTC", "2026-11-25T23:00:00.5Z"}};
    append_channel_tags(format.tags, 0, "position", "mm", 1e-4, 0);
    append_channel_tags(format.tags, 1, "force", "N", 2e-4, -0.0274);
    RawEncoder encoder(format, memory);
    for (std::size_t at = 0; at < counts[0].size(); at += piece) {
      const std::array<const std::int32_t*, 2> from{counts[0].data() + at, counts[1].data() + at};
      EXPECT_TRUE(encoder.process(from, std::min(piece, counts[0].size() - at)));
    }
    EXPECT_TRUE(encoder.finish(more));
    return memory.bytes;
  }
  std::vector<std::vector<std::int32_t>> counts;
};

/// With one line of the head replaced.
std::string with(std::string bytes, const std::string& line, const std::string& other) {
  return bytes.replace(bytes.find(line), line.size(), other);
}

TEST(WaveformRaw, ComesBackToTheBitHoweverItWasCutIntoPieces) {
  for (const std::size_t n : {std::size_t{2}, std::size_t{4096}, std::size_t{200'000}}) {
    const Sample sample(n);
    const std::string bytes = sample.encoded(n);
    EXPECT_EQ(bytes, sample.encoded(1009)) << n;
    const Result<Waveform> back = decode_waveform(bytes);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->sample_rate_hz, 50'000.25);
    EXPECT_EQ(back->start_utc, "2026-11-25T23:00:00.5Z");
    ASSERT_EQ(back->channels.size(), 2U);
    EXPECT_EQ(back->channels[1].name, "force");
    EXPECT_EQ(back->channels[1].offset, -0.0274);
    EXPECT_EQ(back->channels[0].counts, sample.counts[0]);
    EXPECT_EQ(back->channels[1].counts, sample.counts[1]);
  }
}

TEST(WaveformRaw, IsReadInWhateverPiecesItsSourceGives) {
  const std::string bytes = Sample(3000).encoded(3000, {{"GAPS", "before sample 7: lost"}});
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
    std::string_view rest = bytes;
    const ByteSource source = [&](char* into, std::size_t most) -> Result<std::size_t> {
      const std::size_t n = rest.copy(into, std::min(most, piece));
      rest.remove_prefix(n);
      return n;
    };
    const std::string begin(rest.substr(0, kWaveformMagicBytes));
    rest.remove_prefix(begin.size());
    const Result<Waveform> back = decode_waveform(begin, source);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->channels[1].counts, Sample(3000).counts[1]);
  }
}

TEST(WaveformRaw, StandsAsCAPTURESmdSays) {
  const std::string bytes = Sample(2).encoded(2, {{"GAPS", "before sample 1: two\nlines"}});
  EXPECT_TRUE(bytes.starts_with("penrig waveform 1\nSAMPLE_RATE_HZ=50000.25\n"));
  const std::size_t at = bytes.find("\n\n") + 2;
  EXPECT_THAT(bytes.substr(0, at), HasSubstr("CHANNELS=2\nBITS=24\nSAMPLES=00000000000000000002\n\n"));
  EXPECT_EQ(bytes.substr(at, 8), std::string("\xff\xff\x7f\x00\xff\xff\x7f\x00", 8));
  EXPECT_EQ(bytes.substr(at + 8, 8), std::string("\x00\x00\x80\xff\x00\x00\x80\xff", 8));
  EXPECT_EQ(bytes.substr(at + 16), "GAPS=before sample 1: two lines\n");
}

TEST(WaveformRaw, AFileThatIsCutOffIsRefused) {
  const std::string bytes = Sample(500).encoded(500, {{"GAPS", "one"}});
  for (std::size_t length = 0; length + 5 < bytes.size(); ++length) {
    const Result<Waveform> back = decode_waveform(std::string_view(bytes).substr(0, length));
    // Only the end of the samples is a place where it may end: the tags behind them need not be.
    EXPECT_EQ(back.has_value(), length == bytes.size() - 9) << length;
  }
  EXPECT_THAT(decode_waveform(std::string_view(bytes).substr(0, bytes.size() / 2)).error().message,
              HasSubstr("it holds 2"));
}

TEST(WaveformRaw, NamesWhatIsWrong) {
  const std::string bytes = Sample(100).encoded(100);
  const auto refusal = [](const std::string& file) {
    const Result<Waveform> back = decode_waveform(file);
    return back ? "read" : back.error().message;
  };
  EXPECT_EQ(refusal(bytes), "read");
  EXPECT_THAT(refusal(with(bytes, "CHANNELS=2", "CHANNELS=9")), HasSubstr("CHANNELS (1 to 8)"));
  EXPECT_THAT(refusal(with(bytes, "CHANNELS=2", "CHANNELS=3")), HasSubstr("cut off"));
  EXPECT_THAT(refusal(with(bytes, "BITS=24", "BITS=16")), HasSubstr("16 bits end at 32767"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLES=00000000000000000100", "SAMPLES=00000000000000000000")),
              HasSubstr("no samples"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLES=00000000000000000100", "SAMPLES=99999999999999999999")),
              HasSubstr("SAMPLES"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLES=00000000000000000100", "SAMPLES=00000000000000000099")),
              HasSubstr("no NAME=VALUE"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLE_RATE_HZ=50000.25", "SAMPLE_RATE=50000.2500")), HasSubstr("SAMPLE_RATE_HZ"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLE_RATE_HZ=50000.25", "SAMPLE_RATE_HZ=fast")), HasSubstr("fast"));
  EXPECT_THAT(refusal(with(bytes, "CHANNELS=2", "CHANNELS 2")), HasSubstr("CHANNELS 2"));
  EXPECT_THAT(refusal(bytes + std::string(100'000, 'x')), HasSubstr("more behind its samples"));
  EXPECT_THAT(refusal(std::string(kRawMagic) + std::string(100'000, 'x')), HasSubstr("head does not end"));
}

TEST(WaveformRaw, SaysWhenItsOutputTakesNoMore) {
  class Full final : public WaveformOutput {
    bool write(std::string_view) override { return false; }
    bool seek(std::uint64_t) override { return true; }
  } full;
  WaveformFormat format;
  format.channels = 2;
  const Sample sample(100'000);
  const std::array<const std::int32_t*, 2> from{sample.counts[0].data(), sample.counts[1].data()};
  EXPECT_FALSE(RawEncoder(format, full).process(from, 100'000));
  RawEncoder little(format, full);
  EXPECT_TRUE(little.process(from, 10));  // held
  EXPECT_FALSE(little.finish({}));
}

TEST(WaveformRaw, BecomesACapture) {
  const std::string bytes = Sample(100).encoded(100);
  const ReadCapture r = read_capture("c.raw", bytes_of(bytes));
  ASSERT_TRUE(r.ok()) << r.mistakes.front().message;
  EXPECT_EQ(r.file.format, "raw");
  EXPECT_EQ(r.file.sample_rate_hz, 50'000.25);
  EXPECT_EQ(r.file.position_mm->values[0], ((1 << 23) - 1) * 1e-4);
  const ReadCapture csv = read_capture("c.csv", bytes_of("penrig waveform;\n1\n"));
  EXPECT_FALSE(csv.ok());
  EXPECT_NE(csv.file.format, "raw");
}

}  // namespace
}  // namespace penrig
