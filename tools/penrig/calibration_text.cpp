#include "tools/penrig/calibration_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "rig/calibrate/polynomial_fit.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/introduction_text.hpp"

namespace penrig::cli {
namespace {

/// Cells in columns, two blanks between; the first row is the head. Numbers stand on the right.
/// @param words  so many columns at the left are words, and stand on the left
std::vector<Line> table(const std::vector<std::vector<std::string>>& rows, std::size_t words = 0) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::vector<Line> lines;
  for (const auto& row : rows) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - width(row[i]), ' ');
      text += "  " + (i < words ? row[i] + blanks : blanks + row[i]);
    }
    lines.push_back({{std::move(text), lines.empty() ? Ink::label : Ink::plain}});
  }
  return lines;
}

/// "force, N" of "force_n".
std::string head_of(const std::string& column) {
  std::string stem(stem_of_key(column));
  std::ranges::replace(stem, '_', ' ');
  const std::string_view unit = unit_of_key(column).unit;
  return unit.empty() ? stem : fmt::format("{}, {}", stem, unit);
}

/// Decimals that leave three significant digits of the scatter.
int decimals_of(double scatter) { return std::max(0, decimals_of_u(scatter) + 1); }

std::vector<Line> points_table(const Calibration& c, std::size_t rows_most) {
  const CalibrationEvaluation& e = c.evaluation;
  std::vector<std::string> head{"point"};
  for (const std::string& column : c.points.columns) head.push_back(head_of(column));
  if (!c.points.direction.empty()) head.emplace_back("direction");
  head.emplace_back("fit");
  head.emplace_back("residual");
  std::vector<std::vector<std::string>> rows{std::move(head)};
  const int decimals = decimals_of(e.residual_sd);
  const std::size_t shown_rows = std::min(rows_most, c.points.size());
  for (std::size_t i = 0; i < shown_rows; ++i) {
    std::vector<std::string> row{fmt::format("{}", i + 1)};
    for (const auto& column : c.points.values) row.push_back(format_short(column[i], 9));
    if (!c.points.direction.empty()) row.emplace_back(c.points.direction[i] > 0 ? "up" : "down");
    row.push_back(format_number(e.fitted[i], decimals));
    row.push_back(format_number(e.residuals[i], decimals));
    rows.push_back(std::move(row));
  }
  std::vector<Line> lines = table(rows);
  if (shown_rows < c.points.size())
    lines.push_back({{fmt::format("  and {} more points", c.points.size() - shown_rows), Ink::label}});
  return lines;
}

std::string f_test(const std::optional<double>& f, const std::optional<double>& p) {
  if (!f || !p) return "−";
  const std::string chance = format_probability(*p);
  const bool bound = chance.starts_with('<') || chance.starts_with('>');
  return fmt::format("{} (p {}{})", format_short(*f, 3), bound ? "" : "= ", chance);
}

std::vector<Line> degree_table(const CalibrationEvaluation& e) {
  if (e.degrees.empty()) return {};
  std::vector<std::vector<std::string>> rows{{"degree", "residual sd", "lack of fit F", "added by it F", ""}};
  for (const DegreeLine& d : e.degrees) {
    rows.push_back({fmt::format("{}", d.degree), format_short(d.residual_sd, 4), f_test(d.lack_f, d.lack_p),
                    f_test(d.added_f, d.added_p), d.degree == e.degree ? (e.degree_fits ? "fits" : "taken") : ""});
  }
  return table(rows);
}

std::string fit_text(const CalibrationEvaluation& e) {
  if (e.x.empty()) return fmt::format("mean of {} values, sd {}", e.residuals.size(), format_short(e.residual_sd, 3));
  if (e.degrees.empty())
    return fmt::format("gain and phase together, residual sd of the gain {}", format_short(e.residual_sd, 3));
  PolynomialFit fit;
  fit.intercept = e.intercept;
  fit.coefficients = e.coefficients;
  return fmt::format("{}, residual sd {}{}", polynomial_text(fit, e.y, e.x), format_short(e.residual_sd, 4),
                     e.degree_fits ? "" : " (it does not fit)");
}

