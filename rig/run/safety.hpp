#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rig/base/watchdog.hpp"
#include "rig/ports/daq.hpp"
#include "rig/ports/pen.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig {

/// Watches everything that must stop the rig, beside the sequencer and whatever that is doing: interlock inputs and the
/// DAQ's own trips, force and depth in the samples, stale data and statuses, lost links, and the user's wish to stop.
/// The first reason halts the run for good; the safe-state commands leave at once, from here. A lost link, which a plan
/// may allow to be opened again, halts it as well, but all else is watched on. In real time also whether this very loop
/// stood still (rig/base/watchdog.hpp): nothing above could have been seen meanwhile.
class Safety {
 public:
  using Report = std::function<void(RunEvent)>;
  using ShowInterlocks = std::function<void(const DaqStatus&)>;

  /// @param loop_stalled  see RunJob.
  /// @param show          told what the DAQ says of its interlocks, at first and whenever that changes.
  Safety(Timeline& timeline, const RigDescription& rig, StopRequest& stop, Report report,
         std::function<void(Nanoseconds)> loop_stalled = {}, ShowInterlocks show = {});

  /// Watches these ports from now on. Call detach() and wait for it before they go.
  void attach(BenchPorts& ports);
  Awaitable<void> detach();
  /// From now on a DAQ that says its dead-man acted trips. Not before: a host that vanished left that latched, and
  /// set-up resets it.
  void arm_dead_man() { dead_man_armed_ = true; }

  /// The guard of the stream: force and depth limits on raw counts.
  void check(const SampleBlock& block);
  void set_force_zero(double counts) { force_zero_counts_ = counts; }
  void set_needle_zero(double reading_mm) { needle_zero_mm_ = reading_mm; }
  /// While true, a stream that falls silent for 300 ms trips.
  void expect_stream(bool yes);
  /// The silence of this link of the pen is meant (link-loss phase). nullptr: of none.
  void expect_silence_of(const Pen* link) { meant_to_be_silent_ = link; }

  /// Why the run must not go on; none while it may. The first reason, but whatever is no link's fault takes the place
  /// of a lost link, and a stalled loop that of a stop that somebody asked for.
  const std::optional<Error>& halted() const { return halted_; }
  /// A link that was lost may be opened again: takes that reason back. Only for link_lost, and if nothing else came.
  void forgive_link_loss();

  /// Waits until t; at once false when halted before.
  Awaitable<bool> wait_until(TimePoint t);

  /// Pen stop, over every link that it has, and stage withdraw, all at once; waits for all acknowledgements (bounded by
  /// their deadlines). The error of one that was not acknowledged: the pen's stop was if one of its links brought it.
  Awaitable<Result<void>> command_safe_state();

 private:
  /// A reason to stop, what the record calls it, and when the evidence of it reached this program.
  struct Trip {
    Error why;
    const char* kind;
    TimePoint evidence_at;
  };

  /// Nothing more can become of it: a lost link may be forgiven, so what comes after it counts.
  bool halted_for_good() const { return halted_ && halted_->code != Errc::link_lost; }
  void check_force(const SampleBlock& block);
  /// What the devices say or fail to say; of a run that is halted by a lost link already, what else there is.
  /// looked_at: when this found nothing last.
  std::optional<Trip> look_at_devices(BenchPorts& ports, TimePoint looked_at) const;
  void trip(Trip reason);
  void show_interlocks(const DaqStatus& status);
  /// The loop runs; trips if it had stood still.
  void beat();
  Awaitable<void> watch_devices(BenchPorts& ports);
  Awaitable<void> watch_stop(BenchPorts& ports);
  Awaitable<void> answer_trip(BenchPorts& ports, TimePoint evidence_at);

  Timeline& timeline_;
  const RigDescription& rig_;
  StopRequest& stop_;
  Report report_;
  std::function<void(Nanoseconds)> loop_stalled_;
  ShowInterlocks show_;
  std::optional<std::array<bool, 4>> shown_;  ///< since attached
  std::unique_ptr<Watchdog> watchdog_;        ///< while attached, in real time
  BenchPorts* ports_ = nullptr;
  std::optional<Error> halted_;
  std::optional<double> needle_zero_mm_;
  std::optional<double> force_zero_counts_;  ///< none before the tare
  const Pen* meant_to_be_silent_ = nullptr;
  bool dead_man_armed_ = false, stream_expected_ = false, detaching_ = false;
  TimePoint attached_at_, last_block_at_;
  int watchers_ = 0;
  Event changed_;
};

}  // namespace penrig
