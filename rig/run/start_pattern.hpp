#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/base/timeline.hpp"

namespace penrig {

/// A slot's own way of moving its needles once: fully out, then a word of half and full that no other slot of the rig
/// has, then in. Every step takes the same time in all slots, so that patterns of several slots at once, or of one
/// shortly after another, look different at each instant that counts.
struct StartPattern {
  /// @param slot, slots  which of how many, from 0.
  static StartPattern of_slot(std::size_t slot, std::size_t slots);

  std::vector<double> levels;  ///< as shares of the stroke, 0 = in, 1 = out, from where it begins to where it ends
};

/// Where a needle encoder stood at an instant, mm on its own scale.
struct NeedleReading {
  TimePoint at;
  double mm;
};

/// Whether what an encoder read at the instants of a pattern's levels is that pattern.
/// @param least_mm  a stroke that is shorter is none.
bool shows(const std::vector<double>& read_mm, const StartPattern& pattern, double least_mm);

/// The slots of a rig, each with what its needle encoder said of late, for the others to look at. A slot's place stays
/// when its run is over, until its next run begins.
class StartPatterns {
 public:
  struct Place {
    std::string slot, serial_number;
    bool streams = false;  ///< samples come
    bool over = false;     ///< its run will not begin to stream any more
    std::deque<NeedleReading> readings;
    void note(TimePoint at, double mm);
    /// The last reading up to then; none: it did not stream then.
    std::optional<double> read_at(TimePoint t) const;
  };

  /// A run begins in this slot.
  std::shared_ptr<Place> begin(const std::string& slot, const std::string& serial_number);
  /// Of the slot that runs with this pen; null: none does.
  const Place* scanned_for(const std::string& serial_number) const;
  const std::vector<std::shared_ptr<Place>>& places() const { return places_; }

 private:
  std::vector<std::shared_ptr<Place>> places_;  // shared with their runs, which may be over in any order
};

}  // namespace penrig
