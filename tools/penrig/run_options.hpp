#pragma once

#include <functional>

#include "tools/penrig/commands.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// `penrig run`, one slot or several.
void add_run(CLI::App& app, RunSlotsOptions& options, const CLI::Validator& not_empty,
             const CLI::Validator& replaceable, std::function<ExitCode()>& chosen);

}  // namespace penrig::cli
