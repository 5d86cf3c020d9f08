#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace penrig {

/// The cells of one line, without their quotes and outer blanks; where each begins (byte) and how long it is as
/// written.
struct CsvCell {
  std::string_view text;
  std::size_t at = 0, length = 0;
};
std::vector<CsvCell> split_csv_line(std::string_view line, char separator);

/// Without blanks and tabs at either end.
std::string_view without_blanks(std::string_view text);

}  // namespace penrig
