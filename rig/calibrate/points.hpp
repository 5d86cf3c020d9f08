#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/calibrate/kind.hpp"
#include "rig/spec/load.hpp"

namespace penrig {

/// The points of a calibration as they were read, in their order.
struct PointTable {
  std::vector<std::string> columns;         ///< names with the unit as suffix; one of the kind's forms, then options
  std::vector<std::vector<double>> values;  ///< one vector for each column, all of one length
  std::vector<int> direction;               ///< +1 up, -1 down; empty: not said

  std::size_t size() const { return values.empty() ? 0 : values.front().size(); }
  bool has(std::string_view column) const;
  /// The column must be there.
  std::span<const double> column(std::string_view name) const;
};

/// Reads points from CSV (a head row with names, comma, decimal point, '#' for remarks) or, where the file is called
/// .yaml or .yml, from `points: [{force_n: 0, reading_counts: 12}, ...]`. Beside the kind's own columns there may be
/// `direction` (up or down) and `time_s`. Every mistake at its place, all at once.
Loaded<PointTable> load_points(std::string_view text, const std::string& file, CalibrationKind kind);

}  // namespace penrig
