#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "fixtures/bench_ports.hpp"
#include "fixtures/faults/faulty_bench.hpp"
#include "tools/penrig/certifying.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/json_view.hpp"
#include "tools/penrig/open_slot.hpp"
#include "tools/penrig/pairing_prompt.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/result_text.hpp"
#include "tools/penrig/rig_lock.hpp"
#include "tools/penrig/run_papers.hpp"
#include "tools/penrig/slot_lock.hpp"
#include "tools/penrig/stop_signals.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal_view.hpp"
#include "tools/penrig/traced_run.hpp"

namespace penrig::cli {
namespace {

/// Hands everything on, and looks for signals on the way.
class WatchingObserver final : public RunObserver {
 public:
  WatchingObserver(RunView& view, StopSignals& signals) : view_(view), signals_(signals) {}
  void connected(const PenIdentity& pen, const DaqIdentity& daq) override {
    signals_.poll();
    view_.connected(pen, daq);
  }
  void progress(const Progress& progress) override {
    signals_.poll();
    view_.progress(progress);
  }
  void phase_done(const PhaseRecord& phase) override {
    signals_.poll();
    view_.phase_done(phase);
  }
  void event(const RunEvent& event) override { view_.event(event); }

 private:
  RunView& view_;
  StopSignals& signals_;
};

/// What is left of a run: its result, and when that was.
struct Finished {
  RunResult result;
  std::int64_t on_disk_utc_ns = 0;
};

Awaitable<int> drive(Timeline& timeline, RunJob job, faults::FaultyBench* rig, Finished& finished) {
  finished.result = co_await run_plan(std::move(job));
  finished.on_disk_utc_ns = timeline.utc_ns(timeline.now());
  if (rig != nullptr) co_await rig->shut_down();
  co_return 0;
}

std::string mode_of(const PreparedRun& prepared, const Certifying& certifying) {
  if (prepared.inputs.simulated || prepared.inputs.rig.simulated) return "simulated: not a certificate";
  if (!certifying.certifies) return fmt::format("engineering: not a certificate ({})", certifying.because);
  return certifying.earlier_runs.empty()
             ? "certifying"
             : fmt::format("certifying, retest {} ({})", certifying.earlier_runs.size(), certifying.reason);
}

/// Nothing was begun, and that is said wherever somebody looks.
ExitCode refuse(const RunOptions& options, RunTold* told, const Error& error) {
  write_junit_refused(options, error.message);
  if (told != nullptr) {
    told->reason = error.message;
    return exit_code_of(error.code);
  }
  if (options.json) write_refused_json(std::cout, error.message);
  spdlog::error("{}; nothing has moved, no record was opened", error.message);
  return exit_code_of(error.code);
}

Awaitable<Result<std::unique_ptr<ByteLink>>> open_traced(faults::FaultyBench& rig, TracedRun& traced, PenLink link) {
  auto opened = co_await rig.open_pen(link);
  if (!opened) co_return opened.error();
  co_return traced.around(std::move(*opened));
}

Awaitable<Result<std::unique_ptr<BenchPorts>>> connect_traced(Timeline& timeline, faults::FaultyBench& rig,
                                                              TracedRun& traced, bool with_ble) {
  auto ends = co_await rig.plug_in(with_ble);
  if (!ends) co_return ends.error();
  auto pen = traced.around(std::move(ends->pen));
  auto daq = traced.around(std::move(ends->daq));
  auto pen_ble = ends->pen_ble ? traced.around(std::move(ends->pen_ble)) : nullptr;
  OpenPenLink again = [&rig, &traced](PenLink link) { return open_traced(rig, traced, link); };
  co_return co_await make_bench_ports(timeline, std::move(pen), std::move(daq), std::move(pen_ble), std::move(again));
}

/// A thread still waits for the disk, and with it the store: what there is to say is said, and nothing is tidied up.
/// The JUnit file says already that the run did not end; the record is closed as INTERRUPTED by the next start.
[[noreturn]] void end_without_disk(const RunOptions& options, const Finished& finished, RunView& view) {
  view.end(RunEnd{finished.result, options.serial_number, options.records, finished.on_disk_utc_ns, "", ""});
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(to_int(ExitCode::error));
}

/// Says that the slot is locked, and what then has to be done; a rig in this process is never locked.
Result<void> tell_of_lock(RecordStore& store, const RunOptions& options, const PreparedRun& prepared) {
  if (prepared.inputs.simulated) return {};
  const auto lock = slot_lock(store, prepared.inputs.rig.name, prepared.slot.name);
  if (!lock) return lock.error();
  if (*lock) spdlog::warn("{}", locked_text(**lock, prepared.inputs.rig.name, options.rig, prepared.slot.name));
  return {};
}

/// From here on everything that was written is whole.
ExitCode run_prepared(const RunOptions& options, const PreparedRun& prepared, RunView& view, Timeline& timeline,
                      StopRequest& stop, StopSignals& signals, RunTold* told) {
  const Inputs& inputs = prepared.inputs;
  if (auto valid = check_calibration(inputs.rig, timeline.utc_ns(timeline.now())); !valid)
    return refuse(options, told, valid.error());

  RigLock lock;  // a rig in this process is nobody else's
  if (!inputs.simulated) {
    const Result<std::string> directory = lock_directory();
    if (!directory) return refuse(options, told, directory.error());
    Result<RigLock> taken = RigLock::take(inputs.rig, prepared.slot, *directory);
    if (!taken) return refuse(options, told, taken.error());
    lock.take_over(std::move(*taken));
  }

  RecordStoreOptions of_store = store_options();
  of_store.waveform_form = options.waveforms;
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open(options.records, of_store);
  if (!store) return refuse(options, told, store.error());

  const std::int64_t now_utc_ns = timeline.utc_ns(timeline.now());
  Result<CalibrationChoice> calibrated = choose_calibrations(**store, inputs.rig, now_utc_ns);
  if (!calibrated) return refuse(options, told, calibrated.error());
  if (auto golden = check_golden(**store, prepared, now_utc_ns); !golden) return refuse(options, told, golden.error());
  const auto keys = keys_in(options.keys);
  if (!keys) return refuse(options, told, keys.error());
  if (*keys) {
    if (auto signing = (*store)->sign_with(*keys, acting(options.operator_name)); !signing)
      return refuse(options, told, signing.error());
  }
  const Result<std::vector<InterruptedRun>> interrupted = (*store)->close_interrupted(now_utc_ns);
  if (!interrupted) return refuse(options, told, interrupted.error());
  if (!interrupted->empty()) spdlog::warn("{}", interrupted_text(*interrupted));
  if (auto locked = tell_of_lock(**store, options, prepared); !locked) return refuse(options, told, locked.error());
  RunSize size = run_size(prepared);
  size.traced = options.trace;
  if (auto fits = (*store)->check_space(size); !fits) return refuse(options, told, fits.error());
  const Result<Certifying> certifying = decide_certifying(**store, options, prepared, *keys, now_utc_ns);
  if (!certifying) return refuse(options, told, certifying.error());
  RigDescription rig = inputs.rig;
  rig.calibrations = calibrated->calibrations;

  const PlanCounts counts = count_plan(inputs.plan, inputs.product, pen_link_of(prepared.slot.pen_link));
  const RunIntroduction introduction{inputs.plan,
                                     inputs.product,
                                     rig,
                                     counts,
                                     planned_seconds(inputs.plan, rig),
                                     options.serial_number,
                                     prepared.slot.name,
                                     mode_of(prepared, *certifying),
                                     calibrated->used,
                                     calibrated->passed_over};
  view.begin(introduction);

  std::unique_ptr<faults::FaultyBench> simulated;
  SlotDescription slot = prepared.slot;
  if (!inputs.plan.needs(PenLink::ble)) slot.pen_ble_link.clear();
  SlotOpening how{{}, pairing_at_terminal(timeline, stop, [&signals] { signals.poll(); })};
  ConnectBench connect = [&timeline, &slot, &how] { return open_slot(timeline, slot, how); };
  if (inputs.simulated) {
    simulated = std::make_unique<faults::FaultyBench>(timeline, plant_for(prepared, options.serial_number),
                                                      inputs.simulated->seed, inputs.faults, inputs.simulated->latency);
    connect = simulated->connect(inputs.plan.needs(PenLink::ble));
  }
  TracedRun traced(**store, timeline);
  if (options.trace && simulated) {
    connect = [&] { return connect_traced(timeline, *simulated, traced, inputs.plan.needs(PenLink::ble)); };
  } else if (options.trace) {
    how.wrap = [&traced](std::unique_ptr<ByteLink> link) { return traced.around(std::move(link)); };
  }
  RecordSink& kept = options.trace ? traced : static_cast<RecordSink&>(**store);
  RecordSink& sink = simulated ? simulated->between(kept) : kept;
  RunHeader header = make_header(options, prepared, counts, calibrated->used);
  enter_certifying(header, *certifying);
  WatchingObserver watching(view, signals);
  RunObserver& observer = simulated ? simulated->watched_by(watching) : watching;
  RunJob job{timeline,          inputs.plan, inputs.product, rig,  std::move(connect),
             std::move(header), sink,        observer,       stop, prepared.without};
  job.loop_stalled = say_loop_stalled;
  Finished finished;
  timeline.run(drive(timeline, std::move(job), simulated.get(), finished));
  if (finished.result.disk_hangs) end_without_disk(options, finished, view);

  const RunPapers papers = write_papers(options, **store, finished.result);
  view.end(RunEnd{finished.result, options.serial_number, options.records, finished.on_disk_utc_ns, papers.report_path,
                  papers.report_error});
  if (!papers.report_error.empty()) {
    spdlog::error("the report was not written: {}; this writes it again: {}", papers.report_error,
                  report_command_line(finished.result.run_id, options.records));
  }
  if (finished.result.reached_bench && !finished.result.outcome.safe_state_confirmed && !inputs.simulated) {
    if (auto locked = tell_of_lock(**store, options, prepared); !locked) spdlog::error("{}", locked.error().message);
  }
  if (!papers.junit_error.empty()) {
    spdlog::error("{}; its reader still finds an error there, so this counts as one", papers.junit_error);
    return ExitCode::error;
  }
  return finished.result.record_durable ? exit_code_of(finished.result.outcome.verdict) : ExitCode::error;
}

/// Keeps what a run came to.
class QuietView final : public RunView {
 public:
  QuietView(RunTold& told, std::function<void(const Progress&)> progress)
      : told_(told), progress_(std::move(progress)) {}
  void begin(const RunIntroduction&) override {}
  void connected(const PenIdentity&, const DaqIdentity&) override {}
  void progress(const Progress& progress) override {
    if (progress_) progress_(progress);
  }
  void phase_done(const PhaseRecord&) override {}
  void event(const RunEvent&) override {}
  void end(const RunEnd& end) override {
    const RunResult& result = end.result;
    told_.run_id = result.run_id;
    told_.verdict = result.record_durable ? result.outcome.verdict : Verdict::error;
    told_.reason = result.record_durable ? result.outcome.reason : result.record_error;
    for (const Decision& d : result.outcome.decisions) {
      if (d.verdict == Verdict::pass) continue;
      if (std::ranges::find(told_.failed, d.requirement_id) == told_.failed.end())
        told_.failed.push_back(d.requirement_id);
    }
  }

