#include "rig/run/needle_steps.hpp"

#include <fmt/format.h>

#include "rig/run/bench_steps.hpp"

namespace penrig {
namespace {

constexpr double kParkedWithinSeconds = 2, kAskAgainSeconds = 0.02;

}  // namespace

void needles_stand(RunState& run) { run.needles.stand_at(run.router.needle_reading_mm()); }

Result<void> needles_stood(const RunState& run) {
  return run.needles.stood(run.zero_before ? run.zero_before->needle_zero_mm : 0);
}

Result<void> let_needles_go(RunState& run) {
  // Needles that crept are not forgotten: nor is the safe state confirmed then.
  if (const auto stood = needles_stood(run); !stood) return stood.error();
  run.needles.let_go();
  return {};
}

Awaitable<PhaseOutcome> needles_parked(RunState& run, PenStatus said) {
  const TimePoint deadline = run.timeline.now() + seconds_to_ns(kParkedWithinSeconds);
  while (!said.parked && run.timeline.now() < deadline && needles_stood(run)) {
    auto waited = co_await rest(run, kAskAgainSeconds);
    if (!waited) co_return waited;
    auto again = co_await pen_status(run);
    if (!again) co_return again.error();
    said = *again;
  }
  if (const auto stood = needles_stood(run); !stood) co_return stood.error();
  if (said.parked) co_return PhaseOutcome{};
  co_return fail(
      Errc::device_fault,
      fmt::format("the needles were seen to stand, but the pen on {} says that they are not parked, for {:g} "
                  "s now (look where they stand, and at the pen's park switch)",
                  run.the_pen().link_name(), kParkedWithinSeconds));
}

Awaitable<PhaseOutcome> set_needle_depth(RunState& run, double depth_mm) {
  if (const auto stood = let_needles_go(run); !stood) co_return stood.error();
  co_return co_await command(run, run.the_pen().set_depth(millimetres(depth_mm)));
}

Awaitable<PhaseOutcome> jog_needles(RunState& run, double crank_deg) {
  if (const auto stood = let_needles_go(run); !stood) co_return stood.error();
  co_return co_await motion_command(run, run.the_pen().jog(crank_deg));
}

Awaitable<Result<double>> hold_needles_out(RunState& run, double needle_zero_mm) {
  auto held = co_await jog_needles(run, 180);
  if (!held) co_return held.error();
  // A whole block after the needles stood: what the encoder says of a pen that does not go where it was told.
  auto waited = co_await rest(run, run.job.plan.block_samples / run.job.plan.sample_rate_hz);
  if (waited) waited = co_await wait_for_samples(run);
  if (!waited) co_return waited.error();
  co_return run.router.needle_reading_mm() - needle_zero_mm;
}

}  // namespace penrig