/// Columns that no line fills are left out: most calibrations have no inputs of their own and nothing in common.
std::vector<Line> budget_table(const Calibration& c) {
  const auto& budget = c.evaluation.budget;
  const bool inputs = std::ranges::any_of(budget, [](const BudgetLine& l) { return !l.unit.empty(); });
  const bool causes = std::ranges::any_of(budget, [](const BudgetLine& l) { return !l.cause.empty(); });
  std::vector<std::string> head{"source", "type", "distribution", "ν"};
  if (inputs) head.insert(head.end(), {"value", "u of it", "unit", "sensitivity"});
  head.push_back("u, " + c.unit);
  if (causes) head.emplace_back("in common");
  std::vector<std::vector<std::string>> rows{std::move(head)};
  for (const BudgetLine& l : budget) {
    std::vector<std::string> row{l.source, l.type_a ? "A" : "B", l.distribution,
                                 l.nu > 0 ? format_short(l.nu, 3) : "∞"};
    if (inputs && l.unit.empty()) row.insert(row.end(), 4, "");
    if (inputs && !l.unit.empty()) {
      row.insert(row.end(), {format_short(l.value, 6), format_short(l.u_input, 2), l.unit == "1" ? "" : l.unit,
                             format_short(l.sensitivity, 3)});
    }
    row.push_back(format_short(l.u, 3));
    if (causes) row.push_back(l.cause);
    rows.push_back(std::move(row));
  }
  return table(rows, 3);
}

std::string standard_text(const ReferenceStandard& s) {
  std::string text = s.id;
  if (!s.certificate.empty()) text += ", " + s.certificate;
  if (!s.u) return text + ", without uncertainty";
  if (s.relative) return fmt::format("{}, u {} %", text, number_text(*s.u * 100));
  return fmt::format("{}, u {} {}", text, number_text(*s.u), unit_of_key(s.column).unit);
}

}  // namespace

std::string state_of(const Calibration& c, const CivilDate& today, bool superseded) {
  if (!c.evaluation.u || !(*c.evaluation.u > 0)) return "no u";
  if (c.date.days > today.days) return "of the future";
  if (c.due.days < today.days) return "expired";
  return superseded ? "superseded" : "in force";
}

std::string value_text(const Calibration& c) {
  const CalibrationEvaluation& e = c.evaluation;
  if (!e.u) return fmt::format("{} {}, without uncertainty", format_short(e.value, 8), c.unit);
  return fmt::format("{} {}", format_plus_minus(e.value, e.k * *e.u), c.unit);
}

std::vector<Line> calibration_text(const Calibration& c, std::size_t rows_most) {
  const CalibrationEvaluation& e = c.evaluation;
  std::vector<Line> lines{labelled("kind", fmt::format("{}, {} of fixture {}{}", c.target, c.factor, c.fixture_id,
                                                       c.simulated ? " (simulated)" : ""))};
  lines.push_back(labelled("points", fmt::format("{} from {}", c.points.size(), c.points_name)));
  for (const ReferenceStandard& s : c.standards) lines.push_back(labelled("standard", standard_text(s)));
  std::string circumstances = c.operator_name;
  if (c.temperature_c) circumstances += fmt::format(", {} °C", format_short(*c.temperature_c, 4));
  if (c.humidity_percent) circumstances += fmt::format(", {} % RH", format_short(*c.humidity_percent, 4));
  lines.push_back(labelled("operator", circumstances));
  if (!c.note.empty()) lines.push_back(labelled("note", c.note));
  lines.push_back({});
  const auto append = [&](std::vector<Line> more) {
    if (more.empty()) return;
    lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    lines.push_back({});
  };
  append(points_table(c, rows_most));
  append(degree_table(e));
  append(budget_table(c));
  lines.push_back(labelled("fit", fit_text(e)));
  for (const CalibrationResult& r : e.results) {
    lines.push_back(
        labelled("", fmt::format("{} {}{}", r.name, format_short(r.value, 5), r.unit == "1" ? "" : " " + r.unit)));
  }
  for (const std::string& note : e.notes) lines.push_back({{"note     ", Ink::label}, {note, Ink::strong}});
  Line result = labelled("result", "");
  result.push_back({fmt::format("{} = {}", c.factor, value_text(c)), Ink::strong});
  if (e.u) {
    result.push_back(
        {fmt::format("   k = {}, ν = {}", format_short(e.k, 3), e.nu == 0 ? std::string("∞") : format_short(e.nu, 3))});
  }
  lines.push_back(std::move(result));
  return lines;
}

}  // namespace penrig::cli
