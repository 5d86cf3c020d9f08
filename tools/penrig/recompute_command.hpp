#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "reports/recompute/recompute.hpp"
#include "reports/recompute/rejudge.hpp"
#include "tools/penrig/exit_code.hpp"
#include "tools/penrig/terminal.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// `penrig recompute`.
struct RecomputeOptions {
  std::string run_id;  ///< empty: all that the selection holds
  std::string records = "records";
  std::string product_path;         ///< judge by these limits instead; empty: the record's own
  std::string serial_number, plan;  ///< of a selection
  bool all = false;                 ///< the whole store
  bool json = false;
};
/// @return 0 all is equal, or no verdict is overturned; 1 something differs; 3 data are missing or damaged; 4 a mistake
///         in what was written.
ExitCode recompute_command(const RecomputeOptions& options);

/// The command's options, with its help.
void add_recompute(CLI::App& app, RecomputeOptions& options, const CLI::Validator& not_empty,
                   std::function<ExitCode()>& chosen);

ExitCode exit_code_of(const Recomputation& recomputation);
void write_text(std::ostream& out, const TerminalStyle& style, const Recomputation& recomputation);
void write_text(std::ostream& out, const TerminalStyle& style, const Rejudgement& rejudgement);
/// One JSON object in one line.
void write_json(std::ostream& out, const Recomputation& recomputation);
void write_json(std::ostream& out, const Rejudgement& rejudgement);

}  // namespace penrig::cli
