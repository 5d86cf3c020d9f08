#include "reports/value_text.hpp"

#include "reports/number_format.hpp"

namespace penrig {

std::string value_text(const Measurement& m) {
  if (!m.value) return "";
  if (m.censored_high) return "≥ " + format_value_u(*m.value, m.expanded_u).value;
  if (m.low && m.high) return format_interval(*m.value, *m.low, *m.high);
  return format_plus_minus(*m.value, m.expanded_u);
}

}  // namespace penrig
