#pragma once

#include <cstddef>
#include <span>

#include "rig/measure/contact_fit.hpp"
#include "rig/measure/force_landmarks.hpp"

namespace penrig {

/// Puncture forces of a pool: by the law of contact and all its strokes together where that can be, else each by
/// itself. Where the puncture may be the peak, its estimate is the peak's.
///
/// @param cycles, marks  of the pool's strokes, in order.
/// @param owner          which of `strokes` an approach is of.
/// @param first          of `strokes` that belongs to the pool.
void settle_punctures(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks,
                      std::span<const Approach> approaches, std::span<const std::size_t> owner, double kappa,
                      std::size_t first, const ForceScales& scales, std::span<StrokeForce> strokes);

/// Peak forces of a pool: the broad maximum behind the puncture, or the puncture, whichever is higher. What is open of
/// the corner is open of the peak as far as it lies above the broad maximum. A narrow peak without a puncture stands.
///
/// @param strokes  the pool's.
/// @param sigma    noise of one sample of the needles' force, N.
void settle_peaks(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks,
                  std::span<const CycleFit* const> fits, double sigma, std::span<StrokeForce> strokes);

/// Withdrawal forces of a pool: read where the other strokes are pulled at hardest. What the lowest sample there
/// differs by, and half as much again, is open in all alike. sigma: as above; half as much again is open where too few
/// strokes have a common stretch.
void settle_pulls(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks, double sigma,
                  std::span<StrokeForce> strokes);

}  // namespace penrig
