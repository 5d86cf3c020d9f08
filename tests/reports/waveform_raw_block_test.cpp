#include <array>
#include <memory>

#include <gmock/gmock.h>

#include "reports/waveforms/decode_waveform.hpp"
#include "reports/waveforms/memory_output.hpp"
#include "reports/waveforms/raw_block.hpp"
#include "reports/waveforms/waveform_raw.hpp"
#include "rig/base/random.hpp"
#include "tests/protocols/seeded.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;
using Counts = std::vector<std::int32_t>;

std::string begun(std::size_t channels) {
  std::string head(kRawMagic);
  return head + "SAMPLE_RATE_HZ=50000\nCHANNELS=" + std::to_string(channels) + "\nBITS=24\n\n";
}

/// Blocks of channels as a link brings them, and the file that is made of them.
class PackedFile {
 public:
  explicit PackedFile(std::size_t channels) : packers_(channels), sent_(channels) {
    format_.channels = channels;
    format_.tags = {{"SAMPLE_RATE_HZ", "50000"}};
    encoder_ = std::make_unique<RawEncoder>(format_, memory_);
  }
  /// Packed, of one length; which of them do come so.
  void block(const std::vector<Counts>& counts, bool packed = true) {
    std::vector<std::string> bytes(counts.size());
    for (std::size_t c = 0; c < counts.size(); ++c) packers_[c].pack(counts[c], bytes[c]);
    if (!packed) bytes.assign(counts.size(), {});
    bring(counts, bytes);
  }
  void bring(const std::vector<Counts>& counts, const std::vector<std::string>& bytes) {
    std::vector<ChannelBlock> channels;
    for (std::size_t c = 0; c < counts.size(); ++c) {
      channels.push_back({std::span<const std::int32_t>(counts[c]), std::as_bytes(std::span(bytes[c]))});
      sent_[c].insert(sent_[c].end(), counts[c].begin(), counts[c].end());
    }
    EXPECT_TRUE(encoder_->process_block(channels));
    came_.insert(came_.end(), bytes.begin(), bytes.end());
  }
  /// A frame is lost: what comes next stands alone.
  void lose() {
    for (SamplePacker& packer : packers_) packer.restart();
  }
  /// The file, which holds every count.
  std::string finished() {
    EXPECT_TRUE(encoder_->finish({}));
    const Result<Waveform> back = decode_waveform(memory_.bytes);
    if (!back) ADD_FAILURE() << back.error().message;
    for (std::size_t c = 0; back && c < sent_.size(); ++c) EXPECT_EQ(back->channels[c].counts, sent_[c]) << c;
    return memory_.bytes;
  }
  const std::vector<std::string>& came() const { return came_; }

 private:
  WaveformFormat format_;
  MemoryOutput memory_;
  std::unique_ptr<RawEncoder> encoder_;
  std::vector<SamplePacker> packers_;
  std::vector<Counts> sent_;
  std::vector<std::string> came_;
};

Counts noise(Random& random, std::size_t n, std::uint32_t below) {
  Counts counts(n);
  for (std::int32_t& count : counts) count = static_cast<std::int32_t>(random.below(below)) - 500;
  return counts;
}

