#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "rig/base/random.hpp"
#include "rig/base/timeline.hpp"
#include "rig/measure/contact_fit.hpp"
#include "rig/measure/setting.hpp"
#include "tests/rig/find_measurement.hpp"

namespace penrig {

/// What a synthetic record is made of. Written apart from the simulated plant, so that both do not share a mistake.
struct SignalParameters {
  double sample_rate_hz = 50'000;
  double rate_per_min = 9000;
  double depth_mm = 1.5, stroke_mm = 3, rod_mm = 10;
  double bottom_noise_us = 14, walk_us = 1;  ///< timing of the bottoms
  double height_noise_um = 6;                ///< of the tops
  double position_noise_um = 1, force_noise_n = 4e-3;
  double surface_mm = 0.02, sink_mm = 0.03;  ///< z of the undisturbed surface; strokes meet it this much deeper
  double kappa = 6, exponent = 1.5, puncture_n = 0.35;
  double cutting_n = 0.1, friction_n_per_mm = 0.2, suction_n = 0.08;
  double drop_mm = 0.04;  ///< over which the force falls behind the puncture to 1/e
  double delay_us = 10;
  double preload_n = 0.05;
  std::uint32_t strokes = 100;
  std::vector<std::uint32_t> missed;       ///< strokes whose top stays at 0.3 of the depth
  std::vector<std::uint32_t> doubled;      ///< strokes that fall back by 1 mm midway and rise again
  std::vector<std::uint32_t> broken;       ///< strokes that end a fifth of the stroke too high; the next comes back
  std::vector<std::uint32_t> deep;         ///< strokes that go 0.25 mm deeper
  std::uint32_t frozen_from = UINT32_MAX;  ///< the encoder stands still from this stroke on
  double needle_zero_mm = 0.25;            ///< encoder reading at z = 0
  std::int32_t force_zero_counts = 137;
};

/// A record with its truth.
struct Signal {
  Capture capture;
  std::vector<double> top_s, top_mm, penetration_mm, contact_mm;  ///< a stroke
  double start_s = 0, stop_s = 0;                                 ///< first and last bottom
};

inline Calibrations signal_calibrations() {
  Calibrations c;
  c.fixture_id = "SYNTHETIC";
  c.position_mm_per_count = {1e-4, 2e-8};
  c.force_n_per_count = {2e-4, 4e-7};
  c.stage_mm_per_count = {1e-4, 1e-8};
  c.time_base_ppm = {0, 5};
  c.force_delay_us = {10, 0.5};
  c.tip_um_per_n = {1, 0.05};
  c.frame_um_per_n = {0.5, 0.025};
  c.cell_um_per_n = {0.02, 0.001};
  c.reciprocating_mass_g = {3, 0.06};
  c.plate_mass_g = {3.2, 0.064};
  c.cell_resonance_hz = 20'000;
  c.tilt_u_um = 1.5;
  c.force_min_counts = -50'000;
  c.force_max_counts = 50'000;
  c.position_min_counts = -100'000;
  c.position_max_counts = 100'000;
  return c;
}

/// z over one turn: slider-crank with its top at 0 and its bottom at -stroke. turns from the bottom.
inline double slider_crank_mm(double turns, double stroke_mm, double rod_mm) {
  const double r = stroke_mm / 2, angle = 2 * M_PI * turns;
  const double s = r * std::sin(angle);
  return -r * (1 + std::cos(angle)) + std::sqrt(rod_mm * rod_mm - s * s) - rod_mm;
}

/// Force of the simulant on the needles; deepest: how far this stroke has been, past its contact.
inline double simulant_force_n(const SignalParameters& p, double x, double deepest) {
  if (x <= 0) return 0;
  const double at = std::cbrt(p.puncture_n / p.kappa * p.puncture_n / p.kappa);  // for m = 1.5
  const auto inserting = [&](double depth) {
    if (depth <= at) return p.kappa * contact_power(depth, p.exponent);
    return p.cutting_n + p.friction_n_per_mm * depth +
           (p.puncture_n - p.cutting_n - p.friction_n_per_mm * at) * std::exp(-(depth - at) / p.drop_mm);
  };
  if (x >= deepest || deepest <= at) return inserting(x);
  const double held = std::exp(-(deepest - x) / 0.05);
  return inserting(deepest) * held - p.suction_n * (1 - held) * std::min(1.0, x / 0.2);
}

inline Signal make_signal(const SignalParameters& p, std::uint64_t seed) {
  Random timing(seed, "timing"), height(seed, "height"), position(seed, "position"), force(seed, "force");
  Signal s;
  const double rest_s = 0.05, period = 60 / p.rate_per_min;
  std::vector<double> bottom;
  double ideal = rest_s;
  for (std::uint32_t i = 0; i <= p.strokes; ++i) {
    bottom.push_back(ideal + (i == 0 ? 0 : p.bottom_noise_us * 1e-6 * timing.normal()));
    ideal += period + p.walk_us * 1e-6 * timing.normal();
  }
  s.start_s = bottom.front();
  s.stop_s = bottom.back();
  const auto in = [](const std::vector<std::uint32_t>& list, std::uint32_t i) {
    for (const std::uint32_t x : list) {
      if (x == i) return true;
    }
    return false;
  };
  std::vector<double> lift;
  for (std::uint32_t i = 0; i < p.strokes; ++i) {
    lift.push_back(in(p.missed, i) ? -0.7 * p.depth_mm : p.height_noise_um * 1e-3 * height.normal());
    if (in(p.deep, i)) lift.back() += 0.25;
    s.top_s.push_back((bottom[i] + bottom[i + 1]) / 2);
    s.top_mm.push_back(p.depth_mm + lift.back());
    s.contact_mm.push_back(p.surface_mm + p.sink_mm);
  }
  const double spring = 1.52e-3, frame = 0.5e-3, mass = 3e-3;
  struct Instant {
    double z, acceleration_m_s2;
  };
  const auto z_at = [&](double t, std::uint32_t& stroke) -> Instant {
    if (t <= bottom.front() || t >= bottom.back()) return {p.depth_mm - p.stroke_mm, 0};
    while (t >= bottom[stroke + 1]) ++stroke;
    const double length = bottom[stroke + 1] - bottom[stroke], turns = (t - bottom[stroke]) / length;
    const auto shape = [&](double u) {
      const double c = std::cos(2 * M_PI * u);
      double z = p.depth_mm + slider_crank_mm(u, p.stroke_mm, p.rod_mm) + lift[stroke] * (1 - c) / 2;
      if (in(p.broken, stroke)) z += 0.2 * p.stroke_mm * u;
      if (stroke > 0 && in(p.broken, stroke - 1)) z += 0.2 * p.stroke_mm * (1 - u);
      const double dip = 1 - (u - 0.5) * (u - 0.5) / 0.0225;
      if (in(p.doubled, stroke) && dip > 0) z -= dip * dip;
      return z;
    };
    const double h = 1e-4;
    return {shape(turns),
            (shape(turns + h) - 2 * shape(turns) + shape(turns - h)) / (h * h) / (length * length) * 1e-3};
  };
  // Force with its own stamp: what stood a delay before. Penetration needs the force, the force the penetration: two
  // rounds.
  std::uint32_t stroke = 0, force_stroke = 0;
  double deepest = 0;
  s.penetration_mm.assign(p.strokes, -1e9);
  const auto n = static_cast<std::size_t>((bottom.back() + 0.08) * p.sample_rate_hz);
  std::vector<std::int32_t> f(n), z(n), stage(n, 1234);
  std::int32_t frozen = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = static_cast<double>(i) / p.sample_rate_hz;
    const double z_now = z_at(t, stroke).z;
    const bool stuck = t > rest_s && stroke >= p.frozen_from;
    if (!stuck)
      frozen = static_cast<std::int32_t>(
          std::lround((z_now + p.needle_zero_mm + p.position_noise_um * 1e-3 * position.normal()) / 1e-4));
    z[i] = frozen;
    const std::uint32_t before = force_stroke;
    const Instant m = z_at(t - p.delay_us * 1e-6, force_stroke);
    if (force_stroke != before) deepest = 0;
    const double contact = p.surface_mm + p.sink_mm;
    double needles = 0, past = 0;
    for (int round = 0; round < 4; ++round) {
      past = m.z - spring * needles - frame * mass * m.acceleration_m_s2 - contact - 0.02e-3 * p.preload_n;
      needles = simulant_force_n(p, past, std::max(deepest, past));
    }
    deepest = std::max(deepest, past);
    if (t > rest_s) s.penetration_mm[force_stroke] = std::max(s.penetration_mm[force_stroke], past + p.sink_mm);
    f[i] = static_cast<std::int32_t>(std::lround((needles + p.preload_n + p.force_noise_n * force.normal()) / 2e-4)) +
           p.force_zero_counts;
  }
  s.capture.samples({5000, 1e6 / p.sample_rate_hz, f, z, stage});
  return s;
}

