#include "rig/base/noise.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/rig/test_seed.hpp"

namespace penrig {
namespace {

constexpr std::size_t kN = 40'000'000;

std::vector<double> drawn(std::string_view stream, std::size_t count = kN) {
  Noise noise(test_seed(), stream);
  std::vector<double> x(count);
  std::ranges::generate(x, [&] { return noise.next(); });
  return x;
}

TEST(Noise, AheadIsTheSameToTheBitAsOneByOneAndComesAgainUntilItIsTaken) {
  Noise many(test_seed(), "many"), one_by_one = many;
  for (std::size_t count = 0; count < 5000; ++count) {
    const std::size_t asked = count % (Noise::kMostAhead + 1), taken = asked * (count % 3) / 2;
    const std::vector<double> x(many.ahead(asked), many.ahead(asked) + asked);
    for (std::size_t i = 0; i < taken; ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(x[i]), std::bit_cast<std::uint64_t>(one_by_one.next())) << count;
    many.take(taken);
  }
}

TEST(Noise, OtherSeedOrStreamGivesOtherNumbers) {
  const double first = Noise(7, "force").next();
  EXPECT_NE(first, Noise(8, "force").next());
  EXPECT_NE(first, Noise(7, "position").next());
}

TEST(Noise, HasTheMomentsOfANormalNumber) {
  std::vector<double> sums(7);
  for (const double x : drawn("moments")) {
    double power = 1;
    for (std::size_t k = 1; k <= 6; ++k) sums[k] += power *= x;
  }
  const double n = kN;
  // E x^2k = (2k-1)!!, and the variance of x^k is E x^2k - (E x^k)^2.
  EXPECT_NEAR(sums[1] / n, 0, 5 * std::sqrt(1 / n));
  EXPECT_NEAR(sums[2] / n, 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(sums[3] / n, 0, 5 * std::sqrt(15 / n));
  EXPECT_NEAR(sums[4] / n, 3, 5 * std::sqrt(96 / n));
  EXPECT_NEAR(sums[6] / n, 15, 5 * std::sqrt(10'170 / n));
}

TEST(Noise, HasTheRightShareBeyondEachSigmaUpToFive) {
  std::vector<double> beyond(6), below(6);
  double most = 0;
  for (const double x : drawn("shares")) {
    for (std::size_t k = 0; k <= 5 && x > static_cast<double>(k); ++k) beyond[k] += 1;
    for (std::size_t k = 0; k <= 5 && -x > static_cast<double>(k); ++k) below[k] += 1;
    most = std::max(most, std::fabs(x));
  }
  for (std::size_t k = 0; k <= 5; ++k) {
    const double expected = kN * 0.5 * std::erfc(static_cast<double>(k) / std::sqrt(2.0));
    EXPECT_NEAR(beyond[k], expected, 5 * std::sqrt(expected) + 1) << k;
    EXPECT_NEAR(below[k], expected, 5 * std::sqrt(expected) + 1) << k;
  }
  EXPECT_GT(most, 5);
  EXPECT_LE(most, Noise::kMost);
}

/// Kolmogorov and Smirnov: the largest distance of the share of what is smaller.
TEST(Noise, IsDistributedAsANormalNumberEverywhere) {
  std::vector<double> x = drawn("distribution", 1'000'000);
  std::ranges::sort(x);
  double farthest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double normal = 0.5 * std::erfc(-x[i] / std::sqrt(2.0));
    farthest = std::max(farthest, std::fabs((static_cast<double>(i) + 0.5) / 1e6 - normal));
  }
  EXPECT_LT(farthest, 2.2 / 1000);  // passed once in 8,000 times
}

/// Neighbours at every distance at which generators, sine and cosine of one radius, or blocks could show; and their
/// squares, in which the two of one radius would.
TEST(Noise, IsWhite) {
  const std::vector<double> x = drawn("white", 4'000'000);
  for (std::size_t distance = 1; distance <= 130; ++distance) {
    double product = 0, of_squares = 0;
    const std::size_t n = x.size() - distance;
    for (std::size_t i = 0; i < n; ++i) {
      const double a = x[i], b = x[i + distance];
      product += a * b;
      of_squares += (a * a - 1) * (b * b - 1);
    }
    EXPECT_NEAR(product / static_cast<double>(n), 0, 5.5 / std::sqrt(static_cast<double>(n))) << distance;
    EXPECT_NEAR(of_squares / static_cast<double>(n), 0, 2 * 5.5 / std::sqrt(static_cast<double>(n))) << distance;
  }
}

TEST(Noise, OfTwoStreamsIsIndependent) {
  const std::vector<double> x = drawn("one", 4'000'000), y = drawn("other", 4'000'000);
  double product = 0;
  for (std::size_t i = 0; i < x.size(); ++i) product += x[i] * y[i];
  EXPECT_NEAR(product / 4e6, 0, 5 / std::sqrt(4e6));
}

}  // namespace
}  // namespace penrig
