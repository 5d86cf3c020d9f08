#include "protocols/sample_codec.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/protocols/seeded.hpp"

namespace penrig {
namespace {

std::vector<std::int32_t> unpacked(const std::string& packed, std::size_t count) {
  std::vector<std::int32_t> samples(count);
  const auto history = unpack_samples(std::as_bytes(std::span(packed)), samples);
  EXPECT_TRUE(history.has_value()) << history.error().message;
  return samples;
}

Errc refusal(const std::string& packed, std::size_t count) {
  std::vector<std::int32_t> samples(count);
  const auto history = unpack_samples(std::as_bytes(std::span(packed)), samples);
  EXPECT_TRUE(history.has_error());
  return history ? Errc::internal : history.error().code;
}

/// x = 1000 + 3i + (i mod 3), 40 samples: the worked example of WIRE.md.
std::vector<std::int32_t> worked_samples() {
  std::vector<std::int32_t> x;
  for (std::int32_t i = 0; i < 40; ++i) x.push_back(1000 + 3 * i + i % 3);
  return x;
}
std::string worked_bytes() { return from_hex("02 e8030000 e8030000 04 80500665 50066550 06655006 65500665 03 a851a3"); }

TEST(SampleCodec, GivesTheWorkedBytes) {
  std::string packed;
  pack_samples({.order = 2, .before = {1000, 1000}}, worked_samples(), packed);
  EXPECT_EQ(to_hex(packed), to_hex(worked_bytes()));
  EXPECT_EQ(unpacked(worked_bytes(), 40), worked_samples());
}

TEST(SampleCodec, ReturnsEveryWidthAtEveryOrder) {
  Seeded random;
  for (unsigned order = 0; order <= 3; ++order) {
    for (unsigned width = 0; width <= 32; ++width) {
      for (const std::size_t count : {1U, 7U, 8U, 9U, 31U, 32U, 33U, 512U, 1000U, 1024U}) {
        std::vector<std::int32_t> x(count);
        for (auto& v : x) {
          const auto word = width == 0 ? 0U : static_cast<std::uint32_t>(random.next() >> (64 - width));
          v = static_cast<std::int32_t>(word);
        }
        SampleHistory history{.order = order};
        for (unsigned i = 0; i < order; ++i) history.before[i] = static_cast<std::int32_t>(random.next());
        std::string packed;
        pack_samples(history, x, packed);
        std::vector<std::int32_t> back(count);
        const auto found = unpack_samples(std::as_bytes(std::span(packed)), back);
        ASSERT_TRUE(found.has_value()) << found.error().message << random;
        ASSERT_EQ(back, x) << "order " << order << " width " << width << " count " << count << random;
        ASSERT_EQ(*found, history);
      }
    }
  }
}

// Kernels read some widths and leave others, and all that is near the end.
TEST(SampleCodec, ReturnsWidthsThatChangeFromGroupToGroupAndRefusesEveryCutOfThem) {
  Seeded random;
  constexpr unsigned kWidths[] = {3, 28, 5, 32, 0, 25, 26, 7, 31, 1};
  for (unsigned order = 1; order <= 3; ++order) {
    std::uint32_t x = 77, d1 = 0, d2 = 0;
    SampleHistory history{.order = order};
    std::fill_n(history.before.begin(), order, static_cast<std::int32_t>(x));
    std::vector<std::int32_t> samples;
    for (const unsigned width : kWidths) {
      for (std::size_t i = 0; i < 32; ++i) {
        const auto bits = width == 0 ? 0U : static_cast<std::uint32_t>(random.next() >> (64 - width));
        const std::uint32_t difference = (bits >> 1) ^ (0U - (bits & 1U));
        if (order == 1) x += difference;
        if (order == 2) x += d1 += difference;
        if (order == 3) x += d1 += d2 += difference;
        samples.push_back(static_cast<std::int32_t>(x));
      }
    }
    samples.resize(samples.size() + 9, samples.back());
    std::string packed;
    pack_samples(history, samples, packed);
    ASSERT_EQ(unpacked(packed, samples.size()), samples) << "order " << order << random;
    for (std::size_t length = 0; length < packed.size(); ++length)
      ASSERT_EQ(refusal(packed.substr(0, length), samples.size()), Errc::bad_data) << length << random;
  }
}

TEST(SampleCodec, ReturnsTheExtremesOfTheNumbers) {
  constexpr auto kLow = std::numeric_limits<std::int32_t>::min(), kHigh = std::numeric_limits<std::int32_t>::max();
  const std::vector<std::int32_t> x{kLow, kHigh, kLow, 0, kHigh, kHigh, kLow, -1, 1, kLow};
  for (unsigned order = 0; order <= 3; ++order) {
    std::string packed;
    pack_samples({.order = order}, x, packed);
    EXPECT_EQ(unpacked(packed, x.size()), x);
  }
}

TEST(SampleCodec, NeedsAboutAByteForAQuietChannel) {
  Seeded random;
  SamplePacker packer;
  std::string packed;
  std::size_t samples = 0;
  for (int block = 0; block < 50; ++block) {
    std::vector<std::int32_t> x(512);
    for (auto& v : x) {
      const double t = static_cast<double>(samples++) / 50'000;
      const double cycle = t * 120 - static_cast<double>(static_cast<std::int64_t>(t * 120));
      v = static_cast<std::int32_t>(200'000 * cycle * (1 - cycle) + static_cast<double>(random.next() % 20));
    }
    packer.pack(x, packed);
  }
  EXPECT_LT(static_cast<double>(packed.size()), 1.3 * static_cast<double>(samples)) << random;
}

TEST(SampleCodec, RefusesOtherBitsInTheFirstByte) {
  for (int bit = 2; bit < 8; ++bit) {
    std::string packed = worked_bytes();
    packed[0] = static_cast<char>(static_cast<unsigned char>(packed[0]) | (1U << bit));
    EXPECT_EQ(refusal(packed, 40), Errc::bad_data);
  }
}

TEST(SampleCodec, RefusesAWidthBeyond32) {
  for (const unsigned width : {32U, 33U, 64U, 255U}) {
    std::string packed{'\0', static_cast<char>(width)};
    packed.resize(2 + width);  // 8 samples of that width, all 0
    if (width <= 32) {
      EXPECT_EQ(unpacked(packed, 8), std::vector<std::int32_t>(8, 0));
    } else {
      EXPECT_EQ(refusal(packed, 8), Errc::bad_data) << width;
    }
  }
}

TEST(SampleCodec, RefusesEveryWrongLength) {
  const std::string good = worked_bytes();
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_EQ(refusal(good.substr(0, size), 40), Errc::bad_data);
  EXPECT_EQ(refusal(good + '\0', 40), Errc::bad_data);
  EXPECT_EQ(refusal(good, 32), Errc::bad_data);
  EXPECT_EQ(refusal(good, 48 + 1), Errc::bad_data);
}

TEST(SampleCodec, RefusesPaddingThatIsNotZero) {
  std::string packed;
  pack_samples({.order = 0}, std::vector<std::int32_t>{1, 1, 1}, packed);  // width 2: 6 bits used, 10 of padding
  ASSERT_EQ(to_hex(packed), "00022a00");
  for (int bit = 6; bit < 16; ++bit) {
    std::string broken = packed;
    auto& byte = broken[static_cast<std::size_t>(2 + bit / 8)];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << (bit % 8)));
    EXPECT_EQ(refusal(broken, 3), Errc::bad_data) << bit;
  }
}

TEST(SampleCodec, NeverReadsPastItsInputWhateverItIs) {
  Seeded random;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> junk(random.next() % 80);
    for (auto& b : junk) b = static_cast<std::byte>(random.next() % 40);
    std::vector<std::int32_t> samples(1 + random.next() % 100);
    (void)unpack_samples(junk, samples);  // the sanitizers judge
  }
}

