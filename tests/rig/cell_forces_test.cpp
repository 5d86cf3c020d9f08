#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/analyse_capture.hpp"
#include "rig/measure/cell_response.hpp"
#include "tests/rig/capture_generator.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kCellSeed = 1;
constexpr int kFine = 32;  ///< steps a sample in which a cell is simulated here

GeneratedCaptureParameters some_strokes() {
  GeneratedCaptureParameters p;
  p.strokes = 150;
  return p;
}

/// A capture as a cell would read it: filtered in small steps by the cell's differential equation, apart from the code
/// that takes it out again.
GeneratedCapture read_through(const CellResponse& cell, const GeneratedCaptureParameters& p) {
  GeneratedCaptureParameters fine = p;
  fine.sample_rate_hz *= kFine;
  fine.position_noise_um = fine.force_noise_n = 0;
  const GeneratedCapture g = generate_capture(fine, kCellSeed);
  GeneratedCapture out;
  out.top_s = g.top_s;
  Random noise(kCellSeed, "cell");
  const double dt = 1 / fine.sample_rate_hz, w = 2 * M_PI * cell.resonance_hz;
  const double share = 1 - std::exp(-2 * M_PI * cell.corner_hz * dt);
  double y = p.preload_n, v = 0;
  for (std::size_t i = 0; i < g.time_s.size(); ++i) {
    const double u = g.force_n[i];
    if (cell.corner_hz > 0) {
      y += (u - y) * share;
    } else if (cell.resonance_hz > 0) {
      v += dt * (w * w * (u - y) - 2 * cell.damping * w * v);
      y += dt * v;
    } else {
      y = u;
    }
    if (i % kFine != 0) continue;
    out.time_s.push_back(g.time_s[i]);
    out.position_mm.push_back(g.position_mm[i] + p.position_noise_um * 1e-3 * noise.normal());
    out.force_n.push_back(y + p.force_noise_n * noise.normal());
  }
  return out;
}

struct Number {
  double value = NAN, u = NAN;
};
struct Forces {
  Number peak, puncture, withdrawal, insertion, dissipated, contact;
};

Forces forces_of(const GeneratedCapture& c, const CellResponse& assumed) {
  CaptureData data;
  data.time_s = c.time_s;
  data.position_mm = c.position_mm;
  data.force_n = c.force_n;
  CaptureOptions options;
  if (assumed.corner_hz > 0) options.cell_hz = assumed.corner_hz;
  if (assumed.resonance_hz > 0) {
    options.cell_hz = assumed.resonance_hz;
    options.cell_damping = assumed.damping;
  }
  const auto a = analyse_capture(data, options);
  EXPECT_TRUE(a) << a.error().error.message;
  if (!a) return {};
  const auto number = [&](const std::string& id) -> Number {
    const auto m = std::ranges::find(a->measurements, id, &Measurement::measurand);
    const bool there = m != a->measurements.end() && m->value;
    EXPECT_TRUE(there) << id;
    return there ? Number{*m->value, m->expanded_u} : Number{};
  };
  return {number("peak_force"),     number("puncture_force"),  number("withdrawal_force"),
          number("insertion_work"), number("dissipated_work"), number("penetration_contact")};
}

struct SlowCell {
  CellResponse cell;
  double work_lost_at_least;  ///< share of the insertion work that a cell taken as ideal loses
  double puncture_within_mn;  ///< of the truth, once the response is known
};
const std::vector<SlowCell> kSlowCells = {
    {{10'000, 0, 0}, 0.02, 3}, {{3000, 0, 0}, 0.08, 5}, {{0, 10'000, 0.7}, 0.03, 3}, {{0, 3000, 0.5}, 0.08, 40}};

