#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/penrig/exit_code.hpp"

namespace penrig::cli {

/// `penrig export`.
struct ExportOptions {
  std::string records = "records";
  std::vector<std::string> runs;  ///< in the order in which they are written; empty: those that the filters leave
  std::string serial_number, plan_name;
  bool all = false;
  std::string csv_wide, csv_long, limits, json, wsjf, junit, bundle;  ///< files; empty: none
  int process_code = 10;                                              ///< of WATS
  std::string keys;                                                   ///< folder; empty: the usual one
  std::string paper = "a4";                                           ///< of the bundle's certificate
  bool json_schema = false;
};

void add_export(CLI::App& app, ExportOptions& options, const CLI::Validator& not_empty,
                std::function<ExitCode()>& chosen);

/// Writes each file whole or not at all, once all runs were read; one of them may be kStandardOutput.
ExitCode export_command(const ExportOptions& options);

}  // namespace penrig::cli
