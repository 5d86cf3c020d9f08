#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/store/measured_values.hpp"
#include "rig/spec/load.hpp"

namespace penrig {

/// Which runs: `firmware=2.4.1,plan=eol-pro,since=2026-01-01`, all of which have to hold, or `R-000001..R-000040` and
/// `R-000007`, of which one has to, or both. Keys: firmware, hardware, serial, slot, plan, plan_revision, product,
/// product_revision, lot, since, until (days in UTC, both included), and verdict.
struct RunSelection {
  struct Demand {
    std::string key, value;
  };
  std::vector<Demand> demands;
  std::vector<std::pair<std::int64_t, std::int64_t>> runs;  ///< numbers, both included
  std::string text;                                         ///< as it was written

  bool takes(const ValuesRun& run) const;
};
/// @param name  what the place of a mistake is called, "BASE".
Loaded<RunSelection> parse_selection(const std::string& text, const std::string& name);

/// Runs of a selection that a study may use, and why others are left out.
struct SelectedRuns {
  std::vector<ValuesRun> runs;
  std::size_t voided = 0, unfinished = 0, in_error = 0;  ///< left out: void, not closed, ERROR or ABORTED
  std::size_t uncorrected = 0;                           ///< left out: a correction was switched off
  /// "2 void, 1 not finished"; empty: none.
  std::string left_out() const;
};
/// Errc::usage where what is left is not one thing: none at all, simulated and real ones, several plans or products, or
/// several of their revisions unless `mixed_revisions`; it says what there is and how to choose.
/// @param whatever_became  also runs that are not finished, in ERROR or ABORTED, or not corrected; void ones never.
Result<SelectedRuns> select_runs(const std::vector<ValuesRun>& all, const RunSelection& selection,
                                 const std::string& name, bool mixed_revisions, bool whatever_became = false);

}  // namespace penrig
