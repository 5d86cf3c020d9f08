#pragma once

#include <string>
#include <vector>

#include "tools/penrig/commands.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::cli {

/// Those that `--slots all` means, in the order of the rig; those of `--slots 3,1` in the order in which they are
/// written, as pens and plans are.
std::vector<std::string> chosen_slots(const std::string& wanted, const RigDescription& rig,
                                      std::vector<Mistake>& mistakes);

/// The options of the run in each slot, in that order; or the mistakes that the command line made.
struct SlotsToRun {
  std::vector<RunOptions> each;
  std::vector<Mistake> mistakes;
};
/// @param rig  as its description has it.
SlotsToRun slots_to_run(const RunSlotsOptions& options, const RigDescription& rig);

/// Of several slots: ERROR before ABORTED before FAIL or INDETERMINATE. One in which nothing ran counts as an ERROR as
/// soon as something ran in another.
ExitCode worst_of(const std::vector<ExitCode>& codes, bool any_ran);

/// A thread still waits for the disk, and with it the store: nothing is tidied up; the records are closed as
/// INTERRUPTED by the next start.
[[noreturn]] void end_without_disk();

/// Says the mistakes where somebody looks, and that nothing has moved.
void tell_mistakes(const std::vector<Mistake>& mistakes, bool json);
/// What looks at plan and product alone, if one of them was not read.
void tell_next_check(const Inputs& inputs, const std::string& plan_path);

}  // namespace penrig::cli
