#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rig/ports/prompter.hpp"

namespace penrig::cli {

/// Asks whoever sits at the terminal: on stderr, answered by a line on the standard input. Enter alone answers nothing,
/// and nothing is preselected; what was typed before the question was there is thrown away.
/// @param who               for the record.
/// @param plan_folder       where the pictures lie.
/// @param look_for_signals  called while it waits.
std::unique_ptr<Prompter> make_terminal_prompter(Timeline& timeline, std::string who, std::string plan_folder,
                                                 std::function<void()> look_for_signals);

}  // namespace penrig::cli
