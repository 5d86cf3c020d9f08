#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "rig/base/unset_vector.hpp"
#include "rig/measure/harmonics.hpp"

namespace penrig {

/// The harmonics of many strokes, which are turned back by the lag of each: eight strokes side by side.
class TurnedHarmonics {
 public:
  TurnedHarmonics(std::size_t strokes, std::size_t harmonics);

  /// As fitted, k from 1.
  void set(std::size_t stroke, std::size_t k, Complex c) {
    row(2 * k - 2)[stroke] = c.re;
    row(2 * k - 1)[stroke] = c.im;
  }
  /// A lag of a stroke, turns; 0 to begin with.
  double lag(std::size_t stroke) const { return lags_[stroke]; }

  /// Turns all back from what they were set to; sums: of each harmonic over all strokes, k = 1 at [0].
  void turn_back(std::span<Complex> sums);
  /// Adds to each lag the sum of c.im w.re - c.re w.im over its harmonics c as they were turned; weights as sums above.
  void add_to_lags(std::span<const Complex> weights);

 private:
  double* row(std::size_t of) { return &as_fitted_[of * padded_]; }

  std::size_t padded_, harmonics_;          ///< padded_: strokes, in whole eights
  UnsetVector<double> as_fitted_, turned_;  ///< cosines and sines of each harmonic in rows of padded_
  std::vector<double> lags_;
};

}  // namespace penrig
