#pragma once

#include "rig/ports/rig_slots.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::cli {

/// What a station says of a plan: its steps as the run will do them, and what each quantity may be.
OfferedPlan offered_plan(const Inputs& inputs);

/// What a phase measured, with the limits of its plan; texts and what has no value are left out.
SlotReadings readings_of(const OfferedPlan& plan, const std::string& slot, std::size_t step, const PhaseRecord& phase);

}  // namespace penrig::cli
