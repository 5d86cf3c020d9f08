#include "rig/measure/puncture_fit.hpp"

#include <cmath>
#include <cstdio>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kPunctureSeed = 7;
constexpr double kKappa = 6, kExponent = 1.5, kNoiseN = 4e-3, kSampleRateHz = 50'000, kStepMm = 0.021;
constexpr std::size_t kStrokes = 50;

struct Rise {
  std::vector<double> position_mm, force_n;
};

/// Strokes whose punctures scatter by 3 %, sampled at phases of their own; behind the corner `fall` of the travel.
template <class Fall>
std::vector<Rise> strokes_that(const Fall& fall, double mean_n, std::vector<double>& punctures_n) {
  Random random(kPunctureSeed, "strokes");
  std::vector<Rise> out(kStrokes);
  for (Rise& stroke : out) {
    const double puncture = mean_n * (1 + 0.03 * random.normal());
    punctures_n.push_back(puncture);
    const double corner = std::pow(puncture / kKappa, 1 / kExponent), phase = random.uniform();
    for (int i = -2; i < 16; ++i) {
      const double x = (i + phase) * kStepMm;
      double f = x > 0 ? kKappa * std::pow(x, kExponent) : 0;
      if (x > corner) f = puncture - fall(x - corner);
      stroke.position_mm.push_back(0.1 + x);
      stroke.force_n.push_back(f + kNoiseN * random.normal());
    }
  }
  return out;
}

std::optional<PunctureFit> fitted(const std::vector<Rise>& strokes, std::vector<PunctureSearch>& searches) {
  for (const Rise& s : strokes) {
    PunctureSearch search;
    search.position_mm = s.position_mm;
    search.read_n = s.force_n;
    search.contact_mm = 0.1;
    search.after = s.force_n.size() - 1;
    search.guess_n = 0.33;
    searches.push_back(search);
  }
  return fit_punctures(searches, kKappa, kExponent, kNoiseN, {}, kSampleRateHz);
}

TEST(PunctureFit, FindsACornerThatNoSampleLiesOn) {
  std::vector<double> truth;
  std::vector<PunctureSearch> searches;
  const auto strokes = strokes_that([](double s) { return 0.2 * (1 - std::exp(-s / 0.04)); }, 0.35, truth);
  const auto fit = fitted(strokes, searches);
  ASSERT_TRUE(fit);
  double mean = 0, squares = 0;
  for (std::size_t i = 0; i < kStrokes; ++i) {
    mean += truth[i] / kStrokes;
    squares += (searches[i].puncture_n - truth[i]) * (searches[i].puncture_n - truth[i]) / kStrokes;
  }
  std::printf("seed %llu: mean %.2f mN off (u %.2f), a stroke %.2f mN rms\n",
              static_cast<unsigned long long>(kPunctureSeed), 1e3 * (fit->mean_n - mean), 1e3 * fit->u_mean_n,
              1e3 * std::sqrt(squares));
  EXPECT_LT(std::abs(fit->mean_n - mean), 2 * fit->u_mean_n);
  EXPECT_LT(fit->u_mean_n, 5e-3) << "a sample of the rise is 140 mN above the one before";
  EXPECT_LT(std::sqrt(squares), 6e-3) << "they scatter by 10 mN";
}

TEST(PunctureFit, HasNoCornerToFindWhereTheForceStandsStillFirst) {
  std::vector<double> truth;
  std::vector<PunctureSearch> searches;
  const auto strokes = strokes_that([](double s) { return 20 * s * s; }, 0.35, truth);
  EXPECT_FALSE(fitted(strokes, searches));
}

TEST(PunctureFit, NeedsAPoolOfStrokes) {
  std::vector<double> truth;
  std::vector<PunctureSearch> searches;
  auto strokes = strokes_that([](double s) { return 0.2 * (1 - std::exp(-s / 0.04)); }, 0.35, truth);
  strokes.resize(7);
  EXPECT_FALSE(fitted(strokes, searches));
}

}  // namespace
}  // namespace penrig
