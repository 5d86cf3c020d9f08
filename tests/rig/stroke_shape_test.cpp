#include <cmath>
#include <cstdio>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/cycle_fit.hpp"
#include "rig/measure/strokes.hpp"
#include "rig/measure/timing.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

/// Where the speed of the crank changes, always at once.
enum class Changes { at_bottoms, at_tops, at_both, tops_alone };

struct SpeedProfile {
  const char* name;
  Changes changes;
  std::size_t strokes;
  double sample_rate_hz;

  friend void PrintTo(const SpeedProfile& c, std::ostream* out) { *out << c.name; }
};

/// The crank's turns (whole at bottoms) over time, between knots: periods vary by 20 us about 1/150 s.
struct CrankTurns {
  std::vector<double> time_s, turns;

  CrankTurns(const SpeedProfile& c, std::uint64_t seed) {
    constexpr double kPeriod = 1.0 / 150, kJitter = 20e-6;
    Random random(seed, "jitter");
    double t = 0;
    for (std::size_t k = 0; k <= 2 * (c.strokes + 5); ++k) {
      const bool top = k % 2 == 1;
      const bool knot = c.changes == Changes::at_both || (c.changes == Changes::at_bottoms ? !top : top);
      if (knot) {
        // A time of its own (timing noise), or one that all later ones share (a phase that walks).
        const double alone = c.changes == Changes::tops_alone ? kJitter / std::sqrt(2.0) * random.normal() : 0;
        time_s.push_back(t + alone);
        turns.push_back(0.5 * static_cast<double>(k));
        const double step = c.changes == Changes::at_both ? 0.5 : 1;
        t += step * kPeriod;
        if (c.changes != Changes::tops_alone) t += kJitter * std::sqrt(step) * random.normal();
      }
    }
  }
  double time_of(double turn) const {
    std::size_t k = 0;
    while (k + 2 < turns.size() && turns[k + 1] < turn) ++k;
    return time_s[k] + (turn - turns[k]) / (turns[k + 1] - turns[k]) * (time_s[k + 1] - time_s[k]);
  }
};

class StrokeShape : public ::testing::TestWithParam<SpeedProfile> {};

// Slider-crank at 150 Hz, 1 mm deep, 3 mm stroke, position sigma 1 um.
TEST_P(StrokeShape, GivesRateExtensionAndJitterWhereverTheSpeedChanges) {
  constexpr double kMmPerCount = 1e-6;
  const SpeedProfile& c = GetParam();
  const bool many = c.strokes >= 300;
  double worst_rate_ppm = 0, worst_extension_um = 0, worst_jitter_us = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    const CrankTurns turns(c, seed);
    Random noise(seed, "noise");
    std::vector<std::int32_t> y;
    std::size_t k = 0;
    for (double t = turns.time_s.front(); t < turns.time_s.back(); t += 1 / c.sample_rate_hz) {
      while (k + 2 < turns.time_s.size() && t >= turns.time_s[k + 1]) ++k;
      const double share = (t - turns.time_s[k]) / (turns.time_s[k + 1] - turns.time_s[k]);
      const double turn = turns.turns[k] + share * (turns.turns[k + 1] - turns.turns[k]);
      const double z = 1.0 + slider_crank_mm(turn, 3.0, 12.0) + 1e-3 * noise.normal();
      y.push_back(static_cast<std::int32_t>(std::lround(z / kMmPerCount)));
    }
    std::vector<double> seen, true_times, periods, true_periods;
    double extension = 0, floor_s = 0;
    for (const CycleFit& fit : fit_cycles(y, find_cycles(y, 240'000), 0)) {
      if (fit.harmonics == 0 || seen.size() == c.strokes) continue;
      const double t = turns.time_s.front() + fit.top_index() / c.sample_rate_hz;
      double nearest = 1e9;
      for (double turn = 0.5; turn < turns.turns.back(); turn += 1) {
        if (std::abs(turns.time_of(turn) - t) < std::abs(nearest - t)) nearest = turns.time_of(turn);
      }
      seen.push_back(t);
      true_times.push_back(nearest);
      extension += fit.top * kMmPerCount / static_cast<double>(c.strokes);
      floor_s = std::sqrt(2.0) * fit.u_time * 1e-3 / kMmPerCount / c.sample_rate_hz;
    }
    ASSERT_EQ(seen.size(), c.strokes);
    for (std::size_t i = 1; i < seen.size(); ++i) {
      periods.push_back((seen[i] - seen[i - 1]) * 1e6);
      true_periods.push_back((true_times[i] - true_times[i - 1]) * 1e6);
    }
    const double jitter_us = period_jitter(periods, floor_s * 1e6).sd - period_jitter(true_periods, 0).sd;
    const double rate_ppm = ((true_times.back() - true_times.front()) / (seen.back() - seen.front()) - 1) * 1e6;
    worst_jitter_us = std::max(worst_jitter_us, std::abs(jitter_us));
    worst_rate_ppm = std::max(worst_rate_ppm, std::abs(rate_ppm));
    worst_extension_um = std::max(worst_extension_um, std::abs(extension - 1.0) * 1e3);
  }
  std::printf("worst of 30: rate %.2f ppm, extension %.3f um, jitter %.3f us\n", worst_rate_ppm, worst_extension_um,
              worst_jitter_us);
  EXPECT_LT(worst_rate_ppm, many ? 20 : 50);
  EXPECT_LT(worst_extension_um, many ? 0.1 : 0.3);
  if (many) {
    EXPECT_LT(worst_jitter_us, 0.3);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, StrokeShape,
                         ::testing::Values(SpeedProfile{"AtBottoms300", Changes::at_bottoms, 300, 50'000},
                                           SpeedProfile{"AtTops300", Changes::at_tops, 300, 50'000},
                                           SpeedProfile{"AtBoth300", Changes::at_both, 300, 50'000},
                                           SpeedProfile{"TopsAlone300", Changes::tops_alone, 300, 50'000},
                                           SpeedProfile{"AtBottoms40", Changes::at_bottoms, 40, 20'000},
                                           SpeedProfile{"AtTops40", Changes::at_tops, 40, 20'000},
                                           SpeedProfile{"AtBoth40", Changes::at_both, 40, 20'000},
                                           SpeedProfile{"TopsAlone40", Changes::tops_alone, 40, 20'000}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace penrig
