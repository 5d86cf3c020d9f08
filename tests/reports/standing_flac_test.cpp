#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/waveforms/incoming_file.hpp"
#include "reports/waveforms/memory_output.hpp"
#include "reports/waveforms/standing_flac_encoder.hpp"
#include "reports/waveforms/waveform_flac.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kSamples = 10'000, kBlock = 512;
constexpr std::int32_t kStage = -123'456;

/// Force and position by chance; the stage stands, and from one sample on it moves.
struct StandingCounts {
  std::array<std::vector<std::int32_t>, 3> channels;

  explicit StandingCounts(std::size_t moves_from = kSamples) {
    Random random(7, "standing");
    for (std::size_t i = 0; i < kSamples; ++i) {
      channels[0].push_back(static_cast<std::int32_t>(random.below(100)));
      channels[1].push_back(static_cast<std::int32_t>(i + random.below(10)));
      channels[2].push_back(i < moves_from ? kStage : kStage + static_cast<std::int32_t>(i - moves_from + 1));
    }
  }
  void write(WaveformEncoder& encoder) const {
    for (std::size_t at = 0; at < kSamples; at += kBlock) {
      const std::array<const std::int32_t*, 3> block{&channels[0][at], &channels[1][at], &channels[2][at]};
      ASSERT_TRUE(encoder.process(block, std::min(kBlock, kSamples - at)));
    }
    ASSERT_TRUE(encoder.finish({{"GAPS", "before sample 7: lost"}}));
  }
};

WaveformFormat three_channels() {
  WaveformFormat format{.channels = 3, .sample_rate_hz = 50'000, .more_tags_bytes = 2048};
  format.tags.emplace_back("SAMPLE_RATE_HZ", "50000");
  for (std::size_t i = 0; i < 3; ++i)
    append_channel_tags(format.tags, i, std::array{"force", "position", "stage"}[i], "mm", 1e-4, 0);
  return format;
}

Result<Waveform> decoded(const std::string& bytes) { return decode_flac({}, penrig::bytes_of(bytes)); }

/// Channels of the stream: three bits in the block at its head.
int streams_in(const std::string& flac) { return ((static_cast<unsigned char>(flac.at(20)) >> 1) & 7) + 1; }

TEST(StandingFlac, LeavesOutTheChannelThatStandsAndGivesItBack) {
  const StandingCounts counts;
  MemoryOutput output;
  StandingFlacEncoder encoder(three_channels(), kStage, output);
  counts.write(encoder);
  EXPECT_EQ(streams_in(output.bytes), 2);
  EXPECT_THAT(output.bytes, HasSubstr("CHANNEL2_STANDS_AT=-123456"));
  EXPECT_THAT(output.bytes, HasSubstr("GAPS=before sample 7: lost"));
  const Result<Waveform> read = decoded(output.bytes);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->channels.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(read->channels[i].counts, counts.channels[i]) << i;
  EXPECT_EQ(read->channels[2].name, "stage");
  EXPECT_EQ(read->channels[2].scale, 1e-4);
}

TEST(StandingFlac, HasTheBytesOfAllChannelsOnceItMoves) {
  for (const std::size_t moves_from : {std::size_t{0}, std::size_t{1}, kBlock, 5 * kBlock + 3, kSamples - 1}) {
    const StandingCounts counts(moves_from);
    MemoryOutput all, output;
    FlacEncoder plain(three_channels(), all);
    counts.write(plain);
    StandingFlacEncoder encoder(three_channels(), kStage, output);
    counts.write(encoder);
    EXPECT_EQ(streams_in(output.bytes), 3);
    EXPECT_EQ(output.bytes, all.bytes) << moves_from;
  }
}

TEST(StandingFlac, IsReadBackFromTheDiskWhereItMoves) {
  const ScratchDirectory folder;
  const StandingCounts counts(kSamples / 2);
  MemoryOutput all;
  FlacEncoder plain(three_channels(), all);
  counts.write(plain);
  IncomingFile file(folder.path(), "R-000007", ".flac", WrittenIn::returns);
  StandingFlacEncoder encoder(three_channels(), kStage, file);
  counts.write(encoder);
  const Result<IncomingFile::Kept> kept = file.keep(nullptr);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->sha256, sha256_hex(all.bytes));
  EXPECT_EQ(kept->bytes, all.bytes.size());
}

TEST(StandingFlac, FailsWhereWhatWasWrittenCannotBeReadBack) {
  class Lost final : public WaveformOutput {
   public:
    bool write(std::string_view) override { return true; }
    bool seek(std::uint64_t) override { return true; }
    std::optional<std::string> take_back() override { return std::nullopt; }
  } lost;
  class Damaged final : public WaveformOutput {
   public:
    bool write(std::string_view) override { return true; }
    bool seek(std::uint64_t) override { return true; }
    std::optional<std::string> take_back() override { return "fLaC"; }
  } damaged;
  const StandingCounts counts(1000);
  for (WaveformOutput* output : std::initializer_list<WaveformOutput*>{&lost, &damaged}) {
    StandingFlacEncoder encoder(three_channels(), kStage, *output);
    const std::array<const std::int32_t*, 3> from{counts.channels[0].data(), counts.channels[1].data(),
                                                  counts.channels[2].data()};
    EXPECT_TRUE(encoder.process(from, 500));
    EXPECT_FALSE(encoder.process(from, 2000));
  }
}

TEST(StandingFlac, RefusesATagThatIsNoCountOfItsBits) {
  for (const char* said : {"", "7x", "1e3", "8388608", "-8388609", "99999999999999"}) {
    WaveformFormat format = three_channels();
    format.channels = 2;
    format.tags.emplace_back("CHANNEL2_STANDS_AT", said);
    MemoryOutput output;
    FlacEncoder encoder(format, output);
    const std::array<std::int32_t, 2> one{1, 2};
    const std::array<const std::int32_t*, 2> from{one.data(), one.data()};
    ASSERT_TRUE(encoder.process(from, 2) && encoder.finish({}));
    const Result<Waveform> read = decoded(output.bytes);
    ASSERT_FALSE(read) << said;
    EXPECT_THAT(read.error().message, HasSubstr("the tag CHANNEL2_STANDS_AT is '"));
    EXPECT_THAT(read.error().message, HasSubstr("expected a count of 24 bits, -8388608 to 8388607"));
  }
}

TEST(StandingFlac, ReadsNoMoreThanEightChannelsAndNoneBehindAGap) {
  WaveformFormat format{.channels = 1, .sample_rate_hz = 50'000};
  for (std::size_t i = 1; i < 12; ++i) format.tags.emplace_back(standing_tag(i), "5");
  MemoryOutput many;
  FlacEncoder encoder(format, many);
  const std::int32_t one = 1;
  const std::array<const std::int32_t*, 1> from{&one};
  ASSERT_TRUE(encoder.process(from, 1) && encoder.finish({}));
  EXPECT_EQ(decoded(many.bytes)->channels.size(), 8u);

  format.tags = {{standing_tag(0), "5"}, {standing_tag(2), "5"}};
  MemoryOutput gap;
  FlacEncoder other(format, gap);
  ASSERT_TRUE(other.process(from, 1) && other.finish({}));
  EXPECT_EQ(decoded(gap.bytes)->channels.size(), 1u);
}

}  // namespace
}  // namespace penrig
