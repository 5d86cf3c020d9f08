#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rig/measure/capture.hpp"
#include "rig/measure/held_counts.hpp"
#include "rig/measure/motion.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/setting_checks.hpp"
#include "rig/measure/stroke_segment.hpp"
#include "rig/measure/turn_finder.hpp"

namespace penrig {

/// Measures a setting while it is recorded: the one estimator behind analyse_setting(). Samples come in blocks of any
/// size and are let go of as soon as nothing needs them; what is kept of a stroke are a few hundred bytes (see
/// SettingAnalysis).
///
/// What happens to a sample, in order:
/// 1. MotionWatch: rest before, begin and end of motion, range. RecordFlaws: gaps and samples at the end of a range;
///    ends that nobody stated are looked for as samples are let go of.
/// 2. TurnFinder: turning points. Their hysteresis is 8 % of the range that was seen so far, at least 0.05 mm, and
///    12 sigma of a record that began at rest. The first eight turns (less, where the needle rests before) are looked
///    at twice: once for their range, then for their turns; so run-up is held against the same hysteresis as what
///    follows.
/// 3. Judged strokes, once there are enough of them for a segment: fitted together, with four neighbours at each side
///    (one at the ends of what is judged, as ever), told apart (missed, double), forces taken in pools of some 50. A
///    segment has 256 strokes, fewer where they would have more than 65,536 samples (64 at the least): what is looked
///    at again and again stays in a processor's cache. It is measured when half as many again have followed, so that
///    the last one is no remnant.
/// 4. The first segment says where the surface is looked for in the force, and gives the traces.
/// finish() puts all strokes together: faults, noise, deep strokes, the mean stage.
///
/// Held samples, two bytes of each count: a segment, half of one that follows, and what ran before the first (up to
/// twice that in all); no more however long the record is. While the needle rests, those of a second, or of twenty
/// strokes if that is longer.
///
/// Results do not hang on how the samples are cut into blocks: whatever is decided on the way is decided at a sample.
/// Not for two threads at once.
class StrokeStream final : public SampleSink {
 public:
  /// input: what is known before the first sample; its capture is not used. Later come stop_sent by tell_stop(), and
  /// with finish() start_sent and what the pen reported. What it points to must outlive the stream.
  explicit StrokeStream(const SettingInput& input);

  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;
  /// When the stop command left. Before any sample from after it is given: strokes that follow a stop are not judged.
  void tell_stop(TimePoint sent);

  /// Nothing comes any more. input: as at the beginning, with all that has become known.
  /// Errors as analyse_setting(); Errc::internal if the stop was told too late.
  Result<SettingAnalysis> finish(const SettingInput& input);

  std::uint64_t seen_samples() const { return seen_; }
  std::size_t gaps() const { return flaws_.gaps(); }
  /// Whole strokes so far, judged or not.
  std::size_t seen_strokes() const { return a_.tops.size(); }
  /// Instants that are held now (all channels of one count once), and at most so far.
  std::size_t held_samples() const { return position_.size(); }
  std::size_t most_held_samples() const { return most_held_; }

 private:
  void begin(const SampleBlock& block);
  void piece(const SampleBlock& block, std::size_t from, std::size_t n);
  void look_at_first_turns(std::span<const std::int32_t> newest, bool at_end);
  void find_turns(std::span<const std::int32_t> newest);
  void take(const TurnFinder::Found& cycle);
  double height_of_top(const TurnFinder::Found& cycle) const;
  double stop_index() const;
  bool ends_before_stop(const RawCycle& cycle) const { return static_cast<double>(cycle.second_bottom) < stop_index(); }
  void measure_what_is_due(bool at_end);
  void measure_before_a_rest();
  void measure(std::size_t to, bool is_last);
  /// @param at_hand  samples that need not be asked for again.
  void let_go(std::size_t limit, const SegmentSamples& at_hand = {});
  /// For ends of a range, before they are let go of: all samples that were not looked at, to before this one.
  void look_at_ends(std::size_t to, const SegmentSamples& at_hand = {});
  std::size_t needed_from() const;
  /// Cycles [from, to) of all that were found.
  std::span<const RawCycle> cycles(std::size_t from, std::size_t to) const;
  const RawCycle& cycle(std::size_t index) const { return cycles_[index - cycles_from_]; }

  SettingInput input_;
  SettingAnalysis a_;
  RecordFlaws flaws_;
  std::optional<Error> refused_;
  bool begun_ = false, stop_came_late_ = false;
  std::uint64_t seen_ = 0;
  std::size_t most_held_ = 0;

  double period_samples_ = 0;  ///< of the setting
  std::size_t segment_strokes_ = 0, wait_samples_ = 0, hold_samples_ = 0;
  std::optional<MotionWatch> motion_;
  std::optional<TurnFinder> first_turns_;  ///< while the first turns are looked at
  std::size_t turns_looked_at_ = 0;
  std::optional<TurnFinder> turns_;
  TurnHysteresis hysteresis_;

  std::size_t first_ = 0;      ///< cycle that is judged first
  std::size_t judged_to_ = 0;  ///< cycles [first_, judged_to_) are judged as far as is known
  bool no_more_ = false;       ///< judged_to_ is final, unless the stop lies before it
  std::size_t measured_to_ = 0;
  std::size_t beside_from_ = 0;  ///< first cycle since the needle rested
  bool measured_last_ = false;
  std::size_t cycles_from_ = 0;
  std::vector<RawCycle> cycles_;  ///< those that are measured yet, and those beside them
  std::optional<TimePoint> stop_sent_;
  double stage_sum_ = 0;  ///< counts, from the first judged stroke to measured_to_
  std::size_t stage_from_ = 0, stage_samples_ = 0;

  std::size_t held_from_ = 0;     ///< index of the first sample that is measured yet
  std::size_t looked_at_to_ = 0;  ///< by look_at_ends()
  HeldCounts position_, force_, stage_;
};

/// All that analyse_setting() gives, from a stream to which nothing comes any more; input as for
/// StrokeStream::finish().
Result<SettingResult> finish_setting(StrokeStream& stream, const SettingInput& input);

}  // namespace penrig
