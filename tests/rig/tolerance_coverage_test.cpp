#include <cctype>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/setting_analysis.hpp"

namespace penrig {
namespace {

/// Strokes about a mean: a part that goes on from stroke to stroke (first order, `correlation`), a part of each stroke
/// alone, a swing of 5.3 strokes; variances 1 in all. The estimator's noise is seen, and belongs to no stroke.
struct Process {
  const char* what;
  double correlation = 0, slow_share = 0, swing_share = 0, own_noise = 0;
  std::size_t fewest = 30;

  friend void PrintTo(const Process& p, std::ostream* out) { *out << p.what; }
};

double below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

/// Share of all strokes of the process that lie within.
double content(const Process& p, double low, double high) {
  constexpr int kPhases = 64;
  const double sd = std::sqrt(1 - p.swing_share), amplitude = std::sqrt(2 * p.swing_share);
  double sum = 0;
  for (int k = 0; k < kPhases; ++k) {
    const double swing = amplitude * std::sin(2 * M_PI * k / kPhases);
    sum += below((high - swing) / sd) - below((low - swing) / sd);
  }
  return sum / kPhases;
}

/// Measures such strokes as a setting's; mm, a few um wide about `depth_mm`.
std::vector<Measurement> measure(const Process& p, std::size_t strokes, std::uint64_t seed, double depth_mm,
                                 double scale_mm) {
  Random random(seed, p.what, strokes);
  static const Calibrations calibrations = [] {
    Calibrations c;
    for (Factor* f : {&c.position_mm_per_count, &c.force_n_per_count, &c.stage_mm_per_count}) *f = {1e-6, 0};
    return c;
  }();
  SettingInput input;
  input.calibrations = &calibrations;
  input.depth_mm = depth_mm;
  SettingAnalysis a;
  a.surface_mm = 0.1;
  a.with_force = true;
  input.surface = Touch{};
  a.mean_u_top = p.own_noise * scale_mm;
  const double phase = random.uniform();
  double slow = random.normal();
  for (std::size_t i = 0; i < strokes; ++i) {
    const double swing = std::sin(2 * M_PI * (phase + static_cast<double>(i) / 5.3));
    const double value = std::sqrt(p.slow_share) * slow + std::sqrt(2 * p.swing_share) * swing +
                         std::sqrt(1 - p.slow_share - p.swing_share) * random.normal() + p.own_noise * random.normal();
    slow = p.correlation * slow + std::sqrt(1 - p.correlation * p.correlation) * random.normal();
    JudgedStroke stroke;
    stroke.extension_mm = static_cast<float>(depth_mm + scale_mm * value);
    stroke.force.top_mm = static_cast<float>(depth_mm + scale_mm * value + *a.surface_mm);
    a.judged.push_back(stroke);
    a.averaged.push_back(i);
  }
  std::vector<Measurement> out;
  measure_depths(input, a, out);
  return out;
}

class ToleranceCoverage : public ::testing::TestWithParam<Process> {};

// At 95 % confidence, 94 % of 2,000 intervals is two standard deviations of chance below what is claimed.
TEST_P(ToleranceCoverage, IntervalsHold99PercentOfStrokesInAtLeast94PercentOfRuns) {
  constexpr int kRuns = 2000;
  constexpr double kDepth = 1, kScale = 0.006;
  const Process& p = GetParam();
  for (const std::size_t strokes : {30U, 40U, 75U, 150U, 300U}) {
    if (strokes < p.fewest) continue;
    int extension = 0, penetration = 0, mean = 0;
    for (int run = 0; run < kRuns; ++run) {
      const auto seed = static_cast<std::uint64_t>(run);
      for (const Measurement& m : measure(p, strokes, seed, kDepth, kScale)) {
        if (m.measurand == "extension") mean += std::abs(*m.value - kDepth) <= m.expanded_u ? 1 : 0;
        if (!m.interval) continue;
        const bool holds =
            content(p, (m.interval->low - kDepth) / kScale, (m.interval->high - kDepth) / kScale) >= 0.99;
        if (m.measurand == "extension_ti") extension += holds ? 1 : 0;
        if (m.measurand == "penetration_ti") penetration += holds ? 1 : 0;
      }
    }
    std::printf(
        "%s, %zu strokes, seeds 0 to %d: 99 %% held in %.2f %% (extension), %.2f %% (penetration); U of the mean "
        "covers %.2f %%\n",
        p.what, strokes, kRuns - 1, 100.0 * extension / kRuns, 100.0 * penetration / kRuns, 100.0 * mean / kRuns);
    EXPECT_GE(extension, 0.94 * kRuns) << strokes << " strokes";
    EXPECT_GE(penetration, 0.94 * kRuns) << strokes << " strokes";
  }
}

std::string name_of_process(const ::testing::TestParamInfo<Process>& of) {
  std::string name;
  for (const char* c = of.param.what; *c != 0; ++c) {
    if (std::isalnum(static_cast<unsigned char>(*c)) != 0) name += *c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Strokes, ToleranceCoverage,
    ::testing::Values(
        Process{.what = "independent"}, Process{.what = "independent, with noise of their own", .own_noise = 0.3},
        Process{.what = "correlated by 0.3", .correlation = 0.3, .slow_share = 1},
        Process{.what = "correlated by 0.5", .correlation = 0.5, .slow_share = 1},
        Process{.what = "correlated by 0.7", .correlation = 0.7, .slow_share = 1},
        Process{.what = "alternating by 0.5", .correlation = -0.5, .slow_share = 1},
        Process{.what = "as the simulated pen", .correlation = 0.8, .slow_share = 0.03, .swing_share = 0.015},
        Process{.what = "swinging by half", .swing_share = 0.5},
        // What goes on for many strokes under white scatter shows in long records only.
        Process{.what = "half of it correlated by 0.8", .correlation = 0.8, .slow_share = 0.5, .fewest = 150}),
    name_of_process);

}  // namespace
}  // namespace penrig
