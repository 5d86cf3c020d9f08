#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "tools/penrig/commands.hpp"

namespace penrig::cli {

/// run_quietly() of several runs at the same time, in slots of one rig that differ; what is refused keeps none of the
/// others from running.
/// @param progress  told while they go on: of which, and how far.
std::vector<RunTold> run_quietly(const std::vector<RunOptions>& each,
                                 const std::function<void(std::size_t i, const Progress& progress)>& progress);

}  // namespace penrig::cli
