#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/study/run_selection.hpp"
#include "reports/study/value_series.hpp"
#include "rig/base/result.hpp"
#include "rig/spec/load.hpp"

namespace penrig::cli {

/// Which values a study takes: runs of a store, or a table.
struct SeriesOptions {
  std::string records = "records";
  std::string csv;                                   ///< empty: the store
  std::string measurand, only;                       ///< of a store; only: part of a measurement's title or key
  std::string value, pen, group, measurement, unit;  ///< of a table: columns, and the unit of all values
  std::optional<double> lower, upper;                ///< in place of what the records say; a table has none of its own
  bool mixed_revisions = false;
};

struct LoadedSeries {
  std::vector<ValueSeries> series;
  std::string words;                ///< "34 runs of 10 pens, plan eol-pro rev 1"
  ValuesRun newest{};               ///< of the runs; of a table nothing
  std::vector<std::string> runs{};  ///< their ids, oldest first; of a table nothing
  std::vector<double> days{};       ///< of each point of a series, when its run began; of a table nothing
};

/// @param selection  of runs: as RunSelection has it, or `baseline:NAME`; of a table it must be empty.
/// @param name       what the selection is called in mistakes, "BASE".
/// Mistakes of the command line and of the table are appended; an error is one of the store, or says why the runs are
/// not one thing.
Result<LoadedSeries> load_series(const SeriesOptions& options, const std::string& selection, const std::string& name,
                                 GroupBy group, std::vector<Mistake>& mistakes);

/// For a study that judges by limits: the first measurement whose runs were judged by different ones is a mistake,
/// unless the command line replaces what differs, or takes revisions together.
void check_limits(const std::vector<ValueSeries>& series, const SeriesOptions& options, std::vector<Mistake>& mistakes);

/// What a selection that names a baseline begins with.
inline constexpr std::string_view kBaseline = "baseline:";

/// What a selection of runs of a store says, or `baseline:NAME` pins.
Result<RunSelection> selection_of(const SeriesOptions& options, const std::string& text, const std::string& name,
                                  std::vector<Mistake>& mistakes);
/// "34 runs of 10 pens, plan eol-pro rev 1".
std::string words_of(const SelectedRuns& selected);

/// The numbers of the runs that a baseline pins, by the newest entry of that name in the audit trail.
struct Baseline {
  std::string name, selection, who, reason, entry;
  std::int64_t at_utc_ns = 0;
  std::vector<std::string> runs;
};
/// All, oldest first. Errc::bad_data: an entry whose signature does not count.
Result<std::vector<Baseline>> baselines_of(const std::string& records);
/// Errc::usage, with the name that was meant where one is near.
Error no_such_baseline(const std::string& name, const std::string& records, const std::vector<Baseline>& all);

}  // namespace penrig::cli
