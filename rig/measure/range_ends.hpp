#pragma once

#include <cstddef>
#include <vector>

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

}  // namespace penrig
