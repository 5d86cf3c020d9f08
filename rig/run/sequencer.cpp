#include "rig/run/sequencer.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/algorithm_version.hpp"
#include "rig/measure/link_level.hpp"
#include "rig/run/ask.hpp"
#include "rig/run/bench_steps.hpp"
#include "rig/run/between_captures.hpp"
#include "rig/run/conclude.hpp"
#include "rig/run/cross_checks.hpp"
#include "rig/run/judge.hpp"
#include "rig/run/lifecycle.hpp"
#include "rig/run/needle_steps.hpp"
#include "rig/run/on_disk.hpp"
#include "rig/run/phases.hpp"
#include "rig/run/plan_steps.hpp"
#include "rig/run/prove_cables.hpp"

namespace penrig {
namespace {

/// The safety looks at the devices every 20 ms.
constexpr Nanoseconds kSafetyLooks = std::chrono::milliseconds{25};

/// A fault of the links, which a plan may allow to be repeated. Nothing that the pen may be to blame for: needles that
/// do not come out, a command that it refuses.
bool is_of_the_links(Errc code) {
  return code == Errc::link_lost || code == Errc::timeout || code == Errc::gap_in_record;
}

constexpr Nanoseconds kWatchedOn = std::chrono::seconds{1};
constexpr Nanoseconds kFresh = std::chrono::milliseconds{150};  ///< samples that still tell what the needles do

/// After a link was lost, before all of them are closed: a pen that was cut off runs until its dead-man acts, and is
/// watched as before until its needles stand. Not where the DAQ was lost, which is who would see it.
/// Errc::device_fault: it was seen to run on.
Awaitable<PhaseOutcome> watch_until_still(RunState& run, const Error& lost) {
  const TimePoint deadline = run.timeline.now() + kWatchedOn;
  const auto is_seen = [&run] {
    return run.ports && run.streaming && run.ports->daq().link_state() &&
           run.timeline.now() - run.router.last_block_at() < kFresh;
  };
  while (is_seen() && run.router.still_for_s(run.daq->tick_hz) < kSurelyStillSeconds) {
    const auto& halted = run.safety.halted();
    // The teardown commands the safe state over the links that are left.
    if (halted && halted->code != Errc::link_lost) co_return *halted;
    if (run.job.stop.requested()) break;
    if (run.timeline.now() >= deadline) {
      co_return fail(Errc::device_fault,
                     fmt::format("the needles still moved {:.1f} s after a link was lost (the pen did not make itself "
                                 "safe): {}",
                                 static_cast<double>(kWatchedOn.count()) * 1e-9, lost.message));
    }
    co_await run.router.arrived().wait_until(std::min(deadline, run.timeline.now() + std::chrono::milliseconds{50}));
  }
  co_return PhaseOutcome{};
}

/// Of several slots each has to show that it is itself, whenever its links were opened.
Awaitable<PhaseOutcome> set_up_slot(RunState& run, PhaseRecord& record) {
  auto done = co_await set_up(run, record);
  if (done) done = co_await prove_cables(run);
  co_return done;
}

Awaitable<PhaseOutcome> do_step(RunState& run, const PlanStep& step, PhaseRecord& record) {
  using Kind = PlanStep::Kind;
  if (const auto stood = needles_stood(run); !stood) co_return stood.error();
  // Nothing is driven while a person is asked.
  if (step.kind == Kind::prompt) co_return co_await run_prompt(run, *step.prompt, step.planned_s, record);
  if (step.kind != PlanStep::Kind::set_up && step.kind != PlanStep::Kind::teardown) {
    auto controls = co_await drive_over(run, step.via);
    if (!controls) co_return controls;
    record.via = run.driven_over();
  }
  switch (step.kind) {
    case Kind::set_up:
      co_return co_await set_up_slot(run, record);
    case Kind::reference: {
      run.show(step.name, step.planned_s, 0);
      auto zero = co_await measure_reference(run, record);
      if (!zero) co_return zero.error();
      (run.zero_before ? run.zero_after : run.zero_before) = *zero;
      co_return PhaseOutcome{};
    }
    case Kind::setting:
    case Kind::free_run:
      co_return co_await run_setting(run, step.setting, record);
    case Kind::link_loss:
      co_return co_await run_link_loss(run, *step.link_loss, step.planned_s, record);
    case Kind::between_captures:
      co_return co_await run_between_captures(run, *step.soak, step.planned_s, step.planned_s);
    case Kind::reconnect:
      co_return co_await run_reconnect(run, *step.reconnect, step.planned_s, record);
    case Kind::prompt:
    case Kind::teardown:
      break;
  }
  co_return PhaseOutcome{};
}

PhaseRecord start_record(const RunState& run, const PlanStep& step, std::uint32_t attempt) {
  PhaseRecord record;
  record.name = step.name;
  record.kind = name_of(step.kind);
  record.attempt = attempt;
  record.started_s = run.seconds_since_began();
  if (step.kind == PlanStep::Kind::setting || step.kind == PlanStep::Kind::free_run) {
    record.depth_mm = step.setting.depth_mm;
    record.rate_per_min = step.setting.rate_per_min;
  } else if (step.link_loss != nullptr) {
    record.depth_mm = step.link_loss->depth_mm;
    record.rate_per_min = step.link_loss->rate_per_min;
  }
  return record;
}

/// Pen stopped and parked, stage withdrawn, both confirmed; ends by its deadline whatever the devices do.
Awaitable<void> tear_down(RunState& run, PhaseRecord& record) {
  run.outcome.safe_state_confirmed = false;
  if (!run.ports) {
    record.error = "no link: safe state was not commanded (pen and DAQ stop by their own dead-man)";
    co_return;
  }
  record.via = pen_link_of(run.ports->pen().link_name());
  auto went_well = co_await confirm_safe_state(run, kSurelyStillSeconds);
  if (went_well) went_well = co_await last_word(run);
  if (!went_well) record.error = went_well.error().message;
  auto ended = co_await disconnect(run);
  if (!ended && record.error.empty()) record.error = ended.error().message;
}

class Run {
 public:
  explicit Run(RunJob job)
      : state_(std::make_shared<RunState>(std::move(job))),
        run_(*state_),
        job_(run_.job),
        steps_(lay_out(job_.plan, job_.rig)) {
    for (const auto& step : steps_) run_.planned_total_s += step.planned_s;
  }

