#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "reports/html/coverage_note.hpp"
#include "reports/html/limit_picture.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/html/setting_columns.hpp"
#include "reports/html/shown_value.hpp"
#include "reports/interval_sum.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

using NamedMeasurements = std::vector<std::pair<std::string, const Measurement*>>;

std::string value_cell(const Measurement* m, int decimals) {
  return fmt::format("<td>{}</td>", value_and_u(m, decimals));
}

bool has_value(const Measurement* m) { return m != nullptr && (m->value || !m->text_value.empty()); }

std::string limit_picture_cell(const Decision* d, const Measurement* m, double width) {
  const auto picture = d != nullptr && m != nullptr ? limit_picture_of(*d, *m) : std::nullopt;
  const std::string drawn = picture ? small_picture(*picture, width) : "";
  return fmt::format(
      "<td class=\"pic c\">{}</td>",
      drawn.empty() ? fmt::format("<span>{}</span>", d == nullptr || !has_value(m) ? kNoValue : "exact") : drawn);
}

std::string verdict_cell(const Decision* d) {
  return fmt::format("<td class=\"l\">{}</td>", d == nullptr ? std::string(kNoValue) : verdict_markup(d->verdict));
}

std::string setting_head(const RunView& view, const SettingColumns& c) {
  std::string out = "<tr><th>depth<br>mm</th><th>rate<br>1/min</th>";
  if (c.any_depth) {
    out += "<th>mean ± U<br>mm</th><th>s<br>mm</th><th>tolerance interval<br>mm</th>";
    if (c.depth != nullptr) {
      out += fmt::format("<th>sum<br>mm</th><th class=\"c\">{}: limits<br>{}</th><th class=\"l\">verdict</th>",
                         escape(c.depth->id), limit_head(view, *c.depth, true, false));
    }
  }
  if (c.any_rate) {
    out += "<th>stroke rate ± U<br>1/min</th><th>off by<br>%</th>";
    if (c.rate != nullptr)
      out += fmt::format("<th class=\"c\">{}: limits<br>{}</th><th class=\"l\">verdict</th>", escape(c.rate->id),
                         limit_head(view, *c.rate, true, true));
  }
  if (c.any_jitter) {
    out += "<th>jitter (95 %)<br>µs</th>";
    if (c.jitter != nullptr)
      out +=
          fmt::format("<th class=\"l\">{}<br>{}</th>", escape(c.jitter->id), limit_head(view, *c.jitter, false, false));
  }
  return out + "</tr>";
}

std::string setting_row(const RunView& view, const SettingColumns& c, std::size_t i, int mean_decimals,
                        int rate_decimals) {
  const SettingView& s = view.settings[i];
  const bool last = i + 1 < view.settings.size() && view.settings[i + 1].rate_per_min != s.rate_per_min;
  const bool strong = view.deciding && view.setting_of[*view.deciding] == i;
  const bool bad = s.verdict != Verdict::pass && s.verdict != Verdict::not_judged;
  std::string out = fmt::format("<tr class=\"row{}{}{}\" data-k=\"{}\"><td>{}</td><td>{}</td>", last ? " group" : "",
                                strong || bad ? " strong" : "", i + 1 == view.settings.size() ? " last" : "", i,
                                format_depth(s.depth_mm), format_short(s.rate_per_min));
  if (c.any_depth) {
    const Measurement* mean = s.find(c.mean);
    const Measurement* ti = s.find(c.strokes);
    out += value_cell(mean != nullptr ? mean : ti, mean_decimals);
    if (ti != nullptr && ti->interval) {
      out += fmt::format("<td>{}</td><td>{} … {}</td>", format_number(ti->interval->s, mean_decimals),
                         format_number(ti->interval->low, mean_decimals),
                         format_number(ti->interval->high, mean_decimals));
    } else {
      out += fmt::format("<td>{0}</td><td>{0}</td>", kNoValue);
    }
    if (c.depth != nullptr) {
      const Decision* d = decision_at(view, c.depth, i);
      const std::optional<double> sum = d != nullptr && ti != nullptr ? interval_sum(*d, *ti) : std::nullopt;
      out += fmt::format("<td>{}</td>", sum ? format_number(*sum, mean_decimals) : std::string(kNoValue));
      out += limit_picture_cell(d, ti, 118) + verdict_cell(d);
    }
  }
  if (c.any_rate) {
    const Measurement* rate = s.find("stroke_rate");
    out += value_cell(rate, rate_decimals);
    out += fmt::format("<td>{}</td>", rate != nullptr && rate->value
                                          ? format_number((*rate->value / s.rate_per_min - 1) * 100, 3)
                                          : std::string(kNoValue));
    if (c.rate != nullptr)
      out += limit_picture_cell(decision_at(view, c.rate, i), rate, 80) + verdict_cell(decision_at(view, c.rate, i));
  }
  if (c.any_jitter) {
    const Measurement* j = s.find("period_jitter");
    const bool interval = j != nullptr && j->value && j->low && j->high;
    out += interval ? fmt::format("<td>{}</td>", format_interval(*j->value, *j->low, *j->high)) : value_cell(j, 1);
    if (c.jitter != nullptr) out += verdict_cell(decision_at(view, c.jitter, i));
  }
  return out + "</tr>\n";
}

