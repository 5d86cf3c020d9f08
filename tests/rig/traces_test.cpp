#include "rig/measure/traces.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kSeed = 9;
constexpr std::size_t kPoints = 121;
constexpr double kFloat = 2e-7;  ///< of a value of some mm or newtons

/// Linear between the neighbours of a place; beyond the ends the last value.
template <class T>
double between(const std::vector<T>& x, double at) {
  const double inside = std::clamp(at, 0.0, static_cast<double>(x.size() - 1));
  const std::size_t left = std::min(static_cast<std::size_t>(inside), x.size() - 2);
  const double share = inside - static_cast<double>(left);
  return static_cast<double>(x[left]) * (1 - share) + static_cast<double>(x[left + 1]) * share;
}

struct Strokes {
  explicit Strokes(std::size_t count) {
    Random random(kSeed, "traces");
    calibrations.position_mm_per_count.value = 1e-4;
    input.calibrations = &calibrations;
    input.zero.needle_zero_mm = 0.25;
    double start = -3.2;  // the first begins before the record, and the last ends behind it
    for (std::size_t k = 0; k < count; ++k) {
      CycleFit fit;
      fit.start = start;
      fit.period = 90 + 3 * random.uniform();
      start += fit.period;
      fits.push_back(fit);
      std::vector<double> q, f;
      for (std::size_t i = 0; i < 90 + k % 3; ++i) {
        q.push_back(random.normal());
        f.push_back(random.normal());
      }
      q_mm.push_back(q);
      force_n.push_back(f);
    }
    for (double at = 0; at < start - 3; at += 1) position.push_back(static_cast<std::int32_t>(9000 * random.normal()));
    for (const CycleFit& fit : fits) averaged.push_back(&fit);
  }

  SettingTraces traces() const {
    TraceMaker maker(input, {.position = position, .force = {}}, averaged);
    for (std::size_t k = 0; k < fits.size(); ++k) {
      ForceCycle cycle;
      cycle.q_mm.assign(q_mm[k].begin(), q_mm[k].end());
      cycle.force_n.assign(force_n[k].begin(), force_n[k].end());
      maker.add_loop(k, cycle, kSurfaceMm);
    }
    return std::move(maker).traces();
  }

  static constexpr double kSurfaceMm = 0.02;
  Calibrations calibrations;
  SettingInput input;
  std::vector<CycleFit> fits;
  std::vector<std::vector<double>> q_mm, force_n;
  std::vector<std::int32_t> position;
  std::vector<const CycleFit*> averaged;
};

TEST(Traces, AreLinearBetweenSamples) {
  const Strokes strokes(7);
  const SettingTraces traces = strokes.traces();
  ASSERT_EQ(traces.phase_deg.size(), kPoints);
  ASSERT_EQ(traces.mean_position_mm.size(), kPoints);
  ASSERT_EQ(traces.loop_penetration_mm.size(), kPoints);
  ASSERT_EQ(traces.loop_force_n.size(), kPoints);
  ASSERT_EQ(traces.strokes_position_mm.size(), strokes.fits.size());
  ASSERT_EQ(traces.strokes_loop_force_n.size(), strokes.fits.size());
  for (std::size_t p = 0; p < kPoints; ++p) {
    const double phase = static_cast<double>(p) / static_cast<double>(kPoints - 1);
    double z_sum = 0, q_sum = 0, f_sum = 0;
    for (std::size_t k = 0; k < strokes.fits.size(); ++k) {
      const CycleFit& fit = strokes.fits[k];
      const double z = between(strokes.position, fit.start + fit.period * phase) * 1e-4 - 0.25;
      const double place = static_cast<double>(strokes.q_mm[k].size() - 1) * phase;
      const double q = between(strokes.q_mm[k], place) - Strokes::kSurfaceMm, f = between(strokes.force_n[k], place);
      EXPECT_NEAR(traces.strokes_position_mm[k][p], z, kFloat) << "stroke " << k << ", point " << p;
      EXPECT_NEAR(traces.strokes_loop_penetration_mm[k][p], q, 2 * kFloat) << "stroke " << k << ", point " << p;
      EXPECT_NEAR(traces.strokes_loop_force_n[k][p], f, 2 * kFloat) << "stroke " << k << ", point " << p;
      z_sum += z / static_cast<double>(strokes.fits.size());
      q_sum += q / static_cast<double>(strokes.fits.size());
      f_sum += f / static_cast<double>(strokes.fits.size());
    }
    EXPECT_NEAR(traces.mean_position_mm[p], z_sum, kFloat) << p;
    EXPECT_NEAR(traces.loop_penetration_mm[p], q_sum, kFloat) << p;
    EXPECT_NEAR(traces.loop_force_n[p], f_sum, kFloat) << p;
  }
}

TEST(Traces, ShowSomeOfManyStrokes) {
  const Strokes strokes(205);
  const SettingTraces traces = strokes.traces();
  EXPECT_LE(traces.strokes_position_mm.size(), 30U);
  EXPECT_GE(traces.strokes_position_mm.size(), 15U);
  EXPECT_LE(traces.strokes_loop_force_n.size(), 10U);
  EXPECT_EQ(traces.strokes_loop_force_n.size(), traces.strokes_loop_penetration_mm.size());
  for (const std::vector<float>& row : traces.strokes_position_mm) EXPECT_EQ(row.size(), kPoints);
}

}  // namespace
}  // namespace penrig
