#include "reports/waveforms/waveform_raw.hpp"

#include <array>
#include <cstdlib>

#include <gmock/gmock.h>

#include "reports/capture/capture_file.hpp"
#include "reports/waveforms/decode_waveform.hpp"
#include "reports/waveforms/memory_output.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;

/// Two channels of made-up counts, the ends of 24 bits among them.
struct Sample {
  explicit Sample(std::size_t n) : counts(2) {
    Random random(1, "raw");
    for (auto& channel : counts) {
      for (std::size_t i = 0; i < n; ++i)
        channel.push_back(static_cast<std::int32_t>(random.below(1U << 24U)) - (1 << 23));
      channel[0] = (1 << 23) - 1;
      channel[n - 1] = -(1 << 23);  // of one alone, the lower end
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

TEST(WaveformRaw, ComesBackToTheBit) {
  for (const std::size_t n : {1U, 2U, 1023U, 1024U, 1025U, 2048U, 200'000U}) {
    const Sample sample(n);
    const Result<Waveform> back = decode_waveform(sample.encoded(n));
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

TEST(WaveformRaw, IsTheSameFileHoweverItsSamplesWereCut) {
  for (const std::size_t n : {1000U, 1024U, 20'001U}) {
    const Sample sample(n);
    const std::string bytes = sample.encoded(n);
    for (const std::size_t block : {1U, 7U, 64U, 1009U, 1024U, 2048U, 5000U})
      EXPECT_EQ(bytes, sample.encoded(block)) << n << " in blocks of " << block;
  }
}

TEST(WaveformRaw, HoldsOneChannelAndEight) {
  for (const std::size_t channels : {1U, 8U}) {
    Random random(channels, "raw");
    std::vector<std::vector<std::int32_t>> counts(channels);
    std::vector<const std::int32_t*> at;
    for (auto& channel : counts) {
      // Of every width: noise of 1, 4, 16, ... counts.
      const auto noise = std::uint32_t{1} << 2 * at.size();
      for (int i = 0; i < 5000; ++i) channel.push_back(static_cast<std::int32_t>(random.below(noise)));
      at.push_back(channel.data());
    }
    MemoryOutput memory;
    WaveformFormat format;
    format.channels = channels;
    format.tags = {{"SAMPLE_RATE_HZ", "50000"}};
    RawEncoder encoder(format, memory);
    ASSERT_TRUE(encoder.process(at, 5000));
    ASSERT_TRUE(encoder.finish({}));
    const Result<Waveform> back = decode_waveform(memory.bytes);
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(back->channels.size(), channels);
    for (std::size_t c = 0; c < channels; ++c) EXPECT_EQ(back->channels[c].counts, counts[c]) << c;
  }
}

TEST(WaveformRaw, TakesNoOtherNumberOfChannels) {
  const std::int32_t count = 0;
  const std::vector<const std::int32_t*> nine(9, &count);
  for (const std::size_t channels : {0U, 9U}) {
    MemoryOutput memory;
    WaveformFormat format;
    format.channels = channels;
    EXPECT_FALSE(RawEncoder(format, memory).process(std::span(nine).first(channels), 1)) << channels;
  }
}

TEST(WaveformRaw, NeverComesBackToWhatItWrote) {
  class OneGo final : public WaveformOutput {
   public:
    bool write(std::string_view) override { return true; }
    bool seek(std::uint64_t) override {
      ADD_FAILURE() << "its hash would have to be taken anew";
      return false;
    }
    std::optional<std::string> take_back() override { return std::nullopt; }
  } output;
  WaveformFormat format;
  format.channels = 2;
  const Sample sample(100'000);
  const std::array<const std::int32_t*, 2> from{sample.counts[0].data(), sample.counts[1].data()};
  RawEncoder encoder(format, output);
  EXPECT_TRUE(encoder.process(from, 100'000));
  EXPECT_TRUE(encoder.finish({}));
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

TEST(WaveformRaw, AFileThatIsCutOffIsRefused) {
  const std::string bytes = Sample(500).encoded(500, {{"GAPS", "one"}});
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode_waveform(std::string_view(bytes).substr(0, length)).has_value()) << length;
  const auto refusal = [](std::string_view file) { return decode_waveform(file).error().message; };
  const std::string many = Sample(5000).encoded(5000);
  EXPECT_THAT(refusal(std::string_view(many).substr(0, many.size() / 2)),
              HasSubstr("it holds 2048 samples and no end"));  // whole blocks
  const std::size_t tail = bytes.rfind("SAMPLES=");
  EXPECT_THAT(refusal(std::string_view(bytes).substr(0, tail)), HasSubstr("does not end with SAMPLES"));
  EXPECT_THAT(refusal(std::string_view(bytes).substr(0, bytes.size() - 1)), HasSubstr("no NAME=VALUE: 'SAMPLES=500'"));
}

std::string refusal(const std::string& file) {
  const Result<Waveform> back = decode_waveform(file);
  return back ? "read" : back.error().message;
}

TEST(WaveformRaw, NamesWhatIsWrongWithItsText) {
  const std::string bytes = Sample(100).encoded(100);
  EXPECT_EQ(refusal(bytes), "read");
  EXPECT_THAT(refusal(with(bytes, "CHANNELS=2", "CHANNELS=9")), HasSubstr("CHANNELS (1 to 8)"));
  EXPECT_THAT(refusal(with(bytes, "BITS=24", "BITS=33")), HasSubstr("BITS (16 to 24)"));
  EXPECT_THAT(refusal(with(bytes, "BITS=24", "BITS=16")), HasSubstr("16 bits end at 32767"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLES=100", "SAMPLES=101")), HasSubstr("100 samples and says that it has 101"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLES=100", "SAMPLES=1OO")), HasSubstr("SAMPLES"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLE_RATE_HZ=50000.25", "SAMPLE_RATE=50000.2500")), HasSubstr("SAMPLE_RATE_HZ"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLE_RATE_HZ=50000.25", "SAMPLE_RATE_HZ=fast")), HasSubstr("fast"));
  EXPECT_THAT(refusal(with(bytes, "CHANNELS=2", "CHANNELS 2")), HasSubstr("CHANNELS 2"));
  EXPECT_THAT(refusal(with(bytes, "BITS=24", "BITS=24\nBITS=16")), HasSubstr("BITS stands there twice"));
  EXPECT_THAT(refusal(with(bytes, "SAMPLES=100", "SAMPLE_RATE_HZ=5\nSAMPLES=100")),
              HasSubstr("SAMPLE_RATE_HZ stands there twice, as '50000.25' and as '5'"));
  EXPECT_THAT(refusal(bytes + std::string(100'000, 'x')), HasSubstr("more behind its samples"));
  EXPECT_THAT(refusal(std::string(kRawMagic) + std::string(100'000, 'x')), HasSubstr("head does not end"));
}

TEST(WaveformRaw, SaysWhenItsOutputTakesNoMore) {
  class Full final : public WaveformOutput {
    bool write(std::string_view) override { return false; }
    bool seek(std::uint64_t) override { return true; }
    std::optional<std::string> take_back() override { return std::nullopt; }
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
