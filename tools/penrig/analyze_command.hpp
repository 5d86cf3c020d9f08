#pragma once

#include <functional>

#include "tools/penrig/commands.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// The options of `penrig analyze`, with its help. The validators are those of every command.
void add_analyze(CLI::App& app, AnalyzeOptions& options, const CLI::Validator& not_empty,
                 const CLI::Validator& replaceable, std::function<ExitCode()>& chosen);

}  // namespace penrig::cli
