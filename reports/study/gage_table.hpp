#pragma once

#include <string>
#include <vector>

#include "reports/statistics/gage_bias.hpp"
#include "reports/statistics/gage_study.hpp"
#include "reports/study/value_table.hpp"

namespace penrig {

/// Names of columns; empty: the usual ones.
struct GageColumns {
  std::string part, appraiser, value, reference;
};

/// One reading a row. A reading that is missing is a mistake: a study with holes is measured again, not filled in.
Loaded<std::vector<statistics::GageReading>> gage_readings(const ValueTable& table, const GageColumns& columns);
/// The values alone, of one reference: a type-1 study.
Loaded<std::vector<double>> plain_readings(const ValueTable& table, const std::string& value_column);
/// The same with a reference value in each row.
Loaded<std::vector<statistics::ReferenceReading>> reference_readings(const ValueTable& table,
                                                                     const GageColumns& columns);

}  // namespace penrig
