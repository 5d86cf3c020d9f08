#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "rig/measure/block_sums.hpp"
#include "rig/measure/cholesky.hpp"
#include "rig/measure/cycle_fit.hpp"

namespace penrig {

/// The part of a record that one cycle's series is fitted to, samples: between two bottoms, without what lies within
/// `skip_first` of the first and within `skip_last` of the second.
struct CyclePart {
  double start = 0, end = 0, skip_first = 0, skip_last = 0;
};

/// The equations of a series with up to `Terms` terms, factorised; the right side in the row behind those of `own`
/// terms. What is fitted are sums of blocks of samples, whose harmonics are those of the samples times `gain`.
template <std::size_t Terms>
struct SolvedSeries {
  Cholesky<Terms> normal;
  std::size_t own = Terms;
  double base = 0;                           ///< of a sum, taken off before
  double squares = 0;                        ///< over the sums, counts^2
  std::array<double, Terms / 2 + 1> gain{};  ///< of harmonic k at [k]; of the constant at [0]: samples of a block

  /// Coefficients and residuals with the first `harmonics` of them.
  void take(int harmonics, CycleFit& fit) const {
    const std::size_t terms = 2 * static_cast<std::size_t>(harmonics) + 1;
    std::array<double, Terms> y;
    double explained = 0;
    for (std::size_t i = 0; i < terms; ++i) {
      y[i] = normal.at(own, i);
      explained += y[i] * y[i];
    }
    normal.solve_upper(terms, y);
    std::copy_n(y.begin(), terms, fit.c.begin());
    fit.c[0] = (fit.c[0] + base) / gain[0];
    for (std::size_t k = 1; k <= static_cast<std::size_t>(harmonics); ++k) {
      fit.c[2 * k - 1] /= gain[k];
      fit.c[2 * k] /= gain[k];
    }
    // A sum has the variance of its samples.
    fit.residual_ss = std::max(0.0, squares - explained) / gain[0];
    fit.harmonics = harmonics;
  }
};

/// What fit_cycles() is made of: linear least squares of one cycle. harmonics = 0 in the result where the samples do
/// not hold so many (1..kMaxHarmonics). A crank's harmonics are fitted to the sums of blocks, more to the samples.
///
/// The series alone, for whom the top is not yet, or never, that of this fit: top and what is known of it are unset.
CycleFit fit_series(const BlockSums& position, const CyclePart& part, int harmonics);
/// The series with its top, u_top and u_time.
CycleFit fit_series_and_top(const BlockSums& position, const CyclePart& part, int harmonics);

/// The series with as many harmonics as a crank has, and from it those with fewer: their equations are the first of its
/// own, and so are the rows of their factor.
class CrankSeries {
 public:
  CrankSeries(const BlockSums& position, const CyclePart& part);
  const CycleFit& whole() const { return whole_; }
  /// To the bit what fit_series() gives. harmonics: 1..kCrankHarmonics; whole() has some.
  CycleFit with(int harmonics) const;

 private:
  CycleFit whole_;
  SolvedSeries<2 * kCrankHarmonics + 1> solved_;
};

}  // namespace penrig
