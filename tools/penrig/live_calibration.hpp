#pragma once

#include "rig/base/timeline.hpp"
#include "rig/calibrate/live_points.hpp"
#include "tools/penrig/calibration_reader.hpp"

namespace penrig::cli {

/// A series that is taken from a rig, read and checked; nothing is open yet.
struct LivePlan {
  SlotDescription slot;
  std::vector<PlannedPoint> points;  ///< none of a time base
  bool by_itself = false;            ///< a simulated bench's own hand: nobody is asked
};

/// Slot, links, values: every mistake goes to the reader.
LivePlan plan_live(const CalibrateOptions& options, CalibrationReader& reader);

/// Takes the points, keeps them on disk as they come, and puts them with the air into the calibration, whose
/// `points_name` says where they are. What goes on is shown on stdout, with --json on stderr.
/// @return nothing if the series is whole; else the exit code, after the reason and what to do were said.
std::optional<ExitCode> take_live(const CalibrateOptions& options, const LivePlan& plan, CalibrationReader& reader,
                                  Timeline& timeline);

}  // namespace penrig::cli
