#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "reports/html/limit_picture.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

/// Rates in the order in which they were run.
std::vector<double> rates_of(const RunView& view) {
  std::vector<double> rates;
  for (const SettingView& s : view.settings) {
    if (std::find(rates.begin(), rates.end(), s.rate_per_min) == rates.end()) rates.push_back(s.rate_per_min);
  }
  return rates;
}

std::string rate_label(double rate) { return format_short(rate) + "/min"; }

}  // namespace

std::string distributions(const RunView& view) {
  const RequirementView* depth = view.requirement_on("penetration_ti");
  if (depth == nullptr || view.settings.empty()) return "";
  const auto& decisions = view.run.outcome.decisions;
  std::string panels;
  std::uint64_t fewest = 0, most = 0;
  for (const double rate : rates_of(view)) {
    std::string row;
    for (const std::size_t i : depth->decisions) {
      const Decision& d = decisions[i];
      const Measurement* m = view.measured(d);
      if (!view.setting_of[i] || m == nullptr || !m->interval || !d.lower || !d.upper) continue;
      const SettingView& s = view.settings[*view.setting_of[i]];
      if (s.rate_per_min != rate) continue;
      std::vector<StrokeValue> strokes;
      for (const StrokeRow& row_of : s.phase->strokes)
        strokes.push_back({row_of.penetration_mm, 2 * row_of.u_penetration_mm});
      fewest = fewest == 0 ? strokes.size() : std::min<std::uint64_t>(fewest, strokes.size());
      most = std::max<std::uint64_t>(most, strokes.size());
      const auto picture = limit_picture_of(d, *m);
      if (!picture) continue;
      const double margin_um = (1 - d.used) * (*d.upper - *d.lower) / 2 * 1000;
      const std::string word = d.verdict == Verdict::pass ? "" : fmt::format("{} ", mark(d.verdict));
      row += fmt::format("<div>{}</div>", histogram_panel(*picture, strokes, format_depth(s.depth_mm) + " mm",
                                                          word + format_number(margin_um, 0) + " µm",
                                                          view.deciding == i || d.verdict != Verdict::pass));
    }
    if (!row.empty())
      panels += fmt::format(
          "<div class=\"rate\">{}</div><div style=\"grid-column:2/-1;display:flex;flex-wrap:wrap;gap:6px "
          "13px\">{}</div>",
          rate_label(rate), row);
  }
  if (panels.empty()) return "";
  const std::string n = fewest == most ? fmt::format("{}", most) : fmt::format("{} to {}", fewest, most);
  return fmt::format(
      "<h2 id=\"dist\">Distributions of penetration</h2><p class=\"wide\">Each panel: {} strokes; vertical lines are "
      "the limits of {}, each panel scaled to its own. "
      "The figure at the right is the margin left by the decision.</p><div class=\"hists\">{}</div>",
      n, escape(depth->id), panels);
}

std::string settings(const RunView& view) {
  if (view.settings.empty()) return "";
  std::string out = "<h2 id=\"strokes\">Strokes, force and timing of one setting</h2><div class=\"tabs\">";
  for (const double rate : rates_of(view)) {
    out += fmt::format("<span class=\"rate\">{}</span><span class=\"buttons\">", rate_label(rate));
    for (std::size_t i = 0; i < view.settings.size(); ++i) {
      const SettingView& s = view.settings[i];
      if (s.rate_per_min != rate) continue;
      const std::size_t capture = s.name.find(", capture ");
      const bool bad = s.verdict != Verdict::pass && s.verdict != Verdict::not_judged;
      out +=
          fmt::format("<button type=\"button\" aria-selected=\"{}\" data-k=\"{}\">{}{}{}</button>",
                      i == view.shown_setting, i, bad ? fmt::format("{} ", mark(s.verdict)) : "",
                      format_depth(s.depth_mm), capture == std::string::npos ? "" : " #" + s.name.substr(capture + 10));
    }
    out += "</span>";
  }
  out += "</div>\n";
  for (std::size_t i = 0; i < view.settings.size(); ++i) {
    out += fmt::format("<div class=\"panel{}\" id=\"k{}\">{}</div>\n", i == view.shown_setting ? " on" : "", i,
                       setting_panel(view, i));
  }
  return out;
}

}  // namespace penrig::html
