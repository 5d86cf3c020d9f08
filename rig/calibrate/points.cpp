#include "rig/calibrate/points.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"
#include "rig/spec/yaml_tree.hpp"

namespace penrig {
namespace {

constexpr std::string_view kDirection = "direction", kTime = "time_s";
constexpr std::size_t kMostPoints = 100'000;

/// All names that a file of this kind may have, those of its forms first.
std::vector<std::string_view> known_columns(CalibrationKind kind) {
  std::vector<std::string_view> known;
  for (const PointForm& form : point_forms(kind)) {
    for (const std::string_view column : form.columns) {
      if (std::ranges::find(known, column) == known.end()) known.push_back(column);
    }
  }
  known.insert(known.end(), {kDirection, kTime});
  return known;
}

/// What to write in place of a name that is not known, in brackets.
std::string advice(std::string_view written, const std::vector<std::string_view>& known, CalibrationKind kind) {
  for (const std::string_view column : known) {
    const std::string_view unit = unit_of_key(column).unit;
    if (!unit.empty() && stem_of_key(written) == stem_of_key(column))
      return fmt::format("write {}, in {}", column, unit);
  }
  if (const auto meant = did_you_mean(written, known)) return fmt::format("did you mean '{}'?", *meant);
  return fmt::format("a {} takes {}, and may have direction and time_s", name_of(kind), form_names(kind));
}

/// The form whose columns are all there; nullptr if none is whole.
const PointForm* form_of(const std::vector<std::string>& names, CalibrationKind kind) {
  for (const PointForm& form : point_forms(kind)) {
    const bool whole = std::ranges::all_of(
        form.columns, [&](std::string_view c) { return std::ranges::find(names, c) != names.end(); });
    if (whole) return &form;
  }
  return nullptr;
}

/// Columns of the other forms would be silently left out.
std::string missing_text(CalibrationKind kind) {
  return fmt::format("points of a {} need the columns {}", name_of(kind), form_names(kind));
}

std::optional<int> direction_of(std::string_view text) {
  if (text == "up") return 1;
  if (text == "down") return -1;
  return std::nullopt;
}

struct Cell {
  std::string_view text;  ///< without blanks around it
  TextPlace place;
};

/// Cuts texts into lines and cells that know where they stand.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& file, CalibrationKind kind)
      : text_(text), file_(file), kind_(kind), lines_(text), known_(known_columns(kind)) {}

  Loaded<PointTable> read() {
    Loaded<PointTable> loaded;
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3), skipped_ = 3;
    std::size_t at = 0;
    bool have_head = false;
    while (at < text_.size()) {
      std::size_t end = text_.find_first_of("\r\n", at);
      if (end == std::string_view::npos) end = text_.size();
      const std::string_view line = text_.substr(at, end - at);
      const std::size_t first = line.find_first_not_of(" \t");
      if (first != std::string_view::npos && line[first] != '#') {
        const std::vector<Cell> cells = cut(line, at);
        if (have_head) {
          row(cells);
        } else if (have_head = true; !head(cells)) {
          break;  // what the numbers mean is not known
        }
      }
      at = end + 1;
    }
    if (!have_head)
      mistakes_.push_back(mistake_at(file_, lines_, {}, "there are no points in it: " + missing_text(kind_)));
    if (have_head && mistakes_.empty() && table_.size() == 0) {
      mistakes_.push_back(mistake_at(file_, lines_, {}, "there are no points below the head row"));
    }
    loaded.value = std::move(table_);
    loaded.mistakes = std::move(mistakes_);
    return loaded;
  }

 private:
  std::vector<Cell> cut(std::string_view line, std::size_t begin) {
    std::vector<Cell> cells;
    for (std::size_t from = 0; from <= line.size();) {
      std::size_t to = line.find(',', from);
      if (to == std::string_view::npos) to = line.size();
      std::size_t a = from, b = to;
      while (a < b && (line[a] == ' ' || line[a] == '\t')) ++a;
      while (b > a && (line[b - 1] == ' ' || line[b - 1] == '\t')) --b;
      const std::size_t offset = begin + skipped_;
      // An empty cell is shown where its comma or the line's end stands.
      cells.push_back({line.substr(a, b - a), lines_.place(offset + a, offset + std::max(b, a + 1))});
      if (cells.back().place.line == 0) cells.back().place = lines_.place(offset + a, offset + a);
      from = to + 1;
    }
    return cells;
  }

  void mistake(const TextPlace& at, std::string message) {
    if (mistakes_.size() < kMostShown) mistakes_.push_back(mistake_at(file_, lines_, at, std::move(message)));
  }

