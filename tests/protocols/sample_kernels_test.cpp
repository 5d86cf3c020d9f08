#include "protocols/sample_kernels.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

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
  return std::vector<std::byte>((count / kSampleGroup + 1) * group_bytes(32) + kSampleSlack);
}

constexpr std::size_t kCounts[] = {1, 2, 7, 8, 31, 32, 33, 63, 64, 65, 128, 500, 512, 1024};

TEST(SampleKernels, PackTheBytesThatThePortableOnesPack) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
      for (unsigned width = 0; width <= 32; ++width) {
        for (const std::size_t count : kCounts) {
          const auto x = counts_of(random, kMaxSampleOrder + count, width);
          std::vector<std::byte> expected = room_for(count), found = room_for(count);
          const auto* end =
              kPortableSampleKernels.pack_groups[order](x.data() + kMaxSampleOrder, count, expected.data());
          const auto* found_end = kernels->pack_groups[order](x.data() + kMaxSampleOrder, count, found.data());
          expected.resize(static_cast<std::size_t>(end - expected.data()));
          found.resize(static_cast<std::size_t>(found_end - found.data()));
          ASSERT_EQ(to_hex(found), to_hex(expected))
              << kernels->name << ", order " << order << ", width " << width << ", count " << count << random;
        }
      }
    }
  }
}

/// Whole groups of these widths, of any bits; on the heap and no longer than promised: a sanitizer sees what is read
/// behind it.
std::vector<std::byte> groups_of(Seeded& random, const std::vector<unsigned>& widths) {
  std::vector<std::byte> bytes;
  for (const unsigned width : widths) {
    bytes.push_back(static_cast<std::byte>(width));
    for (std::size_t i = 1; i < group_bytes(width); ++i) bytes.push_back(static_cast<std::byte>(random.next()));
  }
  bytes.resize(bytes.size() + kSampleSlack);
  bytes.shrink_to_fit();
  return bytes;
}

/// The sums before a group, of any bits.
SampleSums any_sums(Seeded& random) {
  const auto word = [&random] { return static_cast<std::uint32_t>(random.next()); };
  return {word(), word(), word()};
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
      for (unsigned width = 0; width <= 25; ++width) {
        const std::vector<unsigned> widths{width, 25 - width, width};
        const auto bytes = groups_of(random, widths);
        const SampleSums before = any_sums(random);
        const Taken expected = taken_by(kPortableSampleKernels, order, bytes, widths.size(), before);
        ASSERT_EQ(expected.groups, widths.size());
        ASSERT_EQ(expected.left, kSampleSlack);
        ASSERT_EQ(taken_by(*kernels, order, bytes, widths.size(), before), expected)
            << kernels->name << ", order " << order << ", width " << width << random;
      }
    }
  }
}

TEST(SampleKernels, StopBeforeAGroupThatIsTooWideOrDoesNotEndInTime) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
      const SampleSums before = any_sums(random);
      const auto of = [&](std::span<const std::byte> bytes) { return taken_by(*kernels, order, bytes, 3, before); };
      const auto good = groups_of(random, {3, 7, 5});
      const Taken two = taken_by(kPortableSampleKernels, order, good, 2, before);
      const Taken cut = of(std::span(good).first(good.size() - 1));
      EXPECT_EQ(cut.samples, two.samples) << kernels->name;
      EXPECT_EQ(cut.sums, two.sums) << kernels->name;
      EXPECT_EQ(of(std::span(good).first(group_bytes(3))).groups, 0U) << kernels->name;
      EXPECT_EQ(of({}).groups, 0U) << kernels->name;
      for (const unsigned width : {33U, 255U}) {
        const auto bad = groups_of(random, {4, width, 4});
        const Taken taken = of(bad);
        EXPECT_EQ(taken.groups, 1U) << kernels->name;
        EXPECT_EQ(taken.left, bad.size() - group_bytes(4)) << kernels->name;
      }
    }
  }
}

/// As the codec reads: what the kernels leave is read one by one.
Taken read_by(const SampleKernels& kernels, unsigned order, std::span<const std::byte> bytes, std::size_t groups,
              SampleSums sums) {
  std::vector<std::int32_t> samples(groups * kSampleGroup);
  for (std::size_t done = 0; done < groups;) {
    std::int32_t* const to = samples.data() + done * kSampleGroup;
    const std::size_t taken = kernels.take_groups[order](bytes, groups - done, sums, to);
    done += taken;
    if (taken > 0) continue;
    const auto width = std::to_integer<unsigned>(bytes[0]);
    take_sample_group(order, bytes.data() + 1, kSampleGroup, width, sums, to);
    bytes = bytes.subspan(group_bytes(width));
    ++done;
  }
  return {groups, bytes.size(), sums, std::move(samples)};
}

TEST(SampleKernels, GoOnBehindAGroupThatIsReadOneByOne) {
  Seeded random;
  const std::vector<unsigned> widths{3, 28, 5, 32, 0, 25, 26, 7};
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
      const auto bytes = groups_of(random, widths);
      const SampleSums before = any_sums(random);
      EXPECT_EQ(read_by(*kernels, order, bytes, widths.size(), before),
                taken_by(kPortableSampleKernels, order, bytes, widths.size(), before))
          << kernels->name << ", order " << order << random;
    }
  }
}

TEST(SampleKernels, ReadOneByOneWhatIsReadInGroups) {
  Seeded random;
  for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
    for (unsigned width = 0; width <= 32; ++width) {
      const auto bytes = groups_of(random, {width});
      const SampleSums before = any_sums(random);
      const Taken whole = taken_by(kPortableSampleKernels, order, bytes, 1, before);
      for (std::size_t m = 1; m <= kSampleGroup; ++m) {
        std::vector<std::int32_t> found(m);
        SampleSums sums = before;
        take_sample_group(order, bytes.data() + 1, m, width, sums, found.data());
        ASSERT_TRUE(std::equal(found.begin(), found.end(), whole.samples.begin()))
            << "order " << order << ", width " << width << ", m " << m << random;
      }
    }
  }
}

TEST(SampleKernels, AddTheMagnitudesThatThePortableOnesAdd) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned width = 0; width <= 32; ++width) {
      for (const std::size_t count : kCounts) {
        auto x = counts_of(random, kMaxSampleOrder + count, width);
        // Differences of the largest size there is.
        if (count > 31) x[kMaxSampleOrder + 30] = 0x80000000U, x[kMaxSampleOrder + 29] = 0;
        std::array<std::uint64_t, kMaxSampleOrder> expected{1, 2, 3}, found{1, 2, 3};
        kPortableSampleKernels.add_magnitudes(x.data() + kMaxSampleOrder, count, expected);
        kernels->add_magnitudes(x.data() + kMaxSampleOrder, count, found);
        ASSERT_EQ(found, expected) << kernels->name << ", width " << width << ", count " << count << random;
      }
    }
    std::vector<std::uint32_t> most(kMaxSampleOrder + 65536);
    for (std::size_t i = 0; i < most.size(); ++i) most[i] = i % 2 == 0 ? 0x80000000U : 0;
    std::array<std::uint64_t, kMaxSampleOrder> sums{};
    kernels->add_magnitudes(most.data() + kMaxSampleOrder, 65536, sums);
    EXPECT_EQ(sums[0], std::uint64_t{65536} << 31U) << kernels->name;
  }
}

TEST(SampleKernels, ArePortableOnesFirst) {
  ASSERT_FALSE(sample_kernels().empty());
  EXPECT_EQ(sample_kernels().front(), &kPortableSampleKernels);
}

}  // namespace
}  // namespace penrig
