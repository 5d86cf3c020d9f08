#include "rig/run/run_state.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace penrig {

namespace {

/// Between phases, where disks are waited for, the next phase brings the bench to where it needs it.
Awaitable<void> be_safe_while_slow(RunState& run, std::string text) {
  run.warn(text);
  (void)co_await run.safety.command_safe_state();  // whoever needs it confirmed asks for it
}

}  // namespace

RunState::RunState(RunJob job_in)
    : job(std::move(job_in)),
      timeline(job.timeline),
      calibrations(job.rig.calibrations),
      began(job.timeline.now()),
      safety(
          job.timeline, job.rig, job.stop, [this](RunEvent e) { note(std::move(e)); }, job.loop_stalled),
      router(job.timeline, job.rig.calibrations.position_mm_per_count.value,
             [this](const SampleBlock& block) { safety.check(block); }),
      disk(job.timeline, job.disk, [this](std::string text) { return be_safe_while_slow(*this, std::move(text)); }),
      spots(job.rig, job.header) {}

std::optional<double> RunState::temperature_c() const {
  if (!ports) return std::nullopt;
  return ports->daq().last_status().temperature_c;
}

void RunState::note(RunEvent event) {
  event.at_s = seconds_since_began();
  outcome.events.push_back(event);
  job.observer.event(event);
}

void RunState::show(const std::string& label, double planned_s, double share, std::uint64_t stroke,
                    std::uint64_t strokes) {
  const double done = planned_done_s + planned_s * std::clamp(share, 0.0, 1.0);
  Progress progress;
  progress.fraction = planned_total_s > 0 ? std::min(1.0, done / planned_total_s) : 0;
  progress.seconds_left = std::max(0.0, planned_total_s - done);
  progress.label = label;
  progress.stroke = stroke;
  progress.strokes = strokes;
  job.observer.progress(progress);
}

std::string setting_name(double depth_mm, double rate_per_min) {
  std::string depth = fmt::format("{:.2f}", depth_mm);
  if (depth.back() == '0') depth.pop_back();
  return fmt::format("{} mm at {:.0f}/min", depth, rate_per_min);
}

}  // namespace penrig
