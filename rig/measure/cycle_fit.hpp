#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/strokes.hpp"

namespace penrig {

inline constexpr int kMaxHarmonics = 24;
inline constexpr int kCrankHarmonics = 6;  ///< enough for a slider-crank; a cam or a voice coil has more

/// Harmonic series of one crank turn, in counts over phase: y(theta) = c[0] + sum_k c[2k-1] cos k theta + c[2k] sin k
/// theta, theta = 2 pi (i - start) / period with i the (fractional) sample; theta = 0 and 2 pi at the bottoms.
struct CycleFit {
  double start = 0, period = 0;  ///< samples
  int harmonics = 0;
  std::array<double, 2 * kMaxHarmonics + 1> c{};
  double residual_ss = 0;  ///< counts^2, of a sample's noise; over freedom(), its variance
  std::size_t samples = 0;
  std::size_t per_block = 1;  ///< samples that were fitted as one sum
  double top_turns = 0.5;     ///< phase of the top, in turns
  double top = 0;             ///< height of the top, counts
  double u_left = 0;          ///< standard uncertainty that all tops share, counts: of what the harmonics leave there
  double u_top = 0;           ///< its standard uncertainty in units of one sample's noise
  double u_time = 0;          ///< of the top's time, in samples per count of noise
  bool beside_fault = false;  ///< a bottom of it was not seen: a missed or double stroke or a rest lies there
  double swing = 0;           ///< |difference of the two raw bottoms|, counts: large if the cycle does not close

  double top_index() const { return start + period * top_turns; }
  std::size_t freedom() const { return samples / per_block - static_cast<std::size_t>(2 * harmonics + 1); }

  /// Value, slope and curvature at a phase (turns); slope and curvature per radian.
  struct Point {
    double value, slope, curvature;
  };
  Point at_turns(double turns) const;
  Point at_bottom() const;  ///< at_turns(0)
  /// At a (fractional) sample; slope and curvature per sample.
  Point at_index(double index) const;
};

/// Fits cycle after cycle by linear least squares. The bottoms that bound the phase axes come from parabolas, then once
/// more from the fitted curves of both neighbours. The top is where the fitted slope vanishes, by Newton's method; the
/// largest sample would be too high by 0.8 to 1.6 sigma, a parabola over a wide window too low.
///
/// The time and height of a top depend on errors of the bottoms only in second order: a wrong period stretches the
/// curve about the top, and shifts are absorbed by the sine terms.
///
/// Where the strokes differ from one mean shape by no more than a time, a height and noise (Hausman's test on the tops'
/// times), tops come from that model instead, at the Cramer-Rao bound: u_time = period / (2 pi) sqrt(2 / N) / sqrt(sum
/// k^2 |c_k|^2), u_top = sqrt(terms / N), N samples a cycle. Where they differ by more (a speed that changes within the
/// turn, single strokes of another shape) the fits' own tops stand.
///
/// What harmonics leave over at the tops (a mechanism with a corner somewhere in its turn needs many) is seen in the
/// mean residuals of many strokes there, and is put right; u_left says how well.
///
/// @param harmonics  1..kMaxHarmonics; 0 chooses four or more by F-test, more than six only where six leave a
/// remainder.
/// @return one fit a cycle, same order; a cycle with too few samples for the harmonics, or one that is cut, has
///         harmonics = 0 and no top.
/// Source: IEEE 1057 sine fit, with harmonics, a cycle; normal matrix in closed form (Dirichlet kernels), right side by
/// Goertzel recurrences; Rife & Boorstyn (1974) for the bounds; Hausman (1978).
std::vector<CycleFit> fit_cycles(std::span<const std::int32_t> position, std::span<const RawCycle> cycles,
                                 int harmonics);

/// Phase of the extreme of a fit near `turns`, by Newton on the slope; stays within a sixth of a turn.
double extreme_near(const CycleFit& fit, double turns);

/// Phase of a fit's top, in turns: near the middle for a crank; a pulse or a cam (more harmonics) may have it
/// elsewhere.
double highest_of(const CycleFit& fit);

/// Standard deviation of a fit's residuals, counts; the median over fits that have one.
double noise_of(const CycleFit& fit);
double typical_noise(std::span<const CycleFit> fits);  ///< 0 of none

}  // namespace penrig
