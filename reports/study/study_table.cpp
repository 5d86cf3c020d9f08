#include "reports/study/study_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
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

std::string study_verdict(Verdict verdict) {
  return verdict == Verdict::not_judged ? "–" : fmt::format("{} {}", html::mark(verdict), name_of(verdict));
}

std::string study_reasons(const std::vector<std::string>& reasons) {
  constexpr std::size_t kTold = 3;
  std::map<std::string, std::size_t> counts;
  for (const std::string& reason : reasons) ++counts[reason];
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kTold); ++i) {
    text += (i == 0 ? "" : "; ") + sorted[i].first;
    if (sorted.size() > 1) text += fmt::format(" ({} of them)", sorted[i].second);
  }
  return text + (sorted.size() > kTold ? "; and other reasons" : "");
}

}  // namespace penrig
