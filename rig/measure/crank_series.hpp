#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "rig/measure/turn_sums.hpp"

namespace penrig {

/// Coefficients of a crank's harmonic series, in a CycleFit's order, of eight turns side by side.
inline constexpr std::size_t kCrankTerms = std::size_t{2} * kCrankHarmonics + 1;
using EightSeries = std::array<Eight, kCrankTerms>;

/// Series from where they stand by themselves, and back there: pointers to the coefficients of eight CycleFits. Behind
/// the terms is put 0, in whole fours.
void gather(const std::array<const double*, kLanes>& from, std::size_t terms, EightSeries& c);
void put_back(const EightSeries& c, std::size_t terms, const std::array<double*, kLanes>& to);
static_assert((kCrankTerms + 3) / 4 * 4 <= std::size_t{2} * kMaxHarmonics + 1);

/// CycleFit::Point of eight.
struct EightPoints {
  Eight value, slope, curvature;
};
[[gnu::always_inline]] inline EightPoints points_of(const EightSeries& c, std::size_t harmonics, const Eight& turns) {
  const EightComplex w = turn(turns);
  EightComplex p = w;
  EightPoints out{c[0], {}, {}};
  double harmonic = 1;
  for (std::size_t k = 1; k <= harmonics; ++k, ++harmonic) {
    const Eight &a = c[2 * k - 1], &b = c[2 * k];
    const Eight value = a * p.re + b * p.im;
    out.value += value;
    out.slope += harmonic * (b * p.re - a * p.im);
    out.curvature += -(harmonic * harmonic) * value;
    p = multiply(p, w);
  }
  return out;
}

/// extreme_near() of some fits of cranks, eight side by side.
std::vector<double> extremes_near(std::span<const CycleFit> fits, std::span<const std::size_t> which, double turns);

/// [k]: whether harmonic k counts.
using UsedHarmonics = std::array<bool, kMaxHarmonics + 1>;
/// CycleFit::at_turns() of some fits of cranks, each at a phase of its own; or of some of their harmonics.
std::vector<CycleFit::Point> points_at(std::span<const CycleFit> fits, std::span<const std::size_t> which,
                                       std::span<const double> turns);
std::vector<CycleFit::Point> points_at(std::span<const CycleFit> fits, std::span<const std::size_t> which,
                                       std::span<const double> turns, const UsedHarmonics& used);

/// The least squares of eight cranks' turns, a lane each: the equations of their series, factorised. What is fitted are
/// sums of blocks of samples, whose harmonics are those of the samples times `gain`.
struct EightCranks {
  std::size_t harmonics = 0, own = 0;  ///< own: terms
  Eight base, squares;                 ///< of the sums: what was taken off before, and over what was left
  Eight positive;                      ///< 0 where a normal matrix is not positive definite: nothing else holds there
  std::array<Eight, kCrankHarmonics + 1> gain;  ///< of harmonic k at [k]; of the constant at [0]: samples of a block
  /// Lower triangle of the factor, the first half of the solution in the row behind it; of the diagonal the
  /// reciprocals.
  std::array<std::array<Eight, kCrankTerms>, kCrankTerms + 1> rows;
};

/// @param per_block  samples of a block: a power of two.
/// @param harmonics  1..kCrankHarmonics.
void solve(const EightTurns& turns, std::size_t per_block, std::size_t harmonics, EightCranks& cranks);

/// Series as fitted.
struct EightFits {
  EightSeries c;
  Eight residual_ss;  ///< as in CycleFit
};
/// With all harmonics, or with the first of them: their equations are the first ones, and so are the rows of their
/// factor.
void take(const EightCranks& cranks, std::size_t harmonics, EightFits& fits);

/// Tops of series, and what their noise says of value and slope there: variances in units of a sample's.
struct EightTops {
  Eight turns;
  EightPoints at;
  Eight value_variance, slope_variance;
};
/// fits: with all harmonics.
void find_tops(const EightCranks& cranks, const EightFits& fits, EightTops& tops);

}  // namespace penrig
