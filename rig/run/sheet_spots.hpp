#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/record/run_record.hpp"
#include "rig/record/simulant_sheet.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// The spots of the simulant sheet that is clamped in, in the order in which they are taken: row by row. What a sheet
/// went through is told once, before the first is taken; until then none is.
class SheetSpots {
 public:
  /// header: its slot, and whether its bench was made for this run alone (`simulation`), which brings a new sheet.
  SheetSpots(const RigDescription& rig, const RunHeader& header);

  const SimulantSheet& sheet() const { return sheet_; }
  /// What earlier runs took. A spot counts as used by its name, and by its place: nearer than one pitch to where
  /// needles went in no simulant is fresh, however the spots were laid out and called then.
  void remember(const std::vector<SpotUse>& uses);
  std::uint64_t left() const;
  /// ok if this many are left; else how many are, and what to do.
  Result<void> enough_for(std::uint64_t needed, const std::string& plan_name) const;
  /// The first that nothing was done to; it is not handed out again. Errc::refused when none is left.
  Result<SpotPlace> take();

 private:
  struct Spot {
    SpotPlace place;
    bool used = false;
  };
  std::string sheet_text() const;  ///< "simulant sheet '1' (lot S-20, slot '1' of rig 'bench-2')"
  std::string remedy() const;      ///< "put in a new sheet and ..."

  SimulantSheet sheet_;
  double pitch_mm_;
  std::string key_;  ///< what to enter a new sheet's id as
  bool told_ = false;
  std::vector<Spot> spots_;
};

}  // namespace penrig
