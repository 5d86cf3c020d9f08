#include "rig/measure/force_cycle.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/harmonics.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kSeed = 3;
constexpr double kMmOfTaylor = 1e-7;  ///< 0.1 nm

ForceScales some_scales() {
  ForceScales s;
  s.mm_per_count = 1e-4;
  s.needle_zero_mm = 0.25;
  s.n_per_count = 2e-4;
  s.zero_counts = 137;
  s.noise_n = 4e-3;
  s.delay_samples = 0.4;
  s.sample_rate_hz = 50'000;
  s.tip_mm_per_n = 1e-3;
  s.frame_mm_per_n = 0.5e-3;
  s.cell_mm_per_n = 0.02e-3;
  s.reciprocating_mass_kg = 3e-3;
  s.surface_guess_mm = 0.3;
  return s;
}

/// A slider-crank's turn of 3 mm, more or less.
CycleFit some_fit(double period, int harmonics, Random& random) {
  CycleFit fit;
  fit.start = 20.3;
  fit.period = period;
  fit.harmonics = harmonics;
  fit.c[0] = 2000;
  fit.c[cosine_term(1)] = -15'000;
  double share = 0.1;
  for (int k = 2; k <= harmonics; ++k, share *= 0.3) {
    fit.c[cosine_term(k)] = 3000 * share * random.normal();
    fit.c[sine_term(k)] = 3000 * share * random.normal();
  }
  return fit;
}

std::vector<std::int32_t> some_counts(std::size_t n, Random& random) {
  std::vector<std::int32_t> counts;
  for (std::size_t i = 0; i < n; ++i) counts.push_back(static_cast<std::int32_t>(500 * random.normal()));
  return counts;
}

/// Periods and harmonics by which a cycle is evaluated about the middles of 16 samples, of 8, and sample by sample.
TEST(EvaluateCycle, LiesWhereTheFitAndWhatGivesWayPutIt) {
  Random random(kSeed, "force cycle");
  const ForceScales s = some_scales();
  for (const double period : {1234.5, 500.2, 499.7, 301.0, 250.1, 60.3, 33.0}) {
    for (const int harmonics : {1, 4, 6, 9}) {
      const CycleFit fit = some_fit(period, harmonics, random);
      const std::vector<std::int32_t> counts = some_counts(static_cast<std::size_t>(period) + 40, random);
      ForceCycle cycle;
      evaluate_cycle(counts, fit, s, cycle);
      ASSERT_NEAR(static_cast<double>(cycle.q_mm.size()), period, 1);
      ASSERT_EQ(cycle.force_n.size(), cycle.q_mm.size());
      EXPECT_TRUE(cycle.baseline_known);
      for (std::size_t i = 0; i < cycle.q_mm.size(); ++i) {
        const std::size_t at = cycle.first + i;
        const double cell_n = (counts[at] - s.zero_counts) * s.n_per_count, force_n = cell_n - cycle.baseline_n;
        const CycleFit::Point p = fit.at_index(static_cast<double>(at) - s.delay_samples);
        const double acceleration = p.curvature * s.mm_per_count * 1e-3 * s.sample_rate_hz * s.sample_rate_hz;
        const double reaction_n = force_n + s.reciprocating_mass_kg * acceleration;
        const double q_mm = p.value * s.mm_per_count - s.needle_zero_mm - s.tip_mm_per_n * force_n -
                            s.frame_mm_per_n * reaction_n - s.cell_mm_per_n * cell_n;
        ASSERT_NEAR(cycle.force_n[i], force_n, 1e-15) << "period " << period << ", sample " << i;
        ASSERT_NEAR(cycle.q_mm[i], q_mm, kMmOfTaylor) << "period " << period << ", sample " << i << ", seed " << kSeed;
      }
    }
  }
}

