#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/penrig/exit_code.hpp"
#include "tools/penrig/quality_command.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// Where a study comes from and goes to.
struct StudyFiles {
  std::string csv, html;  ///< empty: none
  std::string unit;       ///< of the values, for tables and plots
  bool json = false;
};

/// `penrig study grr`.
struct GrrOptions {
  StudyFiles files;
  std::string part, appraiser, value;  ///< columns; empty: the usual names
  bool nested = false;
  std::optional<double> tolerance;  ///< upper - lower limit
  double accept_percent = 10;
  unsigned categories = 5;
  // A study of the rig itself, in place of a table.
  std::string plan, of;                        ///< the plan to run; or the trail of a study that was run
  std::vector<std::string> rigs, slots, pens;  ///< appraisers are rigs x slots, parts are pens
  unsigned trials = 3;
  std::uint64_t seed = 1;  ///< of the order
  std::string records = "records", operator_name, keys, measurand, only;
  bool resume = false, sheet = false;  ///< sheet: the order alone; nothing moves
};
/// @return 0 acceptable; 1 not, or not clearly; 2 or 3 where readings are missing since runs were stopped or ended in
///         ERROR; 4 a mistake of the table or the command line.
ExitCode study_grr_command(const GrrOptions& options);
/// The same of the rig: runs what is missing, in a random order, without a word of what was measured; then evaluates.
ExitCode study_rig_command(const GrrOptions& options);

/// `penrig study linearity`.
struct LinearityOptions {
  StudyFiles files;
  std::string part, reference, value;
  std::optional<double> allowed_bias;  ///< either way, in the unit of the readings
};
ExitCode study_linearity_command(const LinearityOptions& options);

/// `penrig study type1`.
struct TypeOneOptions {
  StudyFiles files;
  std::string value;
  double reference = 0, tolerance = 0;
  double least = 1.33;
};
ExitCode study_type_one_command(const TypeOneOptions& options);

/// `penrig study size`.
struct StudySizeOptions {
  std::optional<double> difference, margin, sd;  ///< of a comparison
  bool pairs = false;
  std::size_t family = 1;
  double power = 0.9;
  std::optional<double> share;  ///< of a tolerance interval, in percent
  double confidence = 95;
  std::optional<std::size_t> parts;  ///< of a gage study
  std::size_t appraisers = 3;
  double factor = 1.3;
  std::optional<double> good, bad;  ///< of acceptance sampling, percent nonconforming
  double alpha = 5, beta = 10;
  bool json = false;
};
ExitCode study_size_command(const StudySizeOptions& options);

struct StudyOptions {
  GrrOptions grr;
  LinearityOptions linearity;
  TypeOneOptions type_one;
  StudySizeOptions size;
  StabilityOptions stability;
};
void add_study(CLI::App& app, StudyOptions& options, const CLI::Validator& not_empty, const CLI::Validator& replaceable,
               std::function<ExitCode()>& chosen);

}  // namespace penrig::cli
