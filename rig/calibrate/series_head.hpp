#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penrig {

/// What stands above the points of a series that was taken from a rig, so that they are not filed as another's.
struct SeriesHead {
  std::string target, fixture_id;
  bool simulated = false;
  std::string begun;  ///< UTC, "2026-01-31T09:30:00.000Z": the points are of that day; empty: not said
};

/// As remarks: "load-cell of fixture SIM-BENCH (simulated)", "begun 2026-01-31T...".
std::vector<std::string> remarks_of(const SeriesHead& head);

/// Reads them back from the remarks (`# ...`) above the head row. Nothing: no series that this program took.
std::optional<SeriesHead> read_series_head(std::string_view text);

}  // namespace penrig
