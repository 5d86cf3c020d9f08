#pragma once

#include <span>

namespace penrig {

/// The process period of a series of strokes.
struct ProcessPeriod {
  double period = 0;  ///< in the unit of the times, a stroke
  double u = 0;       ///< standard uncertainty
  double nu = 0;      ///< degrees of freedom behind it
};

/// Mean period by generalised least squares over the differences of the times, for timing noise about a phase that
/// walks at random: bottoms b_i = phase_i + n_i with var n = v, phase_(i+1) = phase_i + T + w_i with var w = q; seen
/// are times t_i = (b_i + a b_(i+1)) / (1 + a). a = 1 is a crank whose speed changes at its bottoms only, so that a top
/// lies midway between two noisy bottoms; a = 0 is noise of each top alone. Neither a nor q/v is known, and 40 strokes
/// do not tell them sharply: the estimate is the mean over a grid of both, weighted by restricted likelihood and a
/// prior that is half-Cauchy on sqrt(q/v) with a part for q = 0; u holds the spread over the grid without that part.
///
/// @param times  of the tops, ascending, n >= 4.
/// @param turns  crank turns since the first top, whole numbers; 0, 1, 2, ... where no stroke is missing. Same length.
/// Source: restricted maximum likelihood for a local level with drift; weights as in Bayesian model averaging.
ProcessPeriod process_period(std::span<const double> times, std::span<const double> turns);

/// Jitter of periods.
struct Jitter {
  double sd = 0;             ///< root of (s^2 - floor^2), 0 if s is below the floor
  double low = 0, high = 0;  ///< 95 % interval
  double s = 0;              ///< as seen, after removing linear drift
  double n_eff = 0;
};
/// @param periods  n >= 4; a linear drift is taken out.
/// @param floor    sd that the estimator's own noise gives a period.
Jitter period_jitter(std::span<const double> periods, double floor);

}  // namespace penrig
