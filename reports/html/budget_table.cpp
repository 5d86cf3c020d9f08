#include "reports/html/budget_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/shown_value.hpp"
#include "reports/number_format.hpp"
#include "rig/measure/budget.hpp"

namespace penrig::html {
namespace {

/// Depths are small in mm: their budgets read better in µm.
struct Shown {
  double factor;
  std::string unit;
};
Shown shown_unit(const Measurement& m) { return m.unit == "mm" ? Shown{1000, "µm"} : Shown{1, m.unit}; }

std::string bar(double share, std::string_view colour) {
  constexpr double kWidth = 118;
  return fmt::format(
      "<svg width=\"{0}\" height=\"11\" aria-hidden=\"true\"><rect width=\"{1:.1f}\" height=\"11\" "
      "fill=\"{2}\"/></svg>",
      kWidth, std::isfinite(share) ? std::clamp(share * kWidth, 0.8, kWidth) : 0.8, colour);
}

/// What the lines of one cause amount to; a line without a cause stands alone.
struct Cause {
  double sum = 0;
  std::size_t lines = 0;
  std::string letter{};  ///< of those with several lines, in the order of the table: a ... z, a2 ...
};

std::map<std::string, Cause> lettered_causes(const std::vector<BudgetLine>& lines) {
  std::map<std::string, Cause> causes;
  for (const BudgetLine& line : lines) {
    if (line.cause.empty()) continue;
    Cause& cause = causes[line.cause];
    cause.sum += contribution(line);
    ++cause.lines;
  }
  std::size_t letters = 0;
  for (const BudgetLine& line : lines) {
    if (line.cause.empty()) continue;
    Cause& cause = causes[line.cause];
    if (cause.lines < 2 || !cause.letter.empty()) continue;
    cause.letter = static_cast<char>('a' + letters % 26);
    if (letters >= 26) cause.letter += std::to_string(letters / 26 + 1);
    ++letters;
  }
  return causes;
}

/// As short as it can be, with a power of ten where the zeros could not be counted: 2.5, 2.50 × 10<sup>7</sup>.
std::string short_or_power(double value, int significant) {
  const double size = std::fabs(value);
  if (!std::isfinite(value) || size == 0 || (size >= 1e-4 && size < 1e6)) return format_short(value, significant);
  const std::string written = fmt::format("{:.{}e}", value, significant - 1);
  const std::size_t e = written.find('e');
  return fmt::format("{} × 10<sup>{}</sup>", format_number(std::stod(written.substr(0, e)), significant - 1),
                     format_number(std::stod(written.substr(e + 1)), 0));
}

/// Value and u of an input with the decimals of its u, unless those are too many to read.
std::string input_cells(const BudgetLine& line) {
  if (line.unit.empty()) return fmt::format("<td>{0}</td><td>{0}</td><td></td><td>{0}</td>", kNoValue);
  constexpr int kMostDecimals = 6;
  ValueAndU shown = format_value_u(line.value, line.u_input);
  if (shown.decimals > kMostDecimals || shown.decimals < 0 || shown.u.empty()) {
    shown.value = short_or_power(line.value, 6);
    shown.u = short_or_power(line.u_input, 2);
  }
  return fmt::format("<td>{}</td><td>{}</td><td class=\"l\">{}</td>", shown.value, shown.u,
                     line.unit == "1" ? "" : escape(line.unit));
}

std::string cause_note(const std::vector<BudgetLine>& lines, std::map<std::string, Cause> causes) {
  std::string which;
  for (const BudgetLine& line : lines) {
    const auto cause = causes.find(line.cause);
    if (cause == causes.end() || cause->second.letter.empty()) continue;
    which += fmt::format("{}{}: {}", which.empty() ? "" : "; ", cause->second.letter, escape(line.cause));
    causes.erase(cause);
  }
  if (which.empty()) return "";
  return fmt::format(
      "<p class=\"note\">Lines of one letter have one cause and are fully correlated: their contributions are added "
      "with their signs before they are squared. {}.</p>",
      which);
}

}  // namespace

std::string budget_table(const Measurement& m, const std::string& title) {
  std::vector<BudgetLine> lines = m.budget;
  std::stable_sort(lines.begin(), lines.end(), [](const BudgetLine& a, const BudgetLine& b) { return a.u > b.u; });
  const double u = combined(lines);
  if (!(u > 0) || !std::isfinite(u)) return "";
  const std::map<std::string, Cause> causes = lettered_causes(lines);
  const auto [factor, unit] = shown_unit(m);
  const int decimals = std::max(decimals_of_u(u * factor), 0) + 1;
  std::string out = fmt::format(
      "<div class=\"scroll budget\"><p class=\"cap\">{}</p><table class=\"full\"><tr><th class=\"l\">source</th><th "
      "class=\"l\">type</th><th class=\"l\">distribution</th><th>value of<br>the input</th><th>its u</th><th "
      "class=\"l\">unit</th><th>sensitivity,<br>{} / unit</th><th>contribution,<br>{}</th><th>ν</th><th>share<br>of "
      "u²</th><th class=\"l\">corre-<br>lated</th><th></th></tr>",
      title, escape(unit), escape(unit));
  for (const BudgetLine& l : lines) {
    const auto cause = causes.find(l.cause);
    const double own = contribution(l), sum = cause == causes.end() ? own : cause->second.sum;
    out += fmt::format(
        "<tr><td class=\"l wrap\">{}</td><td class=\"l\">{}</td><td class=\"l "
        "light\">{}</td>{}{}<td>{}</td><td>{}</td><td>{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td></tr>\n",
        formula(l.source), l.type_a ? "A" : "B", escape(l.distribution), input_cells(l),
        l.unit.empty() ? "" : fmt::format("<td>{}</td>", short_or_power(l.sensitivity * factor, 3)),
        format_number(own * factor, decimals), l.nu > 0 ? format_number(l.nu, 0) : "∞",
        format_percent(own * sum / (u * u)), cause == causes.end() ? "" : cause->second.letter,
        bar(l.u / u, l.type_a ? kBlue : std::string_view{"#777"}));
  }
  out += fmt::format(
      "<tr class=\"strong last\"><td class=\"l\" colspan=\"7\">combined u; U = {} u = {} {}</td><td>{}</td><td>{}</td>"
      "<td>100\u00A0%</td><td></td><td class=\"l\">{}</td></tr></table>{}</div>",
      format_number(m.k, 2), format_number(m.expanded_u * factor, decimals_of_u(m.expanded_u * factor)), escape(unit),
      format_number(u * factor, decimals), m.nu_eff > 0 ? format_number(m.nu_eff, 0) : "∞", bar(1, "#111"),
      cause_note(lines, causes));
  return out;
}

}  // namespace penrig::html
