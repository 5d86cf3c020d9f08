#pragma once

#include <string>

#include "rig/record/measurement.hpp"

namespace penrig::html {

/// What stands in a cell in place of a value that there is none of, in report and certificate alike.
inline constexpr const char* kNoValue = "–";

/// A measurement as the cells of a table say it, in report and certificate alike. Not escaped.
struct ShownValue {
  std::string value;       ///< "82.0", "≥ 800", "2.4.1"; where there is none: "no value", "not measured"
  std::string u;           ///< "± 1.1", "(19.3 … 24.6)"; empty where there is none
  std::string unit;        ///< empty for texts
  bool is_number = false;  ///< else it is words
};
/// m: nullptr: it was not measured.
ShownValue shown_value(const Measurement* m);

/// "2.5254 ± 0.0068" with these decimals, a count alone, or a dash where there is no value.
std::string value_and_u(const Measurement* m, int decimals);

}  // namespace penrig::html
