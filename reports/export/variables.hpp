#pragma once

#include <string>
#include <vector>

#include "rig/record/run_record.hpp"

namespace penrig {

/// A measurement under the name that it has in every table: measurand with its unit, setting, and in a soak which of
/// several captures: "penetration_ti_mm 2.5@9000", "stop_latency_ms 1@7500 (2)". ASCII; what Minitab takes for a name
/// (31 characters, no # or ') unless the catalogue or a soak of thousands makes it longer.
struct Variable {
  std::string name;
  const Measurement* measurement = nullptr;  ///< nullptr: decisions about what the record does not hold
  std::vector<const Decision*> decisions;    ///< about it; empty: it has no limit
};

/// All that was measured, in the record's order. Points into the record. A run that nobody closed has those of its
/// phases.
std::vector<Variable> variables_of(const RunRecord& run);

/// "mm" -> "_mm", "1/min" -> "_per_min", "µs" -> "_us"; a count has none.
std::string unit_suffix(const std::string& unit);

}  // namespace penrig
