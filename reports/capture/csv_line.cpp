#include "reports/capture/csv_line.hpp"

#include <algorithm>

namespace penrig {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<CsvCell> split_csv_line(std::string_view line, char separator) {
  std::vector<CsvCell> cells;
  std::size_t at = 0;
  for (;;) {
    std::size_t from = at;
    while (from < line.size() && is_blank(line[from]) && line[from] != separator) ++from;
    CsvCell cell;
    cell.at = from;
    if (from < line.size() && line[from] == '"') {
      // A quote inside quotes is doubled; no head and no number of ours holds one, so it stays as it is written.
      const std::size_t open = from + 1;
      std::size_t end = open;
      while (end < line.size() && (line[end] != '"' || (end + 1 < line.size() && line[end + 1] == '"'))) {
        end += std::size_t{line[end] == '"' ? 2U : 1U};
      }
      const std::size_t close = std::min(end, line.size());
      end = std::min(line.find(separator, close), line.size());
      const bool clean = close < line.size() && without_blanks(line.substr(close + 1, end - close - 1)).empty();
      // What is left open, or goes on behind its quotes, stays as it is written, and is no number.
      cell.text = without_blanks(clean ? line.substr(open, close - open) : line.substr(from, end - from));
      cell.length = end - from;
      at = end;
    } else {
      const std::size_t end = std::min(line.find(separator, from), line.size());
      cell.text = without_blanks(line.substr(from, end - from));
      cell.length = cell.text.size();
      at = end;
    }
    cells.push_back(cell);
    if (at >= line.size()) return cells;
    ++at;
  }
}

}  // namespace penrig