  Awaitable<RunResult> go() {
    RunResult result;
    RunHeader& header = job_.header;
    header.simulated = header.simulated || job_.rig.simulated;
    header.algorithm_version = kAlgorithmVersion;
    header.started_utc_ns = job_.timeline.utc_ns(run_.began);
    const SimulantSheet& sheet = run_.spots.sheet();
    header.fixture_id = sheet.fixture_id;
    header.simulant_lot = sheet.lot;
    header.simulant_sheet = sheet.sheet;
    const auto slot = std::ranges::find(job_.rig.slots, header.slot, &SlotDescription::name);
    const PenLink first = slot == job_.rig.slots.end() ? PenLink::serial : pen_link_of(slot->pen_link);
    const PlanCounts counts = count_plan(job_.plan, job_.product, first);
    header.settings_planned = counts.settings;
    header.decisions_planned = counts.decisions;

    it(RunHappening::begins);
    std::function<Result<std::string>()> open = [&run = run_] { return run.job.sink.open_run(run.job.header); };
    const Result<std::string> opened = co_await on_disk(run_, "opening the record", std::move(open));
    result.disk_hangs = run_.disk.hangs();
    it(opened ? RunHappening::record_open : RunHappening::record_refused);
    if (!opened) {
      result.outcome.verdict = Verdict::error;
      result.outcome.reason = "the record could not be opened: " + opened.error().message;
      result.record_error = opened.error().message;
      co_return result;
    }
    result.run_id = *opened;
    header.run_id = *opened;

    if (!job_.without.empty()) {
      run_.warn("corrections are switched off: " + job_.without.names() + " (nothing of this run is a PASS)");
    }
    std::optional<Error> stopped;
    try {
      stopped = co_await phases();
    } catch (const std::exception& e) {
      stopped = fail(Errc::internal, fmt::format("something unexpected: {}", e.what()));
    }
    it(stopped ? RunHappening::stopped : RunHappening::steps_done);
    co_await teardown_phase();
    it(RunHappening::torn_down);
    // What tripped while the last phase was recorded, or in the teardown, counts as well.
    if (run_.safety.halted() && (!stopped || stopped->code == Errc::aborted)) stopped = *run_.safety.halted();
    if (unexpected_) stopped = *unexpected_;
    conclude(stopped);
    it(RunHappening::judged);

    const auto outcome = std::make_shared<RunOutcome>(std::move(run_.outcome));
    if (record_error_.empty()) {
      std::function<Result<void>()> close = [&run = run_, outcome] {
        return run.job.sink.close_run(run.job.header.run_id, *outcome);
      };
      const Result<void> closed = co_await on_disk(run_, "closing the record", std::move(close));
      if (!closed) record_error_ = closed.error().message;
    }
    it(record_error_.empty() ? RunHappening::record_durable : RunHappening::record_lost);
    result.disk_hangs = run_.disk.hangs();
    result.record_durable = record_error_.empty();
    result.record_error = record_error_;
    result.reached_bench = run_.connected_once;
    result.outcome = *outcome;  // a copy: a disk that hangs still holds the other
    if (!result.record_durable) {
      result.outcome.verdict = Verdict::error;
      result.outcome.reason = "the record could not be written: " + record_error_;
    }
    if (unexpected_ && result.outcome.verdict != Verdict::error) {
      result.outcome.verdict = Verdict::error;
      result.outcome.reason = unexpected_->message;
    }
    co_return result;
  }

