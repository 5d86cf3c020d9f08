#include "rig/run/between_captures.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "rig/run/bench_steps.hpp"
#include "rig/run/needle_steps.hpp"
#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

constexpr double kLookSeconds = 1, kLookStrokes = 10;  ///< from one look to the next, whichever is longer
constexpr double kStrokesShare = 0.5;                  ///< of what is due in it; how many they are the captures judge

/// A pen that cuts out between two captures, and starts again for the next, has not run as long as the plan says.
Awaitable<PhaseOutcome> runs_on(RunState& run, const SoakPhase& spec, std::uint64_t strokes, double due) {
  const std::string pen = run.the_pen().link_name();
  if (static_cast<double>(strokes) < kStrokesShare * due) {
    co_return fail(Errc::device_fault,
                   fmt::format("the pen on {} is to run at {}/min between the captures of '{}', and made {} strokes of "
                               "{:.0f} (does it stall, or cut out, or is the needle encoder stuck?)",
                               pen, number_text(spec.rate_per_min), spec.name, strokes, due));
  }
  const auto said = co_await pen_status(run);
  if (!said) co_return said.error();
  if (said->running) co_return PhaseOutcome{};
  co_return fail(Errc::device_fault, fmt::format("the pen on {} is to run between the captures of '{}', and says that "
                                                 "it stands (does it cut out?)",
                                                 pen, spec.name));
}

}  // namespace

Awaitable<PhaseOutcome> run_between_captures(RunState& run, const SoakPhase& spec, double seconds, double planned_s) {
  Pen& pen = run.the_pen();
  const StageDescription& stage = run.job.rig.stage;
  auto done = co_await move_to(run, stage.plate_x_mm, stage.plate_y_mm, stage.withdrawn_axial_mm);
  if (done) done = co_await set_needle_depth(run, spec.depth_mm);
  if (done) done = co_await command(run, pen.set_rate(per_minute(spec.rate_per_min)));
  if (done) done = let_needles_go(run);
  if (done) done = co_await command(run, pen.start());
  if (!done) co_return done;
  const TimePoint end = run.timeline.now() + seconds_to_ns(seconds);
  const double strokes_per_s = spec.rate_per_min / 60, look_s = std::max(kLookSeconds, kLookStrokes / strokes_per_s);
  for (bool up_to_speed = false; run.timeline.now() < end; up_to_speed = true) {
    const double left_s = static_cast<double>((end - run.timeline.now()).count()) * 1e-9;
    run.show(spec.name, planned_s, 1.0 - left_s / seconds);
    const std::uint64_t before = run.router.counter().strokes();
    done = co_await rest(run, std::min(look_s, left_s));
    if (done && up_to_speed && left_s >= look_s)
      done = co_await runs_on(run, spec, run.router.counter().strokes() - before, look_s * strokes_per_s);
    if (!done) co_return done;
  }
  done = co_await command(run, pen.stop());
  if (!done) co_return done;
  auto still = co_await wait_until_still(run, kStillSeconds, kStopWatchSeconds);
  if (!still) co_return still.error();
  if (*still) needles_stand(run);
  co_return PhaseOutcome{};
}

}  // namespace penrig
