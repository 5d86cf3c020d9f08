#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace penrig {

/// A stroke as it was seen, for telling which turn of the crank it belongs to.
struct SeenStroke {
  double top = 0;            ///< when, in any unit of time
  bool whole = true;         ///< one whole turn with a fit
  bool below_floor = false;  ///< its top stayed below what counts as a stroke
};

struct StrokeVerdict {
  double turns = 0;      ///< of the crank since the first judged stroke
  bool missed = false;   ///< below the floor, alone in its turn
  bool doubled = false;  ///< not alone in its turn, nearer than 70 % of a period to another, or no whole turn
};

struct StrokeFaults {
  std::vector<StrokeVerdict> strokes;  ///< one a judged stroke
  std::uint64_t missed = 0;            ///< strokes, and turns between judged ones without any top
  std::uint64_t doubled = 0;           ///< tops too many, and strokes that are no whole turn
  std::uint64_t turns = 0;             ///< of the crank, from the first judged stroke to the last, both included
};

/// Tells missed and double strokes by the crank's phase: strokes that are alone (no other within 70 % of the median
/// period) keep the phase, turn by turn, so that a slow drift of the rate does no harm; the tops of a double stroke lie
/// off it and fall into the turn that they share. Judging by distances alone would count three for two doubles in a
/// row, and lose a turn without a stroke after a double.
///
/// @param strokes      in order of time, n >= 2.
/// @param first, last  [first, last) is judged, last - first >= 2; those beside it only show a double stroke that an
///                     end of the window cuts in two.
StrokeFaults find_stroke_faults(std::span<const SeenStroke> strokes, std::size_t first, std::size_t last);

}  // namespace penrig
