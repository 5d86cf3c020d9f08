#include "rig/run/run_state.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace penrig {

RunState::RunState(RunJob& job_in)
    : job(job_in),
      timeline(job_in.timeline),
      calibrations(job_in.rig.calibrations),
      began(job_in.timeline.now()),
      safety(job_in.timeline, job_in.rig, job_in.stop, [this](RunEvent e) { note(std::move(e)); }),
      router(job_in.timeline, job_in.rig.calibrations.position_mm_per_count.value,
             [this](const SampleBlock& block) { safety.check(block); }),
      spots(job_in.rig, job_in.header) {}

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
