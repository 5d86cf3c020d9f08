#include "reports/html/setting_columns.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {

SettingColumns::SettingColumns(const RunView& view)
    : depth(view.requirement_on("penetration_ti")),
      rate(view.requirement_on("stroke_rate")),
      jitter(view.requirement_on("period_jitter")) {
  if (depth == nullptr && view.requirement_on("extension_ti") != nullptr) {
    depth = view.requirement_on("extension_ti");
    mean = "extension";
    strokes = "extension_ti";
  }
  for (const SettingView& s : view.settings) {
    any_depth = any_depth || s.find(mean) != nullptr || s.find(strokes) != nullptr;
    any_rate = any_rate || s.find("stroke_rate") != nullptr;
    any_jitter = any_jitter || s.find("period_jitter") != nullptr;
  }
}

bool SettingColumns::shows(const RunView& view, const RequirementView& r) const {
  return !view.settings.empty() && r.per_setting && (&r == depth || &r == rate || &r == jitter);
}

const Decision* decision_at(const RunView& view, const RequirementView* requirement, std::size_t setting) {
  if (requirement == nullptr) return nullptr;
  for (const std::size_t d : requirement->decisions) {
    if (view.setting_of[d] == setting) return &view.run.outcome.decisions[d];
  }
  return nullptr;
}

int column_decimals(const RunView& view, std::string_view measurand) {
  int decimals = -9;
  for (const SettingView& s : view.settings) {
    const Measurement* m = s.find(measurand);
    if (m != nullptr && m->value && m->expanded_u > 0) decimals = std::max(decimals, decimals_of_u(m->expanded_u));
  }
  return decimals == -9 ? 3 : decimals;
}

std::string limit_head(const RunView& view, const RequirementView& r, bool against_setting, bool percent) {
  const Decision& d = view.run.outcome.decisions[r.decisions.front()];
  const Measurement* m = view.measured(d);
  if (against_setting && d.lower && d.upper && m != nullptr) {
    const double half = (*d.upper - *d.lower) / 2, middle = (*d.upper + *d.lower) / 2;
    if (percent && middle != 0) return fmt::format("± {} %", format_short(half / middle * 100, 4));
    return fmt::format("setting ± {} {}", format_number(half, 3), escape(m->unit));
  }
  return escape(d.limit_text);
}

}  // namespace penrig::html
