#include "tools/penrig/requirement_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "rig/measure/judge_capture.hpp"
#include "tools/penrig/limit_picture.hpp"

namespace penrig::cli {
namespace {

enum Column : std::size_t { kReq, kTitle, kNearest, kValue, kU, kUnit, kLimit, kUsed, kVerdicts, kColumns };

constexpr std::array<const char*, kColumns> kHeads{"req",   "requirement", "nearest its limit", "value", "± U", "unit",
                                                   "limit", "used",        "verdicts"};
constexpr std::array<std::size_t, kColumns> kGaps{2, 2, 2, 2, 1, 3, 2, 2, 3};  // before each column
constexpr std::size_t kTitleMin = 10;
constexpr std::size_t kAlwaysShown = 2;  ///< of the product's requirements, in its own order

struct Row {
  std::array<std::string, kColumns> cells;
  std::size_t point = 0;  ///< columns of the value before its decimal point
  Line verdicts;
};

std::size_t line_width(const TerminalStyle& style, const Line& line) {
  return std::accumulate(line.begin(), line.end(), std::size_t{0},
                         [&](std::size_t sum, const Span& span) { return sum + width(shown(style, span.text)); });
}

bool nearer(const Decision& a, const Decision& b) {
  if (a.verdict != b.verdict) return a.verdict > b.verdict;
  return a.used > b.used;
}

/// The two cells of a value and its uncertainty.
std::pair<std::string, std::string> value_cells(const Measurement& m) {
  if (!m.text_value.empty()) return {m.text_value, ""};
  if (!m.value) return {"–", ""};
  const std::string over = m.censored_high ? "≥ " : "";
  if (m.low && m.high) {
    const int decimals = decimals_of_u((*m.high - *m.low) / 2);
    const std::string low = format_number(*m.low, decimals), high = format_number(*m.high, decimals);
    return {over + format_number(*m.value, decimals), low + "…" + high};
  }
  const ValueAndU both = format_value_u(*m.value, m.expanded_u);
  return {over + both.value, both.u.empty() ? "" : "± " + both.u};
}

std::string cut(const TerminalStyle& style, const std::string& text, std::size_t columns) {
  if (width(text) <= columns) return text;
  const std::string dots = shown(style, "…");
  std::string out;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < text.size() && taken + width(dots) < columns; ++taken) {
    const std::size_t from = i++;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80U) ++i;
    out.append(text, from, i - from);
  }
  return out + dots;
}

/// A limit that would push others off the line: its numbers as short as they can be said, a text without its end.
std::string limit_cell(const TerminalStyle& style, const Decision& decision) {
  constexpr std::size_t kWidest = 24;
  std::string text = shown(style, decision.limit_text);
  if (width(text) <= kWidest) return text;
  const auto number = [](double value) {
    std::string digits = fmt::format("{:.6g}", value);
    if (digits.starts_with('-')) digits.replace(0, 1, "−");
    return digits;
  };
  const std::optional<double>&low = decision.lower, &high = decision.upper;
  if (low && high) text = fmt::format("{} … {}", number(*low), number(*high));
  if (low && !high) text = fmt::format("≥ {}", number(*low));
  if (high && !low) text = fmt::format("≤ {}", number(*high));
  return cut(style, shown(style, text), kWidest);
}

/// The decision that a row shows: the nearest that has a value, the nearest of all where none has.
std::size_t nearest_measured(const RequirementSummary& requirement, const RunOutcome& outcome) {
  std::optional<std::size_t> best;
  for (const std::size_t i : requirement.decisions) {
    const Measurement& m = outcome.measurements.at(outcome.decisions[i].measurement);
    if (!m.value && m.text_value.empty()) continue;
    if (!best || nearer(outcome.decisions[i], outcome.decisions[*best])) best = i;
  }
  return best.value_or(requirement.nearest);
}

