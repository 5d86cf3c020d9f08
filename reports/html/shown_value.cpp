#include "reports/html/shown_value.hpp"

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::html {

ShownValue shown_value(const Measurement* m) {
  if (m == nullptr) return {"not measured", "", "", false};
  if (!m->text_value.empty()) return {m->text_value, "", "", false};
  if (!m->value) return {"no value", "", m->unit, false};
  ValueAndU v = format_value_u(*m->value, m->expanded_u);
  std::string u = v.u.empty() ? "" : "± " + v.u;
  if (m->low && m->high) {
    const int decimals = decimals_of_u((*m->high - *m->low) / 2);
    v.value = format_number(*m->value, decimals);
    u = fmt::format("({} … {})", format_number(*m->low, decimals), format_number(*m->high, decimals));
  } else if (const MeasurandInfo* info = find_measurand(m->measurand); u.empty() && info != nullptr && m->unit != "1") {
    v.value = format_number(*m->value, info->decimals);  // no U says how many
  }
  return {(m->censored_high ? "≥ " : "") + v.value, u, m->unit, true};
}

std::string value_and_u(const Measurement* m, int decimals) {
  if (m == nullptr || !m->value) return kNoValue;
  if (m->expanded_u == 0) return format_short(*m->value);
  const ValueAndU shown = format_value_u(*m->value, m->expanded_u, decimals);
  return shown.value + " ± " + shown.u;
}

}  // namespace penrig::html