/// The setting that a signal belongs to; refers to it.
struct SignalSetting {
  explicit SignalSetting(const SignalParameters& p, const Signal& signal) {
    input.capture = &signal.capture;
    input.tick_hz = 1e6;
    input.clock = {TimePoint{}, 5000, 1e6, 20e-6};
    input.tare = {static_cast<double>(p.force_zero_counts), 0.1, p.force_noise_n / 2e-4};
    input.zero = {p.needle_zero_mm, 0, 1e-4, 10, 5, 1.5};
    input.surface =
        Touch{0.1234 - 0.7, p.needle_zero_mm + p.surface_mm + 0.7, 2e-4, 0.1};  // touched 0.7 mm farther out
    input.depth_mm = p.depth_mm;
    input.rate_per_min = p.rate_per_min;
    input.settle_strokes = 5;
    input.strokes = p.strokes - 10;
    input.start_sent = TimePoint{seconds_to_ns(signal.start_s - 0.005)};
    input.stop_sent = TimePoint{seconds_to_ns(signal.stop_s - 2.3 * 60 / p.rate_per_min)};
    input.reported.rate_per_min = p.rate_per_min;
    input.reported.strokes = p.strokes;
    input.calibrations = &calibrations;
    input.simulant = &simulant;
  }
  SignalSetting(const SignalSetting&) = delete;
  SignalSetting& operator=(const SignalSetting&) = delete;

  Calibrations calibrations = signal_calibrations();
  SimulantDescription simulant;
  SettingInput input;
};

inline const Measurement* find_measurement(const SettingResult& result, const std::string& id) {
  return find_measurement(result.measurements, id);
}

}  // namespace penrig
