#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace penrig {

/// The sheet of simulant that is clamped in at a slot. Simulant does not recover, so what was done to a sheet counts
/// for as long as it is used. A bench that kept its name, or the fixture id of its DAQ, is the same bench.
struct SimulantSheet {
  std::string rig_name, fixture_id, slot;
  std::string lot, sheet;
  bool new_in_this_run = false;  ///< of a simulated bench that was made for this run alone: it has no history
};

/// A place on a sheet where one setting is measured.
struct SpotPlace {
  std::string name;  ///< "B3"
  double x_mm = 0, y_mm = 0;
};

/// That a run took a spot for itself, whatever became of it then.
struct SpotUse {
  std::string name;
  std::optional<double> x_mm, y_mm;  ///< not known of runs that were recorded before version 2 of the store
  std::uint64_t strokes = 0;         ///< at least so many; what an attempt did that ended in an error may not be known
};

}  // namespace penrig
