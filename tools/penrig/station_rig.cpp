#include "tools/penrig/station_rig.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "rig/spec/measurand.hpp"
#include "rig/spec/serial_number.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/requirement_table.hpp"
#include "tools/penrig/tapped_sink.hpp"

namespace penrig::cli {
namespace {

Error as_one(const std::vector<Mistake>& mistakes) {
  return fail(Errc::usage, render_mistakes(mistakes, {}, "nothing has moved, no record was opened."));
}

const SourceDocument* rig_document(const Inputs& inputs) {
  const auto found = std::ranges::find(inputs.documents, std::string("rig"), &SourceDocument::kind);
  return found == inputs.documents.end() ? nullptr : &*found;
}

std::string deciding_text(const RunOutcome& outcome) {
  if (!outcome.deciding || *outcome.deciding >= outcome.decisions.size()) return {};
  const Decision& decision = outcome.decisions[*outcome.deciding];
  const Measurement& m = outcome.measurements.at(decision.measurement);
  const MeasurandInfo* info = find_measurand(m.measurand);
  return fmt::format("{}, {}, {}", decision.requirement_id, info == nullptr ? decision.title : std::string(info->title),
                     where(m, " at "));
}

}  // namespace

/// A slot, what runs in it, and what is said of that.
class StationRig::Slot final : public RunView {
 public:
  Slot(StationRig& rig, std::string name) : rig_(rig) { status.slot = std::move(name); }

  bool busy() const {
    return status.state == SlotStatus::State::checking || status.state == SlotStatus::State::running;
  }
  void begin(const RunIntroduction&) override {
    status.state = SlotStatus::State::running;
    rig_.tell_changed(*this);
  }
  void progress(const Progress& progress) override {
    // Five a second are enough for a page.
    const TimePoint now = rig_.timeline_.now();
    status.progress = progress;
    if (now - told_ < std::chrono::milliseconds{200}) return;
    told_ = now;
    rig_.tell_changed(*this);
  }
  void end(const RunEnd& end) override {
    const RunOutcome& outcome = end.result.outcome;
    status.state = SlotStatus::State::ended;
    status.run_id = end.result.run_id;
    status.verdict = end.result.record_durable ? outcome.verdict : worst(outcome.verdict, Verdict::error);
    status.reason =
        end.result.record_durable ? outcome.reason : "the record is not on disk: " + end.result.record_error;
    status.decided_by = end.result.record_durable ? deciding_text(outcome) : "";
    status.safe_state_confirmed = outcome.safe_state_confirmed;
    rig_.tell_changed(*this);
  }

  SlotStatus status;
  std::unique_ptr<StopRequest> stop;
  std::unique_ptr<TappedSink> tap;
  std::unique_ptr<SlotRun> run;  ///< the last one

