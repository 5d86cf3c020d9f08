#include "reports/waveforms/raw_piece.hpp"

#include <limits>
#include <vector>

#include <gmock/gmock.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAre;
using Counts = std::vector<std::int32_t>;

constexpr std::int32_t kMost24 = (1 << 23) - 1, kMostOfAll = std::numeric_limits<std::int32_t>::max();

std::string part_of(const Counts& counts) {
  std::string bytes;
  append_raw_part(bytes, counts);
  return bytes;
}

struct ReadBack {
  Counts counts;
  bool within = false;
};

/// What the plainest reader makes of a part: sums of sums, one number after the other.
Counts by_the_book(const std::string& bytes, std::size_t n) {
  const auto number = [&](std::size_t at, unsigned width) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < width; ++i) value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << 8 * i;
    if (width > 0 && width < 4 && (value >> (8 * width - 1)) != 0) value |= ~std::uint32_t{0} << 8 * width;
    return value;
  };
  const auto width = static_cast<unsigned>(bytes[0]), order = static_cast<unsigned>(bytes[1]);
  std::vector<std::uint32_t> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(number(2 + 4 * order + i * width, width));
  for (unsigned k = 0; k < order; ++k) {
    std::uint32_t sum = number(2 + 4 * k, 4);
    for (std::uint32_t& value : values) value = sum += value;
  }
  return {values.begin(), values.end()};
}

ReadBack read_back(const std::string& bytes, std::size_t n, std::int32_t most = kMostOfAll) {
  ReadBack back{Counts(n)};
  const std::optional<RawPart> kind = raw_part(bytes);
  if (!kind) return {};
  EXPECT_EQ(kind->bytes(n), bytes.size());
  back.within = read_raw_part(*kind, bytes, most, back.counts);
  return back;
}

/// n counts on a line, each beside it by up to `noise`.
Counts beside_a_line(std::size_t n, std::int32_t slope, std::uint32_t noise, Random& random) {
  Counts counts;
  for (std::size_t i = 0; i < n; ++i)
    counts.push_back(slope * static_cast<std::int32_t>(i) + static_cast<std::int32_t>(random.below(2 * noise + 1)) -
                     static_cast<std::int32_t>(noise));
  return counts;
}

TEST(RawPiece, ComesBackWhateverItHolds) {
  Random random(1, "pieces");
  for (std::size_t n = 1; n <= kRawPieceSamples; n += n < 70 ? 1 : 247) {
    for (const std::int32_t slope : {0, 3, -200, 4000}) {
      for (const std::uint32_t noise : {0U, 1U, 20U, 5000U, (1U << 23U) - 1}) {
        const Counts counts = beside_a_line(n, slope, noise, random);
        const std::string bytes = part_of(counts);
        EXPECT_EQ(read_back(bytes, n).counts, counts) << n << ", " << slope << ", " << noise;
        EXPECT_EQ(by_the_book(bytes, n), counts) << n << ", " << slope << ", " << noise;
      }
    }
  }
}

