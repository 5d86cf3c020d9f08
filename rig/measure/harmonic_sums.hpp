#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "rig/base/eight.hpp"
#include "rig/measure/harmonics.hpp"

namespace penrig {

/// Samples that are fitted, and where on the turn they lie.
struct TurnSamples {
  const std::int32_t* counts = nullptr;
  std::size_t n = 0;
  double base = 0;  ///< counts that are taken off: it keeps the sums small
  double first_turns = 0, step_turns = 0;
};

/// Sums of x e^{i k theta} over the samples, x = counts - base, for eight harmonics in a row.
struct HarmonicSums {
  std::array<Complex, kLanes> products;
  double sum = 0, squares = 0;  ///< of x itself
};

/// For the harmonics before + 1 to before + count, 8 at most; what stands behind them means nothing. By Goertzel's
/// recurrence, one multiplication a sample and harmonic: four stretches side by side, since a step of the recurrence
/// waits for the one before it.
HarmonicSums harmonic_sums(const TurnSamples& s, std::size_t before, std::size_t count);

/// Sums of e^{i k theta} over the samples in closed form (Dirichlet kernels), for k = 1 to `count`; count: a multiple
/// of eight. `of` gets them at [k - 1].
void phase_sums(const TurnSamples& s, std::size_t count, Complex* of);

}  // namespace penrig
