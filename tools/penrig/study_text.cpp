#include "tools/penrig/study_text.hpp"

#include <algorithm>
#include <utility>

#include "tools/penrig/limit_picture.hpp"

namespace penrig::cli {
namespace {

/// Columns: less of a text says nothing, but for two of them there has to be room.
std::size_t least_words(const TerminalStyle& style) { return std::min<std::size_t>(24, style.columns / 2 - 4); }

/// The column's widest cell; 0: no room for it. Details go first, from the right; then words are cut; then the other
/// numbers go, whole. What a row comes to stays: colour alone would not say it.
std::vector<std::size_t> widths_of(const TerminalStyle& style, const StudyTable& table,
                                   const std::vector<std::vector<std::string>>& cells) {
  using enum StudyTable::Weight;
  constexpr std::size_t kGap = 2;
  std::vector<std::size_t> widths;
  std::size_t used = 0;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::size_t most = 0;
    if (!table.columns[c].picture) {
      most = width(shown(style, table.columns[c].head));
      for (const auto& row : cells) most = std::max(most, width(shown(style, row[c])));
      used += kGap + most;
    }
    widths.push_back(most);
  }
  const auto drop = [&](StudyTable::Weight weight) {
    for (std::size_t c = widths.size(); c-- > 1 && used > style.columns;) {
      if (table.columns[c].weight != weight || widths[c] == 0) continue;
      used -= kGap + std::exchange(widths[c], 0);
    }
  };
  const auto cut = [&](bool verdicts) {
    std::size_t widest = 0, at = widths.size();
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const bool words = table.columns[c].left && (table.columns[c].weight == verdict) == verdicts;
      if (words && widths[c] > widest) widest = widths[c], at = c;
    }
    if (at == widths.size() || widest <= least_words(style) || used <= style.columns) return;
    const std::size_t less = std::min(used - style.columns, widest - least_words(style));
    widths[at] -= less;
    used -= less;
  };
  drop(detail);
  cut(false);
  drop(usual);
  cut(true);
  return widths;
}

/// The first so many signs of it.
std::string cut_to(const TerminalStyle& style, const std::string& text, std::size_t columns) {
  if (width(shown(style, text)) <= columns) return text;
  std::string cut;
  std::size_t signs = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins && ++signs >= columns) break;
    cut += c;
  }
  return cut + "…";
}

/// Words are cut and stand on the left, numbers stand whole on the right.
std::string cell_text(const TerminalStyle& style, const std::string& whole, std::size_t columns, bool left) {
  return left ? padded(style, cut_to(style, whole, columns), columns, false) : padded(style, whole, columns, true);
}

void add_table(const TerminalStyle& style, const StudyTable& table, std::vector<Line>& out) {
  out.emplace_back();
  out.push_back(Line{{table.title, Ink::strong}});
  std::vector<std::vector<std::string>> cells;
  for (const StudyTable::Row& row : table.rows) {
    cells.push_back(row.cells);
    cells.back().resize(table.columns.size());
    if (!cells.back().empty()) cells.back().front().insert(0, std::size_t{2} * row.indent, ' ');
  }
  const std::vector<std::size_t> widths = widths_of(style, table, cells);
  Line head;
  for (std::size_t c = 0; c < widths.size(); ++c)
    if (widths[c] > 0)
      head.push_back({"  " + cell_text(style, table.columns[c].head, widths[c], table.columns[c].left), Ink::label});
  if (!table.rows.empty()) out.push_back(std::move(head));
  for (std::size_t r = 0; r < cells.size(); ++r) {
    const StudyTable::Row& row = table.rows[r];
    const Ink ink = row.verdict == Verdict::not_judged ? (row.strong ? Ink::strong : Ink::plain) : ink_of(row.verdict);
    Line line;
    for (std::size_t c = 0; c < widths.size(); ++c)
      if (widths[c] > 0) line.push_back({"  " + cell_text(style, cells[r][c], widths[c], table.columns[c].left), ink});
    out.push_back(std::move(line));
  }
  if (!table.note.empty())
    for (const std::string& part : wrap(style, table.note, style.columns - 2))
      out.push_back(Line{{"  " + part, Ink::label}});
}

}  // namespace

std::vector<Line> study_text(const TerminalStyle& style, const StudySummary& s) {
  std::vector<Line> out;
  for (const std::string& part : wrap(style, s.lead, style.columns)) out.push_back(Line{{part}});
  for (const StudyTable& table : s.tables) add_table(style, table, out);
  out.emplace_back();
  if (s.verdict != Verdict::not_judged)
    out.push_back(Line{{std::string(sign_of(s.verdict)) + " " + s.word, ink_of(s.verdict)}, {"   " + s.title}});
  return out;
}

}  // namespace penrig::cli
