#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "rig/measure/held_counts.hpp"

namespace penrig {

/// Where the needles began to move and where they came to rest, in (fractional) samples of a capture.
struct Motion {
  bool moved = false;          ///< the position left its rest by more than kMotionMm at all
  bool began_at_rest = false;  ///< it stood when the capture began, so that begin is known
  double begin = 0, begin_half_width = 0;
  bool ended = false;  ///< it stood again when the capture ended, so that end is known
  double end = 0, end_half_width = 0;
  double rest_counts = 0;    ///< mean position after the end
  double u_rest_counts = 0;  ///< standard uncertainty of that mean
  std::uint64_t rest_samples = 0;
  bool last_are_one_count = false;  ///< the last 64 samples read the same
  bool end_is_noise = false;        ///< noise began, and where it rests now it may have rested before the end
  bool ended_alive = false;         ///< it came to rest gradually, on a channel that showed next to no noise then
  double noise_counts = 0;          ///< sd of one sample at rest, where it stood; 0 if it never did
  double range_mm = 0;              ///< largest - smallest position
};

/// Whether the needles only seem to rest: a living encoder shows noise. One that was stuck keeps one and the same
/// count, where one count is finer than anything stands still, or less than the noise was at rest before. A channel of
/// next to no noise may well rest on one, but not all at once.
bool rests_by_a_stuck_encoder(const Motion& motion, double mm_per_count);

inline constexpr double kMotionMm = 0.05;     ///< less is no motion: an encoder that stands still
inline constexpr double kRestSeconds = 0.02;  ///< what stands so long at an end of a record is at rest

/// A stretch in which the needle may stand.
struct Rest {
  bool still = false;
  double mean = 0, noise = 0;  ///< counts; noise: sd of one sample
  double most_noise = 0;       ///< as large as it may well be: it is an estimate of so many samples
};

/// The needle leaves rest like t^2 (a crank that runs at once) to t^4 (one that speeds up from bottom dead centre), and
/// comes to rest like t^2 or abruptly. So begin and end are extrapolated from the times at which two levels were
/// passed: the begin halfway between its laws, the end by t^2, the commoner one and the later. The half-width holds all
/// of these laws.
///
/// Takes the position as it comes, in blocks of any size, and looks back at no more than twice `hold_samples` of it,
/// which whoever calls holds. The end is looked for from the end of the record backwards; where the needle has rested
/// for longer than that, by what the rest looked like when it was last held whole, and its mean is of the part that is
/// held.
class MotionWatch {
 public:
  /// @param mm_per_count  of the position.
  /// @param rest_samples  samples that must stand still at an end of the record to call it rest (kRestSeconds).
  /// @param hold_samples  at least rest_samples.
  MotionWatch(double mm_per_count, std::size_t rest_samples,
              std::size_t hold_samples = std::numeric_limits<std::size_t>::max());

  /// held: has them already, and what lies before them from needed_from() on.
  void samples(const SeenCounts& seen, const HeldCounts& held);
  /// What there is to say, were this the end of the record.
  Motion motion(const HeldCounts& held) const;
  /// How the record began; known once rest_samples were seen.
  const std::optional<Rest>& before() const { return before_; }
  /// The oldest sample that it may look back at.
  std::size_t needed_from() const { return held_from_; }

 private:
  struct Passed {
    double near = 0,
           far = 0;       ///< just past the last sample that lay farther from rest than the level, and than 4 levels
    bool rested = false;  ///< it had been at rest there before the former already
  };
  double level(double noise_counts) const;
  double end_level(const Rest& after) const;
  bool came_gradually(const HeldCounts& held, double passed, double passed_far) const;
  bool rested_before(const HeldCounts& held, const Rest& rest, double level, double passed) const;
  void look_for_begin(std::span<const std::int32_t> position, std::size_t first);
  Rest last_window(const HeldCounts& held) const;
  Passed last_passed(const HeldCounts& held, const Rest& rest, double level) const;
  void let_go(const HeldCounts& held);

  double mm_per_count_;
  std::size_t rest_samples_, hold_samples_;
  std::size_t seen_ = 0;
  std::optional<Rest> before_;
  std::optional<std::size_t> left_near_, left_far_;  ///< first samples beyond a level, and beyond 16 levels
  std::int32_t low_ = 0, high_ = 0;
  std::size_t held_from_ = 0;
  Passed before_held_;  ///< of what is held no more
};

/// The same of a whole record.
Motion find_motion(std::span<const std::int32_t> position, double mm_per_count, std::size_t rest_samples);

}  // namespace penrig
