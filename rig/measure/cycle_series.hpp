#pragma once

#include <cstdint>
#include <span>

#include "rig/measure/cycle_fit.hpp"

namespace penrig {

/// The part of a record that one cycle's series is fitted to, samples: between two bottoms, without what lies within
/// `skip_first` of the first and within `skip_last` of the second.
struct CyclePart {
  double start = 0, end = 0, skip_first = 0, skip_last = 0;
};

/// What fit_cycles() is made of: linear least squares of one cycle. harmonics = 0 in the result where the samples do
/// not hold so many (1..kMaxHarmonics).
///
/// The series alone, for whom the top is not yet, or never, that of this fit: top and what is known of it are unset.
CycleFit fit_series(std::span<const std::int32_t> position, const CyclePart& part, int harmonics);
/// The series with its top, u_top and u_time.
CycleFit fit_series_and_top(std::span<const std::int32_t> position, const CyclePart& part, int harmonics);

}  // namespace penrig
