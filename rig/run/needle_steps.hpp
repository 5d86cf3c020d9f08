#pragma once

#include "rig/run/run_state.hpp"

namespace penrig {

/// The needles were seen to stand where they are now: until a command of the rig moves them they must.
void needles_stand(RunState& run);
/// Errc::device_fault: they moved since.
Result<void> needles_stood(const RunState& run);
/// To be asked before a command that moves them; from then on they may. Errc::device_fault: they moved before.
Result<void> let_needles_go(RunState& run);

/// Needles that were seen to stand behind a stop are parked: waits until the pen says so too (2 s at most).
/// Errc::device_fault: it does not, or they crept meanwhile.
/// @param said  by the pen since they stand.
Awaitable<PhaseOutcome> needles_parked(RunState& run, PenStatus said);

/// How far out the needles shall come: that moves them where they stand, too.
Awaitable<PhaseOutcome> set_needle_depth(RunState& run, double depth_mm);

/// Turns the needles to a crank angle and holds them there.
Awaitable<PhaseOutcome> jog_needles(RunState& run, double crank_deg);

/// Turns the needles fully out and holds them there. How far out they are, mm past `needle_zero_mm` on the encoder.
Awaitable<Result<double>> hold_needles_out(RunState& run, double needle_zero_mm);

}  // namespace penrig
