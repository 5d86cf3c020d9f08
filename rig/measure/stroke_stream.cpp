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
constexpr std::size_t kMostSegmentStrokes = 256, kFewestSegmentStrokes = 64;  ///< of a segment
constexpr double kSegmentSamples = 1 << 16;                ///< of a segment, if that is no fewer strokes
constexpr double kRestPeriods = 20, kLongRestSeconds = 1;  ///< what is taken for a rest
constexpr double kHeldSeconds = 0.25;                      ///< of a rest, if that is no less than its periods
constexpr std::size_t kFewestJudged = 4;
constexpr std::size_t kReservedStrokes = 1 << 16;

/// What is held from a sample on; where that is among the newest, which are at hand, they are not asked for again.
struct Since {
  Since(const HeldCounts& held, std::size_t from, std::span<const std::int32_t> newest) {
    const std::size_t n = held.end() - from;
    if (n > newest.size()) earlier = held.samples(from, held.end());
    samples = n > newest.size() ? std::span<const std::int32_t>(earlier) : newest.last(n);
  }
  UnsetVector<std::int32_t> earlier;
  std::span<const std::int32_t> samples;
};

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
  const double strokes = std::clamp(kSegmentSamples / period_samples_, static_cast<double>(kFewestSegmentStrokes),
                                    static_cast<double>(kMostSegmentStrokes));
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
  a_.tops.reserve(strokes_ahead);
  a_.top_heights_mm.reserve(strokes_ahead);
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
  for (std::size_t at = 0; at < block.position.size(); at += kPiece)
    piece(block, at, std::min(kPiece, block.position.size() - at));
}

void StrokeStream::piece(const SampleBlock& block, std::size_t from, std::size_t n) {
  const bool all = n == block.position.size();  // what was seen of them holds of no part
  const SeenCounts position = all ? block.seen_position() : SeenCounts(block.position.subspan(from, n)),
                   force = all ? block.seen_force() : SeenCounts(block.force.subspan(from, n)),
                   stage = all ? block.seen_stage() : SeenCounts(block.stage.subspan(from, n));
  flaws_.samples(force, position, *input_.calibrations);
  // Nothing is measured of a record with a flaw; it is only counted on.
  if (flaws_.any()) {
    for (HeldCounts* channel : {&position_, &force_, &stage_}) channel->clear();
    return;
  }
  position_.append(position);
  force_.append(force);
  stage_.append(stage);
  most_held_ = std::max(most_held_, position_.size());
  motion_->samples(position, position_);
  if (!turns_) look_at_first_turns(position.counts, false);
  if (turns_) find_turns(position.counts);
}

void StrokeStream::look_at_first_turns(std::span<const std::int32_t> newest, bool at_end) {
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
  const Since since(position_, first_turns_->index(), newest);
  for (std::span<const std::int32_t> x = since.samples; !enough && !x.empty();) {
    if (first_turns_->next(x, cycle)) ++turns_looked_at_;
    enough = turns_looked_at_ >= kFirstTurns || (first_turns_->rested() && turns_looked_at_ > 0);
    if (first_turns_->rested() && !enough) let_go(first_turns_->needed_from());
  }
  if (!enough && !at_end) return;
  turns_.emplace(hysteresis_, wait_samples_, held_from_);
  turns_->widen(first_turns_->low(), first_turns_->high());
  first_turns_.reset();
}

void StrokeStream::find_turns(std::span<const std::int32_t> newest) {
  TurnFinder::Found cycle;
  const Since since(position_, turns_->index(), newest);
  for (std::span<const std::int32_t> x = since.samples; !x.empty();) {
    const bool found = turns_->next(x, cycle);
    if (found) take(cycle);
    if (turns_->rested()) measure_before_a_rest();
    // Only where something happened, which is at the same sample however the record is cut into blocks.
    const bool happened = found || turns_->rested();
    if (happened && turns_->index() - held_from_ > hold_samples_) let_go(needed_from());
  }
}

void StrokeStream::take(const TurnFinder::Found& cycle) {
  const std::size_t i = a_.tops.size();
  a_.tops.push_back(cycle.top);
  a_.top_heights_mm.push_back(static_cast<float>(height_of_top(cycle)));
  cycles_.push_back(cycle);
  if (i >= first_ && !no_more_) {
    if (i - first_ < input_.strokes && ends_before_stop(cycle)) {
      judged_to_ = i + 1;
    } else {
      no_more_ = true;
    }
  }
  measure_what_is_due(false);
}

