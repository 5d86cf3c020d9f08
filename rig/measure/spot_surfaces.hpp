#pragma once

#include <span>
#include <string>

#include "rig/base/result.hpp"

namespace penrig {

/// Where a spot's surface was met, and how firm it was.
struct SpotSurface {
  std::string name;
  double x_mm = 0, y_mm = 0;
  double depth_mm = 0;  ///< axial stage reading at which the surface is level with the nose cone: more is deeper
  double kappa = 0;     ///< of the law of contact, N/mm^m
};

/// Each touch takes its spot for undisturbed. A spot that sank when a neighbour was used is not, and every depth on it
/// is as much too small; so the surfaces of a run's spots are held against each other. Of two already: neighbours of
/// which one lies on another step, or is much softer. Of more also, by place (level, line or plane, what the spots
/// allow): a spot that lies farther from where the rest puts it than the rest scatters (Student), and by more than a
/// sheet is uneven; one that is softer or firmer than the rest alike; and spots of which the deeper are the softer, as
/// those are whose neighbours were worn. On an even sheet it is wrong in one of ten thousand runs.
/// @param pitch_mm  from a spot to the next in its row or column.
/// @return Errc::not_determined: "spot E1 is sunk: ...".
Result<void> refuse_sunk_spots(std::span<const SpotSurface> spots, double pitch_mm);

}  // namespace penrig