TEST(SampleStream, GoesOnFromBlockToBlock) {
  Seeded random;
  SamplePacker packer;
  SampleUnpacker unpacker;
  for (int block = 0; block < 200; ++block) {
    std::vector<std::int32_t> x(1 + random.next() % 5), back(x.size());
    for (auto& v : x) v = static_cast<std::int32_t>(random.next() % 1000);
    std::string packed;
    packer.pack(x, packed);
    const auto result = unpacker.unpack(std::as_bytes(std::span(packed)), back);
    ASSERT_TRUE(result.has_value()) << result.error().message << random;
    ASSERT_EQ(back, x) << random;
  }
}

TEST(SampleStream, RepeatsTheFirstSampleAsHistoryAfterAStart) {
  SamplePacker packer;
  std::string packed;
  packer.pack(worked_samples(), packed);
  EXPECT_EQ(to_hex(packed), to_hex(worked_bytes()));
}

TEST(SampleStream, FindsThatABlockIsMissing) {
  SamplePacker packer;
  SampleUnpacker unpacker;
  std::vector<std::int32_t> back(40);
  std::vector<std::string> packed(3);
  for (std::size_t block = 0; block < 3; ++block) {
    std::vector<std::int32_t> x = worked_samples();
    for (auto& v : x) v += static_cast<std::int32_t>(block) * 120;
    packer.pack(x, packed[block]);
  }
  ASSERT_TRUE(unpacker.unpack(std::as_bytes(std::span(packed[0])), back).has_value());
  const auto result = unpacker.unpack(std::as_bytes(std::span(packed[2])), back);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, Errc::gap_in_record);
  EXPECT_EQ(back[0], 1240) << "the block's own samples are good";
}

TEST(SampleStream, ComparesNothingAfterARestart) {
  SamplePacker packer;
  SampleUnpacker unpacker;
  std::vector<std::int32_t> back(40);
  std::string first, second, third;
  packer.pack(worked_samples(), first);
  packer.pack(std::vector<std::int32_t>(40, 5), second);
  packer.pack(std::vector<std::int32_t>(40, 6), third);
  ASSERT_TRUE(unpacker.unpack(std::as_bytes(std::span(first)), back).has_value());
  unpacker.restart();
  EXPECT_TRUE(unpacker.unpack(std::as_bytes(std::span(third)), back).has_value());
}

}  // namespace
}  // namespace penrig
