#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tools/penrig/slot_run.hpp"
#include "tools/penrig/stop_signals.hpp"

namespace penrig::cli {

/// Runs in slots of one rig at the same time, from what was read and found whole to their papers.
class SideBySide {
 public:
  SideBySide(Timeline& timeline, StopRequest& stop, StopSignals& signals)
      : timeline_(timeline), stop_(stop), signals_(signals) {}

  /// One slot's run was not begun; the others go on. Called in any order, once a slot.
  using Refused = std::function<void(std::size_t i, const Error& error)>;
  /// @param each      at least one, of one rig, in slots that differ.
  /// @param prepared  of each, without a mistake.
  /// @param view      outlives this.
  /// An error: nothing was begun in any, beside those that were refused.
  Result<void> run(const std::vector<RunOptions>& each, std::vector<PreparedRun> prepared,
                   const std::function<RunView&(std::size_t i)>& view, const Refused& refused);

  /// Those that were begun, in the order of their slots.
  const std::vector<std::unique_ptr<SlotRun>>& runs() const { return runs_; }
  /// Null where none was begun.
  RecordStore* store() const { return rig_ ? rig_->store.get() : nullptr; }
  /// SlotRun::disk_hangs, of any.
  bool disk_hangs() const;

 private:
  Timeline& timeline_;
  StopRequest& stop_;
  StopSignals& signals_;
  std::unique_ptr<RigInHand> rig_;
  std::vector<std::unique_ptr<SlotRun>> runs_;
};

}  // namespace penrig::cli