  bool head(const std::vector<Cell>& cells) {
    if (cells.size() == 1 && cells[0].text.find_first_of(";\t") != std::string_view::npos) {
      mistake(cells[0].place, "columns are separated by commas, and numbers have a point (not ; and ,)");
      return false;
    }
    if (parse_number(cells[0].text)) {
      mistake(cells[0].place, fmt::format("a number stands where the head row with the columns' names belongs (write "
                                          "first: {})",
                                          form_names(kind_)));
      return false;
    }
    const std::size_t before = mistakes_.size();
    for (const Cell& cell : cells) {
      const std::string name(cell.text);
      if (name.empty()) {
        mistake(cell.place, "a column has no name");
      } else if (std::ranges::find(known_, cell.text) == known_.end()) {
        mistake(cell.place,
                fmt::format("unknown column '{}' ({})", shown(cell.text), advice(cell.text, known_, kind_)));
      } else if (std::ranges::find(names_, name) != names_.end()) {
        mistake(cell.place, fmt::format("column '{}' is there already", name));
      }
      names_.push_back(name);
    }
    if (mistakes_.size() != before) return false;
    if (form_of(names_, kind_) == nullptr) {
      TextPlace all = cells.front().place;
      all.length = cells.back().place.column + cells.back().place.length - all.column;
      mistake(all, missing_text(kind_));
      return false;
    }
    for (const std::string& name : names_) {
      if (name != kDirection) table_.columns.push_back(name);
    }
    table_.values.resize(table_.columns.size());
    return true;
  }

  void row(const std::vector<Cell>& cells) {
    if (cells.size() != names_.size()) {
      TextPlace place = cells.back().place;
      mistake(place, fmt::format("{} value{} where the head row has {} columns", cells.size(),
                                 cells.size() == 1 ? "" : "s", names_.size()));
      return;
    }
    if (table_.size() >= kMostPoints) {
      if (table_.size() == kMostPoints) mistake(cells[0].place, fmt::format("more than {} points", kMostPoints));
      return;
    }
    std::size_t column = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (names_[i] == kDirection) {
        const auto direction = direction_of(cells[i].text);
        if (!direction)
          mistake(cells[i].place, fmt::format("a direction is up or down, not '{}'", shown(cells[i].text)));
        table_.direction.push_back(direction.value_or(0));
        continue;
      }
      table_.values[column++].push_back(number(cells[i], names_[i]));
    }
  }

  double number(const Cell& cell, const std::string& name) {
    const auto value = parse_number(cell.text);
    if (value && std::isfinite(*value)) return *value;
    const std::string_view unit = unit_of_key(name).unit;
    const std::string in_unit = unit.empty() ? "" : fmt::format(" in {}", unit);
    if (cell.text.empty()) {
      mistake(cell.place, fmt::format("{} is empty (write a number{}, or leave the point out)", name, in_unit));
    } else if (const auto converted = converted_to_key_unit(cell.text, name)) {
      mistake(cell.place, fmt::format("the unit stands in the head row: write {}", number_text(*converted)));
    } else {
      mistake(cell.place, fmt::format("{} is a number{}, not '{}'", name, in_unit, shown(cell.text)));
    }
    return 0;
  }

  static constexpr std::size_t kMostShown = 20;
  std::string_view text_;
  const std::string& file_;
  CalibrationKind kind_;
  TextLines lines_;
  std::vector<std::string_view> known_;
  std::size_t skipped_ = 0;
  std::vector<std::string> names_;
  PointTable table_;
  std::vector<Mistake> mistakes_;
};

Loaded<PointTable> read_yaml(std::string_view text, const std::string& file, CalibrationKind kind) {
  YamlText yaml(text, file);
  PointTable table;
  YamlMapping root = yaml.root();
  std::vector<YamlMapping> items = root.mappings("points");
  root.done();
  if (items.empty() || !items.front().present()) return {std::move(table), yaml.mistakes()};
  // What the first point has, all have.
  const std::vector<std::string> keys = items.front().keys();
  const PointForm* form = form_of(keys, kind);
  if (form == nullptr) form = &point_forms(kind).front();
  for (const std::string_view column : form->columns) table.columns.emplace_back(column);
  if (std::ranges::find(keys, kTime) != keys.end()) table.columns.emplace_back(kTime);
  const bool directed = std::ranges::find(keys, kDirection) != keys.end();
  table.values.resize(table.columns.size());
  for (YamlMapping& item : items) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) table.values[c].push_back(item.number(table.columns[c]));
    if (directed) {
      const std::string written = item.text(kDirection);
      const auto direction = direction_of(written);
      if (!direction && !written.empty())
        item.mistake(kDirection, fmt::format("a direction is up or down, not '{}'", shown(written)));
      table.direction.push_back(direction.value_or(0));
    }
    item.done();
  }
  return {std::move(table), yaml.mistakes()};
}

}  // namespace

bool PointTable::has(std::string_view name) const { return std::ranges::find(columns, name) != columns.end(); }

std::span<const double> PointTable::column(std::string_view name) const {
  return values.at(static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin()));
}

Loaded<PointTable> load_points(std::string_view text, const std::string& file, CalibrationKind kind) {
  if (file.ends_with(".yaml") || file.ends_with(".yml")) return read_yaml(text, file, kind);
  return CsvReader(text, file, kind).read();
}

}  // namespace penrig
