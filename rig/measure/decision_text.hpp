#pragma once

#include <string>

namespace penrig::text {

/// Fixed decimals, minus as U+2212, a thin space between thousands from five digits on; -0 is written 0. From 1e15 on
/// shortest().
std::string fixed(double value, int decimals);
/// As few digits as say the number (2.5, 9000, 0.15), same signs and spaces.
std::string shortest(double value);
/// Decimals that give an uncertainty two significant digits; 0..6. 3 if there is none.
int decimals_for(double uncertainty);

}  // namespace penrig::text
