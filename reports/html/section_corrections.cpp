#include <algorithm>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/number_format.hpp"
#include "rig/measure/corrections.hpp"

namespace penrig::html {
namespace {

std::string correction_cells(const Correction& c) {
  const bool nothing = !c.applied && c.value == 0 && c.u == 0;  // not known, rather than none
  if (c.unit.empty() || nothing) return "<td>–</td><td>–</td><td></td>";
  const ValueAndU shown = format_value_u(c.value, c.u);
  return fmt::format("<td>{}</td><td>{}</td><td class=\"l\">{}</td>", shown.value, shown.u.empty() ? "–" : shown.u,
                     c.unit == "1" ? "" : escape(c.unit));
}

/// What the name stands for, where it is one of ours.
std::string meaning(const Correction& c) {
  const auto known = std::ranges::find(all_corrections(), c.name, &CorrectionInfo::name);
  return known == all_corrections().end() ? "" : fmt::format(" <span class=\"light\">{}</span>", escape(known->text));
}

bool measured_anything(const RunView& view) {
  return std::ranges::any_of(view.run.outcome.measurements, [](const Measurement& m) { return m.value.has_value(); });
}

}  // namespace

std::string corrections(const RunView& view) {
  const auto& all = view.run.outcome.corrections;
  const std::string head = "<h2 id=\"corr\">Corrections</h2>";
  if (all.empty()) {
    return measured_anything(view) ? head + "<p>The record does not say which corrections were made.</p>" : "";
  }
  std::string rows;
  for (const bool applied : {true, false}) {
    for (const Correction& c : all) {
      if (c.applied != applied) continue;
      rows +=
          fmt::format("<tr><td class=\"l wrap\">{}{}</td><td class=\"l\">{}</td>{}<td class=\"l wrap\">{}</td></tr>\n",
                      formula(c.name), meaning(c), c.applied ? "corrected" : "<b>not corrected</b>",
                      correction_cells(c), formula(c.note));
    }
  }
  const auto applied = std::ranges::count_if(all, &Correction::applied);
  return head +
         fmt::format(
             "<div class=\"scroll\" style=\"max-width:1000px\"><table class=\"full\"><tr><th "
             "class=\"l\">effect</th><th "
             "class=\"l\">{} of {}</th><th>value</th><th>its u</th><th class=\"l\">unit</th><th class=\"l\">why "
             "not</th></tr>{}</table></div>",
             applied, all.size(), rows) +
         "<p class=\"note\">What was done in every number of this report; u is the standard uncertainty, which stands "
         "in the budgets. What is not corrected is in the numbers as it was measured.</p>";
}

}  // namespace penrig::html
