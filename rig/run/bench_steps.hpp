#pragma once

#include "rig/run/run_state.hpp"

namespace penrig {

/// Stop, withdraw, and wait until pen, stage sensor and needle encoder all say so (2 s at most). The needle encoder is
/// asked only while samples flow: for still_s it must say that the needles stand, and never that they crept since they
/// were seen to.
inline constexpr double kStillAfterStopSeconds = 0.1;
Awaitable<PhaseOutcome> confirm_safe_state(RunState& run, double still_s = kStillAfterStopSeconds);

/// Connects, makes safe, checks who is there, exchanges clocks, starts the stream, tares.
Awaitable<PhaseOutcome> set_up(RunState& run, PhaseRecord& record);

/// The deepest that the plan asks for; what the needles are turned out to where no setting says it.
double deepest_mm(const RunState& run);

/// Needle zero: nose cone, then tips, on the reference plate, plan.reference_repeats times each.
Awaitable<Result<ReferenceZero>> measure_reference(RunState& run, PhaseRecord& record);

/// A pen command that is acknowledged at once: its latency is kept. An error also when the run was halted meanwhile; it
/// is not sent at all when it was halted before.
Awaitable<PhaseOutcome> command(RunState& run, Awaitable<Result<CommandReceipt>> to_send);
/// The same, for one whose times are measured by.
Awaitable<Result<CommandReceipt>> timed_command(RunState& run, Awaitable<Result<CommandReceipt>> to_send);
/// The same for one that is acknowledged when a motion has ended; that says nothing of latency.
Awaitable<PhaseOutcome> motion_command(RunState& run, Awaitable<Result<CommandReceipt>> to_send);

/// What the pen says of itself; a fault that it reports is an error (device_fault).
Awaitable<Result<PenStatus>> pen_status(RunState& run);
/// The same over whatever link brings an answer, and with the faults that it reports. The error is that of the first.
Awaitable<Result<PenStatus>> any_pen_status(RunState& run);
/// From now on the pen is driven over this link, which set_up() has found to be there; none: over the slot's first. Of
/// two links one controls the motor (protocols/WIRE.md): taken by a stop.
Awaitable<PhaseOutcome> drive_over(RunState& run, std::optional<PenLink> link);

/// Waits until the samples up to now have arrived (1 s at most).
Awaitable<PhaseOutcome> wait_for_samples(RunState& run);

/// Waits for `seconds` or until the run is halted, whose reason it then returns.
Awaitable<PhaseOutcome> rest(RunState& run, double seconds);

/// Share of the depth that is set by which needles move, at the least, when the crank turns them fully out.
inline constexpr double kLeastShareOfDepth = 0.3;

/// One touch-off along the axis. The stage stands retracted by `retract` afterwards.
/// @param purpose  of its capture: "touch nose".
Awaitable<Result<BenchTouch>> touch(RunState& run, const char* purpose, Touching by, Force force, double exponent,
                                    Length travel, Length retract);

/// Moves the stage and waits until it stands.
Awaitable<PhaseOutcome> move_to(RunState& run, double x_mm, double y_mm, double axial_mm);

/// Longer than the pause of a running pen at a dead centre, but not of one that creeps: whoever takes needles to stand
/// for so long has them watched on (needles_stand()).
inline constexpr double kStillSeconds = 0.06;
inline constexpr double kSurelyStillSeconds = 0.25;  ///< where no setting waits for it: down to 25 strokes/min
inline constexpr double kStopWatchSeconds = 2.0;     ///< after a stop, until the needles stand

/// Errc::refused: at this temperature of the bench the simulant is not what the plan's limits are meant for.
Result<void> simulant_is_tempered(const Plan& plan, double temperature_c);

/// Waits until the needle has stood still, or until the deadline; false at the deadline.
Awaitable<Result<bool>> wait_until_still(RunState& run, double still_s, double at_most_s);

/// Ends the stream and closes the links with a goodbye. They are closed whatever happens; the error is that of the
/// stream.
Awaitable<Result<void>> disconnect(RunState& run);

}  // namespace penrig
