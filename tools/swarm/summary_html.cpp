#include <fmt/format.h>

#include "reports/counted.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/style.hpp"
#include "tools/swarm/summary_text.hpp"

namespace penrig::swarm {
namespace {

constexpr Verdict kShown[] = {Verdict::pass, Verdict::indeterminate, Verdict::fail, Verdict::aborted, Verdict::error};

std::string cell(std::uint64_t n) { return n == 0 ? "<td>–</td>" : fmt::format("<td>{}</td>", n); }

std::string matrix(const Summary& s) {
  std::string html =
      "<table><thead><tr><th class=\"l\">defect</th><th class=\"l\">size</th><th>seeds</th><th>outside</th>";
  for (const Verdict v : kShown) html += fmt::format("<th>{}</th>", name_of(v));
  html += "</tr></thead><tbody>";
  for (const MatrixRow& of_defect : rows_by_defect(s)) {
    for (const auto& [key, row] : s.matrix) {
      if (row.defect != of_defect.defect) continue;
      const std::string sizes = sizes_in_words(row);
      html += fmt::format("<tr><td class=\"l\">{}</td><td class=\"l\">{}</td>{}{}", html::escape(row.defect),
                          sizes.empty() ? "–" : html::escape(sizes), cell(row.seeds), cell(row.outside));
      for (const Verdict v : kShown) html += cell(row.verdicts[static_cast<std::size_t>(v)]);
      html += "</tr>";
    }
  }
  return html + "</tbody></table>";
}

const char* state_of(const Summary& s) {
  if (s.whole()) return "✓ nothing broke";
  return s.nothing_tested() ? "✗ nothing was tested" : "✗ broken";
}

std::string broken(const Summary& s) {
  if (s.whole()) return "";
  if (s.nothing_tested())
    return fmt::format("<p>{}, {}. {}</p>", counted(s.seeds, "seed"), s.untested(), html::escape(s.why_untested()));
  std::string html =
      "<h2>What broke</h2><table><thead><tr><th class=\"l\">invariant</th><th>seed</th><th class=\"l\">what</th></tr>"
      "</thead>";
  for (const auto& [invariant, kind] : s.broken) {
    for (const auto& e : kind.first) {
      html += fmt::format("<tr><td class=\"l\">{}</td><td>{}</td><td class=\"l wrap\">{}</td></tr>",
                          html::escape(invariant), e.seed, html::escape(e.what));
    }
    if (kind.seeds > kind.first.size())
      html += fmt::format("<tr><td class=\"l\">{}</td><td></td><td class=\"l\">{} seeds in all</td></tr>",
                          html::escape(invariant), kind.seeds);
  }
  for (const std::string& text : s.statistics_broken())
    html += fmt::format("<tr><td class=\"l\">statistics</td><td></td><td class=\"l wrap\">{}</td></tr>",
                        html::escape(text));
  return html + "</table>";
}

std::string row(const char* what, const std::string& found, const char* allowed) {
  return fmt::format("<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td></tr>", what,
                     html::escape(found), allowed);
}

}  // namespace

std::string summary_html(const Summary& s, const std::string& title) {
  std::string html = fmt::format(
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title><style>{1}</style></head><body>"
      "<nav><div class=\"w {2}\">{3}</div><p>{4} seeds, {5:.1f} h of rig time, simulated: no certificate of any "
      "pen.</p>"
      "</nav><main><h1>{0}</h1>",
      html::escape(title), html::style_sheet(), s.whole() ? "pass" : "fail", state_of(s), s.seeds, s.rig_s / 3600);
  html += broken(s);
  html +=
      "<h2>Risks</h2><table><thead><tr><th class=\"l\">truth in the plant</th>"
      "<th class=\"l\">found (95 % by Clopper and Pearson)</th><th class=\"l\">allowed</th></tr></thead><tbody>";
  html += row("pens outside a limit by 1.5 U or more, passed", in_words(s.consumer_outside), "none");
  html += row("decisions outside by less, PASS", in_words(s.consumer_near),
              fmt::format("{:.1f} by the rules' risk", s.near_risk).c_str());
  html += row("decisions inside by U + 4 u, not PASS (without faults)", in_words(s.producer), "0.1 %");
  html += row("pens inside everywhere by U + 4 u, not PASS (without faults)", in_words(s.producer_pens), "");
  html += "</tbody></table><h2>Defect and size against verdict</h2>" + matrix(s);
  if (!s.faults.empty()) {
    html += "<h2>Faults that began</h2><table><thead><tr><th class=\"l\">fault</th><th>times</th></tr></thead>";
    for (const auto& [fault, times] : s.faults)
      html += fmt::format("<tr><td class=\"l\">{}</td><td>{}</td></tr>", html::escape(fault), times);
    html += "</table>";
  }
  return html + "</main></body></html>\n";
}

}  // namespace penrig::swarm