 private:
  /// Everything up to the teardown. Returns why it ended early.
  Awaitable<std::optional<Error>> phases() {
    if (const auto prompts = job_.plan.prompts(); !prompts.empty() && job_.prompter == nullptr) {
      co_return fail(Errc::not_determined, fmt::format("plan '{}' asks a person ('{}'), and nobody can be asked here",
                                                       job_.plan.name, prompts.front()->name));
    }
    auto fresh = co_await look_up_sheet();
    if (!fresh) co_return fresh.error();
    for (const PlanStep& step : steps_) {
      if (step.kind == PlanStep::Kind::teardown) break;
      std::optional<Error> failed;
      PhaseLifecycle phase(kPhaseLifecycle);
      for (std::uint32_t attempt = 1;; ++attempt) {
        if (attempt > 1) {
          auto again = co_await open_again(step, *failed);
          its(phase, again ? PhaseHappening::mended : PhaseHappening::not_mended);
          if (!again) co_return again.error();
          run_.note(RunEvent{0, "retry",
                             fmt::format("{}: attempt {} of {} after: {}", step.name, attempt,
                                         job_.plan.link_retries + 1, failed->message),
                             std::nullopt});
        }
        failed = co_await attempt_step(step, attempt, phase);
        if (unexpected_) co_return *unexpected_;
        if (phase.state() == PhaseStage::failed) co_return fail(Errc::io, record_error_);
        if (!failed) break;
        if (attempt > job_.plan.link_retries || !may_be_repeated(*failed)) {
          its(phase, PhaseHappening::given_up);
          co_return failed;
        }
        its(phase, PhaseHappening::repeats);
      }
      run_.planned_done_s += step.planned_s;
      ++run_.step;
    }
    co_return std::nullopt;
  }

  /// Whether the attempt that failed, the last that was recorded, may be; else `why` says so where links are to blame.
  bool may_be_repeated(Error& why) {
    if (!is_of_the_links(why.code)) return false;
    const PhaseRecord& attempt = run_.phases.back();
    if (!speaks_against(attempt, job_.plan, job_.product)) return true;
    const std::string no_more = "not repeated, since what it had measured of the pen before is no PASS";
    run_.warn(attempt.name + ": " + no_more);
    why.message += " (" + attempt.name + " is " + no_more + ")";
    return false;
  }

