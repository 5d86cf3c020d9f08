#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/cycle_fit.hpp"

namespace penrig {

/// Adds to every top what the harmonics leave over there in the mean of all strokes: a quadratic through the mean
/// residuals within a part of the first harmonic that is left out. u_left of the fits holds its standard uncertainty
/// and how far the residuals lie from the quadratic: at a corner, which no curve follows, that is large.
///
/// @param fits  of one record and one number of harmonics; those with harmonics = 0 are left alone.
void add_what_harmonics_leave(std::span<const std::int32_t> position, std::vector<CycleFit>& fits);

/// The largest u_left of some fits, counts.
double largest_left(std::span<const CycleFit> fits);

/// Tops that are too pointed for any curve here: u_left beyond this share of the swing. What lies beyond is refused.
inline constexpr double kMostLeft = 2e-4;

}  // namespace penrig
