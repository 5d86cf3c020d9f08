#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reports/station/pre_check.hpp"
#include "rig/ports/rig_slots.hpp"
#include "rig/run/disk_work.hpp"
#include "tools/penrig/bench_heard.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/slot_run.hpp"

namespace penrig::cli {

/// The rig that a station drives: what `penrig run --slots` does, a slot at a time, when somebody asks for it. Outlives
/// the timeline's run; wait for all_ended() before it goes.
class StationRig final : public RigSlots {
 public:
  /// Reads rig and plans, and takes the store; slots whose last run was interrupted say so. The first error: mistakes
  /// as Errc::usage, all of them in its text.
  /// @param each   what is the same for all runs: rig, records, keys.
  static Result<std::unique_ptr<StationRig>> open(Timeline& timeline, RunOptions each,
                                                  const std::vector<std::string>& plan_paths);
  ~StationRig() override;

  std::string rig_name() const override;
  bool simulated() const override;
  const std::vector<OfferedPlan>& plans() const override { return plans_; }
  std::vector<SlotStatus> slots() const override;
  BenchStatus bench() const override { return heard_->status(); }
  Result<StartLacks> lacks(const StartRequest& request) const override;
  Result<void> start(const StartRequest& request) override;
  Result<void> stop(const std::string& slot, const std::string& why) override;
  void stop_all(const std::string& why) override;
  Result<std::string> answer(const std::string& slot, const std::string& id, const AnswerValue& value,
                             const std::string& who) override;
  std::optional<PromptImage> picture(const std::string& sha256) const override;
  Result<void> check(const std::string& slot) override;
  void tell(SlotListener* listener) override { listener_ = listener; }

  /// Asked before anything moves, when nothing here speaks against a run; an error refuses it.
  using PenCheck = std::function<Awaitable<Result<void>>(station::PenToCheck)>;
  void ask_before_runs(PenCheck check) { pen_check_ = std::move(check); }

  /// Waits until no run goes on and nobody looks at a slot; stop_all() comes before, or it takes as long as they do.
  Awaitable<void> all_ended();
  /// A worker waits for a disk that does not answer.
  bool disk_hangs() const;

 private:
  class Slot;
  StationRig(Timeline& timeline, RunOptions each);
  Result<void> add_plan(const std::string& path, std::vector<Mistake>& mistakes);
  Result<void> add_slots();
  Slot* find(const std::string& name) const;
  static Error no_slot(const std::string& name);
  /// The options of such a run; none: no such plan is offered, or no such pen is judged by it.
  Result<RunOptions> options_for(const StartRequest& request) const;
  /// Whether rig, plan and product are still what was read when this began, and is shown.
  Result<void> is_as_shown(const Inputs& inputs, const std::string& plan) const;
  /// What the machine's clock says by now, where nothing runs; where something does, an error if it was set.
  Result<void> read_clock();
  Awaitable<void> run(Slot& slot, RunOptions options);
  /// Everything up to the point where something moves; the slot's run is there then.
  Awaitable<Result<void>> make_ready(Slot& slot, RunOptions options);
  /// Whether whoever has to be asked says yes.
  Awaitable<Result<void>> ask_about(const Slot& slot, std::string who);
  Awaitable<void> look(Slot& slot);
  /// Looks at a slot with an open interlock again and again, until it is closed or a run begins there.
  Awaitable<void> watch_interlocks(Slot& slot);
  Awaitable<Result<void>> look_once(Slot& slot);
  ConnectBench connection_to(Slot& slot);
  void tell_changed(const Slot& slot);
  void tell_bench();
  std::int64_t now_utc_ns() const { return timeline_.utc_ns(timeline_.now()); }

  Timeline& timeline_;
  RunOptions each_;
  std::vector<OfferedPlan> plans_;
  std::vector<std::string> plan_paths_;                      ///< as plans_
  std::vector<std::vector<SourceDocument>> plan_documents_;  ///< likewise: plan, product, pictures as they were read
  Inputs of_rig_;                                            ///< as it was read when this began
  std::unique_ptr<RigInHand> rig_;
  std::unique_ptr<BenchHeard> heard_;
  std::vector<std::unique_ptr<Slot>> slots_;
  DiskWork disk_;
  std::vector<std::unique_ptr<SlotRun>> hanging_;  ///< what a worker that waits for the disk still looks at
  SlotListener* listener_ = nullptr;
  PenCheck pen_check_;  ///< empty: nobody is asked
  bool ending_ = false;
  Event changed_;
};

}  // namespace penrig::cli
