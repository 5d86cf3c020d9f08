#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reports/store/budget_text.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/record/measurement.hpp"

namespace penrig::rows {

// Measurements of one phase, or where that is empty of the outcome, with budget and tolerance interval. Written and
// read back field for field.

/// Expects an open transaction.
void write_measurement(sqlite::Database& db, std::int64_t run, std::optional<std::int64_t> phase,
                       const Measurement& measurement);

/// Those of one run.
class MeasurementReader {
 public:
  MeasurementReader(sqlite::Database& db, std::int64_t run) : db_(db), run_(run) {}
  std::vector<Measurement> read(std::optional<std::int64_t> phase);

 private:
  sqlite::Database& db_;
  std::int64_t run_;
  BudgetReader budgets_;
};

}  // namespace penrig::rows
