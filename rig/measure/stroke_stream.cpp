#include "rig/measure/stroke_stream.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace penrig {

namespace {

constexpr std::size_t kPiece = 2048;    ///< samples that are taken at once
constexpr std::size_t kFirstTurns = 8;  ///< whose range is known before their turns are told
constexpr double kHysteresisShare = 0.08;
constexpr double kHysteresisSigmas = 12;
constexpr std::size_t kMostStrokes = 256, kFewestStrokes = 64;  ///< of a segment
constexpr double kSegmentSamples = 1 << 16;                     ///< of a segment, if that is no fewer strokes
constexpr double kRestPeriods = 20, kLongRestSeconds = 1;       ///< what is taken for a rest
constexpr double kHeldSeconds = 0.25;                           ///< of a rest, if that is no less than its periods
constexpr std::size_t kFewestJudged = 4;
constexpr std::size_t kReserved = 1 << 18, kReservedStrokes = 1 << 16;

}  // namespace

StrokeStream::StrokeStream(const SettingInput& input) : input_(input) {
  if (input.calibrations == nullptr) refused_ = fail(Errc::bad_data, "nothing is known of the bench of this setting");
  if (input.stop_sent) tell_stop(*input.stop_sent);
}

void StrokeStream::begin(const SampleBlock& block) {
  begun_ = true;
  a_.clock.break_before(block, 0);
  if (refused_) return;
  const double fs = a_.clock.sample_rate_hz(input_.tick_hz);
  if (const auto ok = check_numbers(input_, fs); !ok) {
    refused_ = ok.error();
    return;
  }
  const Calibrations& c = *input_.calibrations;
  a_.sample_rate_hz = fs * (1 + c.time_base_ppm.value * 1e-6);
  period_samples_ = 60 / input_.rate_per_min * a_.sample_rate_hz;
  const double strokes = std::clamp(kSegmentSamples / period_samples_, static_cast<double>(kFewestStrokes),
                                    static_cast<double>(kMostStrokes));
  segment_strokes_ = static_cast<std::size_t>(strokes);
  wait_samples_ =
      static_cast<std::size_t>(std::max(kRestPeriods * period_samples_, kLongRestSeconds * a_.sample_rate_hz));
  hold_samples_ = static_cast<std::size_t>(3 * strokes * period_samples_);
  motion_.emplace(c.position_mm_per_count.value, static_cast<std::size_t>(kRestSeconds * a_.sample_rate_hz),
                  static_cast<std::size_t>(std::max(kRestPeriods * period_samples_, kHeldSeconds * a_.sample_rate_hz)));
  first_ = judged_to_ = measured_to_ = input_.settle_strokes;
  // Growing by doubling would touch twice the memory; what is only reserved is not touched.
  const std::size_t strokes_ahead = std::min<std::size_t>(input_.strokes, kReservedStrokes);
  a_.judged.reserve(strokes_ahead);
  a_.cycles.reserve(strokes_ahead);
  tops_mm_.reserve(strokes_ahead);
  for (std::vector<std::int32_t>* channel : {&position_, &force_})
    channel->reserve(std::min(hold_samples_, kReserved) + kPiece);
}

void StrokeStream::gap(const std::string& reason) { flaws_.gap(reason, seen_); }

void StrokeStream::samples(const SampleBlock& block) {
  if (!begun_) {
    begin(block);
  } else if (const auto why = a_.clock.break_before(block, seen_)) {
    gap(*why);
  }
  if (!is_whole(block)) {
    gap(kChannelsDiffer);
    return;
  }
  seen_ += block.force.size();
  if (refused_) return;
  flaws_.samples(block, *input_.calibrations);
  // Nothing is measured of a record with a flaw; it is only counted on.
  if (flaws_.any()) {
    position_.clear();
    force_.clear();
    stage_.clear();
    return;
  }
  for (std::size_t at = 0; at < block.position.size(); at += kPiece)
    piece(block, at, std::min(kPiece, block.position.size() - at));
}

void StrokeStream::piece(const SampleBlock& block, std::size_t from, std::size_t n) {
  const auto append = [&](std::vector<std::int32_t>& to, std::span<const std::int32_t> channel) {
    const auto part = channel.subspan(from, n);
    to.insert(to.end(), part.begin(), part.end());
  };
  append(position_, block.position);
  append(force_, block.force);
  stage_.append(block.stage.subspan(from, n));
  most_held_ = std::max(most_held_, position_.size());
  motion_->samples(block.position.subspan(from, n));
  if (!turns_) look_at_first_turns(false);
  if (turns_) find_turns();
}

std::span<const std::int32_t> StrokeStream::position_from(std::size_t index) const {
  return std::span<const std::int32_t>(position_).subspan(index - held_from_);
}

