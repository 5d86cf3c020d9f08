#include "rig/run/sequencer.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/algorithm_version.hpp"
#include "rig/measure/link_level.hpp"
#include "rig/run/bench_steps.hpp"
#include "rig/run/conclude.hpp"
#include "rig/run/judge.hpp"
#include "rig/run/phases.hpp"
#include "rig/run/plan_steps.hpp"

namespace penrig {
namespace {

/// A fault of the links, which a plan may allow to be repeated. Nothing that the pen may be to blame for: needles that
/// do not come out, a command that it refuses.
bool may_be_repeated(Errc code) {
  return code == Errc::link_lost || code == Errc::timeout || code == Errc::gap_in_record;
}

Awaitable<PhaseOutcome> do_step(RunState& run, const PlanStep& step, PhaseRecord& record) {
  using Kind = PlanStep::Kind;
  switch (step.kind) {
    case Kind::set_up:
      co_return co_await set_up(run, record);
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
  auto safe = co_await confirm_safe_state(run);
  if (safe) {
    auto status = co_await run.ports->pen().status();
    if (status) run.outcome.battery_after_percent = status->battery_percent;
  } else {
    record.error = safe.error().message;
  }
  co_await disconnect(run);
}

class Run {
 public:
  explicit Run(RunJob& job) : job_(job), run_(job), steps_(lay_out(job.plan, job.rig)) {
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
    const PlanCounts counts = count_plan(job_.plan, job_.product);
    header.settings_planned = counts.settings;
    header.decisions_planned = counts.decisions;

    Result<std::string> opened = fail(Errc::internal, "the record was not opened");
    const auto open = [&] { opened = job_.sink.open_run(header); };
    co_await job_.timeline.run_blocking(open);
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
    co_await teardown_phase();
    // What tripped while the last phase was recorded, or in the teardown, counts as well.
    if (!stopped && run_.safety.halted()) stopped = *run_.safety.halted();
    conclude(stopped);

    Result<void> closed = fail(Errc::internal, "the record was not closed");
    if (record_error_.empty()) {
      const auto close = [&] { closed = job_.sink.close_run(header.run_id, run_.outcome); };
      co_await job_.timeline.run_blocking(close);
      if (!closed) record_error_ = closed.error().message;
    }
    result.record_durable = record_error_.empty();
    result.record_error = record_error_;
    result.outcome = std::move(run_.outcome);
    if (!result.record_durable) {
      result.outcome.verdict = Verdict::error;
      result.outcome.reason = "the record could not be written: " + record_error_;
    }
    co_return result;
  }

 private:
  /// Everything up to the teardown. Returns why it ended early.
  Awaitable<std::optional<Error>> phases() {
    auto fresh = co_await look_up_sheet();
    if (!fresh) co_return fresh.error();
    for (const PlanStep& step : steps_) {
      if (step.kind == PlanStep::Kind::teardown) break;
      std::optional<Error> failed;
      for (std::uint32_t attempt = 1;; ++attempt) {
        if (attempt > 1) {
          auto again = co_await open_again(step, *failed);
          if (!again) co_return again.error();
        }
        failed = co_await attempt_step(step, attempt);
        if (!failed) break;
        if (attempt > job_.plan.link_retries || !may_be_repeated(failed->code)) co_return failed;
        run_.note(RunEvent{0, "retry",
                           fmt::format("{}: attempt {} of {} after: {}", step.name, attempt + 1,
                                       job_.plan.link_retries + 1, failed->message),
                           std::nullopt});
      }
      if (!record_error_.empty()) co_return fail(Errc::io, record_error_);
      run_.planned_done_s += step.planned_s;
    }
    co_return std::nullopt;
  }

  /// Before anything moves: what earlier runs did to the simulant, and whether enough of it is left.
  Awaitable<PhaseOutcome> look_up_sheet() {
    Result<std::vector<SpotUse>> taken = fail(Errc::internal, "the record was not asked");
    const auto ask = [&] { taken = job_.sink.spots_taken(run_.spots.sheet()); };
    co_await job_.timeline.run_blocking(ask);
    if (!taken) {
      co_return fail(taken.error().code,
                     "which spots of the simulant are used could not be read: " + taken.error().message);
    }
    run_.spots.remember(*taken);
    const auto settings = std::ranges::count(steps_, PlanStep::Kind::setting, &PlanStep::kind);
    co_return run_.spots.enough_for(static_cast<std::uint64_t>(settings), job_.plan.name);
  }

  Awaitable<std::optional<Error>> attempt_step(const PlanStep& step, std::uint32_t attempt) {
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
    // What halted the run is the cause; what the step said then is only how it found out.
    if (!done && run_.safety.halted()) done = *run_.safety.halted();
    if (done && run_.safety.halted()) done = *run_.safety.halted();
    std::optional<Error> failed;
    if (!done) failed = done.error();
    co_await keep(std::move(record), failed);
    co_return failed;
  }

  /// Before an attempt is repeated: the pen stands, the stage is back; a lost link is opened anew.
  Awaitable<PhaseOutcome> open_again(const PlanStep& step, const Error& why) {
    const bool is_set_up = step.kind == PlanStep::Kind::set_up;
    const bool lost = why.code == Errc::link_lost || !run_.ports;
    if (!lost && !is_set_up) co_return co_await confirm_safe_state(run_);
    co_await disconnect(run_);
    run_.safety.forgive_link_loss();
    if (run_.safety.halted()) co_return *run_.safety.halted();
    if (is_set_up) co_return PhaseOutcome{};  // the attempt itself connects
    PhaseRecord record;
    record.name = "set-up again";
    record.kind = "set-up";
    record.started_s = run_.seconds_since_began();
    run_.captures.begin_attempt(record.name, record.attempt);
    auto done = co_await set_up(run_, record);
    run_.captures.end();
    record.measurements.clear();  // who the pen is was recorded by the first set-up
    std::optional<Error> failed;
    if (!done) failed = done.error();
    co_await keep(std::move(record), failed);
    co_return done;
  }

  Awaitable<void> teardown_phase() {
    PhaseRecord record = start_record(run_, steps_.back(), 1);
    run_.captures.begin_attempt(record.name, record.attempt);
    co_await tear_down(run_, record);
    std::optional<Error> failed;
    if (!record.error.empty()) failed = fail(Errc::interlock, record.error);
    co_await keep(std::move(record), failed);
  }

  Awaitable<void> keep(PhaseRecord record, std::optional<Error> failed) {
    record.ended_s = run_.seconds_since_began();
    if (failed) {
      record.verdict = failed->code == Errc::aborted ? Verdict::aborted : Verdict::error;
      record.error = failed->message;
    }
    run_.phases.push_back(std::move(record));
    job_.observer.phase_done(run_.phases.back());
    if (!record_error_.empty()) co_return;
    Result<void> added;
    // First the samples, then what names them.
    const auto add = [&] {
      Result<std::vector<WaveformRecord>> waveforms = run_.captures.finish();
      if (waveforms) run_.phases.back().waveforms = std::move(*waveforms);
      added = waveforms ? job_.sink.add_phase(job_.header.run_id, run_.phases.back()) : Result<void>(waveforms.error());
    };
    co_await job_.timeline.run_blocking(add);
    if (!added) record_error_ = added.error().message;
  }

  void conclude(const std::optional<Error>& stopped) {
    RunOutcome& outcome = run_.outcome;
    RunFacts facts;
    if (run_.zero_before && run_.zero_after) {
      facts.growth_mm = run_.zero_after->needle_zero_mm - run_.zero_before->needle_zero_mm;
    }
    facts.told = link_level(run_.command_latencies_ms, outcome.battery_before_percent);
    facts.stopped = stopped;
    facts.decisions_planned = job_.header.decisions_planned;
    facts.without = job_.without;
    penrig::conclude(outcome, run_.phases, facts, job_.plan, job_.product);
    outcome.corrections = corrections_of_run(run_.calibrations, outcome.temperature_c, job_.without, run_.zero_before);
    // A bench that was never reached was never told to move.
    if (!outcome.safe_state_confirmed && run_.connected_once) {
      const std::string& why = run_.phases.back().error;
      if (outcome.verdict < Verdict::error) outcome.reason = why;
      outcome.verdict = Verdict::error;
    }
    outcome.duration_s = run_.seconds_since_began();
    outcome.ended_utc_ns = job_.timeline.utc_ns(job_.timeline.now());
  }

  RunJob& job_;
  RunState run_;
  std::vector<PlanStep> steps_;
  std::string record_error_;
};

}  // namespace

Awaitable<RunResult> run_plan(RunJob job) {
  Run run(job);
  co_return co_await run.go();
}

}  // namespace penrig
