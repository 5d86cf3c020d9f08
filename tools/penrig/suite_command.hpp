#pragma once

#include <functional>
#include <string>

#include "tools/penrig/exit_code.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// `penrig suite check` and `run`.
struct SuiteOptions {
  std::string path, rig, slots, filter, records = "records", junit_path, operator_name, keys;
  bool resume = false, json = false, report = false;
};
/// @return 0 no mistake in the suite, in its plans, products and rigs; 4 mistakes, each with its place.
ExitCode suite_check_command(const SuiteOptions& options);
/// @return the worst of its runs; 4 for a mistake in the suite itself, and nothing was run.
ExitCode suite_run_command(const SuiteOptions& options);

void add_suite(CLI::App& app, SuiteOptions& options, const CLI::Validator& not_empty, const CLI::Validator& replaceable,
               std::function<ExitCode()>& chosen);

/// Says in a JUnit file that the suite was refused. Nothing without a file.
void write_suite_refused(const std::string& junit_path, const std::string& suite, const std::string& reason);

}  // namespace penrig::cli
