#pragma once

#include "rig/base/timeline.hpp"

namespace penrig {

/// What a fault script does to the machine of a virtual timeline. No effect on a real one.

/// The wall clock is set: utc_ns() of now and later is so much more (or less).
void step_wall_clock(Timeline& timeline, Nanoseconds by);
/// Work given to run_blocking() takes so long from now on; the loop goes on meanwhile. 0 = no time, as at the start.
void make_blocking_work_take(Timeline& timeline, Nanoseconds time);

}  // namespace penrig