/// The samples that are clear of the surface, from both ends of the turn.
TEST(EvaluateCycle, TakesItsBaselineFromWhatIsClear) {
  Random random(kSeed, "baseline");
  const ForceScales s = some_scales();
  ForceCycle cycle;
  const CycleFit fit = some_fit(500.2, 4, random);
  const std::vector<std::int32_t> counts = some_counts(560, random);
  evaluate_cycle(counts, fit, s, cycle);
  const auto z_at = [&](std::size_t i) {
    const CycleFit::Point p = fit.at_index(static_cast<double>(cycle.first + i) - s.delay_samples);
    const double acceleration = p.curvature * s.mm_per_count * 1e-3 * s.sample_rate_hz * s.sample_rate_hz;
    return p.value * s.mm_per_count - s.needle_zero_mm - s.frame_mm_per_n * s.reciprocating_mass_kg * acceleration;
  };
  const double clear_mm = z_at(0) + 0.5 * (s.surface_guess_mm - z_at(0));
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < cycle.q_mm.size(); ++i) {
    if (z_at(i) >= clear_mm) continue;
    sum += (counts[cycle.first + i] - s.zero_counts) * s.n_per_count;
    n += 1;
  }
  EXPECT_NEAR(cycle.baseline_n, sum / n, 1e-12);
  EXPECT_LT(z_at(cycle.rise - 1), clear_mm);
  EXPECT_GE(z_at(cycle.rise), clear_mm);
}

/// A cell that is not ideal: its response is taken out, and what it read is kept beside that.
TEST(EvaluateCycle, KeepsWhatASlowCellRead) {
  Random random(kSeed, "slow cell");
  ForceScales s = some_scales();
  const CycleFit fit = some_fit(500.2, 4, random);
  const std::vector<std::int32_t> counts = some_counts(560, random);
  s.cell.corner_hz = 3000;
  ForceCycle cycle;
  evaluate_cycle(counts, fit, s, cycle);
  ASSERT_EQ(cycle.read_n.size(), cycle.q_mm.size());
  const ResponseInverse inverse(s.cell, s.sample_rate_hz);
  for (std::size_t i = 0; i < cycle.q_mm.size(); ++i) {
    const std::size_t at = cycle.first + i;
    const double read_n = (counts[at] - s.zero_counts) * s.n_per_count - cycle.baseline_n;
    const double force_n = (inverse.at(counts, counts.size(), at) - s.zero_counts) * s.n_per_count - cycle.baseline_n;
    ASSERT_NEAR(cycle.read_n[i], read_n, 1e-15) << i;
    ASSERT_NEAR(cycle.force_n[i], force_n, 1e-15) << i;
  }
}

/// Trapezoids one by one, of any number of them.
TEST(WorkBetween, IsTheSumOfItsTrapezoids) {
  Random random(kSeed, "work");
  ForceCycle cycle;
  double q_mm = -1;
  for (std::size_t i = 0; i < 60; ++i) {
    cycle.q_mm.push_back(q_mm += 0.1 * random.normal());
    cycle.force_n.push_back(random.normal());
  }
  for (std::size_t from = 0; from < 10; ++from) {
    double plain = 0;
    EXPECT_EQ(work_between(cycle, from, from), 0);
    for (std::size_t to = from + 1; to < cycle.q_mm.size(); ++to) {
      plain += 0.5 * (cycle.force_n[to] + cycle.force_n[to - 1]) * (cycle.q_mm[to] - cycle.q_mm[to - 1]);
      EXPECT_NEAR(work_between(cycle, from, to), plain, 1e-14) << from << " to " << to << ", seed " << kSeed;
    }
  }
}

TEST(EvaluateCycle, HasNothingWhereTheRecordDoesNotReach) {
  Random random(kSeed, "end of the record");
  const CycleFit fit = some_fit(500.2, 4, random);
  ForceCycle cycle;
  evaluate_cycle(some_counts(10, random), fit, some_scales(), cycle);
  EXPECT_TRUE(cycle.q_mm.empty());
}

}  // namespace
}  // namespace penrig
