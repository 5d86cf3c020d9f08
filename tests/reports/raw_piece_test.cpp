#include "reports/waveforms/raw_piece.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gmock/gmock.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAre;
using Counts = std::vector<std::int32_t>;

constexpr std::int32_t kMost24 = (1 << 23) - 1, kMostOfAll = std::numeric_limits<std::int32_t>::max();

/// Differences of order 1 or 2, modulo 2^32, the first of them 0.
Counts differences_of(const Counts& counts, std::size_t order) {
  std::vector<std::uint32_t> x(counts.begin(), counts.end());
  for (std::size_t k = 0; k < order; ++k) {
    for (std::size_t i = x.size(); i-- > k + 1;) x[i] -= x[i - 1];
    x[k] = 0;
  }
  if (order == 2) x[0] = 0;
  return {x.begin(), x.end()};
}

/// Bytes that each needs.
unsigned width_of(const Counts& differences) {
  const auto within = [&](std::int32_t most) {
    return std::ranges::all_of(differences, [&](std::int32_t d) { return d >= -most - 1 && d <= most; });
  };
  return std::ranges::all_of(differences, [](std::int32_t d) { return d == 0; }) ? 0
         : within(127)                                                           ? 1
         : within(32'767)                                                        ? 2
                                                                                 : 4;
}

/// As files of the second version had them.
std::string part_of(const Counts& counts) {
  const Counts first = differences_of(counts, 1);
  const Counts second = counts.size() > 1 ? differences_of(counts, 2) : first;
  const bool slopes = width_of(second) < width_of(first);
  const Counts& differences = slopes ? second : first;
  const unsigned width = width_of(differences);
  std::string bytes{static_cast<char>(width), static_cast<char>(slopes ? 2 : 1)};
  const auto put = [&bytes](std::uint32_t value, unsigned n) {
    for (unsigned i = 0; i < n; ++i) bytes += static_cast<char>(value >> 8 * i);
  };
  auto start = static_cast<std::uint32_t>(counts[0]);
  if (slopes) {
    const std::uint32_t slope = static_cast<std::uint32_t>(counts[1]) - start;
    put(slope, 4);
    start -= slope;
  }
  put(start, 4);
  for (const std::int32_t d : differences) put(static_cast<std::uint32_t>(d), width);
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