double StrokeStream::height_of_top(const TurnFinder::Found& cycle) const {
  const double mm_per_count = input_.calibrations->position_mm_per_count.value, zero = input_.zero.needle_zero_mm;
  const std::size_t half = parabola_half(cycle);
  // Of a needle that stayed out for long, the samples of the top are gone.
  if (held_from_ > 0 && cycle.top < held_from_ + half) return cycle.top_counts * mm_per_count - zero;
  const std::size_t from = cycle.top - std::min(cycle.top, half), to = std::min(cycle.top + half + 1, position_.end());
  const double height = height_by_parabola(position_.samples(from, to), cycle.top - from, half);
  const double above = cycle.top_counts - height;
  if (!(above * mm_per_count > kBriefMm)) return height * mm_per_count - zero;
  const UnsetVector<std::int32_t> stroke =
      position_.samples(std::max(cycle.first_bottom, held_from_), std::min(cycle.second_bottom + 1, position_.end()));
  return (overshoots(above, mm_per_count, stroke) ? cycle.top_counts : height) * mm_per_count - zero;
}

std::span<const RawCycle> StrokeStream::cycles(std::size_t from, std::size_t to) const {
  return std::span(cycles_).subspan(from - cycles_from_, to - from);
}

double StrokeStream::stop_index() const {
  if (!stop_sent_) return std::numeric_limits<double>::infinity();
  return a_.clock.index_at(input_.clock.tick_at(*stop_sent_));
}

void StrokeStream::tell_stop(TimePoint sent) {
  stop_sent_ = sent;
  if (!begun_) return;
  while (judged_to_ > first_ && judged_to_ > measured_to_ && !ends_before_stop(cycle(judged_to_ - 1))) {
    --judged_to_;
    no_more_ = true;
  }
  if (measured_to_ > first_ && !ends_before_stop(cycle(measured_to_ - 1))) stop_came_late_ = true;
}

void StrokeStream::measure_what_is_due(bool at_end) {
  if (measured_last_) return;
  const std::size_t ahead = segment_strokes_ / 2, found = a_.tops.size();
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
  } else if (!measured_last_ && judged_to_ > measured_to_) {
    measure(judged_to_, false);  // nobody knows when it ends
  }
  beside_from_ = a_.tops.size();
}

void StrokeStream::measure(std::size_t to, bool is_last) {
  const double mm_per_count = input_.calibrations->position_mm_per_count.value;
  const std::size_t before = measured_to_ == first_ ? 1 : kBesideStrokes, after = is_last ? 1 : kBesideStrokes;
  const std::size_t fitted_from = std::max(measured_to_ - std::min(before, measured_to_), beside_from_),
                    fitted_to = std::min(to + after, a_.tops.size());
  const SegmentStrokes strokes{.judged_from = first_,
                               .first = measured_to_,
                               .last = to,
                               .range_mm = (static_cast<double>(turns_->high()) - turns_->low()) * mm_per_count,
                               .fitted_from = fitted_from,
                               .fitted = cycles(fitted_from, fitted_to)};
  // One turn after the last that is fitted is all that a fit looks at.
  const RawCycle& last = strokes.fitted.back();
  const std::size_t end = std::min(last.second_bottom + (last.second_bottom - last.first_bottom), turns_->index());
  if (measured_to_ == first_) stage_from_ = std::max(cycle(first_).first_bottom, held_from_);
  const std::size_t stage_to = cycle(to - 1).second_bottom;
  const std::size_t stage_from = std::max(stage_from_, held_from_);
  if (stage_from < stage_to) {
    stage_sum_ += stage_.sum(stage_from, stage_to);
    stage_samples_ += stage_to - stage_from;
  }
  stage_from_ = stage_to;
  a_.working_stage_mm = input_.working_stage_reading_mm != 0 ? input_.working_stage_reading_mm
                                                             : stage_sum_ / static_cast<double>(stage_samples_) *
                                                                   input_.calibrations->stage_mm_per_count.value;
  // Behind the last segment all is let go of, and looked at before.
  const std::size_t asked_to = is_last ? std::max(end, turns_->needed_from()) : end, n = end - held_from_;
  const UnsetVector<std::int32_t> position = position_.samples(held_from_, asked_to),
                                  force = force_.samples(held_from_, asked_to);
  measure_segment(input_, {held_from_, std::span(position).first(n), std::span(force).first(n)}, strokes, a_);
  measured_to_ = to;
  if (is_last) measured_last_ = true;
  const std::size_t done = to - std::min(to, cycles_from_ + kBesideStrokes);
  cycles_.erase(cycles_.begin(), cycles_.begin() + static_cast<std::ptrdiff_t>(done));
  cycles_from_ += done;
  let_go(needed_from(), {held_from_, position, force});
}

