#pragma once

#include <initializer_list>
#include <vector>

#include "rig/record/measurement.hpp"

namespace penrig {

/// A source of type B that is known to be normal, or uniform with its half-width given. Standard uncertainty comes out.
BudgetLine normal_line(const char* source, double u, double nu = 0);
BudgetLine uniform_line(const char* source, double half_width);
/// A source of type A (statistics of this record), nu degrees of freedom.
BudgetLine observed_line(const char* source, double u, double nu);

/// Combined standard uncertainty: root of the sum of squares.
double combined(const std::vector<BudgetLine>& lines);
/// Effective degrees of freedom by Welch-Satterthwaite; 0 = infinite.
double effective_freedom(const std::vector<BudgetLine>& lines);

/// Source of the one line that repeats the process; everything else is systematic or noise of this record.
inline constexpr const char* kRepeatability = "repeatability";

/// Fills expanded_u, k, nu_eff, realised and realised_u (without repeatability) from value and budget; for tolerance
/// intervals u_sys too. Called again after a line was added.
void finish(Measurement& measurement);

}  // namespace penrig
