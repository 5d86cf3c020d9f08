#include "rig/run/run_state.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace penrig {

namespace {

/// Between phases, where disks are waited for, the next phase brings the bench to where it needs it.
Awaitable<void> be_safe_while_slow(RunState& run, std::string text) {
  run.warn(text);
  (void)co_await run.safety.command_safe_state();  // whoever needs it confirmed asks for it
}

std::shared_ptr<SharedRig> rig_of(const RunJob& job) {
  return job.shared ? job.shared : std::make_shared<SharedRig>(job.timeline, job.rig);
}

std::shared_ptr<StartPatterns::Place> place_of(const RunJob& job, SharedRig& shared) {
  if (job.rig.slots.size() < 2) return nullptr;
  return shared.patterns.begin(job.header.slot, job.header.serial_number);
}

void show_to_others(RunState& run, const SampleBlock& block) {
  if (!run.place || block.position.empty()) return;
  const double sum = std::accumulate(block.position.begin(), block.position.end(), 0.0);
  run.place->note(run.timeline.now(),
                  sum / static_cast<double>(block.position.size()) * run.calibrations.position_mm_per_count.value);
}

}  // namespace

RunState::RunState(RunJob job_in)
    : job(std::move(job_in)),
      shared(rig_of(job)),
      place(place_of(job, *shared)),
      timeline(job.timeline),
      calibrations(job.rig.calibrations),
      began(job.timeline.now()),
      safety(
          job.timeline, job.rig, job.stop, [this](RunEvent e) { note(std::move(e)); }, job.loop_stalled,
          [this](const DaqStatus& status) { job.observer.interlocks(status); }),
      needles(job.rig.calibrations.position_mm_per_count.value),
      router(job.timeline, job.rig.calibrations.position_mm_per_count.value,
             [this](const SampleBlock& block) {
               safety.check(block);
               needles.samples(block);
               show_to_others(*this, block);
             }),
      disk(job.timeline, job.disk, [this](std::string text) { return be_safe_while_slow(*this, std::move(text)); }),
      spots(job.rig, job.header) {}

RunState::~RunState() {
  if (!place) return;
  place->streams = false;
  place->over = true;
}

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
  progress.step = step;
  job.observer.progress(progress);
}

std::string setting_name(double depth_mm, double rate_per_min) {
  std::string depth = fmt::format("{:.2f}", depth_mm);
  if (depth.back() == '0') depth.pop_back();
  return fmt::format("{} mm at {:.0f}/min", depth, rate_per_min);
}

}  // namespace penrig
