#pragma once

#include "tools/penrig/suite_view.hpp"

namespace penrig::cli {

/// How a suite is run.
struct SuiteManner {
  bool blind = false;         ///< SuiteView's
  bool errors_again = false;  ///< what was no PASS and no FAIL is not done: it is run again when it is taken up again
};

/// Runs what its trail does not have yet, round by round, each run durable and entered before the next round begins;
/// the JUnit file is red until all of it is over. @return the worst of its runs. Before a pen is to be clamped by hand
/// (a real rig, a terminal, another pen than before) it is asked for.
ExitCode run_suite_items(const SuiteOptions& options, const LoadedSuite& loaded, SuiteTrail& trail,
                         SuiteManner manner = {});

/// Of a run that was counted on to fail it is held against the day.
CivilDate day_of_suite();

}  // namespace penrig::cli
