#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "reports/statistics/interval.hpp"
#include "rig/base/result.hpp"

namespace penrig::statistics {

/// What one pen gave of one measurement, run by run.
struct PenRuns {
  std::string pen;
  std::vector<double> values;
};

/// How a difference was told from chance.
enum class DifferenceMethod {
  paired_pens,    ///< the same pens in both: Student's t of the differences of their means
  separate_pens,  ///< other pens: Welch's t of the pens' means
  fixed_pens,     ///< one or two pens in both: Welch's t of their runs; says something of these pens alone
};

/// New minus base.
struct MeanDifference {
  DifferenceMethod method = DifferenceMethod::fixed_pens;
  double base_mean = 0, new_mean = 0;                                    ///< every pen counts once
  std::size_t base_runs = 0, new_runs = 0, base_pens = 0, new_pens = 0;  ///< that were taken
  std::size_t left_out = 0;  ///< pens that are only in one of them, of a paired comparison
  double se = 0, df = 0;
  Estimate difference;    ///< 95 %
  double p = 1;           ///< two-sided
  double labels_p = 1;    ///< 2 in how many ways of giving out the labels: what counts where nothing varies
  double unit_sd = 0;     ///< of what was counted once: differences of pens, means of pens, runs
  std::size_t units = 0;  ///< of them: pens in both, pens in the smaller one, runs in the smaller one
};

/// The difference of two revisions with pens as random effect where there are at least three: runs of one pen are
/// alike, and only pens tell how much pens differ. Where both have the same three pens or more, each pen is held
/// against itself: for equal numbers of runs this is the exact test of the mixed model with pens and pens x revision
/// random (its restricted-likelihood fit with Kenward and Roger's degrees of freedom gives the same). Other pens: their
/// means by Welch (1947), degrees of freedom by Satterthwaite. Where no value differs from another the chance is
/// counted over all exchanges of labels.
///
/// Errc::usage: no run on one side; other pens, but fewer than three on a side (pen and revision cannot be told apart);
/// one or two pens with a single run on a side; values that are not finite.
Result<MeanDifference> difference_of(std::span<const PenRuns> base, std::span<const PenRuns> fresh);

}  // namespace penrig::statistics
