#include "reports/html/stroke_values.hpp"

#include "reports/number_format.hpp"
#include "reports/value_text.hpp"

namespace penrig::html {

std::vector<StrokeValue> stroke_values(const RunView& view, std::size_t decision, const Measurement& m) {
  std::vector<StrokeValue> values;
  if (!view.setting_of[decision] || !m.interval) return values;
  for (const StrokeRow& s : view.settings[*view.setting_of[decision]].phase->strokes) {
    if (m.measurand == "penetration_ti") values.push_back({s.penetration_mm, 2 * s.u_penetration_mm});
    if (m.measurand == "extension_ti") values.push_back({s.extension_mm, 2 * s.u_penetration_mm});
  }
  return values;
}

std::string mean_label(const RunView& view, std::size_t decision, const Measurement& m) {
  if (!m.interval) return value_text(m);
  const std::string_view mean_of = m.measurand == "extension_ti" ? "extension" : "penetration";
  const Measurement* mean =
      view.setting_of[decision] ? view.settings[*view.setting_of[decision]].find(mean_of) : nullptr;
  const double u = mean != nullptr && mean->expanded_u > 0 ? mean->expanded_u : m.expanded_u;
  return "mean " + format_plus_minus(m.interval->mean, u);
}

}  // namespace penrig::html
