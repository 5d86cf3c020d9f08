#include "rig/run/sheet_spots.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace penrig {
namespace {

constexpr double kSamePlaceMm = 0.001;  // neighbours lie one pitch apart, give or take a rounding

/// A, B, ... Z, AA, AB, ...
std::string row_name(std::uint32_t row) {
  std::string name;
  for (std::uint32_t n = row + 1; n > 0; n = (n - 1) / 26) {
    name.insert(name.begin(), static_cast<char>('A' + static_cast<char>((n - 1) % 26)));
  }
  return name;
}

/// Whether a spot lies a pitch or more from a place; no for a place that is not a number.
bool is_clear(const SpotPlace& spot, double x_mm, double y_mm, double pitch_mm) {
  const double dx = spot.x_mm - x_mm, dy = spot.y_mm - y_mm, clear = pitch_mm - kSamePlaceMm;
  return dx * dx + dy * dy >= clear * clear;
}

}  // namespace

SheetSpots::SheetSpots(const RigDescription& rig, const RunHeader& header) : pitch_mm_(rig.stage.spot_pitch_mm) {
  sheet_.rig_name = rig.name;
  sheet_.fixture_id = rig.calibrations.fixture_id;
  sheet_.slot = header.slot;
  sheet_.lot = rig.simulant.lot;
  sheet_.sheet = rig.simulant.sheet;
  const auto slot = std::ranges::find(rig.slots, header.slot, &SlotDescription::name);
  if (slot != rig.slots.end() && !slot->sheet.empty()) sheet_.sheet = slot->sheet;
  const bool by_slot = rig.slots.size() > 1 || sheet_.sheet != rig.simulant.sheet;
  key_ = by_slot ? fmt::format("sheet of slot '{}'", header.slot) : "simulant.sheet";
  if (rig.simulated && !header.simulation.empty()) {
    sheet_.new_in_this_run = true;
    sheet_.sheet = "of this run";
  }
  const StageDescription& stage = rig.stage;
  for (std::uint32_t row = 0; row < stage.spot_rows; ++row) {
    for (std::uint32_t column = 0; column < stage.spot_columns; ++column) {
      Spot spot;
      spot.place.name = fmt::format("{}{}", row_name(row), column + 1);
      spot.place.x_mm = stage.first_spot_x_mm + column * stage.spot_pitch_mm;
      spot.place.y_mm = stage.first_spot_y_mm + row * stage.spot_pitch_mm;
      spots_.push_back(std::move(spot));
    }
  }
}

void SheetSpots::remember(const std::vector<SpotUse>& uses) {
  told_ = true;
  for (const SpotUse& use : uses) {
    for (Spot& spot : spots_) {
      const bool near = use.x_mm && use.y_mm && !is_clear(spot.place, *use.x_mm, *use.y_mm, pitch_mm_);
      if (near || spot.place.name == use.name) spot.used = true;
    }
  }
}

std::uint64_t SheetSpots::left() const {
  if (!told_) return 0;
  return static_cast<std::uint64_t>(std::ranges::count(spots_, false, &Spot::used));
}

Result<void> SheetSpots::enough_for(std::uint64_t needed, const std::string& plan_name) const {
  if (needed <= left()) return {};
  return fail(Errc::refused,
              fmt::format("plan '{}' takes {} fresh spot{}, and {} has {} of {} left ({})", plan_name, needed,
                          needed == 1 ? "" : "s", sheet_text(), left(), spots_.size(), remedy()));
}

Result<SpotPlace> SheetSpots::take() {
  const auto fresh = std::ranges::find(spots_, false, &Spot::used);
  if (!told_ || fresh == spots_.end()) {
    return fail(Errc::refused,
                fmt::format("{} has no fresh spot left of {} ({})", sheet_text(), spots_.size(), remedy()));
  }
  fresh->used = true;
  return fresh->place;
}

std::string SheetSpots::sheet_text() const {
  return fmt::format("simulant sheet '{}' (lot {}, slot '{}' of rig '{}')", sheet_.sheet, sheet_.lot, sheet_.slot,
                     sheet_.rig_name);
}

std::string SheetSpots::remedy() const {
  return fmt::format("put in a new sheet and enter its id as {} in the rig description", key_);
}

}  // namespace penrig
