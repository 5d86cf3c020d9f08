#include "reports/number_format.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace penrig {
namespace {

constexpr std::string_view kMinus = "\u2212";
constexpr std::string_view kThinSpace = "\u2009";
constexpr std::string_view kNoBreakSpace = "\u00A0";
constexpr std::string_view kEllipsis = "\u2026";

/// "-40391.25" -> "−40 391.25"
std::string typeset(std::string plain, NumberStyle style) {
  const bool negative = plain.starts_with('-');
  if (negative) plain.erase(0, 1);
  const bool zero = plain.find_first_not_of("0.") == std::string::npos;
  std::string out;
  if (negative && !zero) out += style == NumberStyle::ascii ? std::string_view{"-"} : kMinus;
  const std::size_t whole = std::min(plain.find('.'), plain.size());
  for (std::size_t i = 0; i < whole; ++i) {
    if (style == NumberStyle::typographic && whole >= 5 && i > 0 && (whole - i) % 3 == 0) out += kThinSpace;
    out += plain[i];
  }
  return out + plain.substr(whole);
}

std::string not_finite(double value, NumberStyle style) {
  if (std::isnan(value)) return "NaN";
  if (style == NumberStyle::ascii) return value < 0 ? "-inf" : "inf";
  return value < 0 ? "\u2212\u221E" : "\u221E";
}

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second, millisecond;
};

Civil civil_of(std::int64_t utc_ns) {
  using namespace std::chrono;
  const sys_time<nanoseconds> t{nanoseconds{utc_ns}};
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const hh_mm_ss time{floor<milliseconds>(t - day)};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count()),
          static_cast<int>(time.subseconds().count())};
}

}  // namespace

std::string format_number(double value, int decimals, NumberStyle style) {
  if (!std::isfinite(value)) return not_finite(value, style);
  if (decimals < 0) {
    double unit = 1;
    for (int i = 0; i < std::min(-decimals, 300); ++i) unit *= 10;
    value = std::round(value / unit) * unit;
  }
  return typeset(fmt::format("{:.{}f}", value, std::clamp(decimals, 0, 60)), style);
}

std::string format_short(double value, int significant, NumberStyle style) {
  if (!std::isfinite(value)) return not_finite(value, style);
  const double size = std::fabs(value);
  if (size != 0 && (size < 1e-9 || size >= 1e15)) return fmt::format("{:.{}g}", value, significant);
  // The exponent decides how many decimals `significant` digits leave; trailing zeros then go.
  const std::string scientific = fmt::format("{:.{}e}", value, std::max(significant, 1) - 1);
  const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  std::string plain = fmt::format("{:.{}f}", value, std::max(0, significant - 1 - exponent));
  if (plain.find('.') != std::string::npos) {
    plain.erase(plain.find_last_not_of('0') + 1);
    if (plain.ends_with('.')) plain.pop_back();
  }
  return typeset(std::move(plain), style);
}

int decimals_of_u(double expanded_u) {
  if (!std::isfinite(expanded_u) || expanded_u == 0) return 3;
  const std::string scientific = fmt::format("{:.1e}", std::fabs(expanded_u));
  return 1 - std::stoi(scientific.substr(scientific.find('e') + 1));
}

ValueAndU format_value_u(double value, double expanded_u, int decimals, NumberStyle style) {
  return {format_number(value, decimals, style), format_number(expanded_u, decimals, style), decimals};
}

ValueAndU format_value_u(double value, double expanded_u, NumberStyle style) {
  if (expanded_u == 0) return {format_short(value, 7, style), "", 0};
  return format_value_u(value, expanded_u, decimals_of_u(expanded_u), style);
}

std::string format_plus_minus(double value, double expanded_u, NumberStyle style) {
  const ValueAndU shown = format_value_u(value, expanded_u, style);
  if (shown.u.empty()) return shown.value;
  return fmt::format("{} {} {}", shown.value, style == NumberStyle::ascii ? "+-" : "\u00B1", shown.u);
}

std::string format_interval(double value, double low, double high, NumberStyle style) {
  const int decimals = decimals_of_u((high - low) / 2);
  return fmt::format("{} ({} {} {})", format_number(value, decimals, style), format_number(low, decimals, style),
                     style == NumberStyle::ascii ? ".." : kEllipsis, format_number(high, decimals, style));
}

std::string format_percent(double share, NumberStyle style) {
  const std::string_view space = style == NumberStyle::ascii ? std::string_view{" "} : kNoBreakSpace;
  if (share >= 99.995) return fmt::format("> 9999{}%", space);
  return fmt::format("{}{}%", format_number(share * 100, 0, style), space);
}

std::string format_probability(double p, NumberStyle style) {
  const std::string_view space = style == NumberStyle::ascii ? std::string_view{" "} : kNoBreakSpace;
  constexpr double kLeast = 1e-4;
  if (!(p >= 0 && p <= 1)) return fmt::format("NaN{}%", space);
  if (p < kLeast) return fmt::format("< 0.01{}%", space);
  if (p > 1 - kLeast) return fmt::format("> 99.99{}%", space);
  return fmt::format("{}{}%", format_number(p * 100, p < 0.1 || p > 0.9 ? 2 : 1, style), space);
}

std::string format_depth(double depth_mm) {
  std::string text = format_short(depth_mm, 6);
  if (std::isfinite(depth_mm) && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string format_setting(std::optional<double> depth_mm, std::optional<double> rate_per_min,
                           std::string_view between) {
  std::string text;
  if (depth_mm) text = fmt::format("{}{}mm", format_depth(*depth_mm), kNoBreakSpace);
  if (rate_per_min) {
    if (!text.empty()) text += between;
    text += fmt::format("{}/min", format_short(*rate_per_min, 6));
  }
  return text;
}

std::string format_utc(std::int64_t utc_ns) {
  const Civil c = civil_of(utc_ns);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::string format_utc_time(std::int64_t utc_ns) {
  const Civil c = civil_of(utc_ns);
  return fmt::format("{:02}:{:02}:{:02}", c.hour, c.minute, c.second);
}

std::string format_iso8601(std::int64_t utc_ns) {
  const Civil c = civil_of(utc_ns);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour, c.minute, c.second,
                     c.millisecond);
}

}  // namespace penrig
