#pragma once

#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

namespace penrig {

/// A number in its own unit, as JSON; null where there is none, or none that is finite.
inline nlohmann::ordered_json finite_or_null(std::optional<double> value) {
  return value && std::isfinite(*value) ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace penrig
