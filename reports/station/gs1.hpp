#pragma once

#include <string>
#include <string_view>

#include "rig/base/result.hpp"

namespace penrig::station {

/// What a label says.
struct Label {
  std::string serial_number;
  std::string gtin;                ///< 14 digits; empty: a plain label
  std::string lot, made, expires;  ///< as the label has them; dates YYMMDD
};

/// A label as a scanner types it: a plain serial number, or a GS1 UDI: element strings with GTIN (01) and serial number
/// (21), with FNC1 as GS (0x1D) or as a scanner's substitute "<GS>", with a symbology identifier (]d2) in front or not,
/// or as people read it, with its application identifiers in parentheses. Known besides: 10, 11, 17, 240.
/// Errc::usage says what was read and what is wrong: no serial number, a check digit, an unknown identifier, too long.
Result<Label> read_label(std::string_view text);

}  // namespace penrig::station
