#pragma once

#include <functional>
#include <string>

#include "tools/penrig/commands.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

struct RemarkOptions;

/// The option --records of a command, with its help.
void add_records_option(CLI::App& command, std::string& directory, const CLI::Validator& not_empty);

/// The options of `penrig records` and its commands, with their help; `remark`: of those that say something of a run.
void add_records_commands(CLI::App& app, RecordsOptions& options, RemarkOptions& remark,
                          const CLI::Validator& not_empty, std::function<ExitCode()>& chosen);

}  // namespace penrig::cli
