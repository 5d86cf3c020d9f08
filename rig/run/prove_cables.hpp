#pragma once

#include "rig/run/run_state.hpp"

namespace penrig {

/// How long its pattern takes, for a rig that has several slots.
double start_pattern_seconds(std::size_t slots);

/// Moves the needles by this slot's start pattern and looks at the encoders of all slots that stream.
/// Errc::wrong_device when another slot's moved, with what to do; ::no_motion when none did. The stage must be
/// withdrawn and samples come; the needles are in afterwards. Nothing to do on a rig with one slot.
Awaitable<PhaseOutcome> prove_cables(RunState& run);

}  // namespace penrig
