#include "rig/measure/capture.hpp"

#include <algorithm>
#include <cmath>

namespace penrig {

void Capture::samples(const SampleBlock& block) {
  if (force.empty()) {
    first_tick = block.first_tick;
    ticks_per_sample = block.ticks_per_sample;
  } else {
    // Ticks are whole numbers, so a block's first may be rounded by one; half a sample away is another instant.
    const double expected = static_cast<double>(first_tick) + static_cast<double>(force.size()) * ticks_per_sample;
    const double off = std::abs(static_cast<double>(block.first_tick) - expected);
    if (block.ticks_per_sample != ticks_per_sample || !(off <= std::max(1.0, 0.5 * ticks_per_sample))) {
      gaps.push_back({force.size(), "the device's clock does not continue the block before"});
    }
  }
  if (block.position.size() != block.force.size() || block.stage.size() != block.force.size()) {
    gaps.push_back({force.size(), "the channels of a block differ in length"});
    return;
  }
  force.insert(force.end(), block.force.begin(), block.force.end());
  position.insert(position.end(), block.position.begin(), block.position.end());
  stage.insert(stage.end(), block.stage.begin(), block.stage.end());
}

void Capture::gap(const std::string& reason) { gaps.push_back({force.size(), reason}); }

}  // namespace penrig