  /// Before anything moves: what earlier runs did to the simulant, and whether enough of it is left.
  Awaitable<PhaseOutcome> look_up_sheet() {
    std::function<Result<std::vector<SpotUse>>()> ask = [&run = run_] {
      return run.job.sink.spots_taken(run.spots.sheet());
    };
    const Result<std::vector<SpotUse>> taken = co_await on_disk(run_, "reading which spots are used", std::move(ask));
    if (!taken) {
      co_return fail(taken.error().code,
                     "which spots of the simulant are used could not be read: " + taken.error().message);
    }
    run_.spots.remember(*taken);
    const auto settings = std::ranges::count(steps_, PlanStep::Kind::setting, &PlanStep::kind);
    co_return run_.spots.enough_for(static_cast<std::uint64_t>(settings), job_.plan.name);
  }

  Awaitable<std::optional<Error>> attempt_step(const PlanStep& step, std::uint32_t attempt, PhaseLifecycle& phase) {
    its(phase, PhaseHappening::begins);
    PhaseRecord record = start_record(run_, step, attempt);
    run_.captures.begin_attempt(record.name, attempt);
    PhaseOutcome done;
    if (run_.safety.halted()) {
      done = *run_.safety.halted();
    } else if (job_.stop.requested()) {
      done = fail(Errc::aborted, "stopped by " + job_.stop.why());
    } else {
      done = co_await do_step(run_, step, record);
    }
    run_.captures.end();
    // A step may find a link lost just before the safety looks again, whose word and latency belong into the record.
    if (!done && done.error().code == Errc::link_lost)
      co_await run_.safety.wait_until(run_.timeline.now() + kSafetyLooks);
    // What halted the run is the cause; what the step said then is only how it found out. But no lost link hides a
    // fault of the pen, which is never repeated.
    const bool faulty = !done && done.error().code == Errc::device_fault;
    if (const auto& halted = run_.safety.halted(); halted && !(faulty && halted->code == Errc::link_lost))
      done = *halted;
    std::optional<Error> failed;
    if (!done) failed = done.error();
    co_await keep(std::move(record), failed, phase);
    co_return failed;
  }

  /// Before an attempt is repeated: the pen stands, the stage is back; a lost link is opened anew.
  Awaitable<PhaseOutcome> open_again(const PlanStep& step, const Error& why) {
    const bool is_set_up = step.kind == PlanStep::Kind::set_up;
    const bool lost = why.code == Errc::link_lost || !run_.ports;
    if (!lost && !is_set_up) co_return co_await confirm_safe_state(run_);
    const PhaseOutcome stands = co_await watch_until_still(run_, why);
    if (!stands) co_return stands;
    if (const auto stood = needles_stood(run_); !stood) co_return stood.error();
    co_await disconnect(run_);
    run_.safety.forgive_link_loss();
    if (run_.safety.halted()) co_return *run_.safety.halted();
    if (is_set_up) co_return PhaseOutcome{};  // the attempt itself connects
    PhaseLifecycle phase(kPhaseLifecycle);
    its(phase, PhaseHappening::begins);
    PhaseRecord record;
    record.name = "set-up again";
    record.kind = "set-up";
    record.started_s = run_.seconds_since_began();
    run_.captures.begin_attempt(record.name, record.attempt);
    auto done = co_await set_up_slot(run_, record);
    run_.captures.end();
    record.measurements.clear();  // who the pen is was recorded by the first set-up
    std::optional<Error> failed;
    if (!done) failed = done.error();
    co_await keep(std::move(record), failed, phase);
    if (phase.state() == PhaseStage::failed) co_return fail(Errc::io, record_error_);
    co_return done;
  }

  Awaitable<void> teardown_phase() {
    PhaseLifecycle phase(kPhaseLifecycle);
    its(phase, PhaseHappening::begins);
    PhaseRecord record = start_record(run_, steps_.back(), 1);
    if (!run_.disk.hangs()) run_.captures.begin_attempt(record.name, record.attempt);  // else the worker has them
    co_await tear_down(run_, record);
    std::optional<Error> failed;
    if (!record.error.empty()) failed = fail(Errc::interlock, record.error);
    co_await keep(std::move(record), failed, phase);
  }

