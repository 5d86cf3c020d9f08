#include "rig/run/bench_steps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "rig/run/cross_checks.hpp"
#include "rig/run/needle_steps.hpp"
#include "rig/run/take_clock.hpp"

namespace penrig {
namespace {

constexpr double kTareSeconds = 0.1;
constexpr Nanoseconds kStagePowerAtMost = std::chrono::seconds{60};
constexpr Nanoseconds kSafeStateAgain = std::chrono::milliseconds{400};  // beside that of being seen to stand
constexpr double kStageZerosMm = 0.1;  // how far the DAQ's word and the stage encoder's may lie apart
constexpr double kUnknownPenMm = 0.7;  // how far off a pen's depth may be before it was touched off

/// What is to be done about a pen that is not the scanned one.
std::string what_to_swap(const RunState& run, const std::string& serial_number) {
  const auto* other = run.shared->patterns.scanned_for(serial_number);
  if (other == nullptr || other == run.place.get()) return "check label and cable";
  return fmt::format("{} was scanned for slot {}: swap the pens, or the cables of slots {} and {}", serial_number,
                     other->slot, run.job.header.slot, other->slot);
}

Awaitable<PhaseOutcome> check_identity(RunState& run, PhaseRecord& record) {
  auto pen = co_await identify_pen(run);
  if (!pen) co_return pen.error();
  auto daq = co_await run.ports->daq().identify();
  if (!daq) co_return daq.error();
  run.pen = *pen;
  run.daq = *daq;
  run.outcome.pen = *pen;
  run.outcome.daq = *daq;
  const RunJob& job = run.job;
  if ((pen->simulated || daq->simulated) && !job.header.simulated) {
    co_return fail(
        Errc::wrong_device,
        fmt::format("{} says that it is a simulation, but rig '{}' is described as real (add `simulated: true` "
                    "to the rig's description, or connect the real bench)",
                    pen->simulated ? "the pen" : "the DAQ", job.rig.name));
  }
  if (pen->serial_number != job.header.serial_number) {
    co_return fail(Errc::wrong_device,
                   fmt::format("the pen on {} says it is {}, but {} was scanned ({})", run.ports->pen().link_name(),
                               pen->serial_number, job.header.serial_number, what_to_swap(run, pen->serial_number)));
  }
  if (pen->product != job.product.name) {
    co_return fail(Errc::wrong_device, fmt::format("the pen on {} says it is a {}, but the plan is for {}",
                                                   run.ports->pen().link_name(), pen->product, job.product.name));
  }
  if (daq->fixture_id != run.calibrations.fixture_id) {
    co_return fail(
        Errc::calibration,
        fmt::format(
            "the DAQ on {} is fixture {}, but calibration {} belongs to {} (use the rig description of this bench)",
            run.ports->daq().link_name(), daq->fixture_id, run.calibrations.head.id, run.calibrations.fixture_id));
  }
  if (job.plan.sample_rate_hz > daq->max_sample_rate_hz) {
    co_return fail(Errc::refused, fmt::format("the plan asks for {:.0f} samples a second, DAQ {} gives at most {:.0f}",
                                              job.plan.sample_rate_hz, daq->serial_number, daq->max_sample_rate_hz));
  }
  job.observer.connected(*pen, *daq);

  Measurement firmware;
  firmware.measurand = "firmware";
  firmware.text_value = pen->firmware;
  record.measurements.push_back(std::move(firmware));
  co_return PhaseOutcome{};
}

/// Over every link that the plan names.
Result<void> has_links(const RunState& run) {
  for (const PenLink link : kPenLinks) {
    if (!run.job.plan.needs(link) || run.ports->pen_over(link) != nullptr) continue;
    return fail(Errc::refused, fmt::format("the plan drives the pen over {}, and slot '{}' has no such link (write it "
                                           "into the rig's description)",
                                           name_of(link), run.job.header.slot));
  }
  return {};
}

Error needles_did_not_move(double moved_mm, double depth_mm) {
  return fail(Errc::no_motion,
              fmt::format("the needle encoder moved by {:.3f} mm while the pen turned its needles out to a depth of "
                          "{:.2f} mm: it is stuck or uncoupled, or the needles do not come out (check the encoder, its "
                          "cable, its coupling to the needle bar, and the pen)",
                          moved_mm, depth_mm));
}

}  // namespace

Awaitable<PhaseOutcome> rest(RunState& run, double seconds) {
  const bool went_well = co_await run.safety.wait_until(run.timeline.now() + seconds_to_ns(seconds));
  if (!went_well) co_return *run.safety.halted();
  co_return PhaseOutcome{};
}

Awaitable<PhaseOutcome> motion_command(RunState& run, Awaitable<Result<CommandReceipt>> to_send) {
  if (run.safety.halted()) co_return *run.safety.halted();  // nothing moves after the safe-state commands
  auto receipt = co_await std::move(to_send);
  if (!receipt) co_return receipt.error();
  if (run.safety.halted()) co_return *run.safety.halted();
  co_return PhaseOutcome{};
}

Awaitable<PhaseOutcome> command(RunState& run, Awaitable<Result<CommandReceipt>> to_send) {
  if (run.safety.halted()) co_return *run.safety.halted();
  auto receipt = co_await std::move(to_send);
  if (!receipt) co_return receipt.error();
  run.keep_latency(*receipt);
  if (run.safety.halted()) co_return *run.safety.halted();
  co_return PhaseOutcome{};
}

Awaitable<Result<CommandReceipt>> timed_command(RunState& run, Awaitable<Result<CommandReceipt>> to_send) {
  if (run.safety.halted()) co_return *run.safety.halted();
  auto receipt = co_await std::move(to_send);
  if (!receipt) co_return receipt.error();
  run.keep_latency(*receipt);
  if (run.safety.halted()) co_return *run.safety.halted();
  // Of several transmissions it is not known which one the pen carried out: a latency from the first would be too long,
  // and a good pen would fail for its link.
  if (receipt->tries > 1) {
    co_return fail(
        Errc::timeout,
        fmt::format("a start or stop was sent {} times before the pen on {} acknowledged it, so its time is not "
                    "known (look at the link)",
                    receipt->tries, run.the_pen().link_name()));
  }
  co_return *receipt;
}

Awaitable<Result<PenStatus>> pen_status(RunState& run) {
  auto status = co_await run.the_pen().status();
  if (!status) co_return status.error();
  if (const auto well = no_fault(run.the_pen(), *status); !well) co_return well.error();
  co_return *status;
}

Awaitable<Result<PenStatus>> any_pen_status(RunState& run) {
  Result<PenStatus> status = fail(Errc::internal, "the pen has no link");
  for (Pen* pen : run.ports->pens()) {
    auto said = co_await pen->status();
    if (said) co_return *said;
    if (pen == &run.ports->pen()) status = std::move(said);
  }
  co_return status;
}

Awaitable<PhaseOutcome> drive_over(RunState& run, std::optional<PenLink> link) {
  run.driven = link ? run.ports->pen_over(*link) : &run.ports->pen();
  if (run.ports->pens().size() == 1) co_return PhaseOutcome{};
  co_return co_await motion_command(run, run.the_pen().stop());
}

Awaitable<PhaseOutcome> wait_for_samples(RunState& run) {
  const double tick = run.clock.tick_at(run.timeline.now());
  const TimePoint deadline = run.timeline.now() + std::chrono::seconds{1};
  while (run.router.reached_tick() < tick) {
    if (run.safety.halted()) co_return *run.safety.halted();
    if (run.timeline.now() >= deadline) {
      co_return fail(Errc::timeout,
                     fmt::format("no samples from {} for 1 s while streaming", run.ports->daq().link_name()));
    }
    co_await run.router.arrived().wait_until(std::min(deadline, run.timeline.now() + std::chrono::milliseconds{50}));
  }
  co_return PhaseOutcome{};
}

Awaitable<Result<bool>> wait_until_still(RunState& run, double still_s, double at_most_s) {
  const TimePoint deadline = run.timeline.now() + seconds_to_ns(at_most_s);
  while (run.router.still_for_s(run.daq->tick_hz) < still_s) {
    if (run.safety.halted()) co_return *run.safety.halted();
    if (run.timeline.now() >= deadline) co_return false;
    co_await run.router.arrived().wait_until(std::min(deadline, run.timeline.now() + std::chrono::milliseconds{50}));
  }
  co_return true;
}

Awaitable<Result<Leases::Lease>> stage_power(RunState& run, const char* why) {
  if (run.job.rig.stages_at_once == 0) co_return Leases::Lease{};
  LeaseRequest request{{kStagePower}, "slot " + run.job.header.slot, why, kStagePowerAtMost, {}};
  request.given_up = [&run] { return run.safety.halted().has_value(); };
  co_return co_await run.shared->leases.take(std::move(request));
}

Awaitable<PhaseOutcome> move_to(RunState& run, double x_mm, double y_mm, double axial_mm) {
  if (run.safety.halted()) co_return *run.safety.halted();
  const auto power = co_await stage_power(run, "moves its stage");
  if (run.safety.halted()) co_return *run.safety.halted();
  if (!power) co_return power.error();
  StagePoint to{x_mm, y_mm, axial_mm};
  co_return co_await run.ports->daq().move_stage(to, mm_per_s(run.job.rig.stage.travel_speed_mm_per_s));
}

Awaitable<Result<BenchTouch>> touch(RunState& run, const char* purpose, Touching by, Force force, double exponent,
                                    Length travel, Length retract) {
  if (run.safety.halted()) co_return *run.safety.halted();
  const auto power = co_await stage_power(run, "touches a surface");
  if (run.safety.halted()) co_return *run.safety.halted();
  if (!power) co_return power.error();
  Capture approach;
  const StreamRouter::Listening listening = run.captures.begin_part(approach, purpose);
  TouchOffRequest request{mm_per_s(run.job.rig.stage.touch_speed_mm_per_s), force, travel, retract};
  auto contact = co_await run.ports->daq().touch_off(request);
  PhaseOutcome arrived;
  if (contact) arrived = co_await wait_for_samples(run);
  run.captures.end();
  if (!contact) co_return contact.error();
  if (!arrived) co_return arrived.error();
  if (!*contact) {
    co_return fail(Errc::not_determined, fmt::format("the touch-off met nothing within {:.2f} mm at {:.2f} N (check "
                                                     "cartridge, simulant, stage and needle encoder)",
                                                     in_mm(travel), in_n(force)));
  }
  const TouchInputs inputs{run.in_force(), run.tare, exponent, by};
  run.captures.analysed_with(inputs);
  co_return analyse_touch(approach, inputs);
}

Result<void> simulant_is_tempered(const Plan& plan, double temperature_c) {
  // Written so that a temperature that is not a number is refused.
  if (temperature_c >= plan.min_simulant_temperature_c && temperature_c <= plan.max_simulant_temperature_c) return {};
  return fail(Errc::refused,
              fmt::format("{:.1f} °C at the bench; plan '{}' wants the simulant at {:.0f} to {:.0f} °C", temperature_c,
                          plan.name, plan.min_simulant_temperature_c, plan.max_simulant_temperature_c));
}

Awaitable<PhaseOutcome> confirm_safe_state(RunState& run, double still_s) {
  auto acknowledged = co_await run.safety.command_safe_state();
  const Nanoseconds patience = kSafeStateAgain + seconds_to_ns(still_s);
  const TimePoint commanded = run.timeline.now(), deadline = commanded + std::chrono::seconds{2};
  // Samples from before the command say nothing of what it did.
  const auto needle_still = [&] {
    if (!run.streaming) return true;
    return run.router.reached_tick() >= run.clock.tick_at(commanded) + still_s * run.daq->tick_hz &&
           run.router.still_for_s(run.daq->tick_hz) > still_s;
  };
  const auto unconfirmed = [](const Error& why) {
    return fail(why.code, fmt::format("safe state not confirmed: {} (switch the rig off and look)", why.message));
  };
  std::string missing;
  TimePoint again = commanded + patience;
  while (run.timeline.now() < deadline) {
    auto pen = co_await any_pen_status(run);
    auto daq = co_await run.ports->daq().status();
    if (!pen) co_return unconfirmed(pen.error());
    if (!daq) co_return unconfirmed(daq.error());
    if (acknowledged && !pen->running && pen->parked && daq->withdrawn && needle_still()) {
      if (const auto stood = needles_stood(run); !stood) co_return unconfirmed(stood.error());
      run.outcome.safe_state_confirmed = true;
      co_return PhaseOutcome{};
    }
    missing = !acknowledged     ? acknowledged.error().message
              : pen->running    ? "the pen says that its motor runs"
              : !pen->parked    ? "the pen says that its needles are not parked"
              : !daq->withdrawn ? "the stage is not in its safe position"
                                : "the needle encoder does not say that the needles stand";
    // A command that went wrong may go right the next time; that it was needed stands in the record.
    if (!acknowledged || run.timeline.now() >= again) {
      run.warn("the safe state is commanded again: " + missing);
      acknowledged = co_await run.safety.command_safe_state();
      again = run.timeline.now() + patience;
    }
    co_await run.timeline.sleep_for(std::chrono::milliseconds{20});
  }
  co_return unconfirmed(fail(Errc::interlock, missing));
}

Awaitable<PhaseOutcome> set_up(RunState& run, PhaseRecord& record) {
  co_await disconnect(run);  // an attempt before this one may have left the links open
  auto ports = co_await run.job.connect();
  if (!ports) co_return ports.error();
  run.ports = std::move(*ports);
  run.driven = &run.ports->pen();
  record.via = run.driven_over();
  run.connected_once = true;
  run.safety.attach(*run.ports);
  if (const auto there = has_links(run); !there) co_return there.error();
  auto who = co_await check_identity(run, record);
  if (!who) co_return who;
  Daq& daq = run.ports->daq();

  auto status = co_await daq.status();
  if (!status) co_return status.error();
  if (run.safety.halted()) co_return *run.safety.halted();
  // E-stop, door and force or travel limits are reset at the rig, by a hand that has looked; the latch of a host that
  // vanished may be reset from here, but only alone, since a reset takes all.
  if (status->dead_man && !status->any_open()) {
    auto reset = co_await daq.reset_latches();
    if (!reset) co_return reset.error();
    status = co_await daq.status();
    if (!status) co_return status.error();
    run.warn("the bench had made itself safe because its last host fell silent; reset");
  }
  run.safety.arm_dead_man();
  auto safe = co_await confirm_safe_state(run);
  if (!safe) co_return safe;
  if (run.safety.halted()) co_return *run.safety.halted();
  if (const auto tempered = simulant_is_tempered(run.job.plan, status->temperature_c); !tempered)
    co_return tempered.error();
  run.outcome.temperature_c = status->temperature_c;
  run.outcome.humidity_percent = status->humidity_percent;
  auto pen = co_await same_status(run);
  if (!pen) co_return pen.error();
  for (const Pen* link : run.ports->pens()) {
    if (const auto taken = take_facts(run, *link, *pen); !taken) co_return taken.error();
  }
  if (!run.outcome.battery_before_percent) run.outcome.battery_before_percent = pen->battery_percent;

  auto clock = co_await daq.exchange_clocks();
  if (const auto taken = take_clock(run, std::move(clock)); !taken) co_return taken;
  StreamRequest stream{run.job.plan.sample_rate_hz, run.job.plan.block_samples};
  auto started = co_await daq.start_stream(stream, run.router);
  if (!started) co_return started.error();
  run.streaming = true;
  run.safety.expect_stream(true);

  Capture unloaded;
  const StreamRouter::Listening listening = run.captures.begin(unloaded, "tare");
  auto waited = co_await rest(run, kTareSeconds);
  if (waited) waited = co_await wait_for_samples(run);
  run.captures.end();
  if (!waited) co_return waited;
  const TareInputs inputs{run.in_force()};
  run.captures.analysed_with(inputs);
  auto zero = analyse_tare(unloaded, inputs);
  if (!zero) co_return zero.error();
  // The stage is sent to where its encoder says that surfaces are: both must mean the same place.
  const double encoder_mm = unloaded.stage.back() * run.calibrations.stage_mm_per_count.value;
  auto stands = co_await daq.status();
  if (!stands) co_return stands.error();
  if (!(std::abs(encoder_mm - stands->stage_axial_mm) <= kStageZerosMm)) {
    co_return fail(
        Errc::calibration,
        fmt::format("the stage stands at {:.3f} mm as the DAQ on {} says, and at {:.3f} mm by its encoder and "
                    "calibration {}: their zeros or scales differ (home the stage, check stage_mm_per_count)",
                    stands->stage_axial_mm, daq.link_name(), encoder_mm, run.calibrations.head.id));
  }
  run.tare = *zero;
  run.safety.set_force_zero(zero->zero_counts);
  fill(record, *zero, inputs);
  record.values["clock_u_us"] = run.clock.u_s * 1e6;
  record.samples = unloaded.size();
  co_return co_await daq.set_reflexes(newtons(run.job.rig.over_force_n), zero->zero_counts,
                                      millimetres(run.job.rig.stage.axial_max_mm));
}

double deepest_mm(const RunState& run) {
  double depth_mm = 0;
  for (const auto& phase : run.job.plan.phases) {
    if (const auto* sweep = std::get_if<SweepPhase>(&phase)) {
      for (double d : sweep->depths_mm) depth_mm = std::max(depth_mm, d);
    } else if (const auto* soak = std::get_if<SoakPhase>(&phase)) {
      depth_mm = std::max(depth_mm, soak->depth_mm);
    }
  }
  return depth_mm == 0 ? run.job.product.depth_from_mm : depth_mm;
}

Awaitable<Result<ReferenceZero>> measure_reference(RunState& run, PhaseRecord& record) {
  const StageDescription& stage = run.job.rig.stage;
  const Force force = newtons(stage.plate_touch_force_n);
  const std::uint32_t repeats = run.job.plan.reference_repeats;
  const Length travel = millimetres(0.3), retract = millimetres(0.03);
  const double depth_mm = deepest_mm(run);
  auto depth_set = co_await set_needle_depth(run, depth_mm);
  if (!depth_set) co_return depth_set.error();
  std::vector<BenchTouch> nose, tips;
  for (auto* touches : {&nose, &tips}) {
    const bool needles_out = touches == &tips;
    auto moved = co_await move_to(run, stage.plate_x_mm, stage.plate_y_mm, stage.withdrawn_axial_mm);
    if (!moved) co_return moved.error();
    // Before the first reference only the descriptions say where contact will be; a pen may be off by much.
    double expected_mm = stage.plate_axial_mm, margin_mm = 0.2;
    if (run.zero_before) {
      expected_mm = run.zero_before->nose_stage_mm;
      margin_mm = 0.1;
    }
    if (!needles_out) {
      // Not park(): a pen that does not park must not be driven into the plate with its needles out.
      auto parked = co_await jog_needles(run, 0);
      if (!parked) co_return parked.error();
    } else {
      const double parked_reading_mm = run.router.needle_reading_mm();
      const double zero_mm = run.zero_before ? run.zero_before->needle_zero_mm : 0;
      auto out_mm = co_await hold_needles_out(run, zero_mm);
      if (!out_mm) co_return out_mm.error();
      const double moved_mm = *out_mm + zero_mm - parked_reading_mm;
      if (!(moved_mm > kLeastShareOfDepth * depth_mm)) co_return needles_did_not_move(moved_mm, depth_mm);
      expected_mm -= run.zero_before ? *out_mm : depth_mm;
      if (!run.zero_before) margin_mm = kUnknownPenMm;
    }
    moved = co_await move_to(run, stage.plate_x_mm, stage.plate_y_mm, expected_mm - margin_mm);
    if (!moved) co_return moved.error();
    for (std::uint32_t i = 0; i < repeats; ++i) {
      auto t =
          co_await touch(run, needles_out ? "touch tips" : "touch nose", needles_out ? Touching::tips : Touching::nose,
                         force, 1.0, i == 0 ? millimetres(2 * margin_mm) : travel, retract);
      if (!t) co_return t.error();
      touches->push_back(*t);
    }
  }
  auto moved = co_await move_to(run, stage.plate_x_mm, stage.plate_y_mm, stage.withdrawn_axial_mm);
  if (!moved) co_return moved.error();
  const auto zero = analyse_reference(nose, tips, run.calibrations, run.job.without);
  if (!zero) co_return zero.error();
  if (!run.zero_before) run.measuring_zero = zero->as_measured;
  run.safety.set_needle_zero(zero->by_all.needle_zero_mm);
  fill(record, *zero);
  co_return zero->by_all;
}

Awaitable<Result<void>> disconnect(RunState& run) {
  Result<void> stopped;
  if (!run.ports) co_return stopped;
  co_await run.safety.detach();
  run.needles.let_go();
  if (run.place) run.place->streams = false;
  if (run.streaming) {
    stopped = co_await run.ports->daq().stop_stream();
    if (!stopped && stopped.error().code != Errc::link_lost) run.warn(stopped.error().message);
    run.streaming = false;
  }
  co_await run.ports->close();
  run.driven = nullptr;
  run.ports.reset();
  co_return stopped;
}

}  // namespace penrig
