#include "tools/penrig/station_rig.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "fixtures/bench_ports.hpp"
#include "rig/base/wall_clock.hpp"
#include "rig/spec/serial_number.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/look_at_slot.hpp"
#include "tools/penrig/offered_plan.hpp"
#include "tools/penrig/open_slot.hpp"
#include "tools/penrig/slot_lock.hpp"
#include "tools/penrig/station_slot.hpp"
#include "tools/penrig/tapped_sink.hpp"

namespace penrig::cli {
namespace {

constexpr Nanoseconds kWatchEvery = std::chrono::seconds{2};
/// By so much a clock that is only kept right may run away while slots go on without a pause; more is one that was set.
constexpr Nanoseconds kClockMayDiffer = std::chrono::seconds{5};

Error as_one(const std::vector<Mistake>& mistakes) {
  return fail(Errc::usage, render_mistakes(mistakes, {}, "nothing has moved, no record was opened."));
}

const SourceDocument* rig_document(const Inputs& inputs) {
  const auto found = std::ranges::find(inputs.documents, std::string("rig"), &SourceDocument::kind);
  return found == inputs.documents.end() ? nullptr : &*found;
}

/// What a plan's run is judged by and asks with, without the rig that it runs on.
std::vector<SourceDocument> documents_of_plan(const Inputs& inputs) {
  std::vector<SourceDocument> own;
  std::ranges::copy_if(inputs.documents, std::back_inserter(own), [](const SourceDocument& d) {
    return d.kind == "plan" || d.kind == "product" || d.kind == "picture";
  });
  return own;
}

Awaitable<Result<std::unique_ptr<BenchPorts>>> connect_for_look(Timeline& timeline, faults::FaultyBench& bench) {
  auto ends = co_await bench.plug_in(false);
  if (!ends) co_return ends.error();
  co_return co_await make_bench_ports(timeline, std::move(ends->pen), std::move(ends->daq));
}

}  // namespace

StationRig::StationRig(Timeline& timeline, RunOptions each)
    : timeline_(timeline), each_(std::move(each)), disk_(timeline, {}, {}), changed_(timeline) {}

StationRig::~StationRig() = default;

Result<void> StationRig::add_plan(const std::string& path, std::vector<Mistake>& mistakes) {
  const Inputs inputs = load_inputs(path, each_.rig);
  mistakes.insert(mistakes.end(), inputs.mistakes.begin(), inputs.mistakes.end());
  if (!inputs.ok()) return {};
  OfferedPlan plan = offered_plan(inputs);
  if (std::ranges::find(plans_, plan.name, &OfferedPlan::name) != plans_.end())
    return fail(Errc::usage, fmt::format("two plans are called '{}': rename one of them", plan.name));
  plans_.push_back(std::move(plan));
  plan_paths_.push_back(path);
  plan_documents_.push_back(documents_of_plan(inputs));
  return {};
}

Result<void> StationRig::add_slots() {
  std::vector<std::string> names;
  for (const SlotDescription& slot : of_rig_.rig.slots) {
    names.push_back(slot.name);
    slots_.push_back(std::make_unique<Slot>(*this, slot, slots_.size()));
    RunFilter last;
    last.slot = slot.name;
    last.rig_name = of_rig_.rig.name;
    last.newest = 2;  // one may be running, in another program
    const auto rows = rig_->store->list_runs(last);
    if (!rows) return rows.error();
    const auto row = std::find_if(rows->rbegin(), rows->rend(), [](const RunRow& r) { return !r.running; });
    if (row != rows->rend() && !row->closed) slots_.back()->was_interrupted(*row);
    if (of_rig_.simulated) continue;
    const auto lock = slot_lock(*rig_->store, of_rig_.rig.name, slot.name);
    if (!lock) return lock.error();
    if (!*lock) continue;
    const std::string text = locked_text(**lock, of_rig_.rig.name, each_.rig, slot.name, each_.records);
    spdlog::warn("{}", text);
    SlotStatus& status = slots_.back()->status;
    // What became of the pen in it stands: INTERRUPTED is no run that was not started.
    if (!status.interrupted) status.state = SlotStatus::State::refused;
    status.reason = text;
  }
  heard_ = std::make_unique<BenchHeard>(std::move(names));
  return {};
}

Result<std::unique_ptr<StationRig>> StationRig::open(Timeline& timeline, RunOptions each,
                                                     const std::vector<std::string>& plan_paths) {
  std::unique_ptr<StationRig> rig(new StationRig(timeline, std::move(each)));
  std::vector<Mistake> mistakes;
  for (const std::string& path : plan_paths) {
    if (Result<void> added = rig->add_plan(path, mistakes); !added) return added.error();
  }
  if (!mistakes.empty()) return as_one(mistakes);
  rig->of_rig_ = load_rig_inputs(rig->each_.rig);
  if (!rig->of_rig_.ok()) return as_one(rig->of_rig_.mistakes);
  auto taken = RigInHand::take(timeline, rig->each_, rig->of_rig_);
  if (!taken) return taken.error();
  rig->rig_ = std::move(*taken);
  if (Result<void> added = rig->add_slots(); !added) return added.error();
  return rig;
}

std::string StationRig::rig_name() const { return of_rig_.rig.name; }
bool StationRig::simulated() const { return of_rig_.rig.simulated; }

std::vector<SlotStatus> StationRig::slots() const {
  std::vector<SlotStatus> all;
  for (const auto& slot : slots_) all.push_back(slot->status);
  return all;
}

Error StationRig::no_slot(const std::string& name) {
  return fail(Errc::usage, fmt::format("the rig has no slot '{}'", name));
}

StationRig::Slot* StationRig::find(const std::string& name) const {
  const auto found = std::ranges::find(slots_, name, [](const auto& slot) { return slot->status.slot; });
  return found == slots_.end() ? nullptr : found->get();
}

Result<RunOptions> StationRig::options_for(const StartRequest& request) const {
  const auto plan = std::ranges::find(plans_, request.plan, &OfferedPlan::name);
  if (plan == plans_.end()) return fail(Errc::usage, fmt::format("no plan '{}' is offered here", request.plan));
  if (const auto why = why_no_serial_number(request.serial_number, plan->serial_pattern); !why.empty()) {
    return fail(Errc::usage, fmt::format("'{}' is no serial number of {}, which plan '{}' is for ({})",
                                         penrig::shown(request.serial_number), plan->product, plan->name, why));
  }
  RunOptions options = each_;
  options.plan_path = plan_paths_[static_cast<std::size_t>(plan - plans_.begin())];
  options.slot = request.slot;
  options.serial_number = request.serial_number;
  options.operator_name = request.who;
  options.reason = request.reason;
  options.second = request.second;
  options.asks = true;
  return options;
}

Result<void> StationRig::is_as_shown(const Inputs& inputs, const std::string& plan) const {
  const auto changed = [](const std::string& what) {
    return fail(Errc::refused, what + " was changed since the station began: start the station again");
  };
  const SourceDocument* now = rig_document(inputs);
  const SourceDocument* then = rig_document(of_rig_);
  if (now == nullptr || then == nullptr || now->sha256 != then->sha256)
    return changed(fmt::format("the rig's description {}", each_.rig));
  const auto offered = std::ranges::find(plans_, plan, &OfferedPlan::name);
  if (offered == plans_.end()) return fail(Errc::usage, fmt::format("no plan '{}' is offered here", plan));
  const auto& shown = plan_documents_[static_cast<std::size_t>(offered - plans_.begin())];
  const std::vector<SourceDocument> read = documents_of_plan(inputs);
  const auto differs = std::ranges::mismatch(shown, read, {}, &SourceDocument::sha256, &SourceDocument::sha256);
  if (differs.in1 == shown.end() && differs.in2 == read.end()) return {};
  const SourceDocument& other = differs.in1 != shown.end() ? *differs.in1 : *differs.in2;
  return changed(fmt::format("the {} {} of plan '{}'", other.kind, other.path, plan));
}

Result<StartLacks> StationRig::lacks(const StartRequest& request) const {
  if (find(request.slot) == nullptr) return no_slot(request.slot);
  const auto options = options_for(request);
  if (!options) return options.error();
  const PreparedRun prepared = prepare_run(*options);
  if (!prepared.inputs.ok()) return as_one(prepared.inputs.mistakes);
  if (Result<void> shown = is_as_shown(prepared.inputs, request.plan); !shown) return shown.error();
  const Result<CalibrationChoice> calibrated = choose_calibrations(*rig_->store, rig_->rig, now_utc_ns());
  if (!calibrated) return calibrated.error();
  return retest_lacks(*rig_->store, *options, prepared, calibrated->used, rig_->keys);
}

/// A station is up for weeks; the machine sleeps meanwhile, and its clock is set.
Result<void> StationRig::read_clock() {
  const Nanoseconds ahead = wall_clock_ahead(timeline_);
  const bool any_busy =
      std::ranges::any_of(slots_, [](const auto& slot) { return slot->status.busy() || slot->writing; });
  if (!any_busy) {
    follow_wall_clock(timeline_);
    return {};
  }
  if (std::chrono::abs(ahead) <= kClockMayDiffer) return {};
  return fail(Errc::refused, fmt::format("the clock of this machine was set by {:.0f} s while slots run: wait until "
                                         "none does, then start again",
                                         static_cast<double>(ahead.count()) * 1e-9));
}

Result<void> StationRig::start(const StartRequest& request) {
  Slot* const slot = find(request.slot);
  if (slot == nullptr) return no_slot(request.slot);
  if (slot->status.busy() && slot->status.serial_number.empty())
    return fail(Errc::refused, fmt::format("slot {} is being looked at: wait for its end", request.slot));
  if (slot->status.busy()) {
    return fail(Errc::refused, fmt::format("slot {} is busy with {}: stop that first, or wait for its end",
                                           request.slot, slot->status.serial_number));
  }
  for (const auto& other : slots_) {
    if (!other->status.busy() || other->status.serial_number != request.serial_number) continue;
    return fail(Errc::refused,
                fmt::format("{} is being judged in slot {} right now", request.serial_number, other->status.slot));
  }
  auto options = options_for(request);
  if (!options) return options.error();
  if (Result<void> read = read_clock(); !read) return read;
  slot->stop = std::make_unique<StopRequest>(timeline_);
  slot->plan = &*std::ranges::find(plans_, request.plan, &OfferedPlan::name);
  slot->status = SlotStatus{};
  slot->status.slot = request.slot;
  slot->status.state = SlotStatus::State::checking;
  slot->status.serial_number = request.serial_number;
  slot->status.plan = slot->plan->name;
  slot->status.product = slot->plan->product;
  tell_changed(*slot);
  timeline_.spawn(run(*slot, std::move(*options)));
  return {};
}

Awaitable<Result<void>> StationRig::ask_about(const Slot& slot, std::string who) {
  if (!pen_check_) co_return Result<void>{};
  station::PenToCheck pen;
  pen.serial_number = slot.status.serial_number;
  pen.product = slot.status.product;
  pen.plan = slot.status.plan;
  pen.rig = rig_name();
  pen.slot = slot.status.slot;
  pen.who = std::move(who);
  auto asking = pen_check_(std::move(pen));
  co_return co_await std::move(asking);
}

Awaitable<Result<void>> StationRig::make_ready(Slot& slot, RunOptions options) {
  std::string who = options.operator_name;
  const auto prepared = std::make_shared<PreparedRun>();  // of the worker as well
  std::function<void()> prepare = [prepared, options] { *prepared = prepare_run(options); };
  const Result<void> read = co_await disk_.run("reading plan and rig", std::move(prepare), prepared);
  if (!read) co_return read.error();
  if (!prepared->inputs.ok()) co_return as_one(prepared->inputs.mistakes);
  if (Result<void> shown = is_as_shown(prepared->inputs, slot.status.plan); !shown) co_return shown.error();
  slot.run = std::make_unique<SlotRun>(std::move(options), std::move(*prepared), slot, *slot.stop, [] {});
  slot.run->ask_through(slot);
  slot.run->record_through([this, &slot](RecordSink& store) -> RecordSink& {
    slot.tap = std::make_unique<TappedSink>(store, [this, &slot](const WaveformHead& head, const SampleBlock& block) {
      if (listener_ != nullptr) listener_->samples(slot.status.slot, head, block);
    });
    return *slot.tap;
  });
  if (auto locked = slot.run->lock(); !locked) co_return locked.error();
  if (auto valid = check_calibration(rig_->rig, now_utc_ns()); !valid) co_return valid.error();
  const auto checked = std::make_shared<Result<void>>();  // of the worker as well
  std::function<void()> check = [run = slot.run.get(), rig = rig_.get(), checked] { *checked = run->check(*rig); };
  const Result<void> answered = co_await disk_.run("looking into the records", std::move(check), checked);
  if (!answered) {
    hanging_.push_back(std::move(slot.run));  // the worker may still look at it
    co_return answered.error();
  }
  if (!*checked) co_return checked->error();
  auto asking = ask_about(slot, std::move(who));
  const Result<void> allowed = co_await std::move(asking);
  if (!allowed) co_return allowed.error();
  if (slot.stop->requested()) co_return fail(Errc::aborted, "stopped by " + slot.stop->why() + " before it began");
  co_return Result<void>{};
}

Awaitable<void> StationRig::run(Slot& slot, RunOptions options) {
  // NOLINTNEXTLINE(bugprone-infinite-loop): whoever looks, and the papers of the last run, end by their own deadlines
  while (slot.looking || slot.writing) co_await changed_.wait_until(timeline_.now() + std::chrono::seconds{1});
  slot.run.reset();  // gives back the slot's devices, for the next
  const Result<void> ready = co_await make_ready(slot, std::move(options));
  if (ready) {
    co_await slot.run->go();
    slot.writing = false;
  } else {
    slot.run.reset();
    slot.status.state = SlotStatus::State::refused;
    slot.status.ended_utc_ns = now_utc_ns();
    slot.status.reason = ready.error().message;
    spdlog::error("slot {}: {}; nothing has moved in it, no record was opened", slot.status.slot, slot.status.reason);
    tell_changed(slot);
  }
  changed_.notify_all();
  if (heard_->any_open(slot.status.slot) && !slot.watched) {
    slot.watched = true;
    timeline_.spawn(watch_interlocks(slot));
  }
}

ConnectBench StationRig::connection_to(Slot& slot) {
  if (of_rig_.simulated) {
    const SimulatedSlot& simulated = of_rig_.simulated_slots.at(slot.index);
    slot.looked =
        std::make_unique<faults::FaultyBench>(timeline_, simulated.plant, of_rig_.simulated->seed + slot.index,
                                              faults::FaultScript{}, of_rig_.simulated->latency);
    return [this, bench = slot.looked.get()] { return connect_for_look(timeline_, *bench); };
  }
  SlotOpening how;
  how.leases = &rig_->shared->leases;
  how.given_up = [this] { return ending_; };
  return [this, description = slot.description, how] { return open_slot(timeline_, description, how); };
}

Awaitable<Result<void>> StationRig::look_once(Slot& slot) {
  const std::string& name = slot.status.slot;
  RigLock lock;  // the slot's devices, unless its last run still has them
  if (!of_rig_.simulated && !slot.run) {
    const Result<std::string> directory = lock_directory();
    if (!directory) co_return directory.error();
    Result<RigLock> taken = RigLock::take(of_rig_.rig, slot.description, *directory);
    if (!taken) co_return taken.error();
    lock.take_over(std::move(*taken));
  }
  auto looking = look_at_slot(timeline_, connection_to(slot));
  const auto seen = co_await std::move(looking);
  if (slot.looked) co_await slot.looked->shut_down();
  const std::string why = seen ? "" : seen.error().message;
  bool changed = heard_->link(name, "pen", seen.has_value(), why);
  changed = heard_->link(name, "DAQ", seen.has_value(), why) || changed;
  if (seen) changed = heard_->interlocks(name, seen->status, now_utc_ns()) || changed;
  if (changed) tell_bench();
  if (!seen) co_return seen.error();
  if (seen->daq.fixture_id != rig_->rig.calibrations.fixture_id) {
    co_return fail(Errc::calibration, fmt::format("the DAQ of slot {} is fixture {}, but the rig's calibration belongs "
                                                  "to {} (use the description of this bench)",
                                                  name, seen->daq.fixture_id, rig_->rig.calibrations.fixture_id));
  }
  co_return Result<void>{};
}

Awaitable<void> StationRig::look(Slot& slot) {
  // NOLINTNEXTLINE(bugprone-infinite-loop): the papers of a run have their deadline
  while (slot.writing) co_await changed_.wait_until(timeline_.now() + std::chrono::seconds{1});
  auto looking = look_once(slot);
  Result<void> seen = co_await std::move(looking);
  if (seen && heard_->any_open(slot.status.slot))
    seen = fail(Errc::interlock, "an interlock is open: close it, and reset it at the rig");
  if (seen) seen = check_calibration(rig_->rig, now_utc_ns());
  slot.looking = false;
  slot.status = SlotStatus{};
  slot.status.slot = slot.description.name;
  if (!seen) {
    slot.status.state = SlotStatus::State::refused;
    slot.status.reason = seen.error().message;
  }
  tell_changed(slot);
  changed_.notify_all();
  if (heard_->any_open(slot.status.slot) && !slot.watched) {
    slot.watched = true;
    co_await watch_interlocks(slot);
  }
}

Awaitable<void> StationRig::watch_interlocks(Slot& slot) {
  while (!ending_ && heard_->any_open(slot.status.slot)) {
    if (slot.is_free()) {
      slot.looking = true;
      auto looking = look_once(slot);
      (void)co_await std::move(looking);  // what it found stands in heard_
      slot.looking = false;
      changed_.notify_all();
    }
    if (heard_->any_open(slot.status.slot)) co_await changed_.wait_until(timeline_.now() + kWatchEvery);
  }
  slot.watched = false;
  changed_.notify_all();
}

Result<void> StationRig::check(const std::string& name) {
  Slot* const slot = find(name);
  if (slot == nullptr) return no_slot(name);
  if (slot->status.busy() || slot->looking)
    return fail(Errc::refused, fmt::format("slot {} is busy: wait for its end", name));
  if (Result<void> read = read_clock(); !read) return read;
  slot->looking = true;
  slot->status = SlotStatus{};
  slot->status.slot = name;
  slot->status.state = SlotStatus::State::checking;
  tell_changed(*slot);
  timeline_.spawn(look(*slot));
  return {};
}

Result<void> StationRig::stop(const std::string& name, const std::string& why) {
  Slot* const slot = find(name);
  if (slot == nullptr) return no_slot(name);
  if (!slot->status.busy() || slot->stop == nullptr)
    return fail(Errc::refused, fmt::format("nothing runs in slot {}", name));
  slot->stop->request(why);
  return {};
}

void StationRig::stop_all(const std::string& why) {
  for (const auto& slot : slots_) {
    if (slot->status.busy() && slot->stop) slot->stop->request(why);
  }
}

Awaitable<void> StationRig::all_ended() {
  ending_ = true;
  changed_.notify_all();
  const auto busy = [](const auto& slot) { return !slot->is_free() || slot->watched; };
  while (std::ranges::any_of(slots_, busy)) co_await changed_.wait_until(timeline_.now() + std::chrono::seconds{1});
}

bool StationRig::disk_hangs() const {
  return disk_.hangs() ||
         std::ranges::any_of(slots_, [](const auto& slot) { return slot->run && slot->run->disk_hangs(); });
}

void StationRig::tell_changed(const Slot& slot) {
  if (listener_ != nullptr) listener_->changed(slot.status);
}

void StationRig::tell_bench() {
  if (listener_ != nullptr) listener_->bench_changed(heard_->status());
}

}  // namespace penrig::cli
