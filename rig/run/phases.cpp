#include "rig/run/phases.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/link_level.hpp"
#include "rig/measure/spot_surfaces.hpp"
#include "rig/measure/stroke_stream.hpp"
#include "rig/run/bench_steps.hpp"
#include "rig/run/busy_link.hpp"
#include "rig/run/cross_checks.hpp"
#include "rig/run/needle_steps.hpp"
#include "rig/run/on_disk.hpp"
#include "rig/run/sample_queue.hpp"
#include "rig/run/take_clock.hpp"

namespace penrig {
namespace {

constexpr double kClearOfNeedlesMm = 3.5;    ///< the stage stands this far back while the pen starts
constexpr double kSurfaceMarginMm = 0.2;     ///< a spot's surface lies within this of its nominal place
constexpr double kBetweenCutsSeconds = 0.2;  ///< the link works before it is cut

/// Takes the next fresh spot; that is durable before anything touches it.
Awaitable<Result<SpotPlace>> fresh_spot(RunState& run) {
  auto spot = run.spots.take();
  if (!spot) co_return spot.error();
  std::function<Result<void>()> take = [&run, place = *spot] {
    return run.job.sink.take_spot(run.job.header.run_id, place);
  };
  const Result<void> taken = co_await on_disk(run, "entering spot " + spot->name + " as used", std::move(take));
  if (!taken) {
    co_return fail(taken.error().code,
                   fmt::format("spot {} could not be entered as used: {}", spot->name, taken.error().message));
  }
  co_return *spot;
}

/// Samples that came, what measures them, and when next.
struct Measuring {
  SampleQueue& arrived;
  StrokeStream& stream;
  TimePoint due{};
};

constexpr std::uint64_t kRunUpStrokes = 8;  ///< clear of the simulant, while the pen comes up to speed

/// What is waited for next of a setting's strokes.
struct Awaited {
  std::uint64_t before = 0, strokes = 0;  ///< those that were waited for, and these
  /// Of all strokes of the setting.
  double share(std::uint64_t done, const SettingTask& task) const {
    const std::uint64_t all = kRunUpStrokes + task.settle_strokes + task.strokes + 1;
    return static_cast<double>(before + done) / static_cast<double>(all);
  }
};

/// Waits until the counter has seen the strokes; the deadline is twice what they should take. Measures meanwhile, if
/// told by what.
Awaitable<PhaseOutcome> wait_for_strokes(RunState& run, Awaited awaited, const SettingTask& task,
                                         const std::string& label, Measuring* measuring = nullptr) {
  const std::uint64_t strokes = awaited.strokes;
  const double due_s = 0.5 + 2.0 * static_cast<double>(strokes) * 60.0 / task.rate_per_min;
  const TimePoint deadline = run.timeline.now() + seconds_to_ns(due_s);
  const std::uint64_t before = run.router.counter().strokes();
  for (;;) {
    if (measuring != nullptr && run.timeline.now() >= measuring->due) {
      co_await replay_on_worker(run.timeline, measuring->arrived, measuring->stream);
      measuring->due = next_on_grid(run.timeline.now(), kMeasuredEvery);
    }
    if (run.router.counter().strokes() >= before + strokes || run.timeline.now() >= deadline) break;
    if (run.safety.halted()) co_return *run.safety.halted();
    if (run.router.counter().gap_seen()) break;  // the analysis says what was lost
    const std::uint64_t done = run.router.counter().strokes() - before;
    run.show(label, task.planned_s, awaited.share(done, task), done, strokes);
    co_await run.router.arrived().wait_until(std::min(deadline, run.timeline.now() + std::chrono::milliseconds{50}));
  }
  co_return PhaseOutcome{};
}

Awaitable<Result<BenchTouch>> touch_surface(RunState& run, const SpotPlace& spot) {
  const StageDescription& stage = run.job.rig.stage;
  auto moved = co_await move_to(run, spot.x_mm, spot.y_mm, stage.working_axial_mm - kClearOfNeedlesMm);
  if (!moved) co_return moved.error();
  auto out_mm = co_await hold_needles_out(run, run.zero_before->needle_zero_mm);
  if (!out_mm) co_return out_mm.error();
  moved = co_await move_to(run, spot.x_mm, spot.y_mm, stage.working_axial_mm - *out_mm - kSurfaceMarginMm);
  if (!moved) co_return moved.error();
  auto touched =
      co_await touch(run, "touch surface", Touching::tips, newtons(stage.touch_force_n),
                     run.job.rig.simulant.contact_exponent, millimetres(4 * kSurfaceMarginMm), millimetres(0.5));
  if (!touched) co_return touched.error();
  co_return *touched;
}

TimePoint cut_now(const RunState& run, Pen& pen) {
  pen.cut();
  return run.timeline.now();
}

/// The pen over another link than the one that drives it; nullptr: it has none.
Pen* watching(const RunState& run) { return run.ports->pen_over(other_than(run.driven_over())); }

Awaitable<Result<PenStatus>> standing_status(RunState& run, bool watched) {
  if (watched) co_return co_await same_status(run);
  co_return co_await pen_status(run);
}

/// After a link loss over one link the other, which stayed up, must tell the same as the encoder: the pen stands.
Awaitable<PhaseOutcome> stands_over_other_link(RunState& run) {
  Pen* const other = watching(run);
  if (other == nullptr) co_return PhaseOutcome{};
  auto status = co_await other->status();
  if (!status) co_return status.error();
  if (const auto well = no_fault(*other, *status); !well) co_return well;
  if (!status->running) co_return PhaseOutcome{};
  co_return fail(
      Errc::device_fault,
      fmt::format("the needles stand, and the pen on {} says that its motor runs (its firmware knows nothing "
                  "of its motor, or this is another pen)",
                  other->link_name()));
}

/// Needles that were seen to stand while a link was silent: the pen must say that it stopped, and that its dead-man did
/// it. A reading that froze says nothing of a motor.
Awaitable<PhaseOutcome> made_itself_safe(Pen& pen) {
  auto said = co_await pen.status();
  if (!said) co_return said.error();
  if (said->running) {
    co_return fail(
        Errc::device_fault,
        fmt::format("the needles were seen to stand, but the pen on {} says that it runs (the needle encoder "
                    "is stuck, or the pen's firmware knows nothing of its motor)",
                    pen.link_name()));
  }
  if (!stopped_by_dead_man(*said)) {
    co_return fail(
        Errc::device_fault,
        fmt::format("the needles were seen to stand, but the pen on {} does not say that its dead-man stopped "
                    "it (fault bit 7; the needle encoder is stuck, or the pen did not make itself safe)",
                    pen.link_name()));
  }
  co_return PhaseOutcome{};
}

/// Opens the link anew, which was cut at `lost`, and takes control over it: from the loss to the command's
/// acknowledgement, ms. The pen must be the one that was there.
Awaitable<Result<double>> connect_again(RunState& run, TimePoint lost) {
  Pen& pen = *run.driven;
  const auto again = co_await run.ports->reopen(pen);
  if (!again) {
    co_return fail(again.error().code, fmt::format("the link was cut for this phase, and could not be opened again: {}",
                                                   again.error().message));
  }
  auto stopped = co_await pen.stop();
  if (!stopped) co_return stopped.error();
  auto who = co_await identify_pen(run);
  if (!who) co_return who.error();
  auto status = co_await same_status(run);
  if (!status) co_return status.error();
  if (const auto taken = take_facts(run, pen, *status); !taken) co_return taken.error();
  co_return static_cast<double>((stopped->acknowledged - lost).count()) * 1e-6;
}

/// What was seen of the pen since its link fell silent goes into the record.
PhaseOutcome measure_link_loss(RunState& run, const Capture& capture, TimePoint silent_since, PhaseRecord& record) {
  const LinkLossInputs inputs{run.in_force(), run.daq->tick_hz, run.clock, *run.measuring_zero, silent_since};
  run.captures.analysed_with(inputs);
  auto measured = analyse_link_loss(capture, inputs);
  if (!measured) return measured.error();
  record.samples = capture.size();
  record.gaps = capture.gaps.size();
  fill(record, std::move(*measured));
  return {};
}

Awaitable<PhaseOutcome> drive_setting(RunState& run, const SettingTask& task, PhaseRecord& record) {
  Pen& pen = run.the_pen();
  const StageDescription& stage = run.job.rig.stage;
  const std::string label = record.name;
  run.show(label, task.planned_s, 0);

  if (task.watched) {
    auto who = co_await identify_pen(run);
    if (!who) co_return who.error();
  }
  auto done = co_await set_needle_depth(run, task.depth_mm);
  if (done) done = co_await command(run, pen.set_rate(per_minute(task.rate_per_min)));
  if (!done) co_return done;
  std::optional<BenchTouch> surface;
  SpotPlace place;
  double working_axial_mm = stage.working_axial_mm;
  if (!task.free_running) {
    // It warms by what the needles do to it, and the room with the day.
    const double now_c = run.ports->daq().last_status().temperature_c;
    if (const auto tempered = simulant_is_tempered(run.job.plan, now_c); !tempered) co_return tempered.error();
    auto spot = co_await fresh_spot(run);
    if (!spot) co_return spot.error();
    place = *spot;
    record.spot = Spot{place.name, 0, std::nullopt};
    auto touched = co_await touch_surface(run, place);
    if (!touched) co_return touched.error();
    surface = *touched;
    // The nose cone shall rest on this spot's own surface: level with it, as on skin.
    working_axial_mm = surface->by_all.stage_mm + surface->by_all.needle_reading_mm - run.zero_before->needle_zero_mm;
    if (std::abs(working_axial_mm - stage.working_axial_mm) > kSurfaceMarginMm * 2) {
      co_return fail(Errc::not_determined,
                     fmt::format("spot {} lies at {:+.3f} mm, more than {:.1f} mm from where the rig's description "
                                 "puts it (check the simulant's seat)",
                                 place.name, working_axial_mm - stage.working_axial_mm, kSurfaceMarginMm * 2));
    }
    run.surfaces.push_back({place.name, place.x_mm, place.y_mm, working_axial_mm, surface->by_all.kappa});
    done = refuse_sunk_spots(run.surfaces, stage.spot_pitch_mm);
    if (!done) co_return done;
    done = co_await move_to(run, place.x_mm, place.y_mm, working_axial_mm - kClearOfNeedlesMm);
  } else {
    done = co_await move_to(run, stage.plate_x_mm, stage.plate_y_mm, stage.withdrawn_axial_mm);
  }
  if (!done) co_return done;

  auto before = co_await standing_status(run, task.watched);
  if (!before) co_return before.error();
  done = co_await relate_clocks(run);
  if (!done) co_return done;
  SampleQueue arrived;
  const StreamRouter::Listening listening = run.captures.begin(arrived, "setting");
  done = co_await rest(run, 0.03);
  if (!done) co_return done;
  if (const auto stood = let_needles_go(run); !stood) co_return stood.error();
  auto started = co_await timed_command(run, pen.start());
  if (!started) co_return started.error();

  // The pen comes up to speed clear of the simulant; then the stage brings the simulant, and settle strokes follow.
  const Awaited run_up{0, kRunUpStrokes};
  done = co_await wait_for_strokes(run, run_up, task, label);
  if (done && !task.free_running) done = co_await move_to(run, place.x_mm, place.y_mm, working_axial_mm);
  if (done) done = co_await wait_for_samples(run);
  if (!done) co_return done;
  const std::uint64_t settle = run.router.counter().strokes() + task.settle_strokes;

  SettingInputs inputs;
  inputs.in_force = run.in_force();
  inputs.simulant = run.job.rig.simulant;
  inputs.tick_hz = run.daq->tick_hz;
  inputs.clock = run.clock;
  inputs.tare = run.tare;
  inputs.zero = *run.measuring_zero;
  if (surface) inputs.surface = surface->as_measured;
  inputs.depth_mm = task.depth_mm;
  inputs.rate_per_min = task.rate_per_min;
  inputs.settle_strokes = static_cast<std::uint32_t>(settle);
  inputs.strokes = task.strokes;
  inputs.min_strokes = std::min(task.min_strokes, task.strokes);
  inputs.missed_floor_fraction = run.job.product.missed_floor_fraction;
  inputs.free_running = task.free_running;
  const auto known = inputs.in_force.measuring();
  if (!known) co_return known.error();
  StrokeStream stream(inputs.view(*known));
  Measuring measuring{arrived, stream};
  const Awaited judged{kRunUpStrokes, task.settle_strokes + task.strokes + std::uint64_t{1}};
  done = co_await wait_for_strokes(run, judged, task, label, &measuring);
  if (!done) co_return done;
  auto running = co_await pen_status(run);
  if (!running) co_return running.error();
  std::optional<PenStatus> seen;
  if (task.watched) {
    auto said = co_await watched_status(run, *watching(run), *running);
    if (!said) co_return said.error();
    seen = *said;
  }
  auto stopped = co_await timed_command(run, pen.stop());
  if (!stopped) co_return stopped.error();
  stream.tell_stop(stopped->sent);
  auto still = co_await wait_until_still(run, kStillSeconds, kStopWatchSeconds);
  if (!still) co_return still.error();
  done = co_await wait_for_samples(run);
  run.captures.end();
  if (!done) co_return done;
  if (*still) needles_stand(run);
  if (!task.free_running) {
    record.spot->strokes_after = run.router.counter().strokes();
    done = co_await move_to(run, place.x_mm, place.y_mm, working_axial_mm - kClearOfNeedlesMm);
    if (!done) co_return done;
  }
  auto after = co_await standing_status(run, task.watched);
  if (!after) co_return after.error();

  inputs.start_sent = started->sent;
  inputs.stop_sent = stopped->sent;
  inputs.reported = {run.driven_over(), running->reported_rate_per_min, after->stroke_count - before->stroke_count};
  if (seen) {
    // The count stood still at both ends, and was the same over both links.
    inputs.watched = PenReport{other_than(run.driven_over()), seen->reported_rate_per_min, inputs.reported.strokes};
  }
  run.captures.analysed_with(inputs);
  co_await replay_on_worker(run.timeline, arrived, stream);
  Result<SettingResult> result = fail(Errc::internal, "the setting was not analysed");
  const auto conclude = [&] { result = finish_setting(stream, inputs.view(*known)); };
  co_await run.timeline.run_computing(conclude);
  if (run.safety.halted()) co_return *run.safety.halted();
  if (!result) co_return result.error();
  for (const auto& w : result->warnings) run.warn(record.name + ": " + w);
  fill(record, std::move(*result), inputs);
  record.samples = stream.seen_samples();
  record.gaps = stream.gaps();
  if (*still) co_return co_await needles_parked(run, *after);
  co_return PhaseOutcome{};
}

}  // namespace

Awaitable<PhaseOutcome> run_setting(RunState& run, const SettingTask& task, PhaseRecord& record) {
  if (!task.busy) co_return co_await drive_setting(run, task, record);
  BusyLink busy(run);
  busy.begin();
  PhaseOutcome done = co_await drive_setting(run, task, record);
  co_await busy.end(record);
  co_return done;
}

Awaitable<PhaseOutcome> run_link_loss(RunState& run, const LinkLossPhase& spec, double planned_s, PhaseRecord& record) {
  Pen& pen = run.the_pen();
  const StageDescription& stage = run.job.rig.stage;
  run.show(record.name, planned_s, 0);
  auto done = co_await move_to(run, stage.plate_x_mm, stage.plate_y_mm, stage.withdrawn_axial_mm);
  if (done) done = co_await set_needle_depth(run, spec.depth_mm);
  if (done) done = co_await command(run, pen.set_rate(per_minute(spec.rate_per_min)));
  if (!done) co_return done;
  done = co_await relate_clocks(run);
  if (!done) co_return done;
  Capture capture;
  const StreamRouter::Listening listening = run.captures.begin(capture, "link-loss");
  done = let_needles_go(run);
  if (done) done = co_await command(run, pen.start());
  if (done) done = co_await rest(run, 0.3);
  if (!done) co_return done;

  run.safety.expect_silence_of(&pen);
  const TimePoint silent_since = spec.cut ? cut_now(run, pen) : pen.go_silent();
  const double watch_s = spec.watch_s + kSurelyStillSeconds - kStillSeconds;  // a pen that stops late is seen to
  auto still = co_await wait_until_still(run, kSurelyStillSeconds, watch_s);
  PhaseOutcome arrived;
  if (still) arrived = co_await wait_for_samples(run);
  run.captures.end();
  if (still && *still && arrived) needles_stand(run);
  PhaseOutcome stands;
  if (still && *still) stands = co_await stands_over_other_link(run);
  // The link counts as living again once the pen has answered.
  PhaseOutcome back, acted;
  if (spec.cut) {
    const auto again = co_await connect_again(run, silent_since);
    if (again) record.values["reconnect_ms"] = *again;
    if (!again) back = again.error();
    if (again && still && *still) acted = co_await made_itself_safe(pen);
  } else {
    pen.speak_again();
    // Before the stop, which would hide that it ran on.
    if (still && *still) acted = co_await made_itself_safe(pen);
    auto stopped = co_await pen.stop();
    if (!stopped) back = stopped.error();
  }
  if (back) run.safety.expect_silence_of(nullptr);
  // It stands, whatever became of the links meanwhile: a pen that ran on is not tried again because a link was lost.
  const PhaseOutcome measured = measure_link_loss(run, capture, silent_since, record);
  if (!still) co_return still.error();
  PhaseOutcome ended = arrived;
  for (const PhaseOutcome& next : {stands, acted, back, measured}) {
    if (ended) ended = next;
  }
  if (!ended && !*still) {
    co_return fail(Errc::device_fault,
                   fmt::format("the needles still moved {:.1f} s after {} was left silent (the pen did not make itself "
                               "safe), and then: {}",
                               spec.watch_s, pen.link_name(), ended.error().message));
  }
  if (!ended) co_return ended;
  auto quiet = co_await wait_until_still(run, kStillSeconds, kStopWatchSeconds);
  if (!quiet) co_return quiet.error();
  auto status = co_await pen_status(run);
  if (!status) co_return status.error();
  if (*still) co_return co_await needles_parked(run, *status);
  co_return PhaseOutcome{};
}

Awaitable<PhaseOutcome> run_reconnect(RunState& run, const ReconnectPhase& spec, double planned_s,
                                      PhaseRecord& record) {
  const StageDescription& stage = run.job.rig.stage;
  auto done = co_await move_to(run, stage.plate_x_mm, stage.plate_y_mm, stage.withdrawn_axial_mm);
  if (!done) co_return done;
  std::vector<double> times_ms;
  for (std::uint32_t i = 0; i < spec.times; ++i) {
    run.show(record.name, planned_s, static_cast<double>(i) / spec.times);
    done = co_await rest(run, kBetweenCutsSeconds);
    if (!done) co_return done;
    run.safety.expect_silence_of(run.driven);
    const auto again = co_await connect_again(run, cut_now(run, *run.driven));
    if (!again) co_return again.error();
    run.safety.expect_silence_of(nullptr);
    if (run.safety.halted()) co_return *run.safety.halted();
    times_ms.push_back(*again);
  }
  record.measurements.push_back(reconnect_time(run.driven_over(), times_ms));
  co_return PhaseOutcome{};
}

}  // namespace penrig
