#pragma once

#include "tools/penrig/suite_plan.hpp"

namespace penrig::cli {

/// `--slots all`, `--slots 1,3`: which runs go side by side, and in which slots. A round takes the next runs of one rig
/// in their order, each pen once, each slot once; those of an entry that names its slot only there. The same whatever
/// has been run already, so that a suite that is taken up again puts each pen where it would have been.
/// Mistakes (a slot that the rig does not have, or that --slots leaves out) are added to the suite's.
void place_in_slots(LoadedSuite& loaded, const SuiteOptions& options);

}  // namespace penrig::cli
