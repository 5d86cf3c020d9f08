#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/statistics/mean_difference.hpp"

namespace penrig::statistics {

/// p values adjusted so that the chance of any false one below alpha is alpha at most, whatever their dependence.
/// Source: Holm, Scand. J. Stat. 6 (1979).
std::vector<double> holm(std::span<const double> p);

/// Two one-sided tests that a difference is less than a margin, either way. Source: Schuirmann, J. Pharmacokinet.
/// Biopharm. 15 (1987). margin > 0.
struct Equivalence {
  double margin = 0, p = 1;
  Interval interval;  ///< 90 %: within +-margin exactly when p < 0.05
};
Equivalence equivalence_of(const MeanDifference& difference, double margin);

enum class Change {
  same,      ///< no change was found, and one of the margin is excluded
  harmless,  ///< changed, by less than the margin
  matters,   ///< changed, and not shown to be by less than the margin
  unknown,   ///< neither: there is too little to tell
};
const char* name_of(Change change);  ///< "same", "changed but harmless", "changed and matters", "cannot tell yet"

struct ChangeVerdict {
  Change change = Change::unknown;
  double adjusted_p = 1;
  Equivalence equivalence;
  /// Of unknown: how many units (MeanDifference::units) on each side answer it, and how many more they are than now.
  /// Unset: more than a million.
  std::optional<std::size_t> units_needed, more_units;
};

/// One verdict a difference, all of one family. alpha = 0.05. Equality is claimed of each by itself: all of them at
/// once hold with the same error (an intersection of alternatives).
std::vector<ChangeVerdict> judge_changes(std::span<const MeanDifference> differences, std::span<const double> margins);

}  // namespace penrig::statistics
