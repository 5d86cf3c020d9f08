#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rig/spec/measurand.hpp"
#include "rig/spec/pen_link.hpp"

namespace penrig {

/// Limits in the measurand's own unit. At least one of the forms is set.
struct Limit {
  std::optional<double> min, max;           ///< absolute
  std::optional<double> tolerance;          ///< |value - setting| <= tolerance
  std::optional<double> tolerance_percent;  ///< the same, in percent of the setting
  std::vector<std::string> allowed;         ///< for texts; a trailing '*' matches any ending
  double guard_band_r = 1;                  ///< w = r U
  bool simple_acceptance = false;           ///< decide on the value alone; written on every document
};

struct Requirement {
  std::string id;     ///< "D1"
  std::string title;  ///< "penetration"
  const MeasurandInfo* measurand = nullptr;
  /// Of a measurand that each link has its own of: for this one alone; none: for all that a plan uses.
  std::optional<PenLink> link{};
  Limit limit;
};

/// The specification of a product.
struct Product {
  std::string name;
  std::uint32_t revision = 0;
  std::string serial_pattern;  ///< regular expression (ECMAScript) that a serial number must match whole
  double depth_from_mm = 0, depth_to_mm = 0, depth_step_mm = 0;
  double rate_from_per_min = 0, rate_to_per_min = 0;
  double stroke_mm = 0;                ///< full stroke of the mechanism
  double missed_floor_fraction = 0.5;  ///< a stroke whose peak is below this share of the setting is missed
  /// At most so many certifying runs of one serial number, whatever their end; none: as many as somebody has reasons.
  std::optional<std::uint32_t> max_certifying{};
  bool second_signature = false;  ///< a retest takes somebody else's besides its reason
  std::string gtin{};             ///< GS1 number on its labels, 14 digits; empty: not stated, and not looked at
  std::vector<Requirement> requirements;
};

}  // namespace penrig
