#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "rig/base/random.hpp"

namespace penrig {

/// What a pen gets wrong in a turn.
enum class StrokeFault : std::uint8_t {
  rests,    ///< no stroke at all: the needles stay in
  shorter,  ///< the stroke has only `share` of its swing
  twice,    ///< two tops, a quarter before and after the usual place, with a valley of `share` of the swing between
};
struct PlacedFault {
  std::uint32_t stroke = 0;
  StrokeFault fault = StrokeFault::rests;
  double share = 0;
};

/// A capture as a user's own rig might take it: slider-crank, Hertzian contact, a sharp puncture, noise. Written apart
/// from the simulated plant and from signal_generator.hpp, so that they do not share a mistake. Position is the tips':
/// nothing gives way.
struct GeneratedCaptureParameters {
  double stroke_hz = 150, sample_rate_hz = 50'000;
  double depth_mm = 1, stroke_mm = 3, rod_mm = 10;
  double jitter_us = 20;  ///< sd of the periods of tops
  double position_noise_um = 1, force_noise_n = 4e-3;
  double contact_mm = 0.1, kappa = 6, exponent = 1.5, puncture_n = 0.35, preload_n = 0.05;
  double delay_us = 0;  ///< force lags position
  std::uint32_t strokes = 302;
  double before_turns = 0.4;  ///< of the first bottom; negative: the capture begins within a stroke
  std::vector<PlacedFault> faults = {};
};

struct GeneratedCapture {
  std::vector<double> time_s, position_mm, force_n;
  std::vector<double> top_s;  ///< truth, a stroke
};

inline GeneratedCapture generate_capture(const GeneratedCaptureParameters& p, std::uint64_t seed) {
  Random timing(seed, "bottoms"), noise(seed, "samples");
  const double period = 1 / p.stroke_hz;
  // A top lies midway between two bottoms; white noise of bottoms of sd s gives its periods s / sqrt 2.
  std::vector<double> bottom;
  for (std::uint32_t i = 0; i <= p.strokes + 2; ++i) {
    bottom.push_back((static_cast<double>(i) - 1 + p.before_turns) * period +
                     p.jitter_us * 1e-6 * std::sqrt(2.0) * timing.normal());
  }
  GeneratedCapture out;
  for (std::size_t i = 0; i + 1 < bottom.size(); ++i) out.top_s.push_back(0.5 * (bottom[i] + bottom[i + 1]));
  std::vector<PlacedFault> fault_of(bottom.size(), {0, StrokeFault::shorter, 1});
  for (const PlacedFault& f : p.faults) fault_of[f.stroke] = f;
  struct Place {
    double z, turns;  ///< turns: below a half on the way out
    double top = 0;   ///< how far this stroke goes
  };
  const auto crank = [&](double turns) -> double {
    const double angle = 2 * M_PI * turns, r = p.stroke_mm / 2, s = r * std::sin(angle);
    return p.depth_mm - r * (1 + std::cos(angle)) + std::sqrt(p.rod_mm * p.rod_mm - s * s) - p.rod_mm;
  };
  const auto at = [&](double t, std::size_t& stroke) -> Place {
    while (stroke + 2 < bottom.size() && t >= bottom[stroke + 1]) ++stroke;
    const double turns = (t - bottom[stroke]) / (bottom[stroke + 1] - bottom[stroke]);
    const PlacedFault& f = fault_of[stroke];
    const double low = p.depth_mm - p.stroke_mm;
    if (f.fault == StrokeFault::rests) return {low, 0, low};
    if (f.fault == StrokeFault::twice) {
      const double z = crank(2 * turns), own = turns < 0.5 ? 2 * turns : 2 * turns - 1;
      const bool between = turns > 0.25 && turns < 0.75;
      return {between ? p.depth_mm - f.share * (p.depth_mm - z) : z, own, p.depth_mm};
    }
    if (f.share != 1) return {low + f.share * (crank(turns) - low), turns, low + f.share * p.stroke_mm};
    return {crank(turns), turns, p.depth_mm};
  };
  const double corner = std::pow(p.puncture_n / p.kappa, 1 / p.exponent);
  const auto inserting = [&](double x) {
    if (x < corner) return p.kappa * std::pow(x, p.exponent);
    const double cut = 0.1 + 0.2 * x;
    return cut + (p.puncture_n - 0.1 - 0.2 * corner) * std::exp(-(x - corner) / 0.04);
  };
  const double end = bottom.back() - 0.5 * period;
  const auto n = static_cast<std::size_t>(end * p.sample_rate_hz);
  std::size_t stroke = 0, of_force = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = static_cast<double>(i) / p.sample_rate_hz;
    const double z = at(t, stroke).z;
    const Place f = at(t - p.delay_us * 1e-6, of_force);
    const double x = f.z - p.contact_mm, top = f.top - p.contact_mm;
    double force = 0;
    if (x > 0 && f.turns < 0.5) force = inserting(x);
    if (x > 0 && f.turns >= 0.5) {
      const double held = std::exp(-(top - x) / 0.05);
      force = inserting(top) * held - 0.08 * (1 - held) * std::min(1.0, x / 0.2);
    }
    out.time_s.push_back(t);
    out.position_mm.push_back(z + p.position_noise_um * 1e-3 * noise.normal());
    out.force_n.push_back(force + p.preload_n + p.force_noise_n * noise.normal());
  }
  return out;
}

}  // namespace penrig
