#pragma once

#include <array>
#include <cstddef>

#include "rig/base/eight.hpp"
#include "rig/measure/cycle_fit.hpp"
#include "rig/measure/harmonic_sums.hpp"
#include "rig/measure/harmonics.hpp"

namespace penrig {

/// Complex numbers, one for each of eight turns; and their arithmetic, as in harmonics.hpp.
struct EightComplex {
  Eight re, im;
};
[[gnu::always_inline]] inline EightComplex multiply(const EightComplex& a, const EightComplex& b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
[[gnu::always_inline]] inline EightComplex turn(const Eight& turns) {
  const SinCosOfEight sc = sin_cos_turns(turns);
  return {sc.cos, sc.sin};
}

/// Four fours, of which each holds what stood at one place of another four.
struct FourByFour {
  Four a, b, c, d;
};
[[gnu::always_inline]] inline FourByFour transposed(const FourByFour& of) {
  const Four even_ab = __builtin_shufflevector(of.a, of.b, 0, 4, 2, 6),
             even_cd = __builtin_shufflevector(of.c, of.d, 0, 4, 2, 6),
             odd_ab = __builtin_shufflevector(of.a, of.b, 1, 5, 3, 7),
             odd_cd = __builtin_shufflevector(of.c, of.d, 1, 5, 3, 7);
  return {__builtin_shufflevector(even_ab, even_cd, 0, 1, 4, 5), __builtin_shufflevector(odd_ab, odd_cd, 0, 1, 4, 5),
          __builtin_shufflevector(even_ab, even_cd, 2, 3, 6, 7), __builtin_shufflevector(odd_ab, odd_cd, 2, 3, 6, 7)};
}

/// Eight turns that are fitted side by side, a lane each.
using EightTurns = std::array<TurnSamples, kLanes>;

/// Of each turn the sums of x e^{i k theta} over its samples, x = counts - base, k = 1 at [0].
struct TurnSums {
  std::array<EightComplex, kCrankHarmonics> products;
  Eight sum, squares;  ///< of x itself
};

/// What harmonic_sums() gives, of eight turns at once: no lane waits for another, and none is added up across.
///
/// @param harmonics  1..kCrankHarmonics.
void harmonic_sums(const EightTurns& turns, std::size_t harmonics, TurnSums& sums);

/// Sums of e^{i k theta} over the samples of each turn in closed form (Dirichlet kernels), k = 1 at [0].
using TurnPhases = std::array<EightComplex, std::size_t{2} * kCrankHarmonics>;
/// count: of the phases that are asked for, as many as there are at most.
void phase_sums(const EightTurns& turns, std::size_t count, TurnPhases& of);

}  // namespace penrig
