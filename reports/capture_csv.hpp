#pragma once

#include "reports/capture_file.hpp"

namespace penrig {

/// Reads CSV with a header. What a header may look like: reports/CAPTURES.md. Rows are read without an allocation;
/// numbers of up to 18 digits directly, others by std::from_chars, so that every number is the double nearest to it.
/// The first thing that is wrong ends it, with line, column, and what was found and expected.
/// @param begin  bytes that were taken off the source already.
ReadCapture read_capture_csv(const std::string& path, std::string_view begin, const ByteSource& source,
                             std::uint64_t bytes = 0, const ReadProgress& progress = {});

/// The cells of one line, without their quotes and outer blanks; where each begins (byte) and how long it is as
/// written.
struct CsvCell {
  std::string_view text;
  std::size_t at = 0, length = 0;
};
std::vector<CsvCell> split_csv_line(std::string_view line, char separator);

}  // namespace penrig
