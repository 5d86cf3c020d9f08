#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/measure/link_level.hpp"
#include "rig/measure/spot_surfaces.hpp"
#include "rig/measure/touch.hpp"
#include "rig/run/capture_keeper.hpp"
#include "rig/run/disk_work.hpp"
#include "rig/run/safety.hpp"
#include "rig/run/sequencer.hpp"
#include "rig/run/shared_rig.hpp"
#include "rig/run/sheet_spots.hpp"
#include "rig/run/standing_needles.hpp"
#include "rig/run/stream_router.hpp"
#include "rig/spec/pen_link.hpp"

namespace penrig {

/// What the phases of one run share. Lives as long as the run, and as the disk work that was begun for it; one
/// coroutine at a time works with it.
struct RunState : std::enable_shared_from_this<RunState> {
  explicit RunState(RunJob job_in);
  ~RunState();
  RunState(const RunState&) = delete;
  RunState& operator=(const RunState&) = delete;

  RunJob job;
  std::shared_ptr<SharedRig> shared;            ///< never null
  std::shared_ptr<StartPatterns::Place> place;  ///< of its slot among others; null on a rig with one slot
  Timeline& timeline;
  const Calibrations& calibrations;
  TimePoint began;
  std::unique_ptr<BenchPorts> ports;
  Pen* driven = nullptr;  ///< the pen over the link that drives it now; while ports is set
  Safety safety;
  StandingNeedles needles;
  StreamRouter router;
  DiskWork disk;

  std::optional<PenIdentity> pen;
  std::optional<DaqIdentity> daq;
  ClockRelation clock;
  Tare tare;
  std::optional<ReferenceZero> zero_before, zero_after;  ///< by all corrections: where the bench may go
  std::optional<ReferenceZero> measuring_zero;           ///< zero_before as this run measures
  std::map<PenLink, LinkTold> links;                     ///< over which the pen was spoken to
  SheetSpots spots;
  std::vector<SpotSurface> surfaces;  ///< that were touched, in this order
  CaptureKeeper captures{*this};

  std::vector<PhaseRecord> phases;  ///< as recorded, every attempt
  RunOutcome outcome;
  bool streaming = false;
  bool clocks_disagree = false;  ///< it was said
  bool connected_once = false;   ///< a link to the bench was open, so it may have been told to move

  /// Of the bench, as the DAQ said last; none without a link.
  std::optional<double> temperature_c() const;
  /// What counts are made numbers of by, at the bench's temperature of now.
  InForce in_force() const { return {calibrations, job.without, temperature_c()}; }

  /// The pen over the link that drives it now. Only while ports is set.
  Pen& the_pen() const { return *driven; }
  PenLink driven_over() const { return pen_link_of(driven->link_name()); }

  double seconds_since_began() const { return static_cast<double>((timeline.now() - began).count()) * 1e-9; }
  void note(RunEvent event);
  void keep_latency(const CommandReceipt& receipt) {
    links[driven_over()].command_latencies_ms.push_back(
        static_cast<double>((receipt.acknowledged - receipt.sent).count()) * 1e-6);
  }
  void warn(const std::string& text) { note(RunEvent{0, "warning", text, std::nullopt}); }

  // Progress: planned seconds of what is done, and of what is running.
  double planned_total_s = 0, planned_done_s = 0;
  std::size_t step = 0;  ///< which of the plan's steps
  void show(const std::string& label, double planned_s, double share, std::uint64_t stroke = 0,
            std::uint64_t strokes = 0);
};

/// Result of a phase that is no more than "it went well" or why not.
using PhaseOutcome = Result<void>;

/// "2.5 mm at 9000/min"
std::string setting_name(double depth_mm, double rate_per_min);

}  // namespace penrig