std::size_t StrokeStream::needed_from() const {
  std::size_t from = turns_->needed_from();
  if (!measured_last_) {
    // The strokes before the next one to be measured are fitted with it.
    const std::size_t before = measured_to_ == first_ ? 1 : kBesideStrokes;
    const std::size_t next = std::min(measured_to_, a_.tops.size());
    const std::size_t oldest = std::max(next - std::min(next, before), beside_from_);
    if (oldest < a_.tops.size()) from = std::min(from, cycle(oldest).first_bottom);
  }
  const auto margin = static_cast<std::size_t>(period_samples_);
  return from - std::min(margin, from);
}

void StrokeStream::look_at_ends(std::size_t to, const SegmentSamples& at_hand) {
  // Who says which samples hold no reading has looked.
  if (to <= looked_at_to_ || !input_.spoiled.empty()) return;
  const std::optional<Rest>& before = motion_->before();
  const double position_noise = before && before->still ? before->noise : 0;
  const std::size_t from = looked_at_to_ - at_hand.origin, n = to - looked_at_to_;
  if (looked_at_to_ >= at_hand.origin && from + n <= at_hand.position.size()) {
    flaws_.look_at_ends(at_hand.force.subspan(from, n), input_.tare.noise_counts, at_hand.position.subspan(from, n),
                        position_noise);
  } else {
    flaws_.look_at_ends(force_.samples(looked_at_to_, to), input_.tare.noise_counts,
                        position_.samples(looked_at_to_, to), position_noise);
  }
  looked_at_to_ = to;
}

void StrokeStream::let_go(std::size_t limit, const SegmentSamples& at_hand) {
  held_from_ = std::max(held_from_, std::min(limit, position_.end()));
  look_at_ends(held_from_, at_hand);
  force_.let_go(held_from_);
  stage_.let_go(held_from_);
  position_.let_go(std::min(held_from_, motion_->needed_from()));
}

Result<SettingAnalysis> StrokeStream::finish(const SettingInput& input) {
  if (seen_ == 0 || input.calibrations == nullptr) return fail(Errc::bad_data, "nothing was recorded for this setting");
  if (refused_) return *refused_;
  const double fs = a_.clock.sample_rate_hz(input.tick_hz);
  if (!flaws_.any()) look_at_ends(position_.end());
  if (const auto ok = flaws_.check(input, fs); !ok) return ok.error();
  if (input.stop_sent && input.stop_sent != stop_sent_) tell_stop(*input.stop_sent);
  a_.samples = seen_;
  a_.motion = motion_->motion(position_);
  if (!a_.motion.moved) {
    return stood_still(input,
                       fmt::format("the position moved by {:.4f} mm in {:.2f} s", a_.motion.range_mm,
                                   static_cast<double>(seen_) / a_.sample_rate_hz),
                       0);
  }
  if (!turns_) look_at_first_turns({}, true);
  find_turns({});
  TurnFinder::Found cycle;
  if (turns_->finish(cycle)) take(cycle);
  a_.seen_strokes = a_.tops.size();
  const double stop = std::min(stop_index(), static_cast<double>(seen_));
  for (const std::uint64_t top : a_.tops) a_.strokes_after_stop += static_cast<double>(top) > stop ? 1 : 0;
  if (stop_sent_) {
    const double begin = a_.motion.began_at_rest ? a_.motion.begin : 0;
    if (const auto ok = check_pauses(input, a_.tops, begin, stop, a_.sample_rate_hz); !ok) return ok.error();
    if (const auto ok = check_rest(a_.motion, input.calibrations->position_mm_per_count.value, fs); !ok)
      return ok.error();
  }
  if (stop_came_late_) {
    return fail(Errc::internal, "the stop was told after strokes that followed it had been measured");
  }
  measure_what_is_due(true);
  const std::size_t judged = judged_to_ - first_;
  const std::size_t fewest = std::max<std::size_t>(input.min_strokes, kFewestJudged);
  if (judged < fewest) {
    return fail(Errc::too_few_strokes,
                fmt::format("{} strokes after {} settling ones, at least {} are needed ({} seen in all)", judged,
                            input.settle_strokes, fewest, a_.seen_strokes));
  }
  if (const auto ok = conclude_strokes(input, first_, a_); !ok) return ok.error();
  return std::move(a_);
}

Result<SettingResult> finish_setting(StrokeStream& stream, const SettingInput& input) {
  Result<SettingAnalysis> analysis = stream.finish(input);
  if (!analysis) return analysis.error();
  return setting_result(input, *analysis);
}

}  // namespace penrig
