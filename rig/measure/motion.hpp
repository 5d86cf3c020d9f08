#pragma once

#include <cstdint>
#include <span>

namespace penrig {

/// Where the needles began to move and where they came to rest, in (fractional) samples of a capture.
struct Motion {
  bool moved = false;          ///< the position left its rest by more than kMotionMm at all
  bool began_at_rest = false;  ///< it stood when the capture began, so that begin is known
  double begin = 0, begin_half_width = 0;
  bool ended = false;  ///< it stood again when the capture ended, so that end is known
  double end = 0, end_half_width = 0;
  double rest_counts = 0;    ///< mean position after the end
  double u_rest_counts = 0;  ///< standard uncertainty of that mean
  std::uint64_t rest_samples = 0;
  double noise_counts = 0;  ///< sd of one sample at rest, where it stood; 0 if it never did
  double range_mm = 0;      ///< largest - smallest position
};

inline constexpr double kMotionMm = 0.05;  ///< less is no motion: an encoder that stands still

/// The needle leaves rest like t^2 (a crank that runs at once) to t^4 (one that speeds up from bottom dead centre), and
/// comes to rest like t^2 or abruptly. So begin and end are extrapolated from the times at which two levels were
/// passed; the half-width holds all of these laws.
///
/// @param mm_per_count   of the position.
/// @param rest_samples   samples that must stand still at an end of the record to call it rest (some 20 ms).
Motion find_motion(std::span<const std::int32_t> position, double mm_per_count, std::size_t rest_samples);

}  // namespace penrig
