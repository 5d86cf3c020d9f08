#pragma once

#include <utility>

#include "rig/record/run_record.hpp"

namespace penrig {

/// The decision on a measurement that is not there: an ERROR, for what stands in its note. It becomes one of the
/// outcome's measurements; the decision itself is for the caller to name and to add.
inline Decision decide_missing(Measurement missing, RunOutcome& outcome) {
  Decision d;
  d.measurement = outcome.measurements.size();
  d.verdict = Verdict::error;
  d.reason = missing.note;
  outcome.measurements.push_back(std::move(missing));
  return d;
}

}  // namespace penrig
