#include "rig/base/sample_codec.hpp"

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
std::string worked_bytes() {
  return from_hex("02 e8030000 e8030000 e8030000 34 8058600556600556 70e1c2850b17 03 2e5cb8");
}

/// As WIRE.md tells it, sample by sample and bit by bit.
std::string told_bytes(const SampleHistory& history, const std::vector<std::int32_t>& samples) {
  const std::size_t known = std::vector<std::size_t>{0, 1, 3, 6}.at(history.order);
  std::string bytes{static_cast<char>(history.order)};
  for (std::size_t i = 0; i < known; ++i) {
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(static_cast<std::uint32_t>(history.before[i]) >> shift);
  }
  std::vector<std::uint32_t> x(history.before.rbegin(), history.before.rend());
  x.insert(x.end(), samples.begin(), samples.end());
  for (std::size_t over = 1; over <= history.order; ++over) {
    for (std::size_t i = x.size(); i-- > over;) x[i] -= x[i - over];
  }
  x.erase(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(history.before.size()));
  for (auto& v : x) v = v >> 31 != 0 ? ~(v << 1) : v << 1;
  for (std::size_t at = 0; at < x.size(); at += 32) {
    const std::size_t codes_at = bytes.size();
    bytes += '\0';
    for (std::size_t half = 0; half < 2; ++half) {
      const std::size_t from = std::min(at + 16 * half, x.size()), to = std::min(from + 16, x.size());
      std::size_t code = 0;
      constexpr std::size_t kWidths[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 32};
      for (std::size_t i = from; i < to; ++i) {
        while (std::uint64_t{x[i]} >> kWidths[code] != 0) ++code;
      }
      bytes[codes_at] = static_cast<char>(static_cast<unsigned char>(bytes[codes_at]) | code << (4 * half));
      const std::size_t width = kWidths[code], begin = bytes.size();
      bytes.resize(begin + (to - from + 7) / 8 * width);
      for (std::size_t bit = 0; bit < (to - from) * width; ++bit) {
        const unsigned is = x[from + bit / width] >> (bit % width) & 1U;
        auto& byte = bytes[begin + bit / 8];
        byte = static_cast<char>(static_cast<unsigned char>(byte) | is << (bit % 8));
      }
    }
  }
  return bytes;
}

TEST(SampleCodec, GivesTheWorkedBytes) {
  std::string packed;
  pack_samples({.order = 2, .before = {1000, 1000, 1000}}, worked_samples(), packed);
  EXPECT_EQ(to_hex(packed), to_hex(worked_bytes()));
  EXPECT_EQ(unpacked(worked_bytes(), 40), worked_samples());
}

TEST(SampleCodec, ReturnsEveryWidthAtEveryOrder) {
  Seeded random;
  for (unsigned order = 0; order <= 3; ++order) {
    for (unsigned width = 0; width <= 32; ++width) {
      for (const std::size_t count : {1U, 7U, 8U, 9U, 15U, 16U, 17U, 31U, 32U, 33U, 512U, 1000U, 1024U}) {
        std::vector<std::int32_t> x(count);
        for (auto& v : x) {
          const auto word = width == 0 ? 0U : static_cast<std::uint32_t>(random.next() >> (64 - width));
          v = static_cast<std::int32_t>(word);
        }
        SampleHistory history{.order = order};
        for (std::size_t i = 0; i < history_of(order); ++i)
          history.before[i] = static_cast<std::int32_t>(random.next());
        std::string packed;
        pack_samples(history, x, packed);
        ASSERT_EQ(to_hex(packed), to_hex(told_bytes(history, x))) << order << " " << width << " " << count << random;
        std::vector<std::int32_t> back(count);
        const auto found = unpack_samples(std::as_bytes(std::span(packed)), back);
        ASSERT_TRUE(found.has_value()) << found.error().message << random;
        ASSERT_EQ(back, x) << "order " << order << " width " << width << " count " << count << random;
        ASSERT_EQ(*found, history);
      }
    }
  }
}

