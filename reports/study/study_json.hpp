#pragma once

#include <nlohmann/json.hpp>

#include "reports/statistics/interval.hpp"

namespace penrig {

/// {"value", "low", "high"}, in the estimate's unit.
inline nlohmann::ordered_json estimate_json(const statistics::Estimate& e) {
  return {{"value", e.value}, {"low", e.interval.low}, {"high", e.interval.high}};
}

}  // namespace penrig
