#pragma once

#include <vector>

#include "rig/record/run_record.hpp"

namespace penrig {

/// Whether a later attempt took the place of this one. Only what ended in an ERROR is ever repeated: a setting that
/// shares its name with a repeated one (a depth that the sweep comes back to, a capture of a soak) keeps its own
/// results. phase: an element of phases, which are in the order in which they ran.
bool superseded(const PhaseRecord& phase, const std::vector<PhaseRecord>& phases);

}  // namespace penrig