std::string coverage_line(const NamedMeasurements& shown) {
  const std::string factors = coverage_factors(shown);
  return factors.empty() ? "" : fmt::format("<p class=\"note\">U: {}.</p>", escape(factors));
}

/// Which U the table by setting shows, of how many strokes, and what its sum is.
std::string setting_note(const RunView& view, const SettingColumns& c) {
  NamedMeasurements shown = at_settings(view, c.mean, "mean");
  const NamedMeasurements rates = at_settings(view, "stroke_rate", c.rate == nullptr ? "stroke rate" : c.rate->id);
  shown.insert(shown.end(), rates.begin(), rates.end());
  std::uint64_t low = 0, high = 0;
  double eff_low = 0, eff_high = 0;
  for (const SettingView& s : view.settings) {
    const Measurement* m = s.find(c.mean);
    if (m == nullptr || m->n == 0) continue;
    const bool first = low == 0;
    low = first ? m->n : std::min(low, m->n);
    high = std::max(high, m->n);
    eff_low = first ? m->n_eff : std::min(eff_low, m->n_eff);
    eff_high = std::max(eff_high, m->n_eff);
  }
  const auto range = [](double a, double b) {
    const std::string from = format_number(a, 0), to = format_number(b, 0);
    return from == to ? from : from + " to " + to;
  };
  std::string text = escape(coverage_factors(shown));
  if (!text.empty()) text = "U: " + text;
  if (low > 0) {
    text += fmt::format("{}n = {}, n<sub>eff</sub> {}", text.empty() ? "" : "; ",
                        range(static_cast<double>(low), static_cast<double>(high)), range(eff_low, eff_high));
  }
  if (!text.empty()) text += ". ";
  if (low > 0) text += "Process values, n strokes a setting. ";
  if (c.any_jitter) text += "Jitter’s interval is from χ² and asymmetric. ";
  if (c.depth != nullptr)
    text += "Sum: |mean − setting| + k<sub>T</sub>·s + U<sub>sys</sub>, to be held against the tolerance.";
  return text.empty() ? "" : fmt::format("<p class=\"note\">{}</p>", text);
}

std::string by_setting(const RunView& view, const SettingColumns& c) {
  if (view.settings.empty() || !(c.any_depth || c.any_rate || c.any_jitter)) return "";
  std::string out = fmt::format(
      "<p class=\"cap\">{}, rate and jitter by setting <span class=\"light\">(a click on a row shows its strokes "
      "below)</span></p><div class=\"scroll\"><table class=\"full tight\">",
      c.mean == "penetration" ? "Penetration" : "Extension");
  out += setting_head(view, c);
  const int mean_decimals = std::max(column_decimals(view, c.mean), 4),
            rate_decimals = column_decimals(view, "stroke_rate");
  for (std::size_t i = 0; i < view.settings.size(); ++i) out += setting_row(view, c, i, mean_decimals, rate_decimals);
  return out + "</table></div>" + setting_note(view, c);
}

/// Whole part right, decimals left, so that points stand under each other.
std::string aligned(const std::string& number) {
  const std::size_t point = number.find('.');
  const std::string whole = number.substr(0, point);
  return fmt::format("<td class=\"int\">{}</td><td class=\"dec\">{}</td>", whole,
                     point == std::string::npos ? "" : number.substr(point));
}

