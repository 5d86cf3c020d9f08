#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rig/measure/cycle_fit.hpp"
#include "rig/measure/stroke_force.hpp"

namespace penrig {

/// Evaluates one cycle at force stamps. Fills `into`, whose memory is used again; nothing in it where the record does
/// not reach so far.
void evaluate_cycle(std::span<const std::int32_t> force, const CycleFit& fit, const ForceScales& scales,
                    ForceCycle& into);

/// Integral of the force over q from one sample to another, mJ.
double work_between(const ForceCycle& cycle, std::size_t from, std::size_t to);

}  // namespace penrig