void StrokeStream::look_at_first_turns(bool at_end) {
  if (!motion_->before() && !at_end) return;  // the noise comes first
  if (!first_turns_) {
    const double mm_per_count = input_.calibrations->position_mm_per_count.value;
    const std::optional<Rest>& before = motion_->before();
    const double noise = before && before->still ? before->noise : 0;
    hysteresis_ = {std::max(kMotionMm / mm_per_count, kHysteresisSigmas * noise), kHysteresisShare};
    first_turns_.emplace(hysteresis_, wait_samples_, held_from_);
  }
  TurnFinder::Found cycle;
  bool enough = false;
  while (!enough && first_turns_->index() < held_from_ + position_.size()) {
    std::span<const std::int32_t> x = position_from(first_turns_->index());
    if (first_turns_->next(x, cycle)) ++turns_looked_at_;
    enough = turns_looked_at_ >= kFirstTurns || (first_turns_->rested() && turns_looked_at_ > 0);
    if (first_turns_->rested() && !enough) let_go(first_turns_->needed_from());
  }
  if (!enough && !at_end) return;
  turns_.emplace(hysteresis_, wait_samples_, held_from_);
  turns_->widen(first_turns_->low(), first_turns_->high());
  first_turns_.reset();
}

void StrokeStream::find_turns() {
  TurnFinder::Found cycle;
  while (turns_->index() < held_from_ + position_.size()) {
    std::span<const std::int32_t> x = position_from(turns_->index());
    const bool found = turns_->next(x, cycle);
    if (found) take(cycle);
    if (turns_->rested()) measure_before_a_rest();
    // Only where something happened, which is at the same sample however the record is cut into blocks.
    const bool happened = found || turns_->rested();
    if (happened && turns_->index() - held_from_ > hold_samples_) let_go(needed_from());
  }
}

void StrokeStream::take(const TurnFinder::Found& cycle) {
  const double mm_per_count = input_.calibrations->position_mm_per_count.value, zero = input_.zero.needle_zero_mm;
  RawCycle held = cycle;
  for (std::size_t* at : {&held.first_bottom, &held.top, &held.second_bottom}) *at -= std::min(*at, held_from_);
  // Of a needle that stayed out for long, the samples of the top are gone.
  const bool gone = held_from_ > 0 && cycle.top < held_from_ + parabola_half(cycle);
  tops_mm_.push_back(gone ? cycle.top_counts * mm_per_count - zero
                          : top_by_parabola(position_, held, mm_per_count, zero));
  a_.cycles.push_back(cycle);
  const std::size_t i = a_.cycles.size() - 1;
  if (i >= first_ && !no_more_) {
    if (i - first_ < input_.strokes && ends_before_stop(cycle)) {
      judged_to_ = i + 1;
    } else {
      no_more_ = true;
    }
  }
  measure_what_is_due(false);
}

double StrokeStream::stop_index() const {
  if (!stop_sent_) return std::numeric_limits<double>::infinity();
  return a_.clock.index_at(input_.clock.tick_at(*stop_sent_));
}

void StrokeStream::tell_stop(TimePoint sent) {
  stop_sent_ = sent;
  if (!begun_) return;
  while (judged_to_ > first_ && judged_to_ > measured_to_ && !ends_before_stop(a_.cycles[judged_to_ - 1])) {
    --judged_to_;
    no_more_ = true;
  }
  if (measured_to_ > first_ && !ends_before_stop(a_.cycles[measured_to_ - 1])) stop_came_late_ = true;
}

void StrokeStream::measure_what_is_due(bool at_end) {
  if (measured_last_) return;
  const std::size_t ahead = segment_strokes_ / 2, found = a_.cycles.size();
  // All strokes that are left to judge, where they are no more than a segment and a half.
  while (first_ + std::size_t{input_.strokes} > measured_to_ + segment_strokes_ + ahead &&
         judged_to_ >= measured_to_ + segment_strokes_ + ahead) {
    measure(measured_to_ + segment_strokes_, false);
  }
  const bool all = no_more_ || judged_to_ - first_ == input_.strokes;
  if (!at_end && !(all && found >= judged_to_ + kBesideStrokes)) return;
  measured_last_ = true;
  const std::size_t judged = judged_to_ - first_;
  if (judged_to_ > measured_to_ && judged >= std::max<std::size_t>(input_.min_strokes, kFewestJudged)) {
    measure(judged_to_, true);
  }
}

void StrokeStream::measure_before_a_rest() {
  if (stop_sent_ && static_cast<double>(turns_->index()) > stop_index()) {
    measure_what_is_due(true);
  } else if (judged_to_ > measured_to_) {
    measure(judged_to_, false);  // nobody knows when it ends
  }
  beside_from_ = a_.cycles.size();
}

