#pragma once

#include <string>
#include <vector>

#include "rig/spec/load.hpp"

namespace penrig::cli {

/// A mistake of an option as a whole.
Mistake option_mistake(std::string option, std::string message);
/// What --measurand names: one of the catalogue, or a prompt's answer ("answer:tip inspection"); "": nothing was asked.
void check_measurand(const std::string& name, std::vector<Mistake>& mistakes);

/// Those that are not there yet: the same mistake is found anew by each run that would begin with the file.
void add_new(std::vector<Mistake>& all, const std::vector<Mistake>& more);

}  // namespace penrig::cli
