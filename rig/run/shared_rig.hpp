#pragma once

#include "rig/run/leases.hpp"
#include "rig/run/start_pattern.hpp"

namespace penrig {

/// Moving a stage needs it.
inline constexpr const char* kStagePower = "the power of the stages";

/// What the runs in the slots of one rig share while they go on at the same time.
struct SharedRig {
  SharedRig(Timeline& timeline, const RigDescription& rig) : leases(timeline) {
    if (rig.stages_at_once > 0) leases.share(kStagePower, rig.stages_at_once);
  }

  Leases leases;
  StartPatterns patterns;
};

}  // namespace penrig
