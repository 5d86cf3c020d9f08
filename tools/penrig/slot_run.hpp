#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fixtures/crossed_cables.hpp"
#include "fixtures/faults/faulty_bench.hpp"
#include "reports/evidence/key_ring.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/prompter.hpp"
#include "rig/run/shared_rig.hpp"
#include "tools/penrig/certifying.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/rig_lock.hpp"
#include "tools/penrig/run_papers.hpp"
#include "tools/penrig/run_view.hpp"
#include "tools/penrig/traced_run.hpp"

namespace penrig::cli {

/// A rig in this program's hands: its records, who signs them, and what its slots share. Outlives the runs in them, and
/// their timeline.
struct RigInHand {
  Timeline& timeline;
  std::unique_ptr<RecordStore> store;
  std::shared_ptr<const KeyRing> keys;  ///< null: nobody signs
  RigDescription rig;                   ///< as it is described: filed calibrations are each run's own
  std::shared_ptr<SharedRig> shared;
  std::unique_ptr<CrossedCables> crossed;  ///< of a simulated rig

  /// Opens the store and reads all of that; runs that a dead program left are closed. Errors as those of the store, and
  /// calibration.
  static Result<std::unique_ptr<RigInHand>> take(Timeline& timeline, const RunOptions& options, const Inputs& inputs);
};

/// One run in one slot: from what was read and found whole, to its papers. Stays where it is. In this order: lock(),
/// check(), go(); each only if the one before went well.
class SlotRun {
 public:
  /// @param look  called whenever the run tells something; looks for signals where nothing else does.
  SlotRun(RunOptions options, PreparedRun prepared, RunView& view, StopRequest& stop, std::function<void()> look);
  ~SlotRun();
  SlotRun(const SlotRun&) = delete;
  SlotRun& operator=(const SlotRun&) = delete;

  const RunOptions& options() const { return options_; }
  const PreparedRun& prepared() const { return prepared_; }
  const std::string& slot() const { return prepared_.slot.name; }

  /// Puts something between the run and its store; call it before go(). What it gives outlives the run.
  void record_through(std::function<RecordSink&(RecordSink&)> between) { between_ = std::move(between); }

  /// Who is asked what was not answered beforehand; call it before go(). It outlives the run. Else, where the options
  /// say so, whoever sits at the terminal.
  void ask_through(Prompter& prompter) { asked_ = &prompter; }

  /// Takes the slot's devices for this program. Errc::locked names who has them.
  Result<void> lock();
  /// Everything else that is refused before anything moves; takes the calibrations that are in force now. Reads and
  /// writes the store; may be called on a worker.
  Result<void> check(RigInHand& rig);
  /// The run, its papers, and what the view says of them. Afterwards the result is there.
  Awaitable<void> go();

  const RunResult& result() const { return finished_.result; }
  /// Of a run that has ended.
  ExitCode exit_code() const;
  /// A worker waits for a disk that does not answer: whoever ends must not wait for it (RunResult::disk_hangs).
  bool disk_hangs() const { return disk_hangs_; }

 private:
  class Watching;
  class Asking;
  struct Finished {
    RunResult result;
    std::int64_t on_disk_utc_ns = 0;
  };
  /// Of a simulated slot whose DAQ's cable was swapped with another's.
  std::optional<std::size_t> crossed_side() const;
  ConnectBench connect_to(RigInHand& rig, bool with_ble);
  RunJob make_job(RigInHand& rig);
  Awaitable<RunPapers> papers();
  void introduce() const;

  RunOptions options_;
  PreparedRun prepared_;
  RunView& view_;
  StopRequest& stop_;
  std::function<void()> look_;
  std::function<RecordSink&(RecordSink&)> between_;
  RigLock lock_;
  RigInHand* rig_ = nullptr;
  Certifying certifying_;
  CalibrationChoice calibrated_;
  RigDescription calibrated_rig_;  ///< with those
  PlanCounts counts_;
  SlotDescription slot_;  ///< with the links that the plan needs
  std::unique_ptr<faults::FaultyBench> simulated_;
  std::unique_ptr<TracedRun> traced_;
  std::unique_ptr<Watching> watching_;
  Prompter* asked_ = nullptr;
  std::unique_ptr<Prompter> terminal_;
  std::unique_ptr<Asking> asking_;
  Finished finished_;
  std::string junit_error_;
  bool disk_hangs_ = false;
};

/// Says that the slot is locked, and what then has to be done; a rig in this process is never locked.
Result<void> tell_of_lock(RecordStore& store, const RunOptions& options, const PreparedRun& prepared);

}  // namespace penrig::cli
