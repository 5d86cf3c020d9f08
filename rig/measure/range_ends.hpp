#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/measure/capture_look.hpp"

namespace penrig {

/// Samples in a row.
struct Stretch {
  std::size_t first = 0, length = 0;
};

/// Where a column stands at its largest value between two steep flanks: it was cut off there. A smooth top has a run of
/// equal samples too, as wide as one step of the channel is high, but a quarter of that run further out it is no more
/// than some steps lower; a cut one has fallen by as much as was cut off. A dwelling cam stands too, and leaves its top
/// slowly at first; a cut flank is as steep at the cut as behind it. Works at any noise, also at none. What is cut by
/// some steps only, or stands for less than three samples, cannot be told.
std::vector<Stretch> cut_tops(const ColumnCounts& column);

/// Where a channel is at the end of its range: cut_tops(), and where its noise is more than two counts all stretches of
/// some samples at its largest or smallest value, which noise does not make.
/// @param noise  sd of one sample, counts.
std::vector<Stretch> stretches_at_end(const ColumnCounts& column, double noise);

/// An end of a channel's range, as a record shows it.
struct RangeEnd {
  std::int32_t at = 0;  ///< counts
  std::size_t times = 0, longest = 0;
};

/// Looks for an end of a channel's range that nobody stated, in a record that comes in parts: where the channel stands
/// at the record's largest or smallest value. Three times are none of chance, if they are a tenth of the runs there
/// (see cut_tops()); where noise is more than two steps of the channel, one of eight samples is enough. At the
/// smallest value only noise can tell: needles stand at their bottoms, and forces between two strokes.
class RangeEnds {
 public:
  /// The next samples of the record: whole turns, for what stands at an end of them is not seen.
  /// @param noise  sd of one sample while the channel rests, counts; 0: not known.
  void part(std::span<const std::int32_t> counts, double noise);
  std::optional<RangeEnd> found() const;

 private:
  struct End {
    std::int32_t at = 0;
    std::size_t runs = 0, cut = 0, longest = 0;  ///< longest: of those cut
    bool certain = false;
  };
  /// @param reach  of the part; none: only noise can tell.
  static void look(std::span<const std::int32_t> counts, double noise, std::optional<double> reach, End& end);

  bool begun_ = false;
  End high_{}, low_{};
};

/// Errc::saturated: a channel stands at the end of its range.
/// @param at  N or mm.
Error stands_at_end(CapturePart part, double at, std::size_t times, std::size_t longest);

}  // namespace penrig
