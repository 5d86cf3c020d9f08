#include "rig/base/sample_kernels.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/sample_groups.hpp"
#include "tests/protocols/seeded.hpp"

namespace penrig {
namespace {

/// Counts whose differences of that order need about `width` bits.
std::vector<std::uint32_t> counts_of(Seeded& random, std::size_t n, unsigned width) {
  std::vector<std::uint32_t> x(n);
  for (auto& v : x) v = width == 0 ? 7U : static_cast<std::uint32_t>(random.next() >> (64 - width));
  return x;
}

/// Room for so many, with what a kernel may write beyond them.
std::vector<std::byte> room_for(std::size_t count) {
  return std::vector<std::byte>((count / kSampleGroup + 1) * kMaxGroupBytes + kSampleSlack);
}

constexpr std::size_t kCounts[] = {1, 2, 7, 8, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 128, 500, 512, 1024};

TEST(SampleKernels, PackTheBytesThatThePortableOnesPack) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
      for (unsigned width = 0; width <= 32; ++width) {
        for (const std::size_t count : kCounts) {
          const auto x = counts_of(random, kMaxSampleHistory + count, width);
          std::vector<std::byte> expected = room_for(count), found = room_for(count);
          const auto* end =
              kPortableSampleKernels.pack_groups[order](x.data() + kMaxSampleHistory, count, expected.data());
          const auto* found_end = kernels->pack_groups[order](x.data() + kMaxSampleHistory, count, found.data());
          expected.resize(static_cast<std::size_t>(end - expected.data()));
          found.resize(static_cast<std::size_t>(found_end - found.data()));
          ASSERT_EQ(to_hex(found), to_hex(expected))
              << kernels->name << ", order " << order << ", width " << width << ", count " << count << random;
        }
      }
    }
  }
}

// Both halves of a group have widths of their own.
TEST(SampleKernels, PackHalvesOfAnyTwoWidthsAsThePortableOnesDo) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned width = 0; width <= 32; ++width) {
      for (unsigned other = 0; other <= 32; ++other) {
        auto x = counts_of(random, kSampleGroup, width);
        const auto behind = counts_of(random, kSampleHalf, other);
        std::copy(behind.begin(), behind.end(), x.begin() + kSampleHalf);
        std::vector<std::byte> expected = room_for(kSampleGroup), found = room_for(kSampleGroup);
        const auto* end = kPortableSampleKernels.pack_groups[0](x.data(), kSampleGroup, expected.data());
        const auto* found_end = kernels->pack_groups[0](x.data(), kSampleGroup, found.data());
        expected.resize(static_cast<std::size_t>(end - expected.data()));
        found.resize(static_cast<std::size_t>(found_end - found.data()));
        ASSERT_EQ(to_hex(found), to_hex(expected)) << kernels->name << ", widths " << width << ", " << other << random;
      }
    }
  }
}

TEST(SampleKernels, TakeTheNarrowestWidthThatHoldsABit) {
  for (unsigned bits = 0; bits <= 32; ++bits) {
    const unsigned code = width_code(bits);
    ASSERT_LT(code, kSampleWidths.size());
    EXPECT_GE(kSampleWidths[code], bits);
    EXPECT_TRUE(code == 0 || kSampleWidths[code - 1] < bits) << bits;
  }
}

/// Whole groups of these codes, of any bits; on the heap and no longer than promised: a sanitizer sees what is read
/// behind it.
std::vector<std::byte> groups_of(Seeded& random, const std::vector<unsigned>& codes) {
  std::vector<std::byte> bytes;
  for (const unsigned code : codes) {
    bytes.push_back(static_cast<std::byte>(code));
    for (std::size_t i = 1; i < group_bytes(code); ++i) bytes.push_back(static_cast<std::byte>(random.next()));
  }
  bytes.resize(bytes.size() + kSampleSlack);
  bytes.shrink_to_fit();
  return bytes;
}

/// The sums before a group, of any bits.
SampleSums any_sums(Seeded& random) {
  const auto word = [&random] { return static_cast<std::uint32_t>(random.next()); };
  return {word(), word(), word(), word(), word(), word()};
}

