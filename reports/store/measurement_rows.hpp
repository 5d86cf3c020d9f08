#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/phase_measurements.hpp"
#include "reports/store/budget_text.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/record/run_record.hpp"

namespace penrig::rows {

// Measurements of one phase, or where that is empty of the whole run alone, with budget and tolerance interval. Written
// and read back field for field.

/// Expects an open transaction.
/// @param budget  of budget_texts(), whose lines stand in the row of the phase or of the outcome.
/// @return the row's id.
std::int64_t write_measurement(sqlite::Database& db, std::int64_t run, std::optional<std::int64_t> phase,
                               const Measurement& measurement, const std::string& budget);

/// Those of one run; of its phases first, in their order. Errc::bad_data: rows that do not fit together.
class MeasurementReader {
 public:
  MeasurementReader(sqlite::Database& db, std::int64_t run, std::uint32_t format)
      : db_(db), run_(run), format_(format) {}
  /// @param lines  `budget_lines_json` of the phase; format 1 has none.
  std::vector<Measurement> of_phase(std::int64_t phase, std::string_view lines);
  /// @param lines   `budget_lines_json` of the outcome; format 1 has none.
  /// @param list    `measurements_json` of the outcome; format 1 has none.
  /// @param phases  those that were read.
  std::vector<Measurement> of_run(std::string_view lines, std::string_view list,
                                  const std::vector<PhaseRecord>& phases);

  /// `measurements_json`: the run's measurements by the ids of their rows. Those that stand in no phase come from
  /// `own`, in order.
  std::string list_of(const std::vector<std::optional<PhaseMeasurement>>& places,
                      const std::vector<std::int64_t>& own) const;

 private:
  struct Rows {
    std::vector<std::int64_t> ids;
    std::vector<Measurement> measurements;
  };
  Rows read(std::optional<std::int64_t> phase, std::string_view lines);

  sqlite::Database& db_;
  std::int64_t run_;
  std::uint32_t format_;
  BudgetReader budgets_;
  std::vector<std::vector<std::int64_t>> ids_;  ///< of the phases' rows
};

}  // namespace penrig::rows
