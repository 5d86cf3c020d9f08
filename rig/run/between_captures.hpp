#pragma once

#include "rig/run/run_state.hpp"

namespace penrig {

/// A soak goes on at its setting for `seconds` without a capture: nothing is measured, but the pen must say that it
/// runs and the encoder must see its strokes, second by second; samples are watched by the interlocks.
/// Errc::device_fault: it stood, or made less than half of its strokes.
Awaitable<PhaseOutcome> run_between_captures(RunState& run, const SoakPhase& spec, double seconds, double planned_s);

}  // namespace penrig
