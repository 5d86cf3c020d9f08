#include <gmock/gmock.h>

#include "reports/waveforms/decode_waveform.hpp"
#include "reports/waveforms/raw_of_old.hpp"
#include "tests/reports/file_bytes.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;
using Counts = std::vector<std::int32_t>;

/// With one line of the head replaced.
std::string with(std::string bytes, const std::string& line, const std::string& other) {
  return bytes.replace(bytes.find(line), line.size(), other);
}

std::string refusal(const std::string& file) {
  const Result<Waveform> back = decode_waveform(file);
  return back ? "read" : back.error().message;
}

/// A file of the first version, as it was written then.
std::string old_file() { return testing::bytes_in(PENRIG_SOURCE_DIR "/tests/reports/data/waveform-v1.raw"); }

TEST(RawOfOld, OfTheFirstVersionIsReadAsEver) {
  const std::string bytes = old_file();
  const Result<Waveform> back = decode_waveform(bytes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(waveform_form(bytes), WaveformForm::raw);
  EXPECT_EQ(back->sample_rate_hz, 50'000.25);
  EXPECT_EQ(back->start_utc, "2026-11-25T23:00:00.5Z");
  EXPECT_EQ(back->calibration, "C-000012");
  EXPECT_EQ(back->bits, 24);
  ASSERT_EQ(back->channels.size(), 3U);
  EXPECT_EQ(back->channels[0].offset, -0.0274);
  EXPECT_EQ(back->channels[1].name, "position");
  std::vector<std::int32_t> force, position;
  for (std::int32_t i = 0; i < 200; ++i) {
    force.push_back(i * 7919 % 401 - 200);
    position.push_back(i * i - 20'000);
  }
  force.front() = (1 << 23) - 1;
  force.back() = -(1 << 23);
  EXPECT_EQ(back->channels[0].counts, force);
  EXPECT_EQ(back->channels[1].counts, position);
  EXPECT_EQ(back->channels[2].counts, std::vector<std::int32_t>(200, -40'000));
}

TEST(RawOfOld, OfTheFirstVersionIsRefusedWhereItIsCutOff) {
  const std::string bytes = old_file();
  const std::size_t end_of_samples = bytes.find("\n\n") + 2 + 200 * 12;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Result<Waveform> back = decode_waveform(std::string_view(bytes).substr(0, length));
    // The end of the samples is a place where it may end: the tags behind them need not be.
    EXPECT_EQ(back.has_value(), length == end_of_samples) << length;
  }
  EXPECT_THAT(decode_waveform(std::string_view(bytes).substr(0, bytes.size() / 2)).error().message,
              HasSubstr("of its 200 samples"));
}

TEST(RawOfOld, OfTheFirstVersionNamesWhatIsWrong) {
  const std::string bytes = old_file(), samples = "SAMPLES=00000000000000000200";
  EXPECT_THAT(refusal(with(bytes, "CHANNELS=3", "CHANNELS=4")), HasSubstr("sample 150 of channel 0"));
  EXPECT_THAT(refusal(with(bytes, "BITS=24", "BITS=16")),
              HasSubstr("sample 0 of channel 0 is 8388607 counts, 16 bits"));
  EXPECT_THAT(refusal(with(bytes, samples, "SAMPLES=00000000000000000000")), HasSubstr("no samples"));
  EXPECT_THAT(refusal(with(bytes, samples, "SAMPLES=99999999999999999999")), HasSubstr("SAMPLES"));
  const std::string one_less = with(bytes, samples, "SAMPLES=00000000000000000199");
  EXPECT_THAT(refusal(one_less.substr(0, one_less.find("GAPS="))), HasSubstr("no NAME=VALUE"));
  EXPECT_THAT(refusal(bytes + std::string(100'000, 'x')), HasSubstr("more behind its samples"));
}

/// A file of the second version, as it was written then.
std::string file_of_second() { return testing::bytes_in(PENRIG_SOURCE_DIR "/tests/reports/data/waveform-v2.raw"); }

TEST(RawOfOld, OfTheSecondVersionIsReadAsEver) {
  const Result<Waveform> back = decode_waveform(file_of_second());
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->sample_rate_hz, 50'000.25);
  EXPECT_EQ(back->calibration, "C-000012");
  EXPECT_EQ(back->gaps, "before sample 7: lost");
  ASSERT_EQ(back->channels.size(), 3U);
  EXPECT_EQ(back->channels[0].offset, -0.0274);
  Counts force, position;
  for (std::int32_t i = 0; i < 2100; ++i) {
    force.push_back(i % 1000 == 7 ? (1 << 23) - 1 : i * 7919 % 401 - 200);
    position.push_back(i * i - 20'000);
  }
  force.back() = -(1 << 23);
  EXPECT_EQ(back->channels[0].counts, force);
  EXPECT_EQ(back->channels[1].counts, position);
  EXPECT_EQ(back->channels[2].counts, Counts(2100, -40'000));
}

TEST(RawOfOld, OfTheSecondVersionIsRefusedWhereItIsCutOff) {
  const std::string bytes = file_of_second();
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode_waveform(std::string_view(bytes).substr(0, length))) << length;
  EXPECT_THAT(refusal(bytes.substr(0, bytes.size() - 100)), HasSubstr("cut off: it holds 2048 samples and no end"));
}

TEST(RawOfOld, OfTheSecondVersionNamesWhatIsWrongWithItsPieces) {
  const std::string head = "penrig waveform 2\nSAMPLE_RATE_HZ=50000\nCHANNELS=1\nBITS=16\n\n";
  const auto piece = [](std::size_t n, char width, char order, std::string rest) {
    return std::string{static_cast<char>(n & 0xFFU), static_cast<char>(n >> 8U), width, order} + rest;
  };
  const std::string start("\x07\x00\x00\x00", 4), end("\x00\x00", 2), tail = end + "SAMPLES=2048\n";
  const std::string full = piece(2048, 0, 1, start);
  EXPECT_EQ(refusal(head + full + tail), "read");
  EXPECT_EQ(refusal(head + piece(1000, 0, 1, start) + piece(1048, 0, 1, start) + tail), "read");
  EXPECT_THAT(refusal(head + end + "SAMPLES=0\n"), HasSubstr("no samples"));
  EXPECT_THAT(refusal(head + full + full + tail), HasSubstr("4096 samples and says that it has 2048"));
  EXPECT_THAT(refusal(head + full + piece(2049, 0, 1, start) + tail), HasSubstr("sample 2048 begins a piece of 2049"));
  EXPECT_THAT(refusal(head + full + piece(1, 3, 1, start + "abc") + tail), HasSubstr("sample 2048 of channel 0"));
  EXPECT_THAT(refusal(head + full + piece(1, 0, 0, "") + tail), HasSubstr("differences that no file has"));
  EXPECT_THAT(refusal(head + full + piece(1, 0, 3, start + start + start) + tail), HasSubstr("that no file has"));
  EXPECT_THAT(refusal(head + full + piece(2, 1, 1, start)), HasSubstr("cut off: it holds 2048 samples"));
  EXPECT_THAT(refusal(head + full), HasSubstr("cut off: it holds 2048 samples"));
  EXPECT_THAT(refusal(head + full + piece(1, 2, 1, start + std::string("\xff\x7f", 2)) + tail),
              HasSubstr("sample 2048 of channel 0 is 32774 counts, 16 bits end at 32767"));
}

}  // namespace
}  // namespace penrig
