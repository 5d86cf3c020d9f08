#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "rig/measure/corrections.hpp"
#include "rig/spec/load.hpp"

namespace penrig::cli {

/// `--without NAME[,NAME]`.
void add_without(CLI::App& app, std::vector<std::string>& names);

/// The corrections of those names; a name that is none is a mistake that says what was meant.
WithoutCorrections read_without(const std::vector<std::string>& names, std::vector<Mistake>& mistakes);

}  // namespace penrig::cli
