#pragma once

#include <string>

namespace penrig::test {

/// A plan with a prompt of each kind.
inline const std::string kAskingPlan = PENRIG_SOURCE_DIR "/rig/plans/inspect-pro.yaml";

}  // namespace penrig::test
