#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "rig/record/run_record.hpp"

namespace penrig {

/// A measurement of a phase: `phases[phase].measurements[measurement]`.
struct PhaseMeasurement {
  std::size_t phase = 0, measurement = 0;
};

/// Which of the measurements of a whole run stand in one of its phases, bit for bit: for each its place, or nothing.
/// Equal ones of several phases are found in the order of the phases, as a run lists them.
std::vector<std::optional<PhaseMeasurement>> places_in_phases(const std::vector<Measurement>& of_run,
                                                              const std::vector<PhaseRecord>& phases);

}  // namespace penrig
