#pragma once

#include <iterator>
#include <string>

namespace penrig::cli {

/// "0.1.0".
extern const char* const kVersion;
/// Twelve digits of the commit, or "unknown" where it was built outside git.
extern const char* const kCommit;

/// fixtures/rigs/simulated.yaml as it was when the program was built.
std::string simulated_rig_yaml();
inline constexpr const char* kSimulatedRigName = "simulated.yaml (built in)";

}  // namespace penrig::cli
