#include "rig/record/attempts.hpp"

#include <algorithm>

namespace penrig {

bool superseded(const PhaseRecord& phase, const std::vector<PhaseRecord>& phases) {
  if (phase.verdict != Verdict::error) return false;
  return std::any_of(phases.begin(), phases.end(), [&](const PhaseRecord& other) {
    return &other > &phase && other.kind == phase.kind && other.name == phase.name && other.attempt > phase.attempt;
  });
}

}  // namespace penrig
