#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rig/spec/load.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig {

/// One measurand held against one value. A run fulfils it when one of its measurements does.
struct ValueCondition {
  enum class Sign : std::uint8_t { less, less_or_equal, greater, greater_or_equal, equal, not_equal };
  const MeasurandInfo* measurand = nullptr;
  bool absolute = false;  ///< abs(measurand)
  Sign sign = Sign::equal;
  double value = 0;  ///< in the measurand's unit
  std::string text;  ///< of a measurand that is a text, instead of value
};

/// What a run has to fulfil: a tree of comparisons.
struct Condition {
  enum class Kind : std::uint8_t { comparison, all, any, none };
  Kind kind = Kind::all;
  std::vector<Condition> parts;  ///< of all, any, none
  ValueCondition comparison;
};

/// Reads `penetration_error > 50 µm and not (peak_force >= 1.5 or firmware = '2.4.1')`. `and` binds before `or`, `not`
/// before both; a number without a unit has the measurand's own.
/// @param name  what the place of a mistake is called, "--where".
Loaded<Condition> parse_condition(std::string_view text, const std::string& name);

}  // namespace penrig
