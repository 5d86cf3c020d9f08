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
/// @param half      samples of the quartic to either side; >= 3, and >= 4 where narrower is asked for.
/// @param narrower  where it is asked for: one a stroke, its height by a quartic of half that width at the same place.
/// @return one a stroke, in their order; none for a stroke (or all) in which the window does not fit.
std::vector<std::optional<double>> broad_peaks(std::span<const PeakSearch> strokes, std::size_t half,
                                               std::vector<double>* narrower = nullptr);

/// Part of one stroke's force in which it is nearly even for some samples.
struct EvenSearch {
  std::span<const double> force_n;
  std::size_t from = 0, to = 0;  ///< [from, to) counts
  std::size_t top = 0;           ///< strokes are laid over one another there
};

/// What even samples have in common.
struct EvenForce {
  std::vector<double> mean_n;  ///< of five samples, one a stroke, in their order; empty: too few strokes, or too short
  double lowest_n = 0, highest_n = 0;  ///< of the five, each a mean of all strokes
  double over_all_n() const;           ///< mean of all
};

/// Means over five samples of every stroke, where that of every other stroke is highest. A curve that is fitted over
/// the samples would swing over them where the force turns; a mean of them never does.
EvenForce highest_means(std::span<const EvenSearch> strokes);
/// The same where it is lowest.
EvenForce lowest_means(std::span<const EvenSearch> strokes);

}  // namespace penrig
