#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penrig {

/// The unit that a key carries as its last part: "depth_mm" is in mm, "rate_from_per_min" in 1/min.
struct KeyUnit {
  std::string_view suffix;  ///< "mm", "per_min"; empty: the key carries none
  std::string_view unit;    ///< as people write it: "mm", "1/min", "µs"
};
KeyUnit unit_of_key(std::string_view key);

/// The key without its unit: "depth_mm" gives "depth".
std::string_view stem_of_key(std::string_view key);

/// What a number with a unit of its own ("500 ms") is in the unit of the key (timeout_s: 0.5); nothing if it is no such
/// number, or its unit measures something else.
std::optional<double> converted_to_key_unit(std::string_view written, std::string_view key);

/// Whether that number's unit is the key's own, so that nothing has to be converted.
bool is_in_key_unit(std::string_view written, std::string_view key);

/// A whole number or decimal fraction in YAML's plain style, in full: no blanks, no unit. May be infinite or not a
/// number.
std::optional<double> parse_number(std::string_view text);

/// Shortest text that reads back as the same value; whole numbers without a point.
std::string number_text(double value);
/// How many decimals that text has; of one with an exponent 0.
int decimals_of(double value);

}  // namespace penrig
