#pragma once

#include "rig/run/run_state.hpp"

namespace penrig {

// What a pen says of itself over one link is held against what it says over the other, and against what the medium
// tells of it (over BLE its Device Information and Battery). What disagrees is an error that names both values: two
// pens, or one that does not know itself.

/// Errc::device_fault, naming the link and the faults, if the pen reports any in what it said over this link.
Result<void> no_fault(const Pen& pen, const PenStatus& said);

/// Who is there, over every link. Errc::wrong_device: not the same everywhere, or another than at set-up.
Awaitable<Result<PenIdentity>> identify_pen(RunState& run);

/// What the pen says while it stands, over the link that drives it and over all others. Errc::device_fault: a fault
/// over any of them, or something that is not the same over each.
Awaitable<Result<PenStatus>> same_status(RunState& run);

/// What the pen says when all is over, over every link that still answers: its battery goes into the outcome.
/// Errc::device_fault: a fault over any of them. If none answers, the error of the first.
Awaitable<PhaseOutcome> last_word(RunState& run);

/// Just after a link was opened: keeps how strong the pen was heard, and holds its battery against what the medium
/// tells. Errc::device_fault: they differ.
Result<void> take_facts(RunState& run, const Pen& pen, const PenStatus& said);

/// What it says over another link than the one that drives it, while it runs: the same, but for its count, which goes
/// on, and for its rate, which may have changed by some of a percent between the two questions. Errc::device_fault: a
/// fault, or something else.
/// @param driven  what it said just before over the link that drives it.
Awaitable<Result<PenStatus>> watched_status(RunState& run, Pen& watching, PenStatus driven);

}  // namespace penrig