  Awaitable<void> keep(PhaseRecord record, std::optional<Error> failed, PhaseLifecycle& phase_life) {
    its(phase_life, failed ? PhaseHappening::went_wrong : PhaseHappening::went_well);
    record.ended_s = run_.seconds_since_began();
    if (failed) {
      record.verdict = failed->code == Errc::aborted ? Verdict::aborted : Verdict::error;
      record.error = failed->message;
    }
    job_.observer.phase_done(record);
    if (record_error_.empty() && !run_.disk.hangs()) {
      // What is left to conclude from if the disk keeps the phase for itself.
      PhaseRecord head = start_of(record);
      const auto phase = std::make_shared<PhaseRecord>(std::move(record));
      // First the samples, then what names them.
      std::function<Result<void>()> add = [&run = run_, phase]() -> Result<void> {
        Result<std::vector<WaveformRecord>> waveforms = run.captures.finish();
        if (!waveforms) return waveforms.error();
        phase->waveforms = std::move(*waveforms);
        return run.job.sink.add_phase(run.job.header.run_id, *phase);
      };
      const Result<void> added = co_await on_disk(run_, "writing phase '" + head.name + "'", std::move(add));
      if (!added) record_error_ = added.error().message;
      record = run_.disk.hangs() ? std::move(head) : std::move(*phase);
    } else if (record_error_.empty()) {
      record_error_ = "the disk of the records hangs";
    }
    run_.phases.push_back(std::move(record));
    its(phase_life, record_error_.empty() ? PhaseHappening::written : PhaseHappening::not_written);
  }

  /// Enough of a phase to say that it was and how it ended.
  static PhaseRecord start_of(const PhaseRecord& record) {
    PhaseRecord head;
    head.name = record.name;
    head.kind = record.kind;
    head.attempt = record.attempt;
    head.depth_mm = record.depth_mm;
    head.rate_per_min = record.rate_per_min;
    head.via = record.via;
    head.started_s = record.started_s;
    head.ended_s = record.ended_s;
    head.verdict = record.verdict;
    head.error = record.error;
    return head;
  }

  void conclude(const std::optional<Error>& stopped) {
    RunOutcome& outcome = run_.outcome;
    RunFacts facts;
    if (run_.zero_before && run_.zero_after) {
      facts.growth_mm = run_.zero_after->needle_zero_mm - run_.zero_before->needle_zero_mm;
    }
    facts.told = link_level(run_.links, outcome.battery_before_percent);
    facts.stopped = stopped;
    facts.decisions_planned = job_.header.decisions_planned;
    facts.without = job_.without;
    penrig::conclude(outcome, run_.phases, facts, job_.plan, job_.product);
    outcome.corrections = corrections_of_run(run_.calibrations, outcome.temperature_c, job_.without, run_.zero_before);
    // A bench that was never reached was never told to move.
    if (run_.connected_once) conclude_teardown(outcome, outcome.safe_state_confirmed, run_.phases.back());
    outcome.duration_s = run_.seconds_since_began();
    outcome.ended_utc_ns = job_.timeline.utc_ns(job_.timeline.now());
  }

  /// Something happened to the run, or to a phase of it. What is not expected then makes the run an ERROR.
  void it(RunHappening event) { note_unexpected(life_.happened(event)); }
  void its(PhaseLifecycle& phase, PhaseHappening event) { note_unexpected(phase.happened(event)); }
  void note_unexpected(const Result<void>& said) {
    if (!said && !unexpected_) unexpected_ = said.error();
  }

  RunLifecycle life_{kRunLifecycle};
  std::optional<Error> unexpected_;
  std::shared_ptr<RunState> state_;
  RunState& run_;
  RunJob& job_;
  std::vector<PlanStep> steps_;
  std::string record_error_;
};

}  // namespace

Awaitable<RunResult> run_plan(RunJob job) {
  Run run(std::move(job));
  co_return co_await run.go();
}

}  // namespace penrig
