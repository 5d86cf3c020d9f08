#pragma once

#include <optional>
#include <string_view>

#include "rig/spec/rig_description.hpp"

namespace penrig {

/// YYYY-MM-DD from 1970-01-01 to 9999-12-31, proleptic Gregorian; nothing for anything else (2026-02-30).
std::optional<CivilDate> parse_date(std::string_view text);

}  // namespace penrig
