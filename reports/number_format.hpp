#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penrig {

/// How numbers are written for people: typographic has U+2212 for minus and a thin space between thousands from five
/// digits on; ascii has '-' and no space, for terminals that cannot do better.
enum class NumberStyle : std::uint8_t { typographic, ascii };

/// A value beside its U, ready to print. Both have the same number of decimals.
struct ValueAndU {
  std::string value, u;
  int decimals = 0;  ///< negative: rounded to tens, hundreds, ...
};

/// Fixed decimals. A negative number of decimals rounds to tens, hundreds, ... Never prints a negative zero.
/// Not a number and infinities come out as "NaN", "∞" and "−∞" (ascii: "NaN", "inf", "-inf").
std::string format_number(double value, int decimals, NumberStyle style = NumberStyle::typographic);

/// The fewest digits that say the number to `significant` digits: 2.5, 9000, 0.125. For limits and settings.
std::string format_short(double value, int significant = 6, NumberStyle style = NumberStyle::typographic);

/// Decimals that leave two significant digits of U. 0 or not finite: 3.
int decimals_of_u(double expanded_u);

/// U with two significant digits, the value with U's decimals: 2.5254, 0.0068. U = 0 (exact counts): u is empty and the
/// value is as short as it can be. Rounding is for show; decisions use full values.
ValueAndU format_value_u(double value, double expanded_u, NumberStyle style = NumberStyle::typographic);

/// The same with decimals given, for a column that shares them (those of its smallest U).
ValueAndU format_value_u(double value, double expanded_u, int decimals, NumberStyle style = NumberStyle::typographic);

/// "2.5254 ± 0.0068", or the value alone when U is 0.
std::string format_plus_minus(double value, double expanded_u, NumberStyle style = NumberStyle::typographic);

/// "21.6 (19.4 … 24.4)": decimals leave two significant digits of the interval's half width.
std::string format_interval(double value, double low, double high, NumberStyle style = NumberStyle::typographic);

/// A share as whole percent, "62 %" with a no-break space; from 10 000 % on "> 9999 %".
std::string format_percent(double share, NumberStyle style = NumberStyle::typographic);

/// A probability as percent, "97.7 %", "2.28 %", "99.98 %": two decimals where it is within a tenth of either end, and
/// never the end itself ("< 0.01 %", "> 99.99 %"), which would be a certainty. What is no probability is "NaN %".
std::string format_probability(double p, NumberStyle style = NumberStyle::typographic);

/// A depth setting with at least one decimal: "2.5", "2.25", "1.0".
std::string format_depth(double depth_mm);

/// "2.5 mm, 9000/min"; what is missing is left out, both missing gives "".
std::string format_setting(std::optional<double> depth_mm, std::optional<double> rate_per_min,
                           std::string_view between = ", ");

/// "2026-11-20 09:41:12 UTC", from nanoseconds since 1970. Valid for the years 1678 to 2262.
std::string format_utc(std::int64_t utc_ns);
/// "09:41:12" alone.
std::string format_utc_time(std::int64_t utc_ns);
/// "2026-11-20T09:41:12.417Z", for machines.
std::string format_iso8601(std::int64_t utc_ns);

}  // namespace penrig
