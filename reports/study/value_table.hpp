#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/spec/load.hpp"

namespace penrig {

/// A table of values from elsewhere: one head line, one row a line. Lines that are empty or begin with # are passed
/// over. Separator: the one of , ; tab that stands most often in the head; a decimal comma only beside ; and tab.
class ValueTable {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20, kMostColumns = 1000;

  std::size_t rows() const { return lines_.size(); }
  const std::vector<std::string>& names() const { return names_; }

  /// The column of this name, or of the first of `usual` that there is where it is empty (ASCII case does not matter).
  /// What is not there becomes a mistake that names the option and what there is.
  std::optional<std::size_t> column(const std::string& name, std::span<const std::string_view> usual,
                                    const std::string& option, std::vector<Mistake>& mistakes) const;
  /// The same where nothing is a mistake unless it was named.
  std::optional<std::size_t> optional_column(const std::string& name, std::span<const std::string_view> usual,
                                             const std::string& option, std::vector<Mistake>& mistakes) const;

  std::string_view text(std::size_t row, std::size_t column) const;
  /// Nothing for an empty cell or one that says that there is none ("NaN"); what is no number becomes a mistake, with
  /// its place.
  std::optional<double> number(std::size_t row, std::size_t column, std::vector<Mistake>& mistakes) const;

  /// A mistake of this cell, with its place.
  Mistake mistake(std::size_t row, std::size_t column, std::string message) const;

 private:
  friend Loaded<ValueTable> read_value_table(std::string text, const std::string& file);
  struct Cell {
    std::size_t at = 0, length = 0;  ///< in text_
    int column = 0;                  ///< in the line, from 1
  };
  const Cell& cell(std::size_t row, std::size_t column) const { return cells_[row * names_.size() + column]; }
  std::string_view line(std::size_t row) const;

  std::string text_, file_;
  char separator_ = ',';
  std::vector<std::string> names_;
  std::vector<Cell> cells_;
  struct LinePlace {
    std::size_t at = 0, length = 0;
    int number = 0;
  };
  std::vector<LinePlace> lines_;
};

/// At most kMostBytes. Mistakes: nothing in it, two columns of one name, a row with too few or too many cells (the
/// first five of a kind).
Loaded<ValueTable> read_value_table(std::string text, const std::string& file);

}  // namespace penrig