Row row_of(const TerminalStyle& style, const RequirementSummary& requirement, const RunOutcome& outcome,
           VerdictWords words) {
  const Decision& decision = outcome.decisions[nearest_measured(requirement, outcome)];
  const Measurement& m = outcome.measurements.at(decision.measurement);
  Row row;
  const auto [value, u] = value_cells(m);
  row.cells = {decision.requirement_id, decision.title, where(m), value, u, m.unit, "", "", ""};
  if (m.value && std::isfinite(decision.used)) row.cells[kUsed] = format_percent(decision.used);
  for (std::string& cell : row.cells) cell = shown(style, cell);
  row.cells[kLimit] = limit_cell(style, decision);
  const std::string& shown_value = row.cells[kValue];
  const bool number = m.text_value.empty();
  row.point = width(number ? std::string_view(shown_value).substr(0, shown_value.find('.')) : shown_value);
  row.verdicts = verdict_counts(outcome.decisions, requirement.decisions, words);
  return row;
}

/// Moves the values so that their decimal points stand under each other.
void align_points(std::vector<Row>& rows) {
  std::size_t point = 0;
  for (const Row& row : rows) point = std::max(point, row.point);
  for (Row& row : rows) row.cells[kValue].insert(0, point - row.point, ' ');
}

struct Layout {
  std::array<std::size_t, kColumns> widths{};
  std::array<bool, kColumns> hidden{};

  std::size_t total() const {
    std::size_t sum = 0;
    for (std::size_t c = 0; c < kColumns; ++c) sum += hidden[c] ? 0 : kGaps[c] + widths[c];
    return sum;
  }
};

std::size_t verdicts_width(const TerminalStyle& style, const std::vector<Row>& rows) {
  std::size_t most = width(kHeads[kVerdicts]);
  for (const Row& row : rows) most = std::max(most, line_width(style, row.verdicts));
  return most;
}

/// Makes the rows fit: columns go, then all but the worst verdict of a row, then the ends of titles, then titles, then
/// where it was and U.
Layout lay_out(const TerminalStyle& style, std::vector<Row>& rows) {
  Layout layout;
  for (std::size_t c = 0; c < kVerdicts; ++c) {
    layout.widths[c] = width(shown(style, kHeads[c]));
    for (const Row& row : rows) layout.widths[c] = std::max(layout.widths[c], width(row.cells[c]));
  }
  layout.widths[kVerdicts] = verdicts_width(style, rows);
  for (const Column c : {kUsed, kLimit}) layout.hidden[c] = layout.total() > style.columns;
  const std::size_t least = layout.total() - layout.widths[kTitle] + kTitleMin;
  if (least > style.columns) {
    for (Row& row : rows) row.verdicts.resize(std::min<std::size_t>(row.verdicts.size(), 1));
    layout.widths[kVerdicts] = verdicts_width(style, rows);
  }
  if (layout.total() > style.columns) {
    const std::size_t surplus = layout.total() - style.columns, title = layout.widths[kTitle];
    layout.hidden[kTitle] = title < kTitleMin + surplus;  // the id stays
    if (!layout.hidden[kTitle]) layout.widths[kTitle] = title - surplus;
  }
  for (const Column c : {kNearest, kU}) layout.hidden[c] = layout.total() > style.columns;
  return layout;
}

Line render_row(const TerminalStyle& style, const Layout& layout, const Row& row, Ink ink) {
  std::string text;
  for (std::size_t c = 0; c < kVerdicts; ++c) {
    if (layout.hidden[c]) continue;
    const std::string cell = c == kTitle ? cut(style, row.cells[c], layout.widths[c]) : row.cells[c];
    const std::string pad(layout.widths[c] - width(cell), ' ');
    text += std::string(kGaps[c], ' ') + (c == kUsed ? pad + cell : cell + pad);
  }
  Line line{{text + std::string(kGaps[kVerdicts], ' '), ink}};
  line.insert(line.end(), row.verdicts.begin(), row.verdicts.end());
  return line;
}

/// The rows that are left out always passed.
Line remainder(std::size_t count, VerdictWords words) {
  return {{fmt::format("  and {} more requirement{}, all {}", count, count == 1 ? "" : "s",
                       words == VerdictWords::of_record ? name_of(Verdict::pass) : word_for_capture(Verdict::pass)),
           Ink::plain}};
}

}  // namespace

