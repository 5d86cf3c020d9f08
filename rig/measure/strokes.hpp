#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace penrig {

/// One turn of the crank as the position shows it: up from one bottom dead centre and down to the next.
struct RawCycle {
  std::size_t first_bottom = 0, top = 0, second_bottom = 0;  ///< samples of the extremes: where, not how high
  bool cut = false;  ///< a bottom was not seen from both sides: the record begins or ends there, or the needle rested
};

/// Finds turning points by hysteresis: a top is left when the position has fallen by `hysteresis` below the highest
/// sample since the last bottom, a bottom likewise. So noise below the hysteresis makes no stroke, and a stroke that
/// stays short is still one as long as it rises by that much. One pass, no multiplication.
///
/// @param position    counts, uniformly sampled, out of the pen is positive.
/// @param hysteresis  counts, > 0; several times the noise.
/// @return whole cycles (bottom, top, bottom) in time order; a rise at the end that never falls again is none. The last
///         bottom may be where the needle came to rest.
std::vector<RawCycle> find_cycles(std::span<const std::int32_t> position, std::int32_t hysteresis);

/// Where x, between samples, has come half of the way from a top to the bottom at one of its sides.
double half_way(std::span<const std::int32_t> position, std::size_t top, std::size_t bottom);

/// Half of a window, in samples, in which a parabola follows a stroke about its extremes: 8 % of its turn, told by the
/// shorter of its sides, for a rest may lie in the other.
std::size_t parabola_half(const RawCycle& cycle);

/// Noise of one sample, counts: from third differences, which motion hardly enters, by their median, which a puncture
/// here and there does not move.
double sample_noise(std::span<const std::int32_t> x);

/// Least-squares parabola through position[centre - half .. centre + half]: where its extreme lies, in samples. The
/// centre itself if the window leaves the record or has no curvature.
double extreme_by_parabola(std::span<const std::int32_t> position, std::size_t centre, std::size_t half);

/// The same parabola's height there, counts; the centre sample itself if the window leaves the record.
double height_by_parabola(std::span<const std::int32_t> position, std::size_t centre, std::size_t half);

/// Needles that are out by more than a curve says at its top, and than noise makes a sample stand out: beyond either.
inline constexpr double kBriefMm = 0.03, kBriefSigmas = 8;

/// Whether a stroke's highest sample stands so far above its parabola: the needles overshot, for a time in which the
/// parabola hardly follows.
///
/// @param above_counts  by how much.
/// @param stroke        its samples, which tell the noise.
bool overshoots(double above_counts, double mm_per_count, std::span<const std::int32_t> stroke);

}  // namespace penrig