TEST(RawPiece, TakesNoMoreBytesThanItsDifferencesNeed) {
  const std::size_t n = 100;
  const auto layout = [&](std::int32_t step, std::size_t at) {
    Counts counts(n, -40'000);
    for (std::size_t i = at; i < n; ++i) counts[i] += step;
    const std::string bytes = part_of(counts);
    EXPECT_EQ(read_back(bytes, n).counts, counts) << step << " at " << at;
    return std::pair(static_cast<int>(bytes[0]), static_cast<int>(bytes[1]));
  };
  // Wherever the greatest stands: among the first, in full vectors, in the rest.
  for (const std::size_t at : {1U, 2U, 3U, 17U, 50U, 97U, 98U, 99U}) {
    EXPECT_EQ(layout(0, at), std::pair(0, 1));
    EXPECT_EQ(layout(1, at), std::pair(1, 1));
    EXPECT_EQ(layout(-1, at), std::pair(1, 1));  // all bits of it are as its sign
    EXPECT_EQ(layout(127, at), std::pair(1, 1));
    EXPECT_EQ(layout(-128, at), std::pair(1, 1));
    EXPECT_EQ(layout(32'767, at), std::pair(2, 1));
    EXPECT_EQ(layout(-32'768, at), std::pair(2, 1));
    if (at > 1) {  // else the slope of the start takes some of it
      EXPECT_EQ(layout(128, at), std::pair(2, 1));
      EXPECT_EQ(layout(-129, at), std::pair(2, 1));
      EXPECT_EQ(layout(32'768, at), std::pair(4, 1));
      EXPECT_EQ(layout(-32'769, at), std::pair(4, 1));
    }
  }
}

TEST(RawPiece, TakesDifferencesOfDifferencesWhereTheyAreSmaller) {
  Random random(2, "pieces");
  EXPECT_EQ(part_of(beside_a_line(500, 300, 0, random)).size(), 2U + 8);
  EXPECT_EQ(part_of(beside_a_line(500, 300, 30, random)).size(), 2U + 8 + 500);
  EXPECT_EQ(part_of(beside_a_line(500, 30, 30, random)).size(), 2U + 4 + 500);
  EXPECT_EQ(part_of(beside_a_line(500, 60'000, 300, random)).size(), 2U + 8 + 2 * 500);
}

TEST(RawPiece, StandsAsCAPTURESmdSays) {
  EXPECT_EQ(part_of({5, 5, 5}), std::string("\x00\x01\x05\x00\x00\x00", 6));
  EXPECT_EQ(part_of({-2, 125, -3}), std::string("\x01\x01\xfe\xff\xff\xff\x00\x7f\x80", 9));
  EXPECT_EQ(part_of({0, 1000, 0}), std::string("\x02\x01\x00\x00\x00\x00\x00\x00\xe8\x03\x18\xfc", 12));
  // 1000, 2000, 3001: the slope is 1000, and 0 the count before the first.
  EXPECT_EQ(part_of({1000, 2000, 3001}), std::string("\x01\x02\xe8\x03\x00\x00\x00\x00\x00\x00\x00\x00\x01", 13));
}

TEST(RawPiece, WrapsAroundAndComesBack) {
  const std::int32_t least = std::numeric_limits<std::int32_t>::min();
  Counts counts{kMostOfAll, least, kMostOfAll, least, 0, least, 1, -1};
  for (int i = 0; i < 40; ++i) counts.push_back(i % 3 == 0 ? least : kMostOfAll);
  EXPECT_EQ(read_back(part_of(counts), counts.size()).counts, counts);
}

TEST(RawPiece, SaysWhetherACountIsBeyondItsBits) {
  for (const std::size_t at : {0U, 1U, 40U, 98U, 99U}) {
    for (const std::int32_t other : {0, 90, 20'000}) {  // of every width
      Counts counts(100, kMost24 - 20'000);
      counts[50] += other;
      counts[at] = kMost24;
      EXPECT_TRUE(read_back(part_of(counts), 100, kMost24).within);
      counts[at] = kMost24 + 1;
      EXPECT_FALSE(read_back(part_of(counts), 100, kMost24).within) << at;
      counts[at] = -kMost24 - 1;
      EXPECT_TRUE(read_back(part_of(counts), 100, kMost24).within);
      counts[at] = -kMost24 - 2;
      EXPECT_FALSE(read_back(part_of(counts), 100, kMost24).within) << at;
    }
  }
}

TEST(RawPiece, HasNoOtherWidthsAndOrders) {
  for (int width = 0; width < 256; ++width) {
    for (int order = 0; order < 256; ++order) {
      const std::string head{static_cast<char>(width), static_cast<char>(order)};
      const bool known = (width == 0 || width == 1 || width == 2 || width == 4) && (order == 1 || order == 2);
      EXPECT_EQ(raw_part(head).has_value(), known) << width << ", " << order;
    }
  }
}

TEST(RawPiece, IsReadAlsoWhereItsStartLeadsElsewhere) {
  // Whoever writes one may begin where he likes: 10, then +1 +1 and +1 -1 of a slope of 5.
  EXPECT_THAT(read_back(std::string("\x01\x01\x0a\x00\x00\x00\x01\x01", 8), 2).counts, ElementsAre(11, 12));
  EXPECT_THAT(read_back(std::string("\x01\x02\x05\x00\x00\x00\x0a\x00\x00\x00\x01\xff", 12), 2).counts,
              ElementsAre(16, 21));
}

}  // namespace
}  // namespace penrig
