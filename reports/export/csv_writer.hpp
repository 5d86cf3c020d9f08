#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penrig {

/// A double with the fewest digits that bring back the same bits: "2.5", "1e-05". What is not finite is "NaN",
/// "Infinity" or "-Infinity", as in the record's JSON.
std::string full_precision(double value);

/// One line of a table as RFC 4180 has it: UTF-8, commas, quotes where they are needed, CR LF at its end. Text that is
/// no UTF-8 gets U+FFFD in its place. Text that a spreadsheet would run as a formula (it begins with = + - @, a tab or
/// a carriage return and is no number) gets an apostrophe before it, and so does text that begins with one: whoever
/// takes one apostrophe off a cell's beginning has the text again.
class CsvWriter {
 public:
  CsvWriter& text(std::string_view text);
  CsvWriter& number(double value) { return text(full_precision(value)); }
  /// Nothing: an empty cell.
  CsvWriter& number(const std::optional<double>& value) { return value ? number(*value) : text(""); }
  CsvWriter& integer(std::uint64_t value) { return text(std::to_string(value)); }
  /// The line; begins the next.
  std::string take();

 private:
  std::string line_;
  bool first_ = true;
};

}  // namespace penrig
