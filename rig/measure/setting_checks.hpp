#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "rig/base/extremes.hpp"
#include "rig/measure/motion.hpp"
#include "rig/measure/range_ends.hpp"
#include "rig/measure/setting.hpp"
#include "rig/measure/strokes.hpp"

namespace penrig {

/// Refuses factors, zeros and rates that are no numbers or no use; fs_hz: nominal. Errc::calibration, Errc::bad_data.
Result<void> check_numbers(const SettingInput& input, double fs_hz);

/// What makes a record worth nothing, counted as samples come.
class RecordFlaws {
 public:
  /// Of the same instants.
  void samples(const SeenCounts& force, const SeenCounts& position, const Calibrations& calibrations);
  /// Looks for ends of a range that nobody stated. The same samples once more, in parts of whole turns.
  /// force_noise, position_noise: as for RangeEnds::part().
  void look_at_ends(std::span<const std::int32_t> force, double force_noise, std::span<const std::int32_t> position,
                    double position_noise);
  void gap(const std::string& reason, std::size_t before_sample);
  bool any() const { return gaps_ > 0 || force_beyond_ > 0 || position_beyond_ > 0; }
  std::size_t gaps() const { return gaps_; }
  /// Errc::gap_in_record, Errc::saturated, or Errc::bad_data for an encoder that stood while its needle ran, with what
  /// and how much; fs_hz: nominal.
  Result<void> check(const SettingInput& input, double fs_hz) const;

 private:
  /// Whether the needle stands is looked at eight samples at a time, for a standstill that matters lasts longer. False:
  /// one that may matter ends in these; they must be looked at one by one.
  bool look_at_eight(const std::int32_t* z);
  /// Notes the longest standstill that ended with a step.
  void end_of_standstill(std::int32_t from, std::int32_t to, std::size_t sample);

  std::size_t gaps_ = 0, first_gap_before_ = 0, force_beyond_ = 0, position_beyond_ = 0;
  std::string first_gap_;
  std::size_t seen_ = 0;
  std::size_t same_ = 0;                              ///< so many samples before the last one read as it does
  std::size_t frozen_ = 0, frozen_until_sample_ = 0;  ///< the longest of those that ended with a step
  std::int64_t frozen_step_ = 0;
  std::int32_t last_ = 0, lowest_ = 0, highest_ = 0;  ///< positions, counts
  RangeEnds force_ends_, position_ends_;
};

/// Errc::saturated if a whole record of positions reaches an end of its range, stated or not.
/// @param noise  as for RangeEnds::part().
Result<void> check_position_range(std::span<const std::int32_t> position, double noise, const Calibrations& c);

/// Refuses an end of motion that a stuck encoder made (rests_by_a_stuck_encoder()), Errc::bad_data, and one that its
/// noise made, Errc::not_determined.
Result<void> check_rest(const Motion& motion, double mm_per_count, double fs_hz);

/// The error of an encoder that stood still (`encoder` says how), beside what the pen says; seen: strokes.
Error stood_still(const SettingInput& input, const std::string& encoder, std::size_t seen);

/// Longest time without a top between the begin of motion and the stop, in samples, and where it starts.
struct Pause {
  double from = 0, length = 0;
};
Pause longest_pause(std::span<const std::uint64_t> tops, double begin, double stop);
/// Refuses a record in which the needle stood still for longer than a running pen's may. begin, stop: samples.
Result<void> check_pauses(const SettingInput& input, std::span<const std::uint64_t> tops, double begin, double stop,
                          double fs_hz);

}  // namespace penrig
