#pragma once

#include <optional>
#include <string_view>

#include "rig/spec/rig_description.hpp"

namespace penrig {

/// YYYY-MM-DD from 1970-01-01 to 9999-12-31, proleptic Gregorian; nothing for anything else (2026-02-30).
std::optional<CivilDate> parse_date(std::string_view text);

/// The date so many days after 1970-01-01; the years 1970 to 9999.
CivilDate date_of_days(std::int64_t days);
/// The date in UTC, from nanoseconds since 1970.
CivilDate date_of_utc(std::int64_t utc_ns);

}  // namespace penrig
