#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/penrig/exit_code.hpp"

namespace penrig::cli {

/// `penrig run`: what the user asked for.
struct RunOptions {
  std::string plan_path;
  std::string rig;  ///< a YAML file, or `sim:...`
  std::string serial_number;
  std::string slot;  ///< empty: the rig's only slot
  std::string operator_name;
  std::string records = "records";
  std::string junit_path;  ///< empty: none
  bool json = false;
  bool report = true;
};
ExitCode run_command(const RunOptions& options);

/// `penrig sim`: a simulated rig on pseudo-terminals, until SIGINT or SIGTERM.
struct SimOptions {
  std::uint64_t seed = 1;
  std::vector<std::string> defects;
  std::string plant_path;  ///< empty: the shipped plant
  unsigned slots = 1;
  std::vector<std::string> serial_numbers;  ///< of the pens, slot by slot; the rest is PRO-0001, PRO-0002, ...
  std::string write_rig;                    ///< empty: none
  bool ideal_calibrations = false;
  bool list_defects = false;
  bool json = false;
};
ExitCode sim_command(const SimOptions& options);

/// `penrig plan check`.
struct PlanCheckOptions {
  std::string plan_path;
  std::string rig;  ///< empty: only plan and product
};
ExitCode plan_check_command(const PlanCheckOptions& options);

/// `penrig ports`.
ExitCode ports_command(bool json);

/// `penrig records list`.
struct RecordsListOptions {
  std::string records = "records";
  std::string serial_number;  ///< empty: all
  bool json = false;
};
ExitCode records_list_command(const RecordsListOptions& options);

/// `penrig records show`.
struct RecordsShowOptions {
  std::string records = "records";
  std::string run_id;  ///< empty: the newest
  bool json = false;
};
ExitCode records_show_command(const RecordsShowOptions& options);

/// `penrig report`.
struct ReportOptions {
  std::string records = "records";
  std::string run_id;
  std::string html_path;
};
ExitCode report_command(const ReportOptions& options);

/// Takes the command line apart and does what it says.
/// @return the exit code; 4 for every mistake in the command line.
int command_line(int argc, const char* const* argv);

}  // namespace penrig::cli