std::string value_cells(const Measurement* m) {
  const ShownValue shown = shown_value(m);
  if (!shown.is_number) {
    return fmt::format("<td colspan=\"3\" class=\"l wrap\">{}</td><td class=\"l\">{}</td>", escape(shown.value),
                       escape(shown.unit));
  }
  return fmt::format("{}<td class=\"l\">{}</td><td class=\"l\">{}</td>", aligned(shown.value), shown.u,
                     escape(shown.unit));
}

std::size_t without_value(const RunView& view, const RequirementView& r) {
  const auto none = [&](std::size_t d) { return !has_value(view.measured(view.run.outcome.decisions[d])); };
  return static_cast<std::size_t>(std::ranges::count_if(r.decisions, none));
}

std::string requirement_row(const RunView& view, const RequirementView& r, std::size_t decision) {
  const Decision& d = view.run.outcome.decisions[decision];
  const Measurement* m = view.measured(d);
  const auto picture = m != nullptr ? limit_picture_of(d, *m) : std::nullopt;
  std::string drawn = picture ? small_picture(*picture, 95) : "";
  if (drawn.empty()) drawn = m != nullptr && m->expanded_u == 0 && m->value ? "<span>exact count</span>" : "";
  std::string where;
  const std::string place = view.place(decision);
  if (r.decisions.size() > 1 && !has_value(m)) {
    where = fmt::format(", <span class=\"light\">{} of {} without a value</span>", without_value(view, r),
                        r.decisions.size());
  } else if (r.decisions.size() > 1) {
    where = fmt::format(", {}<span class=\"light\"> {} of {}</span>", escape(place),
                        d.verdict == Verdict::pass ? "nearest" : "one", r.decisions.size());
  } else if (!place.empty()) {
    where = ", " + escape(place);
  }
  return fmt::format(
      "<tr{}><td class=\"l\">{}</td><td class=\"l wrap\">{}{}</td>{}<td class=\"l\">{}</td><td class=\"pic "
      "c\">{}</td><td class=\"l\">{}</td></tr>\n",
      d.verdict == Verdict::pass ? "" : " class=\"strong\"", escape(d.requirement_id), escape(d.title), where,
      value_cells(m), escape(d.limit_text), drawn, verdict_markup(d.verdict));
}

/// Requirements that the table by setting does not show: the decision nearest to its limit, and every one that is no
/// PASS. Those without a value share a row.
std::string other_requirements(const RunView& view, const SettingColumns& c) {
  constexpr std::size_t kNotPassed = 10;
  std::string rows;
  NamedMeasurements shown;
  for (const RequirementView& r : view.requirements) {
    if (c.shows(view, r)) continue;
    const NamedMeasurements own = of_requirement(view, r);
    shown.insert(shown.end(), own.begin(), own.end());
    rows += requirement_row(view, r, r.nearest);
    const auto valued = [&](std::size_t d) { return has_value(view.measured(view.run.outcome.decisions[d])); };
    std::size_t more = 0, left_out = 0;
    bool none_shown = !valued(r.nearest);
    for (const std::size_t d : r.decisions) {
      if (d == r.nearest || view.run.outcome.decisions[d].verdict == Verdict::pass) continue;
      if (!valued(d) && std::exchange(none_shown, true)) continue;
      if (++more < kNotPassed) {
        rows += requirement_row(view, r, d);
      } else {
        ++left_out;
      }
    }
    if (left_out > 0)
      rows += fmt::format(
          "<tr><td></td><td class=\"l\" colspan=\"8\">and {} more of {} that did not pass, in the table of all "
          "decisions</td></tr>",
          left_out, escape(r.id));
  }
  if (rows.empty()) return "";
  return "<div><p class=\"cap\">Other requirements</p><table class=\"full\"><tr><th class=\"l\">req.</th><th "
         "class=\"l\">requirement</th><th class=\"int\"></th><th class=\"dec\">value</th>"
         "<th class=\"l\">± U</th><th class=\"l\">unit</th><th class=\"l\">limit</th><th class=\"c\">limits</th><th "
         "class=\"l\">verdict</th></tr>" +
         rows + "</table>" + coverage_line(shown) + "</div>";
}

