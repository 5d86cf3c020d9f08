#include "tools/penrig/slot_run.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "fixtures/bench_ports.hpp"
#include "rig/run/disk_work.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/open_slot.hpp"
#include "tools/penrig/pairing_prompt.hpp"
#include "tools/penrig/result_text.hpp"
#include "tools/penrig/slot_lock.hpp"
#include "tools/penrig/stop_signals.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal_prompter.hpp"

namespace penrig::cli {
namespace {

std::string mode_of(const PreparedRun& prepared, const Certifying& certifying) {
  if (prepared.inputs.simulated || prepared.inputs.rig.simulated) return "simulated: not a certificate";
  if (!certifying.certifies) return fmt::format("engineering: not a certificate ({})", certifying.because);
  return certifying.earlier_runs.empty()
             ? "certifying"
             : fmt::format("certifying, retest {} ({})", certifying.earlier_runs.size(), certifying.reason);
}

/// As void_mark() of the record that is made of it.
std::string void_mark_of(const PreparedRun& prepared, const Certifying& certifying) {
  if (prepared.inputs.simulated || prepared.inputs.rig.simulated) return "SIMULATED";
  return certifying.certifies ? "" : "ENGINEERING";
}

using Ends = InProcessRig::HostEnds;

/// What may stand between a simulated bench and the run.
struct Between {
  TracedRun* traced = nullptr;
  CrossedCables* crossed = nullptr;
  std::size_t side = 0;
};

Awaitable<Result<std::unique_ptr<ByteLink>>> open_traced(faults::FaultyBench& bench, Between between, PenLink link) {
  auto opened = co_await bench.open_pen(link);
  if (!opened || between.traced == nullptr) co_return opened;
  co_return between.traced->around(std::move(*opened));
}

Awaitable<Result<std::unique_ptr<BenchPorts>>> connect_simulated(Timeline& timeline, faults::FaultyBench& bench,
                                                                 Between between, bool with_ble) {
  auto ends = co_await bench.plug_in(with_ble);
  if (!ends) co_return ends.error();
  if (between.crossed != nullptr) {
    auto swapped = co_await between.crossed->swap(between.side, std::move(ends->daq));
    if (!swapped) co_return swapped.error();
    ends->daq = std::move(*swapped);
  }
  if (between.traced != nullptr) {
    for (auto* link : {&ends->pen, &ends->daq, &ends->pen_ble}) {
      if (*link) *link = between.traced->around(std::move(*link));
    }
  }
  OpenPenLink again = [&bench, between](PenLink link) { return open_traced(bench, between, link); };
  co_return co_await make_bench_ports(timeline, std::move(ends->pen), std::move(ends->daq), std::move(ends->pen_ble),
                                      std::move(again));
}

}  // namespace

Result<void> tell_of_lock(RecordStore& store, const RunOptions& options, const PreparedRun& prepared) {
  if (prepared.inputs.simulated) return {};
  const auto lock = slot_lock(store, prepared.inputs.rig.name, prepared.slot.name);
  if (!lock) return lock.error();
  if (*lock) {
    spdlog::warn("{}", locked_text(**lock, prepared.inputs.rig.name, options.rig, prepared.slot.name, options.records));
  }
  return {};
}

Result<std::unique_ptr<RigInHand>> RigInHand::take(Timeline& timeline, const RunOptions& options,
                                                   const Inputs& inputs) {
  const auto keys = keys_in(options.keys);  // before a store is made: without them nothing begins
  if (!keys) return keys.error();
  RecordStoreOptions of_store = store_options();
  of_store.waveform_form = options.waveforms;
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open(options.records, of_store);
  if (!store) return store.error();
  const std::int64_t now_utc_ns = timeline.utc_ns(timeline.now());
  // Each run takes those that are in force when it begins; but where there are none, nothing begins.
  if (auto calibrated = choose_calibrations(**store, inputs.rig, now_utc_ns); !calibrated) return calibrated.error();
  if (*keys) {
    if (auto signing = (*store)->sign_with(*keys, acting(options.operator_name)); !signing) return signing.error();
  }
  const Result<std::vector<InterruptedRun>> interrupted = (*store)->close_interrupted(now_utc_ns);
  if (!interrupted) return interrupted.error();
  if (!interrupted->empty()) spdlog::warn("{}", interrupted_text(*interrupted));
  auto shared = std::make_shared<SharedRig>(timeline, inputs.rig);
  auto crossed = inputs.simulated && inputs.simulated->crossed ? std::make_unique<CrossedCables>(timeline) : nullptr;
  return std::unique_ptr<RigInHand>(
      new RigInHand{timeline, std::move(*store), *keys, inputs.rig, std::move(shared), std::move(crossed)});
}

/// Hands everything on, and lets somebody look on the way.
class SlotRun::Watching final : public RunObserver {
 public:
  Watching(RunView& view, const std::function<void()>& look) : view_(view), look_(look) {}
  void connected(const PenIdentity& pen, const DaqIdentity& daq) override {
    look_();
    view_.connected(pen, daq);
  }
  void progress(const Progress& progress) override {
    look_();
    if (!asking_) view_.progress(progress);  // it would stand where somebody types
  }
  void phase_done(const PhaseRecord& phase) override {
    look_();
    view_.phase_done(phase);
  }
  void event(const RunEvent& event) override { view_.event(event); }
  void interlocks(const DaqStatus& status) override { view_.interlocks(status); }
  void somebody_is_asked(bool yes) { asking_ = yes; }

