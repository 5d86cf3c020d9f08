#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/sim/plant_parameters.hpp"
#include "rig/base/result.hpp"

namespace penrig::swarm {

/// A defect of known size. Sizes are drawn uniformly, from far inside the shipped product's limits to far outside.
struct SizedDefect {
  std::string_view name;
  std::string_view unit;  ///< of the size; empty: it is there or not, size 1
  double least = 0, greatest = 0;
  std::string_view what;      ///< "added to every depth setting"
  bool never_passes = false;  ///< whoever has it may not be passed, whatever the measurements are
  void (*apply)(sim::PlantParameters&, double size) = nullptr;
};
std::span<const SizedDefect> sized_defects();

/// Which defects are drawn, and how often one is there at all.
struct DefectMix {
  std::string text = "all";  ///< as it was written
  std::vector<const SizedDefect*> defects;
  double share = 0.6;
};
/// "none", "all", or names by comma; ":0.9" behind it is the share of seeds that have one. Errc::usage: an unknown name
/// (with the nearest), a share outside 0 to 1.
Result<DefectMix> parse_defect_mix(std::string_view text);

/// The pen of one seed. A pen without a defect has what production gives: `plant` with its own spreads.
struct DrawnPen {
  std::string defect = "none";
  std::string unit;
  double size = 0;
  bool never_passes = false;
  sim::PlantParameters plant;
};
DrawnPen draw_pen(std::uint64_t seed, const DefectMix& mix, const sim::PlantParameters& plant);

}  // namespace penrig::swarm
