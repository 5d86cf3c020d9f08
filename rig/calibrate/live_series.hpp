#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rig/calibrate/live_points.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig {

/// What a hand at the bench is asked for.
struct HandRequest {
  const PlannedPoint& point;
  std::size_t number, of;  ///< this point, counted from 1, of so many
  std::string complaint;   ///< why the reading of this point was no good; empty: it is the first time
};

/// Whoever applies what is measured against: a person at the bench, or a simulated bench's own hand.
class CalibrationHand {
 public:
  virtual ~CalibrationHand() = default;
  /// Returns when the value of the point is applied, or was read off the reference: what it is in fact, in the unit of
  /// the kind's first column; none: this point is left out. Errc::aborted: the series is to end.
  /// @param halted  looks whether the bench must stop; asked at least every 0.2 s of real time while somebody is waited
  ///                for, and its reason is then returned.
  virtual Awaitable<Result<std::optional<double>>> apply(HandRequest request,
                                                         std::function<std::optional<Error>()> halted) = 0;
};

/// The bench that a series is taken from. All references outlive the series.
struct LiveBench {
  Timeline& timeline;
  const RigDescription& rig;
  std::string slot;
  ConnectBench connect;
  RunObserver& observer;
  StopRequest& stop;
};

/// What is taken.
struct LiveSeries {
  const CalibrationTarget& target;
  std::vector<PlannedPoint> points;  ///< not of a time base
  double settle_s = 0.5;             ///< after a value was applied
  double read_s = 1;                 ///< what a reading is the mean of
  double duration_s = 600;           ///< of a time base, with `clock_readings` spread over it
  std::size_t clock_readings = 21;
  CalibrationHand* hand = nullptr;  ///< not of a time base
  /// Makes all points so far durable. Runs away from the loop.
  std::function<Result<void>(const std::vector<LivePoint>&)> keep{};
};

/// How a series ended.
struct LiveEnd {
  std::vector<LivePoint> points;  ///< all that were kept
  std::optional<Error> stopped;   ///< why it is not whole
  bool reached = false;           ///< the bench was connected, so it may have been told to move
  std::optional<PenIdentity> pen;
  std::optional<DaqIdentity> daq;
  std::optional<double> temperature_c, humidity_percent;
};

/// Connects as a run does (identity, safe state, clocks, stream, tare, the DAQ's own limits; whatever pen stands in the
/// slot), takes the points of the series one after another, and leaves the bench in the safe state, also after an
/// error or a stop. Interlocks are watched all the time. A reading that is not at rest is read again three times, then
/// the hand is asked. Never throws for anything that a device, a link or a disk does.
Awaitable<LiveEnd> take_series(LiveBench bench, LiveSeries series);

}  // namespace penrig
