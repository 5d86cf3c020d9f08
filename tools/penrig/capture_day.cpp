#include "tools/penrig/capture_day.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "rig/spec/civil_date.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::cli {

namespace {

/// "T23:00:00", then a fraction, then Z; or nothing of it.
bool is_time_of_day(std::string_view text) {
  constexpr std::string_view kForm = "T00:00:00";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty()) return true;
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) return false;
  }
  if (text.substr(1, 2) > "23" || text.substr(4, 2) > "59" || text.substr(7, 2) > "60") return false;
  text.remove_prefix(kForm.size());
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.empty()) return true;
  return text.size() > 1 && text.front() == '.' && std::ranges::all_of(text.substr(1), is_digit);
}

}  // namespace

Result<std::string> day_of_capture(const std::string& start_utc, const std::string& date, std::int64_t utc_ns) {
  if (start_utc.empty()) return date;
  constexpr std::size_t kDateLength = 10;
  const std::optional<CivilDate> day = parse_date(std::string_view(start_utc).substr(0, kDateLength));
  if (!day || !is_time_of_day(std::string_view(start_utc).substr(kDateLength))) {
    return fail(Errc::usage, fmt::format("the tag START_UTC is '{}', expected a time in UTC such as "
                                         "2026-11-25T23:00:00.5Z (correct it, or leave it out)",
                                         penrig::shown(start_utc, 40)));
  }
  const CivilDate today = date_of_utc(utc_ns);
  if (day->days > today.days) {
    return fail(Errc::usage, fmt::format("the tag START_UTC is '{}', and today is {}: correct it, or check the clock "
                                         "of this machine",
                                         penrig::shown(start_utc, 40), today.text));
  }
  const std::optional<CivilDate> said = parse_date(date);
  if (said && said->days != day->days) {
    return fail(Errc::usage, fmt::format("--date says {}, and the file says of itself START_UTC={} (leave --date out, "
                                         "or correct the tag)",
                                         said->text, penrig::shown(start_utc, 40)));
  }
  // What is said and is no date is a mistake of its own.
  return date.empty() ? day->text : date;
}

std::string foreign_calibration(const std::string& calibration, const CalibrationChoice& choice) {
  constexpr std::string_view kBetween = ", ";
  std::string foreign;
  for (std::string_view rest = calibration; !rest.empty();) {
    const std::string_view id = rest.substr(0, rest.find(kBetween));
    rest.remove_prefix(std::min(rest.size(), id.size() + kBetween.size()));
    if (id == choice.calibrations.head.id || std::ranges::find(choice.used, id, &Calibration::id) != choice.used.end())
      continue;
    foreign += (foreign.empty() ? "" : ", ") + penrig::shown(std::string(id), 40);
  }
  if (foreign.empty()) return {};
  return fmt::format(
      "the file's scales come from {} (its tag CALIBRATION), which is none of the calibrations that it is "
      "measured with",
      foreign);
}

}  // namespace penrig::cli
