#include "reports/waveforms/waveform_flac.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include <gmock/gmock.h>

#include "reports/capture/capture_file.hpp"
#include "reports/waveforms/flac_encoder.hpp"
#include "reports/waveforms/memory_output.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Waveform sample_waveform(std::size_t n = 10'000, int bits = 24) {
  Random random(1, "waveform");
  Waveform w;
  w.sample_rate_hz = 50'000.25;
  w.start_utc = "2026-11-25T23:00:00.5Z";
  w.calibration = "CAL-1";
  w.bits = bits;
  w.channels = {{"position", "mm", 1e-4, 0, {}}, {"force", "N", 2e-4, -0.0274, {}}, {"stage", "mm", 1e-4, 0, {}}};
  const double most = bits == 24 ? 8'388'607 : 32'767;
  for (WaveformChannel& channel : w.channels) {
    for (std::size_t i = 0; i < n; ++i) {
      channel.counts.push_back(
          static_cast<std::int32_t>(std::lround(most * 0.9 * std::sin(static_cast<double>(i) * 0.01)) +
                                    static_cast<std::int32_t>(random.below(20))));
    }
    channel.counts[0] = static_cast<std::int32_t>(most);
    channel.counts[1] = static_cast<std::int32_t>(-most) - 1;
  }
  return w;
}

Result<Waveform> decode(const std::string& bytes) { return decode_flac({}, bytes_of(bytes)); }

TEST(WaveformFlac, ComesBackToTheBit) {
  for (const int bits : {16, 24}) {
    for (const std::size_t n : {std::size_t{2}, std::size_t{4096}, std::size_t{10'000}}) {
      const Waveform w = sample_waveform(n, bits);
      const Result<std::string> bytes = encode_flac(w);
      ASSERT_TRUE(bytes) << bytes.error().message;
      const Result<Waveform> back = decode(*bytes);
      ASSERT_TRUE(back) << back.error().message;
      EXPECT_EQ(back->sample_rate_hz, w.sample_rate_hz);
      EXPECT_EQ(back->start_utc, w.start_utc);
      EXPECT_EQ(back->calibration, w.calibration);
      EXPECT_EQ(back->bits, bits);
      ASSERT_EQ(back->channels.size(), w.channels.size());
      for (std::size_t c = 0; c < w.channels.size(); ++c) {
        EXPECT_EQ(back->channels[c].name, w.channels[c].name);
        EXPECT_EQ(back->channels[c].unit, w.channels[c].unit);
        EXPECT_EQ(back->channels[c].scale, w.channels[c].scale);
        EXPECT_EQ(back->channels[c].offset, w.channels[c].offset);
        EXPECT_EQ(back->channels[c].counts, w.channels[c].counts);
      }
    }
  }
}

TEST(WaveformFlac, TheSameWaveformGivesTheSameBytes) {
  EXPECT_EQ(*encode_flac(sample_waveform()), *encode_flac(sample_waveform()));
}

TEST(WaveformFlac, ARateBeyondTheFieldOfTheStreamStandsInTheTag) {
  Waveform w = sample_waveform(100);
  w.sample_rate_hz = 1e6;
  const auto back = decode(*encode_flac(w));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sample_rate_hz, 1e6);
}

TEST(WaveformFlac, WhatDoesNotFitIsNotWritten) {
  Waveform w = sample_waveform(100, 16);
  w.channels[1].counts[7] = 32'768;
  EXPECT_THAT(encode_flac(w).error().message, HasSubstr("force holds 32768 counts"));
  w = sample_waveform(100);
  w.channels[1].counts.pop_back();
  EXPECT_THAT(encode_flac(w).error().message, HasSubstr("unequal"));
  w = sample_waveform(100);
  w.sample_rate_hz = NAN;
  EXPECT_FALSE(encode_flac(w));
  w = sample_waveform(100);
  w.channels[0].scale = 0;
  EXPECT_FALSE(encode_flac(w));
  w.channels.clear();
  EXPECT_FALSE(encode_flac(w));
}

TEST(WaveformFlac, AFileThatIsCutOffIsRefused) {
  const std::string bytes = *encode_flac(sample_waveform());
  Random random(1, "cuts");
  for (int i = 0; i < 200; ++i) {
    const auto back = decode(bytes.substr(0, random.below(bytes.size())));
    EXPECT_FALSE(back);
  }
  EXPECT_THAT(decode(bytes.substr(0, bytes.size() / 2)).error().message, HasSubstr("sample"));
}

TEST(WaveformFlac, AChangedByteOfTheSamplesIsFound) {
  const std::string bytes = *encode_flac(sample_waveform(5000));
  const Waveform w = sample_waveform(5000);
  Random random(1, "flips");
  for (int i = 0; i < 500; ++i) {
    std::string changed = bytes;
    const std::size_t at = random.below(bytes.size());
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1U << random.below(8)));
    const auto back = decode(changed);
    if (!back) continue;
    // Then it was the head: a tag, a block size that nobody needs. Never a sample.
    for (std::size_t c = 0; c < w.channels.size(); ++c) EXPECT_EQ(back->channels[c].counts, w.channels[c].counts) << at;
  }
}

