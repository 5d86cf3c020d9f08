#include "rig/spec/civil_date.hpp"

#include <chrono>
#include <string>

#include <fmt/format.h>

namespace penrig {

std::optional<CivilDate> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int digits[8] = {};
  for (std::size_t i = 0, d = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    digits[d++] = text[i] - '0';
  }
  const int year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(digits[4] * 10 + digits[5])},
                                         std::chrono::day{static_cast<unsigned>(digits[6] * 10 + digits[7])}};
  if (year < 1970 || !date.ok()) return std::nullopt;
  return CivilDate{std::chrono::sys_days{date}.time_since_epoch().count(), std::string(text)};
}

CivilDate date_of_days(std::int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return {days, fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                            static_cast<unsigned>(date.day()))};
}

CivilDate date_of_utc(std::int64_t utc_ns) {
  return date_of_days(std::chrono::floor<std::chrono::days>(std::chrono::nanoseconds{utc_ns}).count());
}

}  // namespace penrig