std::string unlimited_row(const Measurement& m, const std::string& where) {
  return fmt::format("<tr><td class=\"l wrap\">{}{}{}</td>{}</tr>\n", escape(title_of(m)), where,
                     m.value || !m.text_value.empty() ? "" : " <span class=\"light\">" + formula(m.note) + "</span>",
                     value_cells(&m));
}

/// What was measured at the shown setting and over the run, without a limit in this product.
std::string without_limit(const RunView& view) {
  std::set<std::string> limited;
  for (const Decision& d : view.run.outcome.decisions) {
    if (const Measurement* m = view.measured(d)) limited.insert(m->measurand);
  }
  const auto shown_above = [&](const Measurement& m) {
    return limited.contains(m.measurand) || m.measurand == "penetration" || m.measurand == "stroke_rate" ||
           m.measurand == "period_jitter";
  };
  std::string rows;
  NamedMeasurements shown;
  if (view.shown_setting < view.settings.size()) {
    const SettingView& s = view.settings[view.shown_setting];
    bool first = true;
    for (const Measurement* m : s.measurements) {
      if (shown_above(*m)) continue;
      rows += unlimited_row(*m, first ? " at " + escape(s.name) : ", same");
      shown.emplace_back(title_of(*m), m);
      first = false;
    }
  }
  for (const Measurement& m : view.run.outcome.measurements) {
    if (shown_above(m) || m.depth_mm || m.rate_per_min) continue;
    rows += unlimited_row(m, "");
    shown.emplace_back(title_of(m), &m);
  }
  if (rows.empty()) return "";
  return std::string("<div><p class=\"cap\">") +
         (view.run.outcome.decisions.empty() ? "Also measured; nothing was judged"
                                             : "Measured, without a limit in this product") +
         "</p><table class=\"full\"><tr><th "
         "class=\"l\">measurement</th><th class=\"int\"></th><th class=\"dec\">value</th>"
         "<th class=\"l\">± U</th><th class=\"l\">unit</th></tr>" +
         rows + "</table>" + coverage_line(shown) + "</div>";
}

std::string all_decisions(const RunView& view) {
  const auto& decisions = view.run.outcome.decisions;
  if (decisions.empty()) return "";
  std::string out = fmt::format(
      "<details><summary>all {} decisions as a table, each with its rule</summary><div class=\"scroll\"><table><tr><th "
      "class=\"l\">req.</th><th class=\"l\">requirement</th>"
      "<th class=\"l\">setting</th><th class=\"int\"></th><th class=\"dec\">value</th><th class=\"l\">± U</th><th "
      "class=\"l\">unit</th><th class=\"l\">limit</th><th>used</th>"
      "<th class=\"l\">verdict</th><th>conforms<br>with</th><th>false<br>acceptance</th><th>by the rule<br>at "
      "most</th><th class=\"l\">rule, and why</th></tr>",
      decisions.size());
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const Decision& d = decisions[i];
    out += fmt::format(
        "<tr{}><td class=\"l\">{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td>{}<td "
        "class=\"l\">{}</td><td>{}</td><td class=\"l\">{}</td>{}<td class=\"l wrap\">{}{}{}</td></tr>\n",
        d.verdict == Verdict::pass ? "" : " class=\"strong\"", escape(d.requirement_id), escape(d.title),
        escape(view.place(i)), value_cells(view.measured(d)), escape(d.limit_text),
        std::isfinite(d.used) ? format_percent(d.used) : std::string(kNoValue), verdict_markup(d.verdict),
        probability_cells(d), formula(d.rule), d.rule.empty() || d.reason.empty() ? "" : "; ", formula(d.reason));
  }
  return out + "</table></div></details>";
}

}  // namespace

std::string measurements(const RunView& view) {
  const SettingColumns c(view);
  const std::string table = by_setting(view, c), other = other_requirements(view, c), unlimited = without_limit(view);
  if (table.empty() && other.empty() && unlimited.empty()) return "";
  std::string out = "<h2 id=\"meas\">Measurements</h2>" + table;
  if (!other.empty() && !unlimited.empty()) {
    out += "<div class=\"other\">" + other + unlimited + "</div>";
  } else {
    out += "<div style=\"margin-top:20px;max-width:760px\">" + other + unlimited + "</div>";
  }
  return out + all_decisions(view);
}

}  // namespace penrig::html