/// Where the head (STREAMINFO, after the magic and its own 4 bytes) holds the number of samples and their MD5.
constexpr std::size_t kTotal = 8 + 13, kMd5 = 8 + 18;

TEST(WaveformFlac, SamplesThatAreNotThoseOfTheHeadsMd5AreRefused) {
  std::string bytes = *encode_flac(sample_waveform());
  bytes[kMd5 + 3] = static_cast<char>(bytes[kMd5 + 3] ^ 1);
  EXPECT_THAT(decode(bytes).error().message, HasSubstr("MD5"));
}

TEST(WaveformFlac, DamageIsFoundWhereTheHeadSaysNothingOfTheSamples) {
  std::string bytes = *encode_flac(sample_waveform());
  bytes[kTotal] = static_cast<char>(bytes[kTotal] & 0xF0);
  for (std::size_t i = 1; i < 5; ++i) bytes[kTotal + i] = 0;
  for (std::size_t i = 0; i < 16; ++i) bytes[kMd5 + i] = 0;
  const auto whole = decode(bytes);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->channels[0].counts, sample_waveform().channels[0].counts);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  ASSERT_FALSE(decode(bytes));
  EXPECT_THAT(decode(bytes).error().message, HasSubstr("damaged after sample"));
}

/// A file of another program: one channel, its tags as they are given.
std::string tagged(const WaveformTags& tags) {
  MemoryOutput output;
  WaveformFormat format{.channels = 1, .sample_rate_hz = 50'000};
  format.tags = {{"CHANNEL0_NAME", "position"}, {"CHANNEL0_UNIT", "mm"}, {"CHANNEL0_SCALE", "1e-4"}};
  format.tags.insert(format.tags.end(), tags.begin(), tags.end());
  FlacEncoder encoder(format, output);
  const std::int32_t one = 1;
  const std::array<const std::int32_t*, 1> from{&one};
  EXPECT_TRUE(encoder.process(from, 1) && encoder.finish({}));
  return output.bytes;
}

TEST(WaveformFlac, SamplesThatWereLostAreNoCapture) {
  const std::string bytes = tagged({{"GAPS", "before sample 1024: a frame is missing"}});
  ASSERT_TRUE(decode(bytes)) << "its samples are had back all the same";
  const ReadCapture r = read_capture("c.flac", bytes_of(bytes));
  ASSERT_FALSE(r.ok());
  EXPECT_TRUE(r.in_the_data);
  EXPECT_THAT(r.mistakes.front().message, HasSubstr("before sample 1024: a frame is missing"));
}

TEST(WaveformFlac, ATagThatStandsTwiceWithTwoValuesIsRefused) {
  const auto twice = decode(tagged({{"CHANNEL0_SCALE", "2e-4"}}));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::usage);
  EXPECT_THAT(twice.error().message, HasSubstr("CHANNEL0_SCALE stands there twice, as '1e-4' and as '2e-4'"));
  EXPECT_THAT(twice.error().message, HasSubstr("--remove-tag=CHANNEL0_SCALE"));
  EXPECT_FALSE(decode(tagged({{"channel0_unit", "um"}}))) << "whatever the case";
  EXPECT_TRUE(decode(tagged({{"CHANNEL0_SCALE", "1e-4"}}))) << "the same again";
  EXPECT_TRUE(decode(tagged({{"ARTIST", "one"}, {"ARTIST", "two"}}))) << "nobody reads it";
}