TEST(SampleCodec, GivesTheSameBytesForWhatStandsAndForWhatAlmostDoes) {
  for (unsigned order = 0; order <= 3; ++order) {
    for (const std::size_t count : {1U, 2U, 16U, 31U, 32U, 33U, 64U, 100U, 512U}) {
      for (std::size_t moved = 0; moved <= count + history_of(order); ++moved) {  // one of them, or none
        SampleHistory history{.order = order};
        std::fill_n(history.before.begin(), history_of(order), -3);
        std::vector<std::int32_t> x(count, -3);
        if (moved < count) x[moved] = -2;
        if (moved > count) history.before[moved - count - 1] = -2;
        std::string packed;
        pack_samples(history, x, packed);
        ASSERT_EQ(to_hex(packed), to_hex(told_bytes(history, x))) << order << " " << count << " " << moved;
        ASSERT_EQ(unpacked(packed, count), x) << order << " " << count << " " << moved;
      }
    }
  }
}

TEST(SampleCodec, RefusesWhatStandsWhereItsGroupsSaySomethingElse) {
  const std::vector<std::int32_t> x(100, 7);
  const SampleHistory history{.order = 1, .before = {7}};
  const std::string standing = told_bytes(history, x);
  ASSERT_EQ(standing.size(), 5 + 4);
  for (std::size_t at = 5; at < standing.size(); ++at) {
    std::string other = standing;
    other[at] = 1;
    EXPECT_EQ(refusal(other, x.size()), Errc::bad_data) << at;
  }
  EXPECT_EQ(refusal(standing + '\0', x.size()), Errc::bad_data);
  EXPECT_EQ(refusal(standing.substr(0, standing.size() - 1), x.size()), Errc::bad_data);
}

