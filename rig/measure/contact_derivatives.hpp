#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rig/measure/cycle_fit.hpp"
#include "rig/measure/stroke_force.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// How the means of what hangs on the contact move with an input, per unit of the input.
struct ContactMoves {
  double contact_mm = 0, contact_speed_mm_per_s = 0, dwell_us = 0, insertion_mj = 0, dissipated_mj = 0;
};

/// Derivatives of the contact by those inputs that shift or bend the law of contact; all 0 where their u are 0. The
/// give of the cell moves a contact as that of the tips does, but for the preload that it rests under.
struct ContactDerivatives {
  ContactMoves delay_us, tip_um_per_n, frame_um_per_n;
  std::size_t strokes = 0;  ///< behind them; 0: not known
};

/// By central differences through analyse_forces() itself over a few strokes that are spread over the fits, so that
/// they are those of the estimator, whatever it is. Steps are the inputs' u, or as large as differences need to stand
/// out of rounding. Source: GUM 5.1.3, note 2.
///
/// @param force, fits, scales  as of analyse_forces().
ContactDerivatives contact_derivatives(std::span<const std::int32_t> force, std::span<const CycleFit* const> fits,
                                       const ForceScales& scales, const Calibrations& calibrations);

}  // namespace penrig
