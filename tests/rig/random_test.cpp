#include "rig/base/random.hpp"

#include <bit>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/rig/test_seed.hpp"

namespace penrig {
namespace {

TEST(Random, SameSeedAndStreamGiveTheSameBits) {
  Random a(7, "force"), b(7, "force");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(a.bits(), b.bits());
}

// Computed by a second implementation, in another language.
TEST(Random, GivesTheseBitsOnEveryMachine) {
  Random r(1, "golden");
  EXPECT_EQ(r.bits(), 0x7548e5ec21659b89ULL);
  EXPECT_NEAR(r.normal(), 0.35886707756903574, 1e-15);
  EXPECT_EQ(r.bits(), 0xc1eb2ce9f9708928ULL);
}

// FNV-1a over the bits of a million of them, from a build that took an exponential at every edge of the ziggurat: the
// bracket that spares it decides as it would.
TEST(Random, NormalsAreTheSameToTheBitWhereTheExponentialIsSpared) {
  Random r(1, "golden");
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (int i = 0; i < 1'000'000; ++i) hash = (hash ^ std::bit_cast<std::uint64_t>(r.normal())) * 0x100000001b3ULL;
  EXPECT_EQ(hash, 0x1999e0ae80e93a8fULL);
}

TEST(Random, OtherSeedStreamOrNumberGiveOtherBits) {
  const std::uint64_t first = Random(7, "force").bits();
  EXPECT_NE(first, Random(8, "force").bits());
  EXPECT_NE(first, Random(7, "position").bits());
  EXPECT_NE(first, Random(7, "force", 1).bits());
}

TEST(Random, UniformFillsItsIntervalEvenly) {
  Random r(test_seed(), "uniform");
  std::vector<int> bins(100);
  constexpr int kN = 1'000'000;
  for (int i = 0; i < kN; ++i) {
    const double u = r.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    ++bins[static_cast<std::size_t>(u * 100)];
  }
  double chi2 = 0;
  for (const int b : bins) chi2 += (b - kN / 100.0) * (b - kN / 100.0) / (kN / 100.0);
  EXPECT_LT(chi2, 99 + 5 * std::sqrt(2 * 99.0));
}

TEST(Random, NormalHasTheRightShareOutsideEachSigmaUpToFive) {
  Random r(test_seed(), "normal");
  constexpr int kN = 40'000'000;
  std::vector<double> beyond(6), below(6);
  double sum = 0, squares = 0;
  for (int i = 0; i < kN; ++i) {
    const double x = r.normal();
    sum += x;
    squares += x * x;
    for (std::size_t k = 0; k <= 5 && x > static_cast<double>(k); ++k) beyond[k] += 1;
    for (std::size_t k = 0; k <= 5 && -x > static_cast<double>(k); ++k) below[k] += 1;
  }
  EXPECT_NEAR(sum / kN, 0, 5 / std::sqrt(double{kN}));
  EXPECT_NEAR(squares / kN, 1, 5 * std::sqrt(2.0 / kN));
  for (std::size_t k = 0; k <= 5; ++k) {
    const double expected = kN * 0.5 * std::erfc(static_cast<double>(k) / std::sqrt(2.0));
    EXPECT_NEAR(beyond[k], expected, 5 * std::sqrt(expected) + 1) << k;
    EXPECT_NEAR(below[k], expected, 5 * std::sqrt(expected) + 1) << k;
  }
}

TEST(Random, NormalIsSmoothAcrossTheLayersOfTheZiggurat) {
  Random r(test_seed(), "histogram");
  constexpr int kN = 10'000'000, kBins = 200;
  std::vector<double> bins(kBins);
  for (int i = 0; i < kN; ++i) {
    const double at = (r.normal() + 4) * (kBins / 8.0);
    if (at >= 0 && at < kBins) bins[static_cast<std::size_t>(at)] += 1;
  }
  double chi2 = 0;
  for (int b = 0; b < kBins; ++b) {
    const auto cdf = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
    const double low = b * 8.0 / kBins - 4, expected = kN * (cdf(low + 8.0 / kBins) - cdf(low));
    const double d = bins[static_cast<std::size_t>(b)] - expected;
    chi2 += d * d / expected;
  }
  EXPECT_LT(chi2, kBins + 5 * std::sqrt(2.0 * kBins));
}

TEST(Random, BelowIsEvenAndInRange) {
  Random r(test_seed(), "below");
  std::vector<int> bins(7);
  for (int i = 0; i < 70'000; ++i) ++bins.at(static_cast<std::size_t>(r.below(7)));
  for (const int b : bins) EXPECT_NEAR(b, 10'000, 500);
}

TEST(Random, BernoulliHasItsProbability) {
  Random r(test_seed(), "bernoulli");
  int yes = 0;
  for (int i = 0; i < 100'000; ++i) yes += r.bernoulli(0.05) ? 1 : 0;
  EXPECT_NEAR(yes, 5000, 350);
}

}  // namespace
}  // namespace penrig
