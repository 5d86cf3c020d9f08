#include "reports/decision_risk.hpp"

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

std::optional<double> false_acceptance(const Decision& decision) {
  if (!decision.conformity) return std::nullopt;
  return to_ten_digits(1 - *decision.conformity);
}

std::string risk_text(const Decision& decision) {
  if (!decision.conformity) return "";
  const std::string conformity = format_probability(*decision.conformity);
  if (decision.verdict == Verdict::fail) return "false rejection " + conformity;
  if (decision.verdict != Verdict::pass) return "conformity " + conformity;
  std::string text =
      fmt::format("conformity {}, false acceptance {}", conformity, format_probability(*false_acceptance(decision)));
  if (decision.false_acceptance_max)
    text += fmt::format(" (by the rule at most {})", format_probability(*decision.false_acceptance_max));
  return text;
}

}  // namespace penrig
