#pragma once

#include <string>

#include "rig/record/measurement.hpp"

namespace penrig {

/// A measured number with what qualifies it, without its unit: "2.5254 ± 0.0068", "287 (251 … 335)" where its interval
/// is no ± U, "≥ 1507.992" where the true value is at least this: a bound has no U. Empty without a number.
std::string value_text(const Measurement& measurement);

}  // namespace penrig