struct Taken {
  std::size_t groups;
  std::size_t left;  ///< bytes
  SampleSums sums;
  std::vector<std::int32_t> samples;
  bool operator==(const Taken&) const = default;
};
Taken taken_by(const SampleKernels& kernels, unsigned order, std::span<const std::byte> bytes, std::size_t groups,
               SampleSums sums) {
  std::vector<std::int32_t> samples(groups * kSampleGroup);
  const std::size_t done = kernels.take_groups[order](bytes, groups, sums, samples.data());
  samples.resize(done * kSampleGroup);
  return {done, bytes.size(), sums, std::move(samples)};
}

TEST(SampleKernels, ReadWhatThePortableOnesReadAndNothingBeyondTheSlack) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
      for (unsigned code = 0; code <= 0xFF; ++code) {
        const std::vector<unsigned> codes{code, 0xFF - code, code};
        const auto bytes = groups_of(random, codes);
        const SampleSums before = any_sums(random);
        const Taken expected = taken_by(kPortableSampleKernels, order, bytes, codes.size(), before);
        ASSERT_EQ(expected.groups, codes.size());
        ASSERT_EQ(expected.left, kSampleSlack);
        ASSERT_EQ(taken_by(*kernels, order, bytes, codes.size(), before), expected)
            << kernels->name << ", order " << order << ", codes " << code << random;
      }
    }
  }
}

TEST(SampleKernels, StopBeforeAGroupThatDoesNotEndInTime) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
      const SampleSums before = any_sums(random);
      const auto of = [&](std::span<const std::byte> bytes) { return taken_by(*kernels, order, bytes, 3, before); };
      const auto good = groups_of(random, {0x63, 0x07, 0xF5});
      const Taken two = taken_by(kPortableSampleKernels, order, good, 2, before);
      const Taken cut = of(std::span(good).first(good.size() - 1));
      EXPECT_EQ(cut.samples, two.samples) << kernels->name;
      EXPECT_EQ(cut.sums, two.sums) << kernels->name;
      EXPECT_EQ(of(std::span(good).first(group_bytes(0x63))).groups, 0U) << kernels->name;
      EXPECT_EQ(of({}).groups, 0U) << kernels->name;
    }
  }
}

TEST(SampleKernels, ReadOneByOneWhatIsReadInGroups) {
  Seeded random;
  for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
    for (unsigned code = 0; code < kSampleWidths.size(); ++code) {
      const auto bytes = groups_of(random, {code});
      const SampleSums before = any_sums(random);
      const Taken whole = taken_by(kPortableSampleKernels, order, bytes, 1, before);
      for (std::size_t m = 0; m <= kSampleHalf; ++m) {
        std::vector<std::int32_t> found(m);
        SampleSums sums = before;
        take_sample_half(order, bytes.data() + 1, m, kSampleWidths[code], sums, found.data());
        ASSERT_TRUE(std::equal(found.begin(), found.end(), whole.samples.begin()))
            << "order " << order << ", code " << code << ", m " << m << random;
      }
    }
  }
}

TEST(SampleKernels, AddTheMagnitudesThatThePortableOnesAdd) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned width = 0; width <= 32; ++width) {
      for (const std::size_t count : kCounts) {
        auto x = counts_of(random, kMaxSampleHistory + count, width);
        // Differences of the largest size there is.
        if (count > 31) x[kMaxSampleHistory + 30] = 0x80000000U, x[kMaxSampleHistory + 29] = 0;
        std::array<std::uint64_t, kMaxSampleOrder> expected{1, 2, 3}, found{1, 2, 3};
        kPortableSampleKernels.add_magnitudes(x.data() + kMaxSampleHistory, count, expected);
        kernels->add_magnitudes(x.data() + kMaxSampleHistory, count, found);
        ASSERT_EQ(found, expected) << kernels->name << ", width " << width << ", count " << count << random;
      }
    }
    std::vector<std::uint32_t> most(kMaxSampleHistory + 65536);
    for (std::size_t i = 0; i < most.size(); ++i) most[i] = i % 2 == 0 ? 0x80000000U : 0;
    std::array<std::uint64_t, kMaxSampleOrder> sums{};
    kernels->add_magnitudes(most.data() + kMaxSampleHistory, 65536, sums);
    EXPECT_EQ(sums[0], std::uint64_t{65536} << 31U) << kernels->name;
  }
}

TEST(SampleKernels, ArePortableOnesFirst) {
  ASSERT_FALSE(sample_kernels().empty());
  EXPECT_EQ(sample_kernels().front(), &kPortableSampleKernels);
}

}  // namespace
}  // namespace penrig
