#include "reports/export/csv_writer.hpp"

#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "reports/html/markup.hpp"

namespace penrig {

std::string full_precision(double value) {
  if (std::isfinite(value)) return fmt::format("{}", value);
  return std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
}

namespace {

/// Whether a spreadsheet would take it for a formula, and run it; a number is none. An apostrophe of the text's own
/// counts with them, so that one that was put before can be told.
bool needs_apostrophe(std::string_view text) {
  if (text.empty() || std::string_view("=+-@\t\r'").find(text.front()) == std::string_view::npos) return false;
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = read.ec != std::errc::invalid_argument && read.ptr == text.data() + text.size();
  return !number && text != "-Infinity";
}

}  // namespace

CsvWriter& CsvWriter::text(std::string_view text) {
  if (!std::exchange(first_, false)) line_ += ',';
  std::string safe = html::well_formed(text);
  if (needs_apostrophe(safe)) safe.insert(0, 1, '\'');
  if (safe.find_first_of(",\"\r\n") == std::string::npos) {
    line_ += safe;
    return *this;
  }
  line_ += '"';
  for (const char c : safe) {
    if (c == '"') line_ += '"';
    line_ += c;
  }
  line_ += '"';
  return *this;
}

std::string CsvWriter::take() {
  first_ = true;
  return std::exchange(line_, {}) + "\r\n";
}

}  // namespace penrig