TEST(WaveformFlac, WhatItsHeadDoesNotSayIsANote) {
  std::string bytes = tagged({});
  EXPECT_TRUE(read_capture("c.flac", bytes_of(bytes)).file.notes.empty());
  for (std::size_t i = 0; i < 16; ++i) bytes[kMd5 + i] = 0;
  EXPECT_THAT(read_capture("c.flac", bytes_of(bytes)).file.notes, ElementsAre(HasSubstr("no MD5")));
  bytes[kTotal] = static_cast<char>(bytes[kTotal] & 0xF0);
  for (std::size_t i = 1; i < 5; ++i) bytes[kTotal + i] = 0;
  EXPECT_THAT(read_capture("c.flac", bytes_of(bytes)).file.notes, ElementsAre(HasSubstr("cut off is not seen")));
}

TEST(WaveformFlac, BecomesACapture) {
  Waveform w;
  w.sample_rate_hz = 1000;
  w.channels = {
      {"position", "um", 0.5, 0, {2000, -4000}}, {"force", "mN", 2, 1, {100, 0}}, {"stage", "mm", 1, 0, {1, 2}}};
  const std::string bytes = *encode_flac(w);
  const ReadCapture r = read_capture("c.flac", bytes_of(bytes));
  ASSERT_TRUE(r.ok()) << r.mistakes.front().message;
  EXPECT_EQ(r.file.format, "FLAC");
  EXPECT_EQ(r.file.sample_rate_hz, 1000);
  EXPECT_THAT(r.file.position_mm->values, ElementsAre(1, -2));
  EXPECT_EQ(r.file.position_mm->resolution, 0.5e-3);
  EXPECT_THAT(r.file.force_n->values, ElementsAre(0.201, 0.001));
  EXPECT_THAT(r.file.ignored, ElementsAre("stage"));
}

TEST(WaveformFlac, NamesWhatItsTagsLack) {
  const auto mistake = [](const Waveform& w) {
    const std::string bytes = *encode_flac(w);
    const ReadCapture r = read_capture("c.flac", bytes_of(bytes));
    return r.ok() ? std::string("read") : r.mistakes.front().message;
  };
  Waveform w;
  w.sample_rate_hz = 1000;
  w.channels = {{"left", "", 1, 0, {1, 2}}};
  EXPECT_THAT(mistake(w), HasSubstr("none of its channels is called position or force: left"));
  w.channels = {{"position", "", 1, 0, {1, 2}}};
  EXPECT_THAT(mistake(w), HasSubstr("'position' says no unit"));
  w.channels = {{"position", "mm", 1, 0, {1, 2}}, {"z", "mm", 1, 0, {1, 2}}};
  EXPECT_THAT(mistake(w), HasSubstr("channels 0 and 1 are both called"));
}

TEST(WaveformFlac, IsRefusedWhereNothingSaysItsRate) {
  MemoryOutput output;
  FlacEncoder encoder({.channels = 1, .sample_rate_hz = 50'000}, output);
  const std::int32_t one = 1;
  const std::array<const std::int32_t*, 1> from{&one};
  ASSERT_TRUE(encoder.process(from, 1) && encoder.finish({}));
  ASSERT_EQ(decode(output.bytes)->sample_rate_hz, 50'000);
  // Twenty bits of the block at its head, behind the magic, its own head and the sizes of blocks and frames.
  output.bytes[18] = output.bytes[19] = 0;
  output.bytes[20] = static_cast<char>(output.bytes[20] & 0x0f);
  const Result<Waveform> read = decode(output.bytes);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("no sampling rate"));
}

}  // namespace
}  // namespace penrig
