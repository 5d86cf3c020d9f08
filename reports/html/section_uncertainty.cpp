#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

/// Depths are small in mm: their budgets read better in µm.
struct Shown {
  double factor;
  std::string unit;
};
Shown shown_unit(const Measurement& m) { return m.unit == "mm" ? Shown{1000, "µm"} : Shown{1, m.unit}; }

std::string bar(double share, double width, std::string_view colour) {
  return fmt::format(
      "<svg width=\"{0}\" height=\"11\" aria-hidden=\"true\"><rect width=\"{1:.1f}\" height=\"11\" "
      "fill=\"{2}\"/></svg>",
      width, std::max(share * width, 0.8), colour);
}

std::string budget_table(const Measurement& m, const std::string& title, bool narrow) {
  std::vector<BudgetLine> lines = m.budget;
  std::stable_sort(lines.begin(), lines.end(), [](const BudgetLine& a, const BudgetLine& b) { return a.u > b.u; });
  double sum = 0;
  for (const BudgetLine& l : lines) sum += l.u * l.u;
  if (!(sum > 0)) return "";
  const double combined = std::sqrt(sum);
  const auto [factor, unit] = shown_unit(m);
  const int decimals = std::max(decimals_of_u(combined * factor), 0) + 1;
  const double width = narrow ? 90 : 118;
  std::string out = fmt::format(
      "<div><p class=\"cap\">{}</p><table class=\"full\"><tr><th class=\"l\">source</th><th class=\"l\">type</th><th "
      "class=\"l\">distribution</th><th>ν</th><th>u,<br>{}</th>"
      "<th>share<br>of u²</th><th></th></tr>",
      title, escape(unit));
  for (const BudgetLine& l : lines) {
    out += fmt::format(
        "<tr><td class=\"l wrap\">{}</td><td class=\"l\">{}</td><td class=\"l "
        "light\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"l\">{}</td></tr>\n",
        formula(l.source), l.type_a ? "A" : "B", escape(l.distribution), l.nu > 0 ? format_number(l.nu, 0) : "∞",
        format_number(l.u * factor, decimals), format_percent(l.u * l.u / sum),
        bar(l.u / combined, width, l.type_a ? kBlue : std::string_view{"#777"}));
  }
  const std::string nu = m.nu_eff > 0 ? format_number(m.nu_eff, 0) : "∞";
  out += fmt::format(
      "<tr class=\"strong last\"><td class=\"l\" colspan=\"4\">combined u; U = {} u = {} {}, ν<sub>eff</sub> = "
      "{}</td><td>{}</td><td>100\u00A0%</td><td class=\"l\">{}</td></tr></table></div>",
      format_number(m.k, 2), format_number(m.expanded_u * factor, decimals_of_u(m.expanded_u * factor)), escape(unit),
      nu, format_number(combined * factor, decimals), bar(1, width, "#111"));
  return out;
}

const Measurement* with_budget(const Measurement* m) { return m != nullptr && !m->budget.empty() ? m : nullptr; }

}  // namespace

std::string uncertainty(const RunView& view) {
  std::vector<std::pair<const Measurement*, std::string>> shown;
  const auto add = [&](const Measurement* m, const std::string& where) {
    if (with_budget(m) == nullptr) return;
    if (std::any_of(shown.begin(), shown.end(), [&](const auto& s) { return s.first->measurand == m->measurand; }))
      return;
    std::string title = title_of(*m);
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
    shown.emplace_back(m, escape(title) + (where.empty() ? "" : " at " + escape(where)));
  };
  if (view.shown_setting < view.settings.size()) {
    const SettingView& s = view.settings[view.shown_setting];
    for (const std::string_view measurand : {"penetration", "stroke_rate"}) add(s.find(measurand), s.name);
  }
  if (view.deciding) {
    const Measurement* m = view.measured(view.run.outcome.decisions[*view.deciding]);
    if (m != nullptr && !m->interval) add(m, view.place(*view.deciding, " and "));
  }
  std::string tables;
  for (std::size_t i = 0; i < shown.size(); ++i) tables += budget_table(*shown[i].first, shown[i].second, i > 0);
  if (tables.empty()) return "";
  return fmt::format(
      "<h2 id=\"unc\">Uncertainty</h2><div class=\"grid2\" style=\"align-items:start\">{}</div><p class=\"note\">Bars "
      "to scale with the combined u; blue: type A, grey: type B. Scales, zeros and "
      "compliances are common to all strokes of a setting and do not average: they are U<sub>sys</sub>. More strokes "
      "would not move a decision that they decide.</p>",
      tables);
}

}  // namespace penrig::html
