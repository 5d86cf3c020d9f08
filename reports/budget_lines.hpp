#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rig/record/measurement.hpp"

namespace penrig {

/// The different lines of many budgets, numbered 0, 1, ... as they first come up. Most lines of a setting's
/// measurements are those of its other measurements too.
class BudgetLines {
 public:
  /// The number of a line, which outlives this.
  std::size_t number_of(const BudgetLine& line);
  const std::vector<const BudgetLine*>& all() const { return lines_; }

 private:
  std::vector<const BudgetLine*> lines_;
  std::vector<std::uint32_t> slots_;  ///< number + 1 of a line at the place of its hash or the next free one; 0: free
};

}  // namespace penrig
