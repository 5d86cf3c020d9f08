#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/force_landmarks.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kSeed = 11;
constexpr std::size_t kWindow = 9;

/// A window as it is written down: Savitzky and Golay's quadratic over nine samples.
double smoothed(const std::vector<double>& f, std::size_t first) {
  constexpr double kWeights[kWindow] = {-21, 14, 39, 54, 59, 54, 39, 14, -21};
  double sum = kWeights[4] * f[first + 4];
  for (std::size_t k = 0; k < 4; ++k) sum += kWeights[k] * (f[first + k] + f[first + 8 - k]);
  return sum / 231;
}

struct Plain {
  double peak_n = -std::numeric_limits<double>::infinity(), withdrawal_n = peak_n;
};
Plain of_all_windows(const std::vector<double>& f, std::size_t from, std::size_t top) {
  Plain plain;
  for (std::size_t i = from; i + kWindow <= f.size(); ++i) {
    plain.peak_n = std::max(plain.peak_n, smoothed(f, i));
    if (i >= top) plain.withdrawal_n = std::max(plain.withdrawal_n, -smoothed(f, i));
  }
  return plain;
}

StrokeForce found(const std::vector<double>& f, std::size_t from, std::size_t top) {
  constexpr double kNoNarrowPeak = 1e9;
  ForceCycle cycle;
  cycle.force_n.assign(f.begin(), f.end());
  StrokeForce out;
  find_peak_force(cycle, from, top, kNoNarrowPeak, out);
  out.withdrawal_n = find_pull_force(cycle, top);
  return out;
}

/// Noise all over, somewhere a rise and a pull of any height and width, and a wave that quadratics overshoot most.
std::vector<double> any_force(std::size_t n, Random& random) {
  const auto somewhere = [&] { return random.uniform() * static_cast<double>(n); };
  const double rise_at = somewhere(), pull_at = somewhere(), width = 1 + 20 * random.uniform();
  const double rise_n = 0.3 * random.uniform(), pull_n = 0.1 * random.uniform();
  std::vector<double> f(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double a = (static_cast<double>(i) - rise_at) / width, b = (static_cast<double>(i) - pull_at) / width;
    f[i] = rise_n / (1 + a * a) - pull_n / (1 + b * b) + 4e-3 * random.normal();
  }
  const auto wave_at = static_cast<std::size_t>(random.uniform() * static_cast<double>(n - kWindow));
  const double wave_n = (2 * random.uniform() - 1) * rise_n;
  for (std::size_t k = 0; k < kWindow; ++k) f[wave_at + k] += k == 0 || k + 1 == kWindow ? -wave_n : wave_n;
  return f;
}

TEST(PeakForce, IsThatOfAllWindowsThoughMostArePassedOver) {
  Random random(kSeed, "peak force");
  for (std::size_t n = kWindow + 1; n < 700; ++n) {
    const std::vector<double> f = any_force(n, random);
    const std::size_t windows = n - kWindow + 1;
    const auto top = static_cast<std::size_t>(random.uniform() * static_cast<double>(windows - 1));
    const auto from = static_cast<std::size_t>(random.uniform() * static_cast<double>(top));
    const StrokeForce seen = found(f, from, top);
    const Plain plain = of_all_windows(f, from, top);
    EXPECT_EQ(seen.peak_n, plain.peak_n) << n << " samples from " << from << ", top " << top << ", seed " << kSeed;
    EXPECT_EQ(seen.withdrawal_n, plain.withdrawal_n) << n << " samples, top " << top << ", seed " << kSeed;
  }
}

TEST(PeakForce, IsFoundWhereverItLies) {
  constexpr std::size_t kSamples = 240, kTop = 120;
  for (std::size_t at = 0; at < kSamples; ++at) {
    std::vector<double> f(kSamples, 0.0);
    f[at] = 1;
    const Plain plain = of_all_windows(f, 0, kTop);
    EXPECT_EQ(found(f, 0, kTop).peak_n, plain.peak_n) << at;
    f[at] = -1;
    EXPECT_EQ(found(f, 0, kTop).withdrawal_n, of_all_windows(f, 0, kTop).withdrawal_n) << at;
  }
}

TEST(Quadratic, IsFreeOfRoundingInItsPlaces) {
  for (const std::size_t n : {3U, 4U, 5U, 6U, 21U, 200U}) {
    std::vector<double> f(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = static_cast<double>(i);
      f[i] = 1 - 0.25 * x + 0.125 * x * x;
    }
    for (const double at : {0.0, 1.5, static_cast<double>(n - 1)}) {
      double slope = 0;
      EXPECT_NEAR(quadratic_at(f.data(), n, at, &slope), 1 - 0.25 * at + 0.125 * at * at, 1e-11 * f[n - 1]) << n;
      EXPECT_NEAR(slope, -0.25 + 0.25 * at, 1e-10) << n;
    }
  }
}

}  // namespace
}  // namespace penrig
