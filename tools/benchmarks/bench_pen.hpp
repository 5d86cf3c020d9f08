#pragma once

#include <cmath>

#include "rig/measure/corrections.hpp"

// The pen and the bench whose strokes are measured where time is what counts, not depth.

namespace penrig {

/// A bench as good as there is: 0.1 um and 0.2 mN a count.
inline Calibrations bench_calibrations() {
  Calibrations c;
  c.position_mm_per_count = {1e-4, 2e-8};
  c.force_n_per_count = {2e-4, 4e-7};
  c.stage_mm_per_count = {1e-4, 1e-8};
  c.time_base_ppm = {0, 5};
  c.force_delay_us = {0, 0.5};
  c.tip_um_per_n = {1, 0.05};
  c.frame_um_per_n = {0.5, 0.025};
  c.cell_um_per_n = {0.02, 0.001};
  c.reciprocating_mass_g = {3, 0.06};
  c.plate_mass_g = {3.2, 0.064};
  c.cell_resonance_hz = 20'000;
  c.force_min_counts = c.position_min_counts = -100'000;
  c.force_max_counts = c.position_max_counts = 100'000;
  return c;
}

/// What needles feel `inside_mm` beyond the surface of a simulant that gives way as a half-space does until it is
/// punctured; N.
inline double bench_force_n(double inside_mm, bool going_in) {
  constexpr double kPuncturedMm = 0.15, kHertzN = 6;  // N at 1 mm, had it held
  constexpr double kInsideN = 0.1, kInsideNPerMm = 0.2, kWithdrawnN = -0.05;
  if (inside_mm <= 0) return 0;
  if (!going_in) return kWithdrawnN;
  return inside_mm <= kPuncturedMm ? kHertzN * inside_mm * std::sqrt(inside_mm) : kInsideN + kInsideNPerMm * inside_mm;
}

}  // namespace penrig
