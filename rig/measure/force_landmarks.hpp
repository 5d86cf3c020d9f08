#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include "rig/measure/stroke_force.hpp"

namespace penrig {

/// Least-squares quadratic over `n` values at unit spacing, evaluated at `at` (0 = first value).
double quadratic_at(const double* f, std::size_t n, double at, double* slope = nullptr);

/// What is open of a corner, N.
struct OpenCorner {
  double apart_n = 0;    ///< half of the way from the low to the high estimate of it
  double rounded_n = 0;  ///< half of what the response's window takes off
  double rings_n = 0;    ///< what a resonance that was not taken out adds
  double half_width_n() const { return std::sqrt(apart_n * apart_n + rounded_n * rounded_n + rings_n * rings_n); }
};

/// Where the samples of one cycle lie.
struct Landmarks {
  std::size_t clear = 0;     ///< first sample of the rise that may touch
  std::size_t top = 0;       ///< sample nearest the top
  std::size_t puncture = 0;  ///< last sample before the drop, if punctured
  bool punctured = false;
  std::size_t after = 0;  ///< where the drop ends: the lowest sample up to the top
  OpenCorner corner;
};

/// @param sigma  noise of one sample of the needles' force, N.
Landmarks find_landmarks(const ForceCycle& cycle, const CycleFit& fit, const ForceScales& scales, double sigma);

/// The corner between rise and drop lasts a few samples only. Lines from both sides meet above it, for the drop begins
/// gently; a smooth curve through it stays below. The force lies between, and the half-width says how far apart they
/// are. A drop that is half over within one sample hides where between two samples it began: in the mean, midway on the
/// line of the rise. Where the cell's response was taken out, the window of that rounds the corner off as well, by
/// nothing up to `corner_loss` times the change of slope: half of it is added. Where it was not, for nobody calibrated
/// it, the resonance rings at a corner, undamped by the change of slope over its angular frequency: `ring`, in samples.
OpenCorner find_puncture_force(const ForceCycle& cycle, std::size_t at, std::size_t clear, double sigma,
                               double corner_loss, double ring, StrokeForce& out);

/// The peak, of the force smoothed by moving quadratics of 9 samples. One that is narrower lies between that and half a
/// step above the highest sample.
void find_peak_force(const ForceCycle& cycle, std::size_t from, std::size_t top, double sigma, StrokeForce& out);
/// What pulls at the needles from the top on, of the force smoothed likewise; 0 where no window begins there.
double find_pull_force(const ForceCycle& cycle, std::size_t top);

}  // namespace penrig
