#pragma once

#include <string_view>

namespace penrig {

/// Reads a number at p, whose text ends at the latest at `end`; behind it stands something that is no digit. Where the
/// digits are few enough the whole is exact: an integer below 2^53 divided by a power of ten up to 10^22 is rounded
/// once. All others go through std::from_chars, so that every number is the double nearest to it.
///
/// @param point     '.' or ','.
/// @param decimals  raised to the digits behind the point, if there are more of them.
/// @return behind the number, or nullptr if there is none that is finite.
const char* read_csv_number(const char* p, const char* end, char point, double& value, int& decimals);

/// Whether a cell says in one of the usual words that there is no number: "NaN", "-inf", "#N/A".
bool says_no_number(std::string_view text);

}  // namespace penrig
