#include "reports/study/study_table.hpp"

#include <cmath>

#include "reports/number_format.hpp"

namespace penrig {

std::string study_number(double value, int significant) {
  if (!std::isfinite(value) || value == 0) return format_number(value, 0);
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return format_number(value, std::min(std::max(0, significant - 1 - magnitude), 9));
}

std::string study_percent(double share, int decimals) {
  if (!std::isfinite(share)) return "–";
  return format_number(100 * share, decimals) + "\u00a0%";
}

std::string study_p(double p) {
  if (std::isnan(p)) return "–";
  if (p < 0.0001) return "< 0.0001";
  return format_number(p, p < 0.01 ? 4 : 3);
}

}  // namespace penrig
