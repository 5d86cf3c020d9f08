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
  return std::vector<std::byte>((count / kSampleGroup + 1) * (1 + 4 * kSampleGroup) + kSampleSlack);
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

TEST(SampleKernels, ReadWhatThePortableOnesReadAndNothingBeyondTheSlack) {
  Seeded random;
  for (const SampleKernels* kernels : sample_kernels()) {
    for (unsigned order = 0; order <= kMaxSampleOrder; ++order) {
      for (unsigned width = 0; width <= 32; ++width) {
        for (std::size_t m = 1; m <= kSampleGroup; ++m) {
          // On the heap and no longer than promised: a sanitizer sees what is read behind it.
          std::vector<std::byte> bytes((m + 7) / 8 * width + kSampleSlack);
          for (auto& b : bytes) b = static_cast<std::byte>(random.next());
          const SampleSums before{static_cast<std::uint32_t>(random.next()), static_cast<std::uint32_t>(random.next()),
                                  static_cast<std::uint32_t>(random.next())};
          SampleSums expected_sums = before, sums = before;
          std::vector<std::int32_t> expected(m), found(m);
          kPortableSampleKernels.take_group[order](bytes.data(), m, width, expected_sums, expected.data());
          kernels->take_group[order](bytes.data(), m, width, sums, found.data());
          ASSERT_EQ(found, expected) << kernels->name << ", order " << order << ", width " << width << ", m " << m
                                     << random;
          ASSERT_EQ(sums, expected_sums) << kernels->name << ", order " << order << ", width " << width << random;
        }
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