// What is near the end is read otherwise than the rest.
TEST(SampleCodec, ReturnsWidthsThatChangeFromHalfToHalfAndRefusesEveryCutOfThem) {
  Seeded random;
  constexpr unsigned kWidths[] = {3, 28, 5, 32, 0, 25, 26, 7, 31, 1};
  for (unsigned order = 0; order <= 3; ++order) {
    const SampleHistory history{.order = order};
    std::vector<std::uint32_t> x(kMaxSampleHistory);
    for (const unsigned width : kWidths) {
      for (std::size_t i = 0; i < 16; ++i) {
        const auto bits = width == 0 ? 0U : static_cast<std::uint32_t>(random.next() >> (64 - width));
        x.push_back((bits >> 1) ^ (0U - (bits & 1U)));
      }
    }
    x.resize(x.size() + 9);
    for (std::size_t over = 1; over <= order; ++over) {
      for (std::size_t i = kMaxSampleHistory; i < x.size(); ++i) x[i] += x[i - over];
    }
    const std::vector<std::int32_t> samples(x.begin() + kMaxSampleHistory, x.end());
    std::string packed;
    pack_samples(history, samples, packed);
    ASSERT_EQ(packed.size(), 1 + 4 * history_of(order) + 6 + 2 * (3 + 32 + 5 + 32 + 0 + 32 + 32 + 7 + 32 + 1))
        << random;
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

TEST(SampleCodec, KnowsEveryWidthCode) {
  constexpr std::size_t kWidths[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 32};
  for (std::size_t code = 0; code < 16; ++code) {
    std::string packed{'\0', static_cast<char>(code)};
    packed.resize(2 + kWidths[code]);  // 8 samples of that width, all 0
    EXPECT_EQ(unpacked(packed, 8), std::vector<std::int32_t>(8, 0)) << code;
  }
}

TEST(SampleCodec, RefusesTheWidthOfAHalfWithoutSamples) {
  for (unsigned code = 1; code < 16; ++code) {
    const std::string packed{'\0', static_cast<char>(code << 4)};
    EXPECT_EQ(refusal(packed, 16), Errc::bad_data) << code;
  }
  EXPECT_EQ(unpacked(std::string(2, '\0'), 16), std::vector<std::int32_t>(16, 0));
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
  std::vector<std::int32_t> x(17);
  x.back() = -1;
  packed.clear();
  pack_samples({.order = 0}, x, packed);  // the second half: width 1, 1 bit used, 7 of padding
  ASSERT_EQ(to_hex(packed), "001001");
  for (int bit = 1; bit < 8; ++bit) {
    std::string broken = packed;
    broken[2] = static_cast<char>(1U | (1U << bit));
    EXPECT_EQ(refusal(broken, 17), Errc::bad_data) << bit;
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

TEST(SampleStream, ComparesAllOfAHistory) {
  const std::vector<std::int32_t> x = worked_samples();
  for (unsigned order = 1; order <= 3; ++order) {
    for (std::size_t wrong = 0; wrong <= history_of(order); ++wrong) {
      SampleHistory history{.order = order};
      std::copy_n(x.rbegin(), history_of(order), history.before.begin());
      if (wrong < history_of(order)) ++history.before[wrong];
      std::string first, second;
      pack_samples({.order = 0}, x, first);
      pack_samples(history, x, second);
      SampleUnpacker unpacker;
      std::vector<std::int32_t> back(x.size());
      ASSERT_TRUE(unpacker.unpack(std::as_bytes(std::span(first)), back).has_value());
      const auto result = unpacker.unpack(std::as_bytes(std::span(second)), back);
      EXPECT_EQ(result.has_value(), wrong == history_of(order)) << "order " << order << ", x[-1 - " << wrong << "]";
      EXPECT_EQ(back, x);
    }
  }
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

TEST(SampleStream, TakesABlockThatSomebodyElsePackedOnlyWhereItGoesOn) {
  const std::vector<std::int32_t> x = worked_samples();
  for (unsigned order = 0; order <= 3; ++order) {
    for (std::size_t wrong = 0; wrong <= history_of(order); ++wrong) {
      SampleHistory history{.order = order};
      std::copy_n(x.rbegin(), history_of(order), history.before.begin());
      if (wrong < history_of(order)) ++history.before[wrong];
      std::string packed;
      pack_samples(history, x, packed);
      SamplePacker packer;
      EXPECT_TRUE(packer.is_continued_by(std::as_bytes(std::span(packed)))) << "nothing is known of the first";
      std::string first;
      packer.pack(x, first);
      EXPECT_EQ(packer.is_continued_by(std::as_bytes(std::span(packed))), wrong == history_of(order)) << order;
    }
  }
  EXPECT_FALSE(SamplePacker().is_continued_by({}));
  for (const std::string& bad : {from_hex("04"), from_hex("01 000000")})
    EXPECT_FALSE(SamplePacker().is_continued_by(std::as_bytes(std::span(bad))));
}

TEST(SampleStream, GoesOnBehindWhatSomebodyElsePackedAndWhatStood) {
  SamplePacker other, packer;
  SampleUnpacker unpacker;
  std::vector<std::int32_t> back(40);
  const auto expect_unpacked = [&](const std::string& packed, const std::vector<std::int32_t>& x) {
    ASSERT_TRUE(unpacker.unpack(std::as_bytes(std::span(packed)), back).has_value());
    EXPECT_EQ(back, x);
  };
  std::vector<std::int32_t> x = worked_samples();
  std::string others, own;
  other.pack(x, others);
  packer.go_on(std::as_bytes(std::span(others)), x);
  expect_unpacked(others, x);
  for (auto& v : x) v += 120;
  packer.pack(x, own);
  expect_unpacked(own, x);
  const std::vector<std::int32_t> stands(40, x.back());
  EXPECT_TRUE(packer.is_at(x.back()));
  EXPECT_FALSE(packer.is_at(x.back() + 1));
  packer.go_on(stands);
  unpacker.go_on(stands);
  std::string behind;
  packer.pack(x, behind);
  expect_unpacked(behind, x);
  EXPECT_FALSE(SamplePacker().is_at(0)) << "it was nowhere yet";
}

}  // namespace
}  // namespace penrig
