#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/capture/capture_channel.hpp"

namespace penrig {

/// A column as its head names it.
struct CsvColumn {
  CaptureQuantity quantity = CaptureQuantity::other;
  int exponent = 0;  ///< values times 10^exponent are s, mm or N
  std::string name;
};

/// The header of a capture, or what is wrong with it. Separator: the one of , ; tab that stands most often in it.
struct CsvHead {
  char separator = ',';
  std::vector<CsvColumn> columns;
  struct Mistake {
    std::size_t at = 0, length = 1;  ///< bytes of the line
    std::string message;
    bool in_line = true;  ///< false: of the file as a whole, the line would say nothing
  };
  std::vector<Mistake> mistakes;
};
CsvHead read_csv_head(std::string_view line);

}  // namespace penrig
