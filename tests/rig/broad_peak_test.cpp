#include "rig/measure/broad_peak.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

constexpr double kNoise = 0.004, kPeak = 0.5;

/// Rises as the needles go in, falls faster behind the top; the top lies at `top`, the highest force a little before.
std::vector<double> make_force(std::size_t top, std::size_t peak, double height, Random& random) {
  std::vector<double> f(120);
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double x = static_cast<double>(i) - static_cast<double>(top) + static_cast<double>(peak);
    f[i] = height - (x < 0 ? 4e-5 : 2e-4) * x * x + kNoise * random.normal();
  }
  return f;
}

TEST(BroadPeak, IsFreeOfWhatTheLargestOfNoisyValuesIsTooHighBy) {
  for (const std::size_t before_top : {0U, 9U}) {
    double bias = 0, largest = 0, count = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      Random random(seed, "broad peak");
      std::vector<std::vector<double>> forces;
      std::vector<PeakSearch> searches;
      for (int k = 0; k < 50; ++k) forces.push_back(make_force(60 + seed % 5, before_top, kPeak, random));
      for (const std::vector<double>& f : forces) searches.push_back({f, 20, 60 + seed % 5});
      const std::vector<std::optional<double>> peaks = broad_peaks(searches, 6);
      for (std::size_t k = 0; k < peaks.size(); ++k) {
        ASSERT_TRUE(peaks[k]);
        bias += *peaks[k] - kPeak;
        largest += *std::max_element(forces[k].begin(), forces[k].end()) - kPeak;
        count += 1;
      }
    }
    std::printf(
        "seeds 1 to 100, peak %zu samples before the top: %.3f mN too high on average, the largest samples %.3f\n",
        before_top, 1e3 * bias / count, 1e3 * largest / count);
    EXPECT_LT(std::abs(bias / count), 0.1 * kNoise);
    EXPECT_GT(largest / count, kNoise);
  }
}

/// A parabola has its own height at its top, wherever that lies: windows are gone through eight at a time.
TEST(BroadPeak, IsFoundWhereverItLies) {
  constexpr std::size_t kSamples = 77, kHalf = 5, kTop = 40;
  for (std::size_t peak = kHalf; peak + kHalf < kSamples; ++peak) {
    std::vector<double> f(kSamples);
    for (std::size_t i = 0; i < kSamples; ++i) {
      const double x = static_cast<double>(i) - static_cast<double>(peak);
      f[i] = kPeak - 1e-4 * x * x;
    }
    const std::vector<PeakSearch> searches(3, PeakSearch{f, 0, kTop});
    for (const std::optional<double>& height : broad_peaks(searches, kHalf)) {
      ASSERT_TRUE(height) << peak;
      EXPECT_NEAR(*height, kPeak, 1e-12) << peak;
    }
  }
}

TEST(BroadPeak, FollowsEachStroke) {
  Random random(7, "broad peak");
  std::vector<std::vector<double>> forces;
  std::vector<PeakSearch> searches;
  for (int k = 0; k < 50; ++k) forces.push_back(make_force(60, 0, kPeak + 0.01 * k, random));
  for (const std::vector<double>& f : forces) searches.push_back({f, 20, 60});
  const std::vector<std::optional<double>> peaks = broad_peaks(searches, 6);
  for (std::size_t k = 0; k < peaks.size(); ++k)
    EXPECT_NEAR(*peaks[k], kPeak + 0.01 * static_cast<double>(k), 4 * kNoise);
}

TEST(BroadPeak, IsNotThereWhereTheWindowDoesNotFit) {
  const std::vector<double> f(30, 0.1);
  const std::vector<PeakSearch> narrow(2, PeakSearch{f, 24, 26});
  for (const auto& peak : broad_peaks(narrow, 6)) EXPECT_FALSE(peak);
  const std::vector<PeakSearch> alone(1, PeakSearch{f, 2, 15});
  for (const auto& peak : broad_peaks(alone, 6)) EXPECT_FALSE(peak);
  const std::vector<PeakSearch> behind(2, PeakSearch{f, 20, 15});
  for (const auto& peak : broad_peaks(behind, 6)) EXPECT_FALSE(peak);
  EXPECT_TRUE(broad_peaks({}, 6).empty());
}

/// Rises steeply to a plateau, and stays there.
std::vector<double> make_plateau(std::size_t begin, double height, Random& random) {
  std::vector<double> f(120);
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double before = i < begin ? static_cast<double>(begin - i) : 0;
    f[i] = height - 0.06 * before + kNoise * random.normal();
  }
  return f;
}

TEST(EvenForce, NeitherSwingsOverACornerNorPicksItsNoise) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed, "even force");
    std::vector<std::vector<double>> forces, upside_down;
    std::vector<EvenSearch> highest, lowest;
    for (int k = 0; k < 50; ++k) forces.push_back(make_plateau(50, 0.35, random));
    for (std::vector<double> f : forces) {
      for (double& x : f) x = -x;
      upside_down.push_back(f);
    }
    for (const std::vector<double>& f : forces) highest.push_back({f, 10, 110, 60});
    for (const std::vector<double>& f : upside_down) lowest.push_back({f, 10, 110, 60});
    const EvenForce most = highest_means(highest), least = lowest_means(lowest);
    ASSERT_EQ(most.mean_n.size(), forces.size());
    EXPECT_NEAR(most.over_all_n(), 0.35, 0.25 * kNoise) << "seed " << seed;
    EXPECT_NEAR(least.over_all_n(), -0.35, 0.25 * kNoise) << "seed " << seed;
    EXPECT_LT(most.highest_n - most.lowest_n, kNoise) << "seed " << seed;
  }
}

TEST(EvenForce, IsNotThereWhereFiveSamplesDoNotFit) {
  const std::vector<double> f(30, 0.1);
  EXPECT_TRUE(highest_means(std::vector<EvenSearch>(2, EvenSearch{f, 10, 14, 12})).mean_n.empty());
  EXPECT_TRUE(highest_means(std::vector<EvenSearch>(1, EvenSearch{f, 10, 20, 12})).mean_n.empty());
  EXPECT_TRUE(lowest_means({}).mean_n.empty());
}

}  // namespace
}  // namespace penrig