void StrokeStream::measure(std::size_t to, bool is_last) {
  const double mm_per_count = input_.calibrations->position_mm_per_count.value;
  const SegmentStrokes strokes{first_,  measured_to_,
                               to,      beside_from_,
                               is_last, (static_cast<double>(turns_->high()) - turns_->low()) * mm_per_count};
  // One turn after the last that is fitted is all that a fit looks at.
  const RawCycle& last = a_.cycles[used_cycles(strokes, a_.cycles.size()).to - 1];
  const std::size_t end = std::min(last.second_bottom + (last.second_bottom - last.first_bottom), turns_->index());
  const auto held = [&](const std::vector<std::int32_t>& channel) {
    return std::span<const std::int32_t>(channel).first(end - held_from_);
  };
  if (measured_to_ == first_) stage_from_ = std::max(a_.cycles[first_].first_bottom, held_from_);
  const std::size_t stage_to = a_.cycles[to - 1].second_bottom;
  const std::size_t stage_from = std::max(stage_from_, held_from_);
  if (stage_from < stage_to) {
    stage_sum_ += stage_.sum(stage_from - held_from_, stage_to - held_from_);
    stage_samples_ += stage_to - stage_from;
  }
  stage_from_ = stage_to;
  a_.working_stage_mm = input_.working_stage_reading_mm != 0 ? input_.working_stage_reading_mm
                                                             : stage_sum_ / static_cast<double>(stage_samples_) *
                                                                   input_.calibrations->stage_mm_per_count.value;
  measure_segment(input_, {held_from_, held(position_), held(force_)}, strokes, a_);
  measured_to_ = to;
  if (is_last) measured_last_ = true;
  let_go(needed_from());
}

std::size_t StrokeStream::needed_from() const {
  std::size_t from = turns_->needed_from();
  if (!measured_last_) {
    // The strokes before the next one to be measured are fitted with it.
    const std::size_t before = measured_to_ == first_ ? 1 : kBesideStrokes;
    const std::size_t next = std::min(measured_to_, a_.cycles.size());
    const std::size_t oldest = std::max(next - std::min(next, before), beside_from_);
    if (oldest < a_.cycles.size()) from = std::min(from, a_.cycles[oldest].first_bottom);
  }
  const auto margin = static_cast<std::size_t>(period_samples_);
  return from - std::min(margin, from);
}

void StrokeStream::let_go(std::size_t limit) {
  if (limit <= held_from_) return;
  const std::size_t n = std::min(limit - held_from_, position_.size());
  for (std::vector<std::int32_t>* channel : {&position_, &force_})
    channel->erase(channel->begin(), channel->begin() + static_cast<std::ptrdiff_t>(n));
  stage_.drop(n);
  held_from_ += n;
}

Result<SettingAnalysis> StrokeStream::finish(const SettingInput& input) {
  if (seen_ == 0 || input.calibrations == nullptr) return fail(Errc::bad_data, "nothing was recorded for this setting");
  if (refused_) return *refused_;
  const double fs = a_.clock.sample_rate_hz(input.tick_hz);
  if (const auto ok = flaws_.check(input, fs); !ok) return ok.error();
  if (input.stop_sent && input.stop_sent != stop_sent_) tell_stop(*input.stop_sent);
  a_.samples = seen_;
  a_.motion = motion_->motion();
  if (!a_.motion.moved) {
    return stood_still(input,
                       fmt::format("the position moved by {:.4f} mm in {:.2f} s", a_.motion.range_mm,
                                   static_cast<double>(seen_) / a_.sample_rate_hz),
                       0);
  }
  if (!turns_) look_at_first_turns(true);
  find_turns();
  TurnFinder::Found cycle;
  if (turns_->finish(cycle)) take(cycle);
  a_.seen_strokes = a_.cycles.size();
  const double stop = std::min(stop_index(), static_cast<double>(seen_));
  for (const RawCycle& c : a_.cycles) a_.strokes_after_stop += static_cast<double>(c.top) > stop ? 1 : 0;
  if (stop_sent_) {
    const double begin = a_.motion.began_at_rest ? a_.motion.begin : 0;
    if (const auto ok = check_pauses(input, a_.cycles, begin, stop, a_.sample_rate_hz); !ok) return ok.error();
  }
  if (stop_came_late_) {
    return fail(Errc::internal, "the stop was told after strokes that followed it had been measured");
  }
  measure_what_is_due(true);
  const std::size_t judged = judged_to_ - first_;
  if (judged < std::max<std::size_t>(input.min_strokes, kFewestJudged)) {
    return fail(Errc::too_few_strokes,
                fmt::format("{} strokes after {} settling ones, at least {} are needed ({} seen in all)", judged,
                            input.settle_strokes, input.min_strokes, a_.seen_strokes));
  }
  if (const auto ok = conclude(input, first_, tops_mm_, a_); !ok) return ok.error();
  return std::move(a_);
}

Result<SettingResult> finish_setting(StrokeStream& stream, const SettingInput& input) {
  const Result<SettingAnalysis> analysis = stream.finish(input);
  if (!analysis) return analysis.error();
  return setting_result(input, *analysis);
}

}  // namespace penrig