 private:
  RunView& view_;
  const std::function<void()>& look_;
  bool asking_ = false;
};

/// What was answered beforehand; else asks a person.
class SlotRun::Asking final : public Prompter {
 public:
  /// @param person  null: nobody.
  Asking(const GivenAnswers& given, std::string who, Prompter* person, Watching& watching)
      : given_(given), who_(std::move(who)), person_(person), watching_(watching) {}

  void ask(std::shared_ptr<OpenPrompt> prompt) override {
    if (const auto given = given_.find(prompt->what().name); given != given_.end()) {
      if (Result<void> taken = prompt->answer(given->second, who_); !taken) prompt->give_up(taken.error().message);
    } else if (person_ == nullptr) {
      prompt->give_up("nobody can be asked here");
    } else {
      watching_.somebody_is_asked(true);
      person_->ask(std::move(prompt));
    }
  }
  void asked(const OpenPrompt& prompt) override {
    watching_.somebody_is_asked(false);
    if (person_ != nullptr && !given_.contains(prompt.what().name)) person_->asked(prompt);
  }

 private:
  const GivenAnswers& given_;
  std::string who_;
  Prompter* person_;
  Watching& watching_;
};

SlotRun::SlotRun(RunOptions options, PreparedRun prepared, RunView& view, StopRequest& stop, std::function<void()> look)
    : options_(std::move(options)),
      prepared_(std::move(prepared)),
      view_(view),
      stop_(stop),
      look_(std::move(look)),
      watching_(std::make_unique<Watching>(view_, look_)) {}

SlotRun::~SlotRun() = default;

Result<void> SlotRun::lock() {
  if (prepared_.inputs.simulated) return {};  // a rig in this process is nobody else's
  const Result<std::string> directory = lock_directory();
  if (!directory) return directory.error();
  Result<RigLock> taken = RigLock::take(prepared_.inputs.rig, prepared_.slot, *directory);
  if (!taken) return taken.error();
  lock_.take_over(std::move(*taken));
  return {};
}

Result<void> SlotRun::check(RigInHand& rig) {
  rig_ = &rig;
  const std::int64_t now_utc_ns = rig.timeline.utc_ns(rig.timeline.now());
  if (auto told = tell_of_lock(*rig.store, options_, prepared_); !told) return told.error();
  RunSize size = run_size(prepared_);
  size.traced = options_.trace;
  if (auto fits = rig.store->check_space(size); !fits) return fits.error();
  Result<CalibrationChoice> calibrated = choose_calibrations(*rig.store, rig.rig, now_utc_ns);
  if (!calibrated) return calibrated.error();
  calibrated_ = std::move(*calibrated);
  calibrated_rig_ = rig.rig;
  calibrated_rig_.calibrations = calibrated_.calibrations;
  Result<Certifying> certifying =
      decide_certifying(*rig.store, options_, prepared_, calibrated_.used, rig.keys, now_utc_ns);
  if (!certifying) return certifying.error();
  certifying_ = std::move(*certifying);
  if (auto golden = check_golden(*rig.store, prepared_, certifying_.certifies, now_utc_ns); !golden)
    return golden.error();
  counts_ = count_plan(prepared_.inputs.plan, prepared_.inputs.product, pen_link_of(prepared_.slot.pen_link));
  return {};
}

void SlotRun::introduce() const {
  const Inputs& inputs = prepared_.inputs;
  const RunIntroduction introduction{inputs.plan,
                                     inputs.product,
                                     calibrated_rig_,
                                     counts_,
                                     planned_seconds(inputs.plan, calibrated_rig_),
                                     options_.serial_number,
                                     prepared_.slot.name,
                                     mode_of(prepared_, certifying_),
                                     calibrated_.used,
                                     calibrated_.passed_over,
                                     void_mark_of(prepared_, certifying_)};
  view_.begin(introduction);
}

std::optional<std::size_t> SlotRun::crossed_side() const {
  const auto& crossed = prepared_.inputs.simulated->crossed;
  const auto number = static_cast<unsigned>(prepared_.slot_index + 1);
  if (!crossed || (crossed->first != number && crossed->second != number)) return std::nullopt;
  return crossed->first == number ? 0 : 1;
}

ConnectBench SlotRun::connect_to(RigInHand& rig, bool with_ble) {
  Timeline& timeline = rig.timeline;
  if (simulated_) {
    Between between{traced_.get(), nullptr, 0};
    if (const auto side = crossed_side()) {
      between.crossed = rig.crossed.get();
      between.side = *side;
    }
    return [&timeline, bench = simulated_.get(), between, with_ble] {
      return connect_simulated(timeline, *bench, between, with_ble);
    };
  }
  SlotOpening how;
  how.pairing = pairing_at_terminal(timeline, stop_, look_);
  how.leases = &rig.shared->leases;
  how.given_up = [&stop = stop_] { return stop.requested(); };
  if (traced_)
    how.wrap = [traced = traced_.get()](std::unique_ptr<ByteLink> link) { return traced->around(std::move(link)); };
  return [&timeline, slot = slot_, how] { return open_slot(timeline, slot, how); };
}

RunJob SlotRun::make_job(RigInHand& rig) {
  const Inputs& inputs = prepared_.inputs;
  const bool with_ble = inputs.plan.needs(PenLink::ble);
  slot_ = prepared_.slot;
  if (!with_ble) slot_.pen_ble_link.clear();
  if (inputs.simulated) {
    simulated_ = std::make_unique<faults::FaultyBench>(
        rig.timeline, plant_for(prepared_, options_.serial_number), inputs.simulated->seed + prepared_.slot_index,
        inputs.simulated_slots.at(prepared_.slot_index).faults, inputs.simulated->latency);
  }
  if (options_.trace) traced_ = std::make_unique<TracedRun>(*rig.store, rig.timeline);
  RecordSink& kept = traced_ ? *traced_ : static_cast<RecordSink&>(*rig.store);
  RecordSink& told = between_ ? between_(kept) : kept;
  RecordSink& sink = simulated_ ? simulated_->between(told) : told;
  RunHeader header = make_header(options_, prepared_, counts_, calibrated_.used);
  enter_certifying(header, certifying_);
  RunObserver& observer = simulated_ ? simulated_->watched_by(*watching_) : *watching_;
  RunJob job{rig.timeline,      inputs.plan, inputs.product, calibrated_rig_, connect_to(rig, with_ble),
             std::move(header), sink,        observer,       stop_,           prepared_.without};
  job.loop_stalled = say_loop_stalled;
  job.shared = rig.shared;
  const std::string who = acting(options_.operator_name).who;
  if (asked_ == nullptr && options_.asks) {
    terminal_ = make_terminal_prompter(rig.timeline, who + " at the terminal",
                                       std::filesystem::path(options_.plan_path).parent_path().string(), look_);
    asked_ = terminal_.get();
  }
  asking_ = std::make_unique<Asking>(prepared_.answers, who + " by --answer", asked_, *watching_);
  job.prompter = asking_.get();
  return job;
}

Awaitable<RunPapers> SlotRun::papers() {
  const auto written = std::make_shared<RunPapers>();
  DiskWork disk(rig_->timeline, {}, {});
  std::function<void()> write = [this, written] {
    *written = write_papers(options_, *rig_->store, finished_.result);
    if (!finished_.result.reached_bench || finished_.result.outcome.safe_state_confirmed) return;
    if (auto told = tell_of_lock(*rig_->store, options_, prepared_); !told) spdlog::error("{}", told.error().message);
  };
  const auto done = co_await disk.run("writing the report", std::move(write), written);
  if (done) co_return *written;
  disk_hangs_ = disk.hangs();
  RunPapers none;
  none.report_error = done.error().message;
  co_return none;
}

Awaitable<void> SlotRun::go() {
  introduce();
  Timeline& timeline = rig_->timeline;
  RunJob job = make_job(*rig_);
  finished_.result = co_await run_plan(std::move(job));
  finished_.on_disk_utc_ns = timeline.utc_ns(timeline.now());
  view_.closed(finished_.result);
  if (simulated_) {
    for (const std::string& fault : simulated_->not_begun())
      spdlog::warn("{} never began, and was not tested: the run was over before", fault);
    if (const auto side = crossed_side()) co_await rig_->crossed->over(*side);
    co_await simulated_->shut_down();
  }
  disk_hangs_ = finished_.result.disk_hangs;
  RunPapers left;
  // A thread that waits for the disk has the store: what there is to say is said, and the JUnit file says already that
  // the run did not end.
  if (!disk_hangs_) left = co_await papers();
  view_.end(RunEnd{finished_.result, options_.serial_number, options_.records, finished_.on_disk_utc_ns,
                   left.report_path, left.report_error});
  if (!left.report_error.empty()) {
    spdlog::error("the report was not written: {}; this writes it again: {}", left.report_error,
                  report_command_line(finished_.result.run_id, options_.records));
  }
  junit_error_ = left.junit_error;
  if (!junit_error_.empty()) {
    spdlog::error("{}; its reader still finds an error there, so this counts as one", junit_error_);
  }
}

ExitCode SlotRun::exit_code() const {
  if (!junit_error_.empty() || disk_hangs_ || !finished_.result.record_durable) return ExitCode::error;
  return exit_code_of(finished_.result.outcome.verdict);
}

}  // namespace penrig::cli
