#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reports/capture/byte_source.hpp"
#include "rig/spec/load.hpp"

namespace penrig {

/// One channel of a capture file, in the unit of the house: s, mm or N.
struct CaptureColumn {
  std::string name;       ///< as the file writes it
  std::size_t place = 0;  ///< which column or channel, from 1
  std::vector<double> values;
  int exponent = 0;       ///< its values were written in 10^exponent of that unit
  double resolution = 0;  ///< the smallest step that its digits (or its scale) show; 0: finer than matters
};

/// A capture from anywhere, as columns. All columns have `rows` values.
struct CaptureFile {
  std::string path, format;  ///< format: "CSV", "FLAC" or "raw"
  std::optional<CaptureColumn> time_s, position_mm, force_n;
  std::vector<std::string> ignored;  ///< what else it holds, by name
  std::vector<std::string> notes;    ///< what a reader of the result must know
  std::size_t rows = 0;
  double sample_rate_hz = 0;  ///< as the file states it; 0: it does not
  std::string start_utc;      ///< as the file states it; empty: it does not
  std::string calibration;    ///< where its scales come from, as the file states it; empty: it does not
  char separator = ',';       ///< of a CSV file

  /// The line of a CSV file that a row stands in, from 1; 0 for files that have no lines.
  std::size_t line_of(std::size_t row) const;
  /// From this row on, rows and lines run side by side.
  struct LineMark {
    std::size_t row, line;
  };
  std::vector<LineMark> line_marks;
};

/// A file, or what is wrong with it.
struct ReadCapture {
  CaptureFile file;
  std::vector<Mistake> mistakes;
  bool in_the_data = false;  ///< the mistake is what was measured (NaN, an empty cell), not how the file is written
  bool ok() const { return mistakes.empty(); }
};

/// Called now and then with the bytes read so far.
using ReadProgress = std::function<void(std::uint64_t bytes)>;

/// Reads a capture of any of the forms that reports/CAPTURES.md describes; the form is told by the first bytes.
/// @param bytes  how large the source is, to take memory once; 0: unknown.
ReadCapture read_capture(const std::string& path, const ByteSource& source, std::uint64_t bytes = 0,
                         const ReadProgress& progress = {});

/// A mistake about one row of a CSV file that has been read before: the line is looked up again and shown.
/// @param place  column from 1; 0: the row as a whole.
Mistake mistake_in_row(const CaptureFile& file, std::size_t row, std::size_t place, std::string message);

}  // namespace penrig
