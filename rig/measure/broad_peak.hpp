#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace penrig {

/// Part of one stroke's force in which its broad maximum is looked for: behind the puncture, if it has one.
struct PeakSearch {
  std::span<const double> force_n;  ///< the needles' force of one cycle
  std::size_t from = 0;             ///< first sample that counts
  std::size_t top = 0;              ///< sample nearest the top: strokes are laid over one another there
};

/// Height of the broad maximum of every stroke. The largest of many noisy values is too high, and smoothing only helps:
/// nine samples at 4 mN of noise leave 2 mN. So the place comes from the mean curve of every other stroke, and the
/// height of the rest from a least-squares quartic about that place.
///
/// @param half  samples of the quartic to either side; >= 3.
/// @return one a stroke, in their order; none for a stroke (or all) in which the window does not fit.
std::vector<std::optional<double>> broad_peaks(std::span<const PeakSearch> strokes, std::size_t half);

}  // namespace penrig
