#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/sim/plant_parameters.hpp"
#include "rig/base/result.hpp"

namespace penrig::swarm {

/// Which defects are drawn, and how often one is there at all.
struct DefectMix {
  std::string text = "all";  ///< as it was written
  std::vector<sim::DefectInfo> defects;
  double share = 0.6;
};
/// "none", "all", or names of sim::defects() by comma; "/0.9" behind it is the share of seeds that have one.
/// Errc::usage: an unknown name (with the nearest), a share outside 0 to 1.
Result<DefectMix> parse_defect_mix(std::string_view text);

/// The pen of one seed. A pen without a defect has what production gives: `plant` with its own spreads. Sizes are drawn
/// uniformly over what the defect states.
struct DrawnPen {
  std::string defect = "none";
  std::string unit;
  double size = 0, size_from = 0, size_to = 0;  ///< from, to: of which it was drawn
  bool never_passes = false;  ///< whatever the measurements are: the rig is broken, or it is another pen
  sim::PlantParameters plant;
};
DrawnPen draw_pen(std::uint64_t seed, const DefectMix& mix, const sim::PlantParameters& plant);

}  // namespace penrig::swarm
