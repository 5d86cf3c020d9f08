#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// Tables over one run or many, for JMP, Minitab, R and whoever else reads CSV (as CsvWriter writes it). Runs are
/// handed over one by one, so that a whole store need not be in memory. Every row says in `void_as_certificate` why it
/// is none: SIMULATED, ENGINEERING; empty for a certifying run. Numbers have all their digits.

/// One row a unit: who, when, verdict, then one column a variable (reports/export/variables.hpp), in the order in which
/// they first came up. What a run did not measure is empty.
class WideTable {
 public:
  void add(const RunRecord& run);
  std::string take() const;

 private:
  struct Unit {
    std::vector<std::string> facts;
    std::map<std::size_t, std::string> values;  ///< by column
  };
  std::map<std::string, std::size_t> column_of_;
  std::vector<std::string> columns_;
  std::vector<Unit> units_;
};

/// One row a measurement and decision about it, with U, k, limits, rule and which verdict counts. A measurement without
/// a limit has a row without a verdict, and a run that measured nothing has one that says its verdict: no run is lost.
class LongTable {
 public:
  LongTable();
  void add(const RunRecord& run);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// `Variable,LSL,Target,USL`, as JMP takes it, and a fifth column with the void mark. Of several requirements on one
/// variable the narrowest limits; Target is the setting, where the limits are a tolerance about it.
class LimitsTable {
 public:
  /// Errc::usage: two runs have different limits for one variable, which no such table can say.
  Result<void> add(const RunRecord& run);
  std::string take() const;

 private:
  struct Limits {
    std::optional<double> lower, target, upper;
    std::string mark, run_id;
  };
  std::map<std::string, std::size_t> row_of_;
  std::vector<std::pair<std::string, Limits>> rows_;
};

/// One row a stroke of every phase and attempt of one run.
std::string strokes_csv(const RunRecord& run);

}  // namespace penrig
