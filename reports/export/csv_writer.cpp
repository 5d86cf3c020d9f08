#include "reports/export/csv_writer.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "reports/html/markup.hpp"

namespace penrig {

std::string full_precision(double value) {
  if (std::isfinite(value)) return fmt::format("{}", value);
  return std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
}

CsvWriter& CsvWriter::text(std::string_view text) {
  if (!std::exchange(first_, false)) line_ += ',';
  const std::string safe = html::well_formed(text);
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
