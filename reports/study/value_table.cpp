#include "reports/study/value_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "reports/capture/csv_line.hpp"
#include "reports/capture/csv_number.hpp"
#include "rig/spec/did_you_mean.hpp"

namespace penrig {
namespace {

constexpr std::size_t kMistakesShown = 5;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

char separator_of(std::string_view head) {
  char best = ',';
  std::ptrdiff_t most = 0;
  for (const char c : {',', ';', '\t'}) {
    const auto n = std::count(head.begin(), head.end(), c);
    if (n > most) {
      most = n;
      best = c;
    }
  }
  return best;
}

Mistake whole_file(const std::string& file, std::string message) {
  Mistake m;
  m.file = file;
  m.message = std::move(message);
  return m;
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 12); ++i) all += (i == 0 ? "" : ", ") + names[i];
  return all + (names.size() > 12 ? ", …" : "");
}

}  // namespace

Loaded<ValueTable> read_value_table(std::string text, const std::string& file) {
  Loaded<ValueTable> loaded;
  ValueTable& t = loaded.value;
  if (text.size() > ValueTable::kMostBytes) {
    loaded.mistakes.push_back(
        whole_file(file, fmt::format("has {} bytes, at most {} are read", text.size(), ValueTable::kMostBytes)));
    return loaded;
  }
  t.text_ = std::move(text);
  t.file_ = file;
  const std::string_view all = t.text_;
  std::size_t at = all.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (int number = 1; at < all.size(); ++number) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    std::string_view line = all.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t begin = at;
    at = end + 1;
    if (without_blanks(line).empty() || line.starts_with('#')) continue;
    const bool head = t.names_.empty();
    if (head) t.separator_ = separator_of(line);
    const std::vector<CsvCell> cells = split_csv_line(line, t.separator_);
    const auto mistake = [&](std::size_t column, std::size_t length, std::string message) {
      if (loaded.mistakes.size() < kMistakesShown)
        loaded.mistakes.push_back({file, number, static_cast<int>(column), std::max(1, static_cast<int>(length)),
                                   std::move(message), std::string(line)});
    };
    if (head) {
      if (cells.size() > ValueTable::kMostColumns)
        mistake(1, 1, fmt::format("{} columns, at most {} are read", cells.size(), ValueTable::kMostColumns));
      for (const CsvCell& c : cells) {
        if (std::any_of(t.names_.begin(), t.names_.end(), [&](const auto& n) { return same_name(n, c.text); }))
          mistake(c.at + 1, c.length, fmt::format("there are two columns '{}'", c.text));
        t.names_.emplace_back(c.text);
      }
      if (!loaded.ok()) return loaded;
      continue;
    }
    if (cells.size() != t.names_.size()) {
      mistake(1, line.size(), fmt::format("{} cells, the head has {} columns", cells.size(), t.names_.size()));
      continue;
    }
    for (const CsvCell& c : cells)
      t.cells_.push_back(
          {static_cast<std::size_t>(c.text.data() - all.data()), c.text.size(), static_cast<int>(c.at) + 1});
    t.lines_.push_back({begin, line.size(), number});
  }
  if (loaded.ok() && t.lines_.empty())
    loaded.mistakes.push_back(whole_file(
        file, t.names_.empty() ? "is empty: a head line and rows are needed" : "has a head line and no rows"));
  return loaded;
}

std::optional<std::size_t> ValueTable::optional_column(const std::string& name, std::span<const std::string_view> usual,
                                                       const std::string& option,
                                                       std::vector<Mistake>& mistakes) const {
  const auto find = [&](std::string_view wanted) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (same_name(names_[i], wanted)) return i;
    return std::nullopt;
  };
  if (name.empty()) {
    for (const std::string_view one : usual)
      if (const auto at = find(one)) return at;
    return std::nullopt;
  }
  if (const auto at = find(name)) return at;
  const std::vector<std::string_view> known(names_.begin(), names_.end());
  const auto meant = did_you_mean(name, known);
  mistakes.push_back(
      whole_file(option, fmt::format("{} has no column '{}' ({})", file_, name,
                                     meant ? fmt::format("did you mean '{}'?", *meant) : "it has: " + listed(names_))));
  return std::nullopt;
}

std::optional<std::size_t> ValueTable::column(const std::string& name, std::span<const std::string_view> usual,
                                              const std::string& option, std::vector<Mistake>& mistakes) const {
  const std::size_t before = mistakes.size();
  const auto found = optional_column(name, usual, option, mistakes);
  if (!found && mistakes.size() == before) {
    std::string names;
    for (const std::string_view one : usual) names += fmt::format("{}'{}'", names.empty() ? "" : ", ", one);
    mistakes.push_back(whole_file(option, fmt::format("{} has no column of a usual name ({}); it has: {} (name one)",
                                                      file_, names, listed(names_))));
  }
  return found;
}

std::string_view ValueTable::text(std::size_t row, std::size_t column) const {
  const Cell& c = cell(row, column);
  return std::string_view(text_).substr(c.at, c.length);
}

std::string_view ValueTable::line(std::size_t row) const {
  return std::string_view(text_).substr(lines_[row].at, lines_[row].length);
}

std::optional<double> ValueTable::number(std::size_t row, std::size_t column, std::vector<Mistake>& mistakes) const {
  const std::string_view cell_text = text(row, column);
  if (cell_text.empty() || says_no_number(cell_text)) return std::nullopt;
  std::array<char, 64> copy{};  // the reader wants something behind the number that is no digit
  double value = 0;
  int decimals = 0;
  if (cell_text.size() < copy.size()) {
    std::copy(cell_text.begin(), cell_text.end(), copy.begin());
    const char* from = copy[0] == '+' ? copy.data() + 1 : copy.data();
    const char* const end = copy.data() + cell_text.size();
    const bool comma = separator_ != ',' && cell_text.find('.') == std::string_view::npos;
    if (read_csv_number(from, end, comma ? ',' : '.', value, decimals) == end && std::isfinite(value)) return value;
    // A whole number beside decimal commas.
    if (comma && read_csv_number(from, end, '.', value, decimals) == end && std::isfinite(value)) return value;
  }
  if (mistakes.size() < kMistakesShown)
    mistakes.push_back(mistake(row, column, fmt::format("'{}' is no number", cell_text)));
  return std::nullopt;
}

Mistake ValueTable::mistake(std::size_t row, std::size_t column, std::string message) const {
  return {file_,
          lines_[row].number,
          cell(row, column).column,
          std::max(1, static_cast<int>(text(row, column).size())),
          std::move(message),
          std::string(line(row))};
}

}  // namespace penrig
