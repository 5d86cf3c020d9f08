#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/style.hpp"
#include "tools/swarm/summary_text.hpp"

namespace penrig::swarm {
namespace {

constexpr Verdict kShown[] = {Verdict::pass, Verdict::indeterminate, Verdict::fail, Verdict::aborted, Verdict::error};

std::string cell(std::uint64_t n, bool wrong) {
  if (n == 0) return "<td class=\"num\">–</td>";
  return fmt::format("<td class=\"num{}\">{}</td>", wrong ? " fail" : "", n);
}

std::string matrix(const Summary& s) {
  std::string html =
      "<table><thead><tr><th>defect</th><th>size</th><th class=\"num\">seeds</th><th class=\"num\">outside</th>";
  for (const Verdict v : kShown) html += fmt::format("<th class=\"num\">{}</th>", name_of(v));
  html += "</tr></thead><tbody>";
  for (const auto& [key, row] : s.matrix) {
    const bool sized = row.size_to > row.size_from;
    html += fmt::format("<tr><td>{}</td><td>{}</td>{}{}", html::escape(row.defect),
                        sized ? fmt::format("{:.3g} to {:.3g} {}", row.size_from, row.size_to, html::escape(row.unit))
                              : std::string("–"),
                        cell(row.seeds, false), cell(row.outside, false));
    for (const Verdict v : kShown) html += cell(row.verdicts[static_cast<std::size_t>(v)], false);
    html += "</tr>";
  }
  return html + "</tbody></table>";
}

std::string broken(const Summary& s) {
  if (s.whole()) return "";
  std::string html = "<h2>What broke</h2><table><thead><tr><th>invariant</th><th>seed</th><th>what</th></tr></thead>";
  for (const auto& [invariant, kind] : s.broken) {
    for (const auto& e : kind.first) {
      html += fmt::format("<tr><td>{}</td><td class=\"num\">{}</td><td>{}</td></tr>", html::escape(invariant), e.seed,
                          html::escape(e.what));
    }
    if (kind.seeds > kind.first.size())
      html += fmt::format("<tr><td>{}</td><td></td><td>{} seeds in all</td></tr>", html::escape(invariant), kind.seeds);
  }
  for (const std::string& text : s.statistics_broken())
    html += fmt::format("<tr><td>statistics</td><td></td><td>{}</td></tr>", html::escape(text));
  return html + "</table>";
}

std::string row(const char* what, const std::string& found, const char* allowed) {
  return fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>", what, html::escape(found), allowed);
}

}  // namespace

std::string summary_html(const Summary& s, const std::string& title) {
  std::string html = fmt::format(
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title><style>{1}</style></head><body>"
      "<main><h1>{2}</h1><p>{0}: {3} seeds, {4:.1f} h of rig time, simulated.</p>",
      html::escape(title), html::style_sheet(),
      s.whole() ? "<span class=\"pass\">✓ no invariant broke</span>"
                : "<span class=\"fail\">✗ an invariant broke</span>",
      s.seeds, s.rig_s / 3600);
  html += broken(s);
  html +=
      "<h2>Risks</h2><table><thead><tr><th>truth in the plant</th><th>found (95 % by Clopper and Pearson)</th>"
      "<th>allowed</th></tr></thead><tbody>";
  html += row("pens outside a limit by 1.5 U or more, passed", in_words(s.consumer_outside), "none");
  html += row("decisions outside by less, PASS", in_words(s.consumer_near),
              fmt::format("{:.1f} by the rules' risk", s.near_risk).c_str());
  html += row("decisions inside by U + 4 u, not PASS (without faults)", in_words(s.producer), "0.1 %");
  html += row("pens inside everywhere by U + 4 u, not PASS (without faults)", in_words(s.producer_pens), "");
  html += "</tbody></table><h2>Defect and size against verdict</h2>" + matrix(s);
  if (!s.faults.empty()) {
    html += "<h2>Faults that began</h2><table><thead><tr><th>fault</th><th class=\"num\">times</th></tr></thead>";
    for (const auto& [fault, times] : s.faults)
      html += fmt::format("<tr><td>{}</td><td class=\"num\">{}</td></tr>", html::escape(fault), times);
    html += "</table>";
  }
  return html + "</main></body></html>\n";
}

}  // namespace penrig::swarm