 private:
  RunTold& told_;
  std::function<void(const Progress&)> progress_;
};

/// @param told  none: what happens is said.
ExitCode run_once(const RunOptions& options, RunTold* told, std::function<void(const Progress&)> progress) {
  // First of all: yesterday's green file must not survive whatever happens from here on.
  if (auto replaced = write_junit_not_ended(options); !replaced) {
    return refuse(options, told, replaced.error());
  }

  const auto timeline = sim::is_simulated_rig_uri(options.rig) ? make_virtual_timeline() : make_real_timeline();
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop, InHand::rig);
  const PreparedRun prepared = prepare_run(options);
  signals.poll();
  if (stop.requested()) {
    if (told != nullptr) told->stopped = true;
    return refuse(options, told, fail(Errc::aborted, stop.why() + " came before the run began: nothing ran"));
  }
  if (!prepared.inputs.ok()) {
    const std::vector<Mistake>& mistakes = prepared.inputs.mistakes;
    const std::string not_happened = "nothing has moved, no record was opened.";
    write_junit_refused(options, render_mistakes(mistakes, {}, not_happened));
    if (told != nullptr) {
      TerminalStyle plain;
      plain.columns = 128;
      told->reason = render_mistakes(mistakes, plain, not_happened);
      return ExitCode::usage;
    }
    if (options.json) write_mistakes_json(std::cout, mistakes);
    std::cerr << render_mistakes(mistakes, detect_style(2), not_happened);
    if (!prepared.inputs.has_plan || !prepared.inputs.has_product) {
      std::cerr << render(detect_style(2),
                          {{"next     ", Ink::label}, {"penrig plan check " + shell_word(options.plan_path)}});
    }
    return ExitCode::usage;
  }
  std::unique_ptr<RunView> view;
  if (told != nullptr) {
    view = std::make_unique<QuietView>(*told, std::move(progress));
  } else if (options.json) {
    view = std::make_unique<JsonView>(std::cout, *timeline);
  } else {
    view = std::make_unique<TerminalView>(std::cout, detect_style(1));
  }
  const ExitCode exit = run_prepared(options, prepared, *view, *timeline, stop, signals, told);
  if (told != nullptr) told->stopped = stop.requested();
  return exit;
}

}  // namespace

ExitCode run_command(const RunOptions& options) { return run_once(options, nullptr, {}); }

RunTold run_quietly(const RunOptions& options, std::function<void(const Progress&)> progress) {
  RunTold told;
  told.exit = run_once(options, &told, std::move(progress));
  return told;
}

}  // namespace penrig::cli
