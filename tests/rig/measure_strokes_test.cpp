#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/cycle_fit.hpp"
#include "rig/measure/cycle_series.hpp"
#include "rig/measure/motion.hpp"
#include "rig/measure/strokes.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

SignalParameters without_noise() {
  SignalParameters p;
  p.position_noise_um = 0;
  p.force_noise_n = 1e-6;
  return p;
}

TEST(FindCycles, FindsEveryTurnAndNoNoise) {
  SignalParameters p;
  p.strokes = 60;
  p.position_noise_um = 20;
  const Signal s = make_signal(p, 1);
  EXPECT_EQ(find_cycles(s.capture.position, 3000).size(), 60U);
}

TEST(FindCycles, TakesAShortStrokeForOne) {
  SignalParameters p;
  p.strokes = 40;
  p.missed = {7, 20};
  EXPECT_EQ(find_cycles(make_signal(p, 1).capture.position, 3000).size(), 40U);
}

TEST(FindCycles, OfARestingNeedleIsEmpty) {
  const std::vector<std::int32_t> still(1000, 5);
  EXPECT_TRUE(find_cycles(still, 10).empty());
  EXPECT_TRUE(find_cycles({}, 10).empty());
}

TEST(FitCycles, IsExactWithoutNoise) {
  SignalParameters p = without_noise();
  p.bottom_noise_us = 14;
  p.strokes = 50;
  const Signal s = make_signal(p, 3);
  const auto cycles = find_cycles(s.capture.position, 3000);
  const auto fits = fit_cycles(s.capture.position, cycles, 4);
  for (std::size_t i = 1; i + 1 < fits.size(); ++i) {
    EXPECT_NEAR(fits[i].top * 1e-4 - p.needle_zero_mm, s.top_mm[i], 1e-4) << i;
    EXPECT_NEAR(fits[i].top_index() / p.sample_rate_hz, s.top_s[i], 2e-7) << i;
  }
}

TEST(FitCycles, IsUnbiasedWhereTheLargestSampleIsNot) {
  SignalParameters p;
  p.strokes = 200;
  const Signal s = make_signal(p, 4);
  const auto cycles = find_cycles(s.capture.position, 3000);
  const auto fits = fit_cycles(s.capture.position, cycles, 0);
  double fitted = 0, largest = 0, squares = 0;
  for (std::size_t i = 1; i + 1 < fits.size(); ++i) {
    const double error = fits[i].top * 1e-4 - p.needle_zero_mm - s.top_mm[i];
    fitted += error / 198;
    squares += error * error / 198;
    largest += (s.capture.position[cycles[i].top] * 1e-4 - p.needle_zero_mm - s.top_mm[i]) / 198;
  }
  EXPECT_LT(std::abs(fitted), 5e-5);
  EXPECT_GT(largest, 5e-4);
  // The stated uncertainty is the one that is seen.
  const double noise_mm = std::sqrt(fits[100].residual_ss / static_cast<double>(fits[100].freedom())) * 1e-4;
  EXPECT_NEAR(std::sqrt(squares) / (fits[100].u_top * noise_mm), 1, 0.2);
}

TEST(FitCycles, ChoosesHarmonicsByWhatTheNoiseShows) {
  SignalParameters p;
  p.strokes = 100;
  const Signal loud = make_signal(p, 5);
  EXPECT_EQ(fit_cycles(loud.capture.position, find_cycles(loud.capture.position, 3000), 0)[50].harmonics, 4);
  p.position_noise_um = 0.1;
  p.rod_mm = 3;  // a short rod: a sixth harmonic of 0.2 um
  const Signal quiet = make_signal(p, 5);
  EXPECT_EQ(fit_cycles(quiet.capture.position, find_cycles(quiet.capture.position, 3000), 0)[50].harmonics, 6);
}

TEST(FitSeries, RefusesACycleWithTooFewSamples) {
  const std::vector<std::int32_t> x = {0, 5, 9, 5, 0, 4};
  const BlockSums position(x, 5);
  const std::vector<CyclePart> parts = {{0, 5}, {3, 3}};
  for (const CycleFit& fit : fit_series(position, parts, 4)) EXPECT_EQ(fit.harmonics, 0);
}

TEST(FindMotion, TellsWhenTheNeedleBeganAndEnded) {
  SignalParameters p;
  p.strokes = 20;
  const Signal s = make_signal(p, 6);
  const Motion m = find_motion(s.capture.position, 1e-4, 1000);
  ASSERT_TRUE(m.moved && m.began_at_rest && m.ended);
  EXPECT_NEAR(m.begin / p.sample_rate_hz, s.start_s, m.begin_half_width / p.sample_rate_hz);
  EXPECT_NEAR(m.end / p.sample_rate_hz, s.stop_s, m.end_half_width / p.sample_rate_hz);
  EXPECT_NEAR(m.rest_counts * 1e-4 - p.needle_zero_mm, p.depth_mm - p.stroke_mm, 1e-4);
}

TEST(FindMotion, KnowsNoEndWhileTheNeedleMoves) {
  SignalParameters p;
  p.strokes = 20;
  Signal s = make_signal(p, 6);
  s.capture.position.resize(s.capture.position.size() * 2 / 3);
  const Motion m = find_motion(s.capture.position, 1e-4, 1000);
  EXPECT_TRUE(m.moved);
  EXPECT_FALSE(m.ended);
}

}  // namespace
}  // namespace penrig