std::vector<RequirementSummary> summarise(std::span<const Decision> decisions) {
  std::vector<RequirementSummary> all;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    auto at = std::ranges::find(all, decisions[i].requirement_id, &RequirementSummary::id);
    if (at == all.end()) at = all.insert(all.end(), {decisions[i].requirement_id, {}, i});
    at->decisions.push_back(i);
    if (nearer(decisions[i], decisions[at->nearest])) at->nearest = i;
  }
  return all;
}

std::string where(const Measurement& measurement, std::string_view between) {
  const std::string setting = format_setting(measurement.depth_mm, measurement.rate_per_min, between);
  return setting.empty() ? "whole run" : setting;
}

Line verdict_counts(std::span<const Decision> all, std::span<const std::size_t> chosen, VerdictWords words) {
  Line line;
  for (const Verdict verdict :
       {Verdict::error, Verdict::aborted, Verdict::fail, Verdict::indeterminate, Verdict::pass, Verdict::not_judged}) {
    const auto count = std::ranges::count_if(chosen, [&](std::size_t i) { return all[i].verdict == verdict; });
    if (count == 0) continue;
    const char* word = words == VerdictWords::of_capture   ? word_for_capture(verdict)
                       : verdict == Verdict::indeterminate ? "INDET."
                                                           : name_of(verdict);
    const std::string number = chosen.size() == 1 ? "" : fmt::format("{} ", count);
    if (!line.empty()) line.push_back({"  ", Ink::plain});
    line.push_back({fmt::format("{} {}{}", sign_of(verdict), number, word), ink_of(verdict)});
  }
  return line;
}

std::vector<Line> requirement_table(const TerminalStyle& style, const RunOutcome& outcome, std::size_t rows_min,
                                    VerdictWords words) {
  const std::vector<RequirementSummary> all = summarise(outcome.decisions);
  if (all.empty()) return {};
  const auto nearest = [&](std::size_t i) -> const Decision& { return outcome.decisions[all[i].nearest]; };

  std::vector<std::size_t> chosen(all.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  std::ranges::stable_sort(chosen, [&](std::size_t a, std::size_t b) { return nearer(nearest(a), nearest(b)); });
  // What did not pass comes first, then what a product is about (it names that first), then what is near its limit.
  const auto passed = [&](std::size_t i) { return nearest(i).verdict == Verdict::pass; };
  const auto rest = std::stable_partition(chosen.begin(), chosen.end(), std::not_fn(passed));
  const auto not_passed = rest - chosen.begin();
  std::stable_partition(rest, chosen.end(), [](std::size_t i) { return i < kAlwaysShown; });
  // One row more costs no more than the line that would say that one is missing.
  const std::size_t wanted = std::max(rows_min, static_cast<std::size_t>(not_passed));
  if (chosen.size() > wanted + 1) chosen.resize(wanted);
  std::ranges::sort(chosen);

  std::vector<Row> rows;
  rows.reserve(chosen.size());
  for (const std::size_t i : chosen) rows.push_back(row_of(style, all[i], outcome, words));
  align_points(rows);
  const Layout layout = lay_out(style, rows);
  Row head;
  for (std::size_t c = 0; c < kVerdicts; ++c) head.cells[c] = shown(style, kHeads[c]);
  head.cells[kValue].insert(0, layout.widths[kValue] - width(head.cells[kValue]), ' ');
  head.verdicts = {{words == VerdictWords::of_record ? kHeads[kVerdicts] : "results", Ink::label}};

  std::vector<Line> lines{render_row(style, layout, head, Ink::label)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool failed = nearest(chosen[i]).verdict != Verdict::pass;
    lines.push_back(render_row(style, layout, rows[i], failed ? Ink::strong : Ink::plain));
  }
  if (chosen.size() < all.size()) lines.push_back(remainder(all.size() - chosen.size(), words));
  return lines;
}

}  // namespace penrig::cli