 private:
  StationRig& rig_;
  TimePoint told_{};
};

StationRig::StationRig(Timeline& timeline, RunOptions each)
    : timeline_(timeline), each_(std::move(each)), disk_(timeline, {}, {}), changed_(timeline) {}

StationRig::~StationRig() = default;

Result<std::unique_ptr<StationRig>> StationRig::open(Timeline& timeline, RunOptions each,
                                                     const std::vector<std::string>& plan_paths) {
  std::unique_ptr<StationRig> rig(new StationRig(timeline, std::move(each)));
  std::vector<Mistake> mistakes;
  for (const std::string& path : plan_paths) {
    const Inputs inputs = load_inputs(path, rig->each_.rig);
    mistakes.insert(mistakes.end(), inputs.mistakes.begin(), inputs.mistakes.end());
    if (!inputs.ok()) continue;
    OfferedPlan plan;
    plan.name = inputs.plan.name;
    plan.title = inputs.plan.title;
    plan.revision = inputs.plan.revision;
    plan.product = inputs.product.name;
    plan.serial_pattern = inputs.product.serial_pattern;
    plan.planned_s = planned_seconds(inputs.plan, inputs.rig);
    if (std::ranges::find(rig->plans_, plan.name, &OfferedPlan::name) != rig->plans_.end())
      return fail(Errc::usage, fmt::format("two plans are called '{}': rename one of them", plan.name));
    rig->plans_.push_back(std::move(plan));
    rig->plan_paths_.push_back(path);
  }
  if (!mistakes.empty()) return as_one(mistakes);
  rig->of_rig_ = load_rig_inputs(rig->each_.rig);
  if (!rig->of_rig_.ok()) return as_one(rig->of_rig_.mistakes);
  auto taken = RigInHand::take(timeline, rig->each_, rig->of_rig_);
  if (!taken) return taken.error();
  rig->rig_ = std::move(*taken);
  for (const SlotDescription& slot : rig->of_rig_.rig.slots) {
    rig->slots_.push_back(std::make_unique<Slot>(*rig, slot.name));
  }
  return rig;
}

std::string StationRig::rig_name() const { return of_rig_.rig.name; }
bool StationRig::simulated() const { return of_rig_.rig.simulated; }

std::vector<SlotStatus> StationRig::slots() const {
  std::vector<SlotStatus> all;
  for (const auto& slot : slots_) all.push_back(slot->status);
  return all;
}

StationRig::Slot* StationRig::find(const std::string& name) const {
  const auto found = std::ranges::find(slots_, name, [](const auto& slot) { return slot->status.slot; });
  return found == slots_.end() ? nullptr : found->get();
}

Result<void> StationRig::start(const StartRequest& request) {
  Slot* const slot = find(request.slot);
  if (slot == nullptr) return fail(Errc::usage, fmt::format("the rig has no slot '{}'", request.slot));
  if (slot->busy()) {
    return fail(Errc::refused, fmt::format("slot {} is busy with {}: stop that first, or wait for its end",
                                           request.slot, slot->status.serial_number));
  }
  for (const auto& other : slots_) {
    if (!other->busy() || other->status.serial_number != request.serial_number) continue;
    return fail(Errc::refused,
                fmt::format("{} is being judged in slot {} right now", request.serial_number, other->status.slot));
  }
  const auto plan = std::ranges::find(plans_, request.plan, &OfferedPlan::name);
  if (plan == plans_.end()) return fail(Errc::usage, fmt::format("no plan '{}' is offered here", request.plan));
  if (!fits_serial_pattern(request.serial_number, plan->serial_pattern)) {
    return fail(Errc::usage, fmt::format("'{}' is no serial number of {}, which plan '{}' is for (they look like {})",
                                         penrig::shown(request.serial_number), plan->product, plan->name,
                                         plan->serial_pattern));
  }
  RunOptions options = each_;
  options.plan_path = plan_paths_[static_cast<std::size_t>(plan - plans_.begin())];
  options.slot = request.slot;
  options.serial_number = request.serial_number;
  options.operator_name = request.who;
  options.reason = request.reason;
  slot->run.reset();  // gives back the slot's devices, for the next
  slot->stop = std::make_unique<StopRequest>(timeline_);
  slot->status = SlotStatus{};
  slot->status.slot = request.slot;
  slot->status.state = SlotStatus::State::checking;
  slot->status.serial_number = request.serial_number;
  slot->status.plan = plan->name;
  slot->status.product = plan->product;
  tell_changed(*slot);
  timeline_.spawn(run(*slot, std::move(options)));
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
  const SourceDocument* now = rig_document(prepared->inputs);
  const SourceDocument* then = rig_document(of_rig_);
  if (now == nullptr || then == nullptr || now->sha256 != then->sha256) {
    co_return fail(Errc::refused, fmt::format("the rig's description {} was changed since the station began: start the "
                                              "station again",
                                              each_.rig));
  }
  slot.run = std::make_unique<SlotRun>(std::move(options), std::move(*prepared), slot, *slot.stop, [] {});
  slot.run->record_through([this, &slot](RecordSink& store) -> RecordSink& {
    slot.tap = std::make_unique<TappedSink>(store, [this, &slot](const WaveformHead& head, const SampleBlock& block) {
      if (listener_ != nullptr) listener_->samples(slot.status.slot, head, block);
    });
    return *slot.tap;
  });
  if (auto locked = slot.run->lock(); !locked) co_return locked.error();
  if (auto valid = check_calibration(rig_->rig, timeline_.utc_ns(timeline_.now())); !valid) co_return valid.error();
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
  const Result<void> ready = co_await make_ready(slot, std::move(options));
  if (ready) {
    co_await slot.run->go();
  } else {
    slot.run.reset();
    slot.status.state = SlotStatus::State::refused;
    slot.status.reason = ready.error().message;
    spdlog::error("slot {}: {}; nothing has moved in it, no record was opened", slot.status.slot, slot.status.reason);
    tell_changed(slot);
  }
  changed_.notify_all();
}

Result<void> StationRig::stop(const std::string& name, const std::string& why) {
  Slot* const slot = find(name);
  if (slot == nullptr) return fail(Errc::usage, fmt::format("the rig has no slot '{}'", name));
  if (!slot->busy()) return fail(Errc::refused, fmt::format("nothing runs in slot {}", name));
  slot->stop->request(why);
  return {};
}

void StationRig::stop_all(const std::string& why) {
  for (const auto& slot : slots_) {
    if (slot->busy()) slot->stop->request(why);
  }
}

Awaitable<void> StationRig::all_ended() {
  const auto busy = [](const auto& slot) { return slot->busy(); };
  while (std::ranges::any_of(slots_, busy)) co_await changed_.wait_until(timeline_.now() + std::chrono::seconds{1});
}

bool StationRig::disk_hangs() const {
  return disk_.hangs() || std::ranges::any_of(slots_, [](const auto& slot) { return slot->run && slot->run->disk_hangs(); });
}

void StationRig::tell_changed(const Slot& slot) {
  if (listener_ != nullptr) listener_->changed(slot.status);
}

}  // namespace penrig::cli
