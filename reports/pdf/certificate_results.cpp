#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/answers_given.hpp"
#include "reports/html/coverage_note.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/setting_columns.hpp"
#include "reports/html/shown_value.hpp"
#include "reports/interval_sum.hpp"
#include "reports/number_format.hpp"
#include "reports/pdf/certificate_parts.hpp"

namespace penrig::pdf {

namespace {

using html::escape, html::formula, html::kNoValue, html::RunView;

constexpr double kPictureWidth = 72;  ///< of a limit picture in a table

Cell verdict(const Decision* d) { return d == nullptr ? Cell(kNoValue) : Cell(coloured_verdict(d->verdict)); }

bool group_ends(const RunView& view, std::size_t i) {
  return i + 1 < view.settings.size() && view.settings[i + 1].rate_per_min != view.settings[i].rate_per_min;
}
bool stands_out(const Decision* d) {
  return d != nullptr && d->verdict != Verdict::pass && d->verdict != Verdict::not_judged;
}

/// Which U a table shows; nothing where it shows none.
std::string of_u(const std::vector<std::pair<std::string, const Measurement*>>& shown) {
  const std::string factors = html::coverage_factors(shown);
  return factors.empty() ? "" : fmt::format("U: {}.", escape(factors));
}

void depths_block(Flow& flow, const RunView& view, const html::SettingColumns& c, int number) {
  const int decimals = std::max(html::column_decimals(view, c.mean), 4);
  flow.heading(fmt::format("{}  {} by setting", number, c.mean == "penetration" ? "Penetration" : "Extension"),
               c.depth == nullptr ? "process values, no requirement"
                                  : fmt::format("requirement {}, process values", escape(c.depth->id)));
  std::vector<Column> columns{
      {"depth\nmm"}, {"rate\n1/min"}, {"mean ± U\nmm"}, {"s\nmm"}, {"tolerance interval\nmm"}, {"U<sub>sys</sub>\nmm"}};
  if (c.depth != nullptr) {
    columns.push_back({"sum\nmm"});
    columns.push_back({"limits\n" + html::limit_head(view, *c.depth, true, false), Align::centre, kPictureWidth});
    columns.push_back({escape(c.depth->id), Align::left});
  }
  std::vector<Row> rows;
  for (std::size_t i = 0; i < view.settings.size(); ++i) {
    const html::SettingView& s = view.settings[i];
    const Measurement *mean = s.find(c.mean), *ti = s.find(c.strokes);
    const Decision* d = html::decision_at(view, c.depth, i);
    Row row;
    row.ends_group = group_ends(view, i);
    row.strong = stands_out(d);
    row.cells = {format_depth(s.depth_mm), format_short(s.rate_per_min),
                 html::value_and_u(mean != nullptr ? mean : ti, decimals)};
    const bool interval = ti != nullptr && ti->interval;
    row.cells.emplace_back(interval ? format_number(ti->interval->s, decimals) : kNoValue);
    row.cells.emplace_back(interval ? fmt::format("{} … {}", format_number(ti->interval->low, decimals),
                                                  format_number(ti->interval->high, decimals))
                                    : kNoValue);
    row.cells.emplace_back(interval ? format_number(ti->interval->u_sys, decimals) : kNoValue);
    if (c.depth != nullptr) {
      const std::optional<double> sum = d != nullptr && ti != nullptr ? interval_sum(*d, *ti) : std::nullopt;
      row.cells.emplace_back(sum ? format_number(*sum, decimals) : kNoValue);
      row.cells.push_back(picture_cell(d, ti));
      row.cells.push_back(verdict(d));
    }
    rows.push_back(std::move(row));
  }
  flow.table(columns, rows);
  flow.paragraph(
      of_u(html::at_settings(view, c.mean, "mean")) +
          " Sum: |mean − setting| + k<sub>T</sub>·s + U<sub>sys</sub>, with k<sub>T</sub> for 99 % of strokes "
          "and 95 % confidence at n<sub>eff</sub>. Vertical lines: limits; bracket: tolerance interval; mark: mean.",
      kNote);
}

void timing_block(Flow& flow, const RunView& view, const html::SettingColumns& c, int number) {
  std::string requirements;
  for (const html::RequirementView* r : {c.rate, c.jitter}) {
    if (r != nullptr) requirements += (requirements.empty() ? "requirement " : " and ") + escape(r->id);
  }
  flow.heading(fmt::format("{}  Stroke rate and period jitter by setting", number), requirements);
  std::vector<Column> columns{{"depth\nmm"}, {"rate\n1/min"}};
  if (c.any_rate) {
    columns.push_back({"stroke rate ± U\n1/min"});
    columns.push_back({"off by\n%"});
    if (c.rate != nullptr) {
      columns.push_back({"limits\n" + html::limit_head(view, *c.rate, true, true), Align::centre, kPictureWidth});
      columns.push_back({escape(c.rate->id), Align::left});
    }
  }
  if (c.any_jitter) {
    columns.push_back({"period jitter, 95 % interval\nµs"});
    if (c.jitter != nullptr) {
      columns.push_back({"limit\n" + html::limit_head(view, *c.jitter, false, false), Align::centre, kPictureWidth});
      columns.push_back({escape(c.jitter->id), Align::left});
    }
  }
  const int decimals = html::column_decimals(view, "stroke_rate");
  std::vector<Row> rows;
  for (std::size_t i = 0; i < view.settings.size(); ++i) {
    const html::SettingView& s = view.settings[i];
    const Decision *of_rate = html::decision_at(view, c.rate, i), *of_jitter = html::decision_at(view, c.jitter, i);
    Row row;
    row.ends_group = group_ends(view, i);
    row.strong = stands_out(of_rate) || stands_out(of_jitter);
    row.cells = {format_depth(s.depth_mm), format_short(s.rate_per_min)};
    if (c.any_rate) {
      const Measurement* rate = s.find("stroke_rate");
      row.cells.emplace_back(html::value_and_u(rate, decimals));
      row.cells.emplace_back(
          rate != nullptr && rate->value ? format_number((*rate->value / s.rate_per_min - 1) * 100, 3) : kNoValue);
      if (c.rate != nullptr) {
        row.cells.push_back(picture_cell(of_rate, rate));
        row.cells.push_back(verdict(of_rate));
      }
    }
    if (c.any_jitter) {
      const Measurement* j = s.find("period_jitter");
      const bool interval = j != nullptr && j->value && j->low && j->high;
      row.cells.emplace_back(interval ? format_interval(*j->value, *j->low, *j->high) : html::value_and_u(j, 1));
      if (c.jitter != nullptr) {
        row.cells.push_back(picture_cell(of_jitter, j));
        row.cells.push_back(verdict(of_jitter));
      }
    }
    rows.push_back(std::move(row));
  }
  flow.table(columns, rows);
  const std::string u = of_u(html::at_settings(view, "stroke_rate", "stroke rate"));
  if (c.any_rate && !u.empty()) flow.paragraph(u, kNote);
}

/// Decisions of one requirement on what was never measured, in one row.
Row unmeasured_row(const RunView& view, const html::RequirementView& r, const std::vector<std::size_t>& decisions) {
  const Decision& d = view.run.outcome.decisions[decisions.front()];
  const Measurement* m = view.measured(d);
  std::string what = escape(d.title);
  if (r.decisions.size() > 1) {
    what += fmt::format(", {} of {} not measured", decisions.size(), r.decisions.size());
  } else if (const std::string place = view.place(decisions.front()); !place.empty()) {
    what += ", " + escape(place);
  }
  Row row;
  row.strong = true;
  row.cells = {escape(r.id),
               what,
               "no value",
               "",
               m == nullptr ? "" : escape(m->unit),
               decisions.size() > 1 ? "" : escape(d.limit_text),
               html::kNoValue,
               coloured_verdict(d.verdict)};
  return row;
}

void others_block(Flow& flow, const RunView& view, const html::SettingColumns& c, int number) {
  std::vector<Row> rows;
  std::vector<std::pair<std::string, const Measurement*>> named;
  for (const html::RequirementView& r : view.requirements) {
    if (c.shows(view, r)) continue;
    const auto own = html::of_requirement(view, r);
    named.insert(named.end(), own.begin(), own.end());
    std::vector<std::size_t> unmeasured;
    for (const std::size_t i : r.decisions) {
      const Decision& d = view.run.outcome.decisions[i];
      const Measurement* m = view.measured(d);
      if (m == nullptr || (!m->value && m->text_value.empty())) {
        unmeasured.push_back(i);
        continue;
      }
      const html::ShownValue shown = html::shown_value(m);
      const std::string place = view.place(i);
      Row row;
      row.strong = stands_out(&d);
      row.cells = {escape(r.id),        escape(d.title) + (place.empty() ? "" : ", " + escape(place)),
                   escape(shown.value), shown.u,
                   escape(shown.unit),  escape(d.limit_text),
                   picture_cell(&d, m), coloured_verdict(d.verdict)};
      rows.push_back(std::move(row));
    }
    if (!unmeasured.empty()) rows.push_back(unmeasured_row(view, r, unmeasured));
    rows.back().ends_group = true;
  }
  if (rows.empty()) return;
  flow.heading(fmt::format("{}  Other requirements", number));
  flow.table({{"Req.", Align::left},
              {"Requirement", Align::left, 0, true},
              {"value"},
              {"± U", Align::left},
              {"unit", Align::left},
              {"limit", Align::left},
              {"limits", Align::centre, kPictureWidth},
              {"verdict", Align::left}},
             rows);
  if (const std::string u = of_u(named); !u.empty()) flow.paragraph(u, kNote);
}

/// Nothing where nobody was asked.
void answers_block(Flow& flow, const RunView& view, int number) {
  std::vector<Row> rows;
  for (const AnswerGiven& a : answers_given(view.run)) {
    Row row;
    row.cells = {escape(a.prompt), escape(a.question), escape(a.answer.empty() ? kNoValue : a.answer), escape(a.how)};
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return;
  flow.heading(fmt::format("{}  What a person answered", number));
  flow.table({{"Prompt", Align::left},
              {"Question", Align::left, 0, true},
              {"Answer", Align::left},
              {"By whom", Align::left, 0, true}},
             rows);
}

}  // namespace

void results(Flow& flow, const RunView& view) {
  const html::SettingColumns columns(view);
  if (flow.pages() == 1) flow.new_page();  // the first page stands alone
  int number = 0;
  if (columns.any_depth) depths_block(flow, view, columns, ++number);
  if (columns.any_rate || columns.any_jitter) timing_block(flow, view, columns, ++number);
  others_block(flow, view, columns, ++number);
  answers_block(flow, view, ++number);
}

}  // namespace penrig::pdf
