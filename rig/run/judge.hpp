#pragma once

#include <vector>

#include "rig/record/run_record.hpp"
#include "rig/spec/plan.hpp"
#include "rig/spec/product.hpp"

namespace penrig {

/// What the slot's first link is: the set-up speaks over that.
PenLink first_link(const std::vector<PhaseRecord>& phases);

/// Fills measurements, decisions, deciding and verdict of the outcome from all phases. Every decision that is due is
/// made: one whose measurement is missing is an ERROR that says so.
void judge(RunOutcome& outcome, std::vector<PhaseRecord>& phases, const std::vector<Measurement>& run_level,
           const Plan& plan, const Product& product);

/// Whether what was measured in this phase is already a FAIL or INDETERMINATE of something that the plan judges,
/// however the phase ended. A value that was still growing when the phase was cut short speaks against nobody while it
/// is within its limit. What came out too far in air is not asked for here: judge() holds it against the pen in every
/// attempt.
bool speaks_against(const PhaseRecord& phase, const Plan& plan, const Product& product);

}  // namespace penrig
