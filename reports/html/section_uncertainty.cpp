#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "reports/html/budget_table.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"

namespace penrig::html {
namespace {

/// "Penetration at 2.5 mm, 9000/min": markup.
std::string title(const Measurement& m, const std::string& where) {
  std::string text = title_of(m);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return escape(text) + (where.empty() ? "" : " at " + escape(where));
}

struct Budgets {
  std::vector<const Measurement*> shown;  ///< no measurand twice
  std::string tables;

  void add(const Measurement* m, const std::string& where) {
    if (m == nullptr || m->budget.empty()) return;
    if (std::ranges::any_of(shown, [&](const Measurement* s) { return s->measurand == m->measurand; })) return;
    const std::string table = budget_table(*m, title(*m, where));
    if (table.empty()) return;
    shown.push_back(m);
    tables += table;
  }
};

}  // namespace

std::string uncertainty(const RunView& view) {
  Budgets budgets;
  const SettingView* setting = view.shown_setting < view.settings.size() ? &view.settings[view.shown_setting] : nullptr;
  if (view.deciding) {
    const Measurement* m = view.measured(view.run.outcome.decisions[*view.deciding]);
    if (m != nullptr && !m->interval) budgets.add(m, view.place(*view.deciding, " and "));
  }
  if (setting != nullptr) {
    for (const std::string_view measurand : {"penetration", "stroke_rate"})
      budgets.add(setting->find(measurand), setting->name);
  }
  const std::string first = std::exchange(budgets.tables, "");
  const std::size_t before = budgets.shown.size();
  if (setting != nullptr) {
    for (const Measurement* m : setting->measurements) budgets.add(m, setting->name);
  }
  for (const Measurement& m : view.run.outcome.measurements) {
    if (!m.depth_mm && !m.rate_per_min) budgets.add(&m, "");
  }
  if (budgets.shown.empty()) return "";
  const std::size_t others = budgets.shown.size() - before;
  const std::string more =
      others == 0 ? ""
                  : fmt::format("<details><summary>the budget{} of {} more measurement{}{}</summary>{}</details>",
                                others == 1 ? "" : "s", others, others == 1 ? "" : "s",
                                setting == nullptr ? "" : " of this setting and of the run", budgets.tables);
  return fmt::format(
      "<h2 id=\"unc\">Uncertainty</h2>{}<p class=\"note\">Contribution: u of the input times the sensitivity, the "
      "derivative of the result by the input; – where a line has no input of its own. Shares are of u², with what a "
      "line has in common with others. Bars to scale with the combined u; blue: type A, grey: type B. Scales, zeros "
      "and "
      "compliances are common to all strokes of a setting and do not average: they are U<sub>sys</sub>. More strokes "
      "would not move a decision that they decide.</p>{}",
      first, more);
}

}  // namespace penrig::html
