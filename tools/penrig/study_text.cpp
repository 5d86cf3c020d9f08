#include "tools/penrig/study_text.hpp"

#include <algorithm>

#include "tools/penrig/limit_picture.hpp"

namespace penrig::cli {
namespace {

constexpr std::size_t kLeastWords = 12;  ///< columns: less of a text says nothing

/// The column's widest cell, and whether there is room for it behind the others.
std::vector<std::size_t> widths_of(const TerminalStyle& style, const StudyTable& table,
                                   const std::vector<std::vector<std::string>>& cells) {
  std::vector<std::size_t> widths;
  std::size_t used = 0;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].picture) {
      widths.push_back(0);
      continue;
    }
    std::size_t most = width(shown(style, table.columns[c].head));
    for (const auto& row : cells) most = std::max(most, width(shown(style, row[c])));
    used += 2 + most;
    // Words are cut, numbers never: their column goes as a whole.
    const std::size_t over = used > style.columns ? used - style.columns : 0;
    const bool cut = over > 0 && table.columns[c].left && most >= over + kLeastWords;
    if (cut) {
      most -= over;
      used -= over;
    }
    widths.push_back(over > 0 && !cut && c > 1 ? 0 : most);
    if (widths.back() == 0) used -= 2 + most;
  }
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
    if (!cells.back().empty()) cells.back().front().insert(0, 2 * row.indent, ' ');
  }
  const std::vector<std::size_t> widths = widths_of(style, table, cells);
  Line head;
  for (std::size_t c = 0; c < widths.size(); ++c)
    if (widths[c] > 0)
      head.push_back({"  " + cell_text(style, table.columns[c].head, widths[c], table.columns[c].left), Ink::label});
  out.push_back(std::move(head));
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
