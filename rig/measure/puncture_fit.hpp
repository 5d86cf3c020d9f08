#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "rig/measure/cell_response.hpp"

namespace penrig {

/// One stroke on its way through the puncture: positions (rising) up to the top and what the cell read there, baseline
/// taken off, with its fitted contact.
struct PunctureSearch {
  std::span<const double> position_mm, read_n;
  double contact_mm = 0;
  std::size_t after = 0;  ///< a sample that is surely behind the puncture: the lowest before the force rises again
  double guess_n = 0;     ///< of the puncture force
  double puncture_n = 0;  ///< out
};

/// The mean of a pool, and what the fit leaves open of it.
struct PunctureFit {
  double mean_n = 0, u_mean_n = 0;
};

/// Puncture forces of a pool. A corner lasts less than a sample, and no sample lies on it; but strokes are sampled at
/// ever other phases, and all of them together show it: F = kappa x^m up to x_p, from there kappa x^m - S s - C s^2
/// with s = x - x_p, through the cell's response and held against what the cell read. kappa (of the rise's upper part),
/// x_p, S and C are the pool's; then each stroke gets its own x_p, and with these the pool's are found once more. The
/// puncture force is that of the corner, or the highest behind it where the force rises on (S < 0) before it falls.
/// Least squares, Gauss-Newton.
///
/// @param kappa  of the pool, as fit_contacts() found it.
/// @param exponent, response, sample_rate_hz  as for fit_contacts().
/// @return none (and nothing is changed) if fewer than 8 strokes show a corner, the slope does not change there or the
/// fit does not settle.
std::optional<PunctureFit> fit_punctures(std::span<PunctureSearch> strokes, double kappa, double exponent,
                                         double noise_n, const CellResponse& response, double sample_rate_hz);

}  // namespace penrig
