#pragma once

#include <string>
#include <string_view>

namespace penrig {

enum class CaptureQuantity { other, time, position, force };

/// What a column's head says of it.
struct CaptureChannel {
  CaptureQuantity quantity = CaptureQuantity::other;
  int exponent = 0;     ///< values times 10^exponent are s, mm or N
  std::string mistake;  ///< it is one of ours, and its unit is missing or unknown: what to write
};

/// "position_mm", "Force_mN", "t_us", "position [mm]", "Time (s)". Case does not matter but for the m of mega and
/// milli: force_mN and force_mn are millinewtons, force_MN is refused.
CaptureChannel capture_channel(std::string_view head);

/// The same with the unit apart, as the tags of a FLAC file have it.
CaptureChannel capture_channel(std::string_view name, std::string_view unit);

/// x times 10^exponent, rounded once where 10^|exponent| is exact; |exponent| <= 22.
double times_power_of_ten(double x, int exponent);

}  // namespace penrig
