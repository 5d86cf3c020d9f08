#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "tools/penrig/exit_code.hpp"
#include "tools/penrig/series_source.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// Where a study over runs goes to.
struct QualityOutput {
  std::string html;  ///< empty: none
  bool json = false, all = false;
};

/// `penrig capability`.
struct CapabilityOptions {
  SeriesOptions source;
  QualityOutput output;
  std::string selection;
  double least = 1.33;
  std::size_t subgroup = 1;
  std::string per;  ///< "slot", "lot", "pen": each apart
  std::optional<double> reading_u, reading_nu;
};
ExitCode capability_command(const CapabilityOptions& options);

/// `penrig spc`.
struct SpcOptions {
  SeriesOptions source;
  QualityOutput output;
  std::string selection;
  std::string chart;              ///< "i-mr", "xbar-r", "xbar-s", "ewma", "cusum"; empty: by the subgroups
  std::string rules = "western";  ///< "western", "nelson", "limits"
  std::size_t subgroup = 1, reference = 0;
  std::string by;  ///< "slot", "lot", "pen", "day": a subgroup ends where it changes
  double lambda = 0.2, width = 2.962, allowance = 0.5, decision = 5;
};
ExitCode spc_command(const SpcOptions& options);

/// `penrig compare`.
struct CompareOptions {
  SeriesOptions source;
  QualityOutput output;
  std::string base, fresh;  ///< selections, `baseline:NAME`, or two files that end with .csv
  double margin_percent = 10;
  std::optional<double> margin;
};
ExitCode compare_command(const CompareOptions& options);

/// `penrig yield`.
struct YieldOptions {
  SeriesOptions source;
  QualityOutput output;
  std::string selection;
  double least_percent = 0;  ///< 0: nothing is asked
};
/// @return 0 nothing asked, or reached by the whole interval; 1 not, or not clearly; 4 a mistake, or no store.
ExitCode yield_command(const YieldOptions& options);

/// `penrig study stability`.
struct StabilityOptions {
  SeriesOptions source;
  QualityOutput output;
  std::string selection;
};
ExitCode stability_command(const StabilityOptions& options);
void add_stability(CLI::App& study, StabilityOptions& options, const CLI::Validator& not_empty,
                   const CLI::Validator& replaceable, std::function<ExitCode()>& chosen);

/// `penrig baseline pin` and `show`.
struct BaselineOptions {
  std::string records = "records";
  std::string name, selection, reason, operator_name, keys;
  bool json = false;
};
ExitCode baseline_pin_command(const BaselineOptions& options);
ExitCode baseline_show_command(const BaselineOptions& options);

struct QualityOptions {
  CapabilityOptions capability;
  SpcOptions spc;
  CompareOptions compare;
  BaselineOptions baseline;
  YieldOptions yield;
};
void add_quality(CLI::App& app, QualityOptions& options, const CLI::Validator& not_empty,
                 const CLI::Validator& replaceable, std::function<ExitCode()>& chosen);

}  // namespace penrig::cli
