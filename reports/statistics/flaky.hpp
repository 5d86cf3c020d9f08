#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "reports/statistics/interval.hpp"

namespace penrig::statistics {

/// How often two runs in succession at equal input disagree.
struct FlipRate {
  std::size_t runs = 0, pairs = 0, flips = 0;
  Estimate rate;  ///< 95 %
  bool flaky() const { return flips > 0; }
};

/// Verdicts of runs at equal input, in order, one sequence an input (pen, firmware, plan and product of one revision).
/// Of sequences whose runs are independent, with one probability of PASS, the rate is 2 p (1 - p). Neighbouring pairs
/// share a run; so the interval is Clopper and Pearson's with the number of pairs that are worth as much if they were
/// independent, n/(1 + (1 - 2 q)/(1 - q)), q the rate.
FlipRate flip_rate(std::span<const std::vector<bool>> passed);

}  // namespace penrig::statistics
