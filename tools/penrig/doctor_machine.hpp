#pragma once

#include <filesystem>

#include "tools/penrig/doctor_finding.hpp"

namespace penrig::cli {

/// What the kernel says of the system clock, as adjtimex() gives it.
struct ClockState {
  bool synchronised = false;
  double max_error_s = 0;
};
ClockState clock_state();
/// Records carry the machine's time, and their log must not run backwards.
Finding clock_finding(const ClockState& clock);

/// Programs that open serial ports by themselves and talk to whatever is plugged in, or take its adapter for theirs.
/// @param proc  "/proc"
Findings port_takers(const std::filesystem::path& proc);

/// The place for the lock files that keep two programs off one rig.
Finding lock_place();

}  // namespace penrig::cli
