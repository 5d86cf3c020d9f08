#pragma once

#include "rig/run/run_state.hpp"

namespace penrig {

/// One setting on a fresh spot: touch the surface, run, capture, analyse.
struct SettingTask {
  double depth_mm = 0, rate_per_min = 0;
  std::uint32_t strokes = 0, settle_strokes = 0, min_strokes = 30;
  bool free_running = false;  ///< stage withdrawn, nothing to puncture
  bool watched = false;       ///< asked over the other link as well
  bool busy = false;          ///< the link that drives is kept full of replies meanwhile
  double planned_s = 0;       ///< for the progress
};
Awaitable<PhaseOutcome> run_setting(RunState& run, const SettingTask& task, PhaseRecord& record);

/// The pen runs, the host falls silent on the link that drives it, or that link is cut: the pen must stop by itself.
Awaitable<PhaseOutcome> run_link_loss(RunState& run, const LinkLossPhase& spec, double planned_s, PhaseRecord& record);

/// A link of the pen is cut and opened anew, as often as the plan says; each time the same pen must be there.
Awaitable<PhaseOutcome> run_reconnect(RunState& run, const ReconnectPhase& spec, double planned_s, PhaseRecord& record);

}  // namespace penrig