TEST(CellForces, TheWorkOfASlowCellIsPutRight) {
  const Forces ideal = forces_of(read_through({}, some_strokes()), {});
  for (const SlowCell& c : kSlowCells) {
    SCOPED_TRACE(::testing::Message() << c.cell.corner_hz << " Hz corner, " << c.cell.resonance_hz << " Hz resonance");
    const GeneratedCapture capture = read_through(c.cell, some_strokes());
    const Forces before = forces_of(capture, {}), after = forces_of(capture, c.cell);
    EXPECT_GT(1 - before.insertion.value / ideal.insertion.value, c.work_lost_at_least);
    EXPECT_GT(1 - before.dissipated.value / ideal.dissipated.value, c.work_lost_at_least * 0.8);
    EXPECT_NEAR(after.insertion.value / ideal.insertion.value, 1, 2e-3);
    EXPECT_NEAR(after.dissipated.value / ideal.dissipated.value, 1, 2e-3);
    EXPECT_NEAR(after.contact.value, 0.9, c.cell.corner_hz + c.cell.resonance_hz > 5000 ? 1.5e-3 : 3e-3);
    std::printf("corner %6.0f Hz, resonance %6.0f Hz: work %.3f %% before, %.3f %% after\n", c.cell.corner_hz,
                c.cell.resonance_hz, 100 * (before.insertion.value / ideal.insertion.value - 1),
                100 * (after.insertion.value / ideal.insertion.value - 1));
  }
}

TEST(CellForces, ThePunctureOfASlowCellIsPutRightWithinItsU) {
  const GeneratedCaptureParameters p = some_strokes();
  for (const SlowCell& c : kSlowCells) {
    SCOPED_TRACE(::testing::Message() << c.cell.corner_hz << " Hz corner, " << c.cell.resonance_hz << " Hz resonance");
    const GeneratedCapture capture = read_through(c.cell, p);
    const Forces before = forces_of(capture, {}), after = forces_of(capture, c.cell);
    const double lost = p.puncture_n - before.puncture.value, left = p.puncture_n - after.puncture.value;
    EXPECT_GT(lost, before.puncture.u) << "taken as ideal it is wrong by more than its U";
    EXPECT_LT(std::abs(left) * 1e3, c.puncture_within_mn);
    EXPECT_LT(std::abs(left), after.puncture.u);
    EXPECT_LT(std::abs(p.puncture_n - after.peak.value), after.peak.u);
    std::printf("corner %6.0f Hz, resonance %6.0f Hz: puncture %.1f mN off before (U %.1f), %.1f after (U %.1f)\n",
                c.cell.corner_hz, c.cell.resonance_hz, lost * 1e3, before.puncture.u * 1e3, left * 1e3,
                after.puncture.u * 1e3);
  }
}

TEST(CellForces, TheInverseGivesBackAnyParabola) {
  // Of y = 3 + 0.2 t - 0.01 t^2 (t in samples) a first-order cell was pushed by y + tau y', one of second order by
  // y + 2 zeta/w y' + y''/w^2.
  const double fs = 50'000;
  std::vector<double> reading;
  for (int t = 0; t < 60; ++t) reading.push_back(3 + 0.2 * t - 0.01 * t * t);
  for (const CellResponse& cell : {CellResponse{3000, 0, 0}, CellResponse{0, 3000, 0.5}, CellResponse{300, 0, 0}}) {
    const ResponseInverse inverse(cell, fs);
    const double w = 2 * M_PI * (cell.corner_hz + cell.resonance_hz) / fs;
    for (std::size_t i = 15; i < 45; ++i) {
      const double slope = 0.2 - 0.02 * static_cast<double>(i);
      const double force =
          cell.corner_hz > 0 ? reading[i] + slope / w : reading[i] + 2 * cell.damping / w * slope - 0.02 / (w * w);
      EXPECT_NEAR(inverse.at(reading, reading.size(), i), force, 1e-9);
    }
  }
}

TEST(CellForces, TheInverseRaisesNoiseAsItSaysAndNoMore) {
  for (const CellResponse& cell : {CellResponse{10'000, 0, 0}, CellResponse{3000, 0, 0}, CellResponse{0, 3000, 0.5}}) {
    const ResponseInverse inverse(cell, 50'000);
    EXPECT_LE(inverse.noise_gain(), ResponseInverse::kMostGain);
    Random random(kCellSeed, "reading");
    std::vector<double> reading(20'000);
    for (double& y : reading) y = random.normal();
    double squares = 0;
    for (std::size_t i = 20; i + 20 < reading.size(); ++i) {
      const double f = inverse.at(reading, reading.size(), i);
      squares += f * f;
    }
    EXPECT_NEAR(std::sqrt(squares / static_cast<double>(reading.size() - 40)) / inverse.noise_gain(), 1, 0.03);
  }
  EXPECT_EQ(ResponseInverse({}, 50'000).noise_gain(), 1);
  EXPECT_EQ(ResponseInverse({}, 50'000).half_width(), 0U);
}

}  // namespace
}  // namespace penrig
