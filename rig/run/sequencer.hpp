#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rig/measure/corrections.hpp"
#include "rig/ports/bench_ports.hpp"
#include "rig/ports/observer.hpp"
#include "rig/ports/prompter.hpp"
#include "rig/ports/record_sink.hpp"
#include "rig/record/run_record.hpp"
#include "rig/run/disk_work.hpp"
#include "rig/spec/pen_link.hpp"
#include "rig/spec/plan.hpp"
#include "rig/spec/product.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// Asks a run to stop: safe state, ABORTED record. Set from a signal handler's completion, on the rig's thread.
class StopRequest {
 public:
  explicit StopRequest(Timeline& timeline) : changed_(timeline) {}
  void request(std::string why) {
    if (requested()) return;
    why_ = std::move(why);
    changed_.notify_all();
  }
  bool requested() const { return !why_.empty(); }
  const std::string& why() const { return why_; }
  Event& changed() { return changed_; }

 private:
  std::string why_;
  Event changed_;
};

struct SharedRig;

/// One run: what is to be done, with what, and who is told. All references outlive the run.
struct RunJob {
  Timeline& timeline;
  const Plan& plan;
  const Product& product;
  const RigDescription& rig;
  ConnectBench connect;
  RunHeader header;  ///< run_id, simulated, started_utc_ns, fixture and simulant are filled by the run
  RecordSink& sink;
  RunObserver& observer;
  StopRequest& stop;
  WithoutCorrections without{};  ///< switched off, to see what they do: nothing is a PASS then
  /// Called on the watchdog's thread when the event loop stands still, with for how long already. Must not block.
  std::function<void(Nanoseconds)> loop_stalled{};
  DiskBounds disk{};
  /// With the runs in other slots of the rig; null: it shares with nobody.
  std::shared_ptr<SharedRig> shared{};
  /// Who asks a person where the plan wants one; null: nobody, and such a plan is an ERROR before anything moves.
  Prompter* prompter{};
};

struct RunResult {
  std::string run_id;  ///< empty if the record could not be opened
  RunOutcome outcome;  ///< PASS only if the record is durable
  bool record_durable = false;
  std::string record_error;
  /// A worker still waits for the disk, and may for ever: the sink is in its hands, and a timeline that is destroyed
  /// waits for it. A program says what there is to say, and ends without either.
  bool disk_hangs = false;
  bool reached_bench = false;  ///< a link to it was open, so it may have been told to move

  /// What may be said of the run: a verdict whose record is not on disk is an ERROR at least.
  Verdict verdict() const { return record_durable ? outcome.verdict : worst(outcome.verdict, Verdict::error); }
};

/// How long a run takes at most from its first reason to stop until its safe state is confirmed, or said not to be,
/// whatever the devices do; a disk that hangs comes on top.
inline constexpr Nanoseconds kSafeStateBound = std::chrono::seconds{10};

/// Set-up, reference, phases, reference, teardown, judgement, record; in this order, teardown always.
/// Never throws for anything that a device, a link or a disk does.
Awaitable<RunResult> run_plan(RunJob job);

/// Planned rig time in seconds, from the same table that the progress uses.
double planned_seconds(const Plan& plan, const RigDescription& rig);

/// How many settings (sweep points, soak captures) and decisions a plan holds.
struct PlanCounts {
  std::uint64_t settings = 0, decisions = 0;
};
/// @param first  what the slot's first link is.
PlanCounts count_plan(const Plan& plan, const Product& product, PenLink first);

}  // namespace penrig
