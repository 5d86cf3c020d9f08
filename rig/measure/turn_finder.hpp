#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "rig/measure/strokes.hpp"

namespace penrig {

/// By how much the position must turn back to have turned: a share of the range that was seen so far, and
/// `least_counts` (several times the noise) at the least.
struct TurnHysteresis {
  double least_counts = 1;
  double range_share = 0;
};

/// Turning points as samples come: the one pass of find_cycles(), and its rules.
///
/// A needle that rests makes no turn, and nobody can keep samples until it does. What has not turned for `longest_wait`
/// samples is taken to rest: a stroke that has come down is over, its second bottom cut, and the next one begins out of
/// rest, cut as well; a stroke that stays out goes on, as one that is cut and whose samples are gone.
class TurnFinder {
 public:
  struct Found : RawCycle {
    std::int32_t top_counts = 0;  ///< the highest sample, for a top whose samples are gone
  };

  /// @param first_index  of the first sample that it will be given.
  explicit TurnFinder(TurnHysteresis hysteresis, std::size_t longest_wait = std::numeric_limits<std::size_t>::max(),
                      std::size_t first_index = 0);
  /// Counts `low` to `high` as seen.
  void widen(std::int32_t low, std::int32_t high);

  /// Takes samples off the front of `x` until a stroke is whole, or the needle has rested: look at rested() then.
  ///
  /// @return true if `found` is a stroke.
  bool next(std::span<const std::int32_t>& x, Found& found);
  /// At the end of the record: a stroke that has come down but not turned again.
  bool finish(Found& found);

  std::size_t index() const { return index_; }  ///< of the next sample
  /// The oldest sample that matters for a stroke that is not whole yet.
  std::size_t needed_from() const;
  bool rested() const { return rested_; }  ///< the last next() ended because the needle rests
  std::int32_t low() const { return lowest_; }
  std::int32_t high() const { return highest_; }

 private:
  void take_hysteresis();
  /// Goes over samples at the front of `x`, in whole eights, that neither turn nor lie outside what was seen.
  ///
  /// @param index  of the first.
  /// @return how many.
  std::size_t go_on(std::span<const std::int32_t> x, std::size_t index);
  bool rest(std::int32_t x, std::size_t at, Found& found);

  TurnHysteresis rule_;
  std::size_t longest_wait_, index_, waiting_since_;
  std::int64_t hysteresis_ = 1;
  std::int32_t lowest_ = std::numeric_limits<std::int32_t>::max(), highest_ = std::numeric_limits<std::int32_t>::min();
  bool started_ = false, rising_ = false, rested_ = false;
  bool open_ = false;        ///< a bottom and a top are known
  bool out_of_rest_ = true;  ///< no stroke since the record began, or since the needle rested
  bool gone_ = false;        ///< it rested with the needle out
  Found cycle_;
  std::size_t low_at_ = 0, high_at_ = 0;
  std::int32_t low_ = 0, high_ = 0;
  std::int32_t highest_before_ = 0, before_bottom_ = 0;  ///< of what came before the first bottom
};

}  // namespace penrig