TEST(RawBlocks, StandsAsCAPTURESmdSays) {
  Counts worked(40);
  for (std::int32_t i = 0; i < 40; ++i) worked[static_cast<std::size_t>(i)] = 1000 + 3 * i + i % 3;
  MemoryOutput memory;
  WaveformFormat format;
  format.channels = 2;
  format.tags = {{"SAMPLE_RATE_HZ", "50000"}};
  RawEncoder encoder(format, memory);
  const Counts stands(40, -20'000);
  const std::array<const std::int32_t*, 2> from{worked.data(), stands.data()};
  EXPECT_TRUE(encoder.process(from, 40));
  EXPECT_TRUE(encoder.finish({{"GAPS", "before sample 1: two\nlines"}}));
  EXPECT_TRUE(memory.bytes.starts_with(begun(2)));
  EXPECT_EQ(memory.bytes.substr(begun(2).size()),
            from_hex("2800 2000 0f00"
                     "02 e8030000 e8030000 e8030000 34 8058600556600556 70e1c2850b17 03 2e5cb8"
                     "02 e0b1ffff e0b1ffff e0b1ffff 00 00"
                     "0000") +
                "GAPS=before sample 1: two lines\nSAMPLES=40\n");
}

TEST(RawBlocks, KeepsBlocksAsTheyCame) {
  Random random(1, "packed");
  for (const std::size_t n : {128U, 500U, 512U, 1000U, 1024U}) {
    PackedFile file(2);
    std::string expected = begun(2);
    for (int i = 0; i < 300; ++i) {  // more than is written at once
      file.block({noise(random, n, 40), noise(random, n, 300)});
      for (const std::size_t number : {n, file.came().end()[-2].size(), file.came().back().size()})
        expected.append({static_cast<char>(number & 0xFFU), static_cast<char>(number >> 8U)});
      expected += file.came().end()[-2] + file.came().back();
    }
    EXPECT_EQ(file.finished(), expected + from_hex("0000") + "SAMPLES=" + std::to_string(300 * n) + "\n") << n;
  }
}

TEST(RawBlocks, PacksAnewWhatDoesNotGoOnFromTheBlockBefore) {
  Random random(2, "packed");
  PackedFile file(2);
  for (int i = 0; i < 6; ++i) {
    if (i == 3) file.lose();
    file.block({noise(random, 500, 40), noise(random, 500, 300)});
  }
  const std::string bytes = file.finished();
  for (std::size_t i = 0; i < file.came().size(); ++i)
    EXPECT_EQ(bytes.find(file.came()[i]) != std::string::npos, i / 2 != 3) << i;
}

TEST(RawBlocks, HoldsAChannelThatStandsInNoByte) {
  Random random(3, "packed");
  const auto size_of = [&](std::int32_t second) {
    PackedFile file(2);
    for (int i = 0; i < 20; ++i)
      file.block({noise(random, 500, 40), Counts(500, i == 10 ? second : -7)});  // and comes back
    return file.finished().size();
  };
  const std::size_t stands = size_of(-7), moves = size_of(-8);
  EXPECT_GT(moves, stands + 40);
  EXPECT_LT(moves, stands + 400);
}

TEST(RawBlocks, HoldsAllOfBlocksThatComePackedOrNotLongOrShort) {
  Random random(4, "packed");
  PackedFile file(3);
  for (int i = 0; i < 500; ++i) {
    const std::size_t n = random.below(3) == 0 ? 1 + random.below(20) : 1 + random.below(1024);
    if (random.below(20) == 0) file.lose();
    file.block({noise(random, n, 40), noise(random, n, 1U << 20U), Counts(n, i / 50)}, random.below(4) != 0);
  }
  file.finished();
}

/// With one line of the head replaced.
std::string with(std::string bytes, const std::string& line, const std::string& other) {
  return bytes.replace(bytes.find(line), line.size(), other);
}

std::string refusal(const std::string& file) {
  const Result<Waveform> back = decode_waveform(file);
  return back ? "read" : back.error().message;
}

TEST(RawBlocks, NamesWhatIsWrongWithItsBlocks) {
  const std::string head = with(begun(1), "BITS=24", "BITS=16"), tail = from_hex("0000") + "SAMPLES=40\n";
  const std::string packed = from_hex("02 e8030000 e8030000 e8030000 34 8058600556600556 70e1c2850b17 03 2e5cb8");
  const auto block = [](std::size_t n, const std::string& bytes) {
    return std::string{static_cast<char>(n & 0xFFU), static_cast<char>(n >> 8U), static_cast<char>(bytes.size()),
                       '\0'} +
           bytes;
  };
  const std::string full = block(40, packed);
  EXPECT_EQ(refusal(head + full + tail), "read");
  EXPECT_EQ(refusal(head + full + block(1024, "") + from_hex("0000") + "SAMPLES=1064\n"), "read");
  EXPECT_THAT(refusal(head + from_hex("0000") + "SAMPLES=0\n"), HasSubstr("no samples"));
  EXPECT_THAT(refusal(head + full + block(40, "") + tail), HasSubstr("80 samples and says that it has 40"));
  EXPECT_THAT(refusal(head + full + block(1025, "") + tail),
              HasSubstr("sample 40 begins a block of 1025, the longest"));
  EXPECT_THAT(refusal(head + block(40, "") + tail), HasSubstr("sample 0 of channel 0 begins a block that cannot be"));
  EXPECT_THAT(refusal(head + full + block(1, from_hex("04 00 00")) + tail), HasSubstr("first byte is 0x04"));
  EXPECT_THAT(refusal(head + full + full + tail), HasSubstr("sample 40 of channel 0 begins a block that cannot be: "
                                                            "sample block: its history is not the tail"));
  EXPECT_THAT(refusal(head + block(41, packed) + tail), HasSubstr("it ends within the group at sample 32"));
  EXPECT_THAT(refusal(head + block(39, packed) + tail), HasSubstr("is not zero"));
  EXPECT_THAT(refusal(head + block(32, packed) + tail), HasSubstr("4 bytes too many"));
  EXPECT_THAT(refusal(head + block(1, from_hex("00 10 00")) + tail), HasSubstr("is not zero"));
  EXPECT_THAT(refusal(head + block(1, from_hex("00 01 02")) + tail), HasSubstr("is not zero"));
  EXPECT_THAT(refusal(head + full + full.substr(0, 20)), HasSubstr("cut off: it holds 40 samples and no end"));
  EXPECT_THAT(refusal(head + full), HasSubstr("cut off: it holds 40 samples and no end"));
  std::string beyond;
  pack_samples({.order = 0}, Counts{32'767, -32'768, 32'768}, beyond);
  EXPECT_THAT(refusal(head + block(3, beyond) + tail),
              HasSubstr("sample 2 of channel 0 is 32768 counts, 16 bits end at 32767"));
}

TEST(RawBlocks, EveryByteOfABlockThatIsFlippedIsFoundOrGivesOtherCounts) {
  Random random(5, "packed");
  PackedFile file(1);
  for (int i = 0; i < 3; ++i) file.block({noise(random, 200, 40)});
  const std::string bytes = file.finished();
  const std::vector<std::int32_t> counts = decode_waveform(bytes)->channels[0].counts;
  for (std::size_t at = begun(1).size(); at < bytes.size(); ++at) {
    std::string other = bytes;
    other[at] = static_cast<char>(other[at] ^ 1);
    const Result<Waveform> back = decode_waveform(other);
    EXPECT_FALSE(back && back->channels[0].counts == counts) << at;
  }
}

}  // namespace
}  // namespace penrig
