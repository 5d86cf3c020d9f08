#include "rig/measure/setting_checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "rig/base/extremes.hpp"
#include "rig/measure/corrections.hpp"

namespace penrig {

namespace {

constexpr double kStillPeriods = 3;        ///< a running pen whose needle stands still for so many periods is not seen
constexpr std::int64_t kSuddenCounts = 6;  ///< more than a count or two: the needle did not begin to move
constexpr double kSuddenShareOfRange = 0.005;  ///< likewise, for encoders with many counts
constexpr double kRunUpPeriods = 20;           ///< running up takes time of its own; a pause there is that of the pen

bool finite(const Factor& f) { return std::isfinite(f.value) && std::isfinite(f.u) && f.u >= 0; }

/// What the pen says, in words; empty if it says nothing.
std::string pen_says(const SettingInput& input) {
  std::string text;
  const PenReport& said = input.reported;
  if (said.rate_per_min) text = fmt::format("{:.0f} strokes/min", *said.rate_per_min);
  if (said.strokes) text += fmt::format("{}{} strokes", text.empty() ? "" : " and ", *said.strokes);
  return text;
}

bool pen_claims_running(const SettingInput& input, std::size_t seen) {
  return (input.reported.rate_per_min && *input.reported.rate_per_min > 0.5 * input.rate_per_min) ||
         (input.reported.strokes && *input.reported.strokes > seen + 3);
}

}  // namespace

Result<void> check_numbers(const SettingInput& input, double fs) {
  const Calibrations& c = *input.calibrations;
  for (const Factor* f :
       {&c.position_mm_per_count, &c.force_n_per_count, &c.stage_mm_per_count, &c.time_base_ppm, &c.force_delay_us,
        &c.tip_um_per_n, &c.frame_um_per_n, &c.cell_um_per_n, &c.reciprocating_mass_g, &c.plate_mass_g}) {
    if (!finite(*f)) return fail(Errc::calibration, "a calibration factor of " + c.fixture_id + " is not a number");
  }
  if (!(c.position_mm_per_count.value > 0) || !(c.force_n_per_count.value > 0) || !(c.stage_mm_per_count.value > 0)) {
    return fail(Errc::calibration, "the scales of " + c.fixture_id + " must be above 0");
  }
  if (states_temperature(c) && !input.temperature_c) {
    return fail(Errc::calibration, "the scales of " + c.fixture_id + " change with a temperature that is not known");
  }
  // What an uncertain mass of 0 does to a depth hangs on an acceleration that is not derived without a mass.
  if (c.reciprocating_mass_g.value == 0 && c.reciprocating_mass_g.u > 0) {
    return fail(Errc::calibration, "the reciprocating mass of " + c.fixture_id + " is 0 with an uncertainty: weigh it");
  }
  const bool whole =
      std::isfinite(input.tare.zero_counts) && std::isfinite(input.tare.noise_counts) &&
      std::isfinite(input.zero.needle_zero_mm) && std::isfinite(input.zero.u_mm) && std::isfinite(input.tick_hz) &&
      std::isfinite(input.clock.rate_off_ppm) && input.clock.rate_off_ppm >= 0 &&
      (!input.surface || (std::isfinite(input.surface->stage_mm) && std::isfinite(input.surface->needle_reading_mm)));
  if (!whole) return fail(Errc::bad_data, "tare, reference zero, clock or surface of this setting is not a number");
  if (!(input.rate_per_min > 0)) return fail(Errc::bad_data, "the setting has no stroke rate");
  if (!std::isfinite(fs) || !(fs >= 10 * input.rate_per_min / 60)) {
    return fail(Errc::bad_data,
                fmt::format("{:.0f} samples/s are too few for {:.0f} strokes/min: at least ten a stroke are needed", fs,
                            input.rate_per_min));
  }
  const bool calibrated = c.cell_damping > 0 || c.cell_corner_hz > 0;
  if (!input.free_running && !calibrated && c.cell_resonance_hz < 10 * input.rate_per_min / 60) {
    return fail(
        Errc::calibration,
        fmt::format(
            "the load cell resonates at {:.0f} Hz, below ten times the stroke rate of {:.0f} Hz: it needs a dynamic "
            "calibration (cell_damping)",
            c.cell_resonance_hz, input.rate_per_min / 60));
  }
  return {};
}

namespace {

/// Samples at the ends of a channel's range. Nearly always none is.
std::size_t beyond(const SeenCounts& x, std::int32_t low, std::int32_t high) {
  if (x.extremes.low > low && x.extremes.high < high) return 0;
  std::size_t count = 0;
  for (const std::int32_t v : x.counts)
    count += static_cast<std::size_t>(v <= low) + static_cast<std::size_t>(v >= high);
  return count;
}

/// Samples at the front, in eights, after each of which the needle does not stand.
std::size_t running(std::span<const std::int32_t> z) {
  const auto runs_behind = [z](std::size_t eight) {
    return z[eight + kEightCounts - 1] != z[eight + kEightCounts - 2];
  };
  std::size_t n = 0;
  while (n + 4 * kEightCounts <= z.size() && runs_behind(n) && runs_behind(n + kEightCounts) &&
         runs_behind(n + 2 * kEightCounts) && runs_behind(n + 3 * kEightCounts)) {
    n += 4 * kEightCounts;
  }
  while (n + kEightCounts <= z.size() && runs_behind(n)) n += kEightCounts;
  return n;
}

Error position_beyond(std::size_t samples, const Calibrations& c) {
  return fail(Errc::saturated,
              fmt::format("the needle encoder is saturated: {} samples at the end of its range ({} to {} counts)",
                          samples, c.position_min_counts, c.position_max_counts));
}

/// Of an end that the description does not state.
Error unstated_end(CapturePart part, const RangeEnd& end, const Factor& scale, std::int32_t low, std::int32_t high) {
  Error error = stands_at_end(part, end.at * scale.value, end.times, end.longest);
  error.message += fmt::format("; its description states a range of {:.2f} to {:.2f} {}", low * scale.value,
                               high * scale.value, part == CapturePart::force ? "N" : "mm");
  return error;
}

Error unstated_end_of_position(const RangeEnd& end, const Calibrations& c) {
  return unstated_end(CapturePart::position, end, c.position_mm_per_count, c.position_min_counts,
                      c.position_max_counts);
}

}  // namespace

Result<void> check_position_range(std::span<const std::int32_t> position, double noise, const Calibrations& c) {
  const std::size_t samples = beyond(position, c.position_min_counts, c.position_max_counts);
  if (samples > 0) return position_beyond(samples, c);
  RangeEnds ends;
  ends.part(position, noise);
  if (const auto end = ends.found()) return unstated_end_of_position(*end, c);
  return {};
}

void RecordFlaws::samples(const SeenCounts& force, const SeenCounts& position, const Calibrations& c) {
  const std::span<const std::int32_t> z = position.counts;
  if (z.empty()) return;
  force_beyond_ += beyond(force, c.force_min_counts, c.force_max_counts);
  position_beyond_ += beyond(position, c.position_min_counts, c.position_max_counts);
  lowest_ = seen_ > 0 ? std::min(lowest_, position.extremes.low) : position.extremes.low;
  highest_ = seen_ > 0 ? std::max(highest_, position.extremes.high) : position.extremes.high;
  if (seen_ == 0) last_ = ~z[0];  // nothing stood before
  std::size_t i = 0;
  while (i < z.size()) {
    if (const std::size_t n = same_ < kEightCounts ? running(z.subspan(i)) : 0; n > 0) {  // nor did it stand before
      i += n;
      last_ = z[i - 1];
      same_ = 0;
      continue;
    }
    if (i + kEightCounts <= z.size() && look_at_eight(&z[i])) {
      i += kEightCounts;
      continue;
    }
    if (z[i] == last_) {
      ++same_;
    } else {
      if (same_ > frozen_) end_of_standstill(last_, z[i], seen_ + i);
      same_ = 0;
    }
    last_ = z[i++];
  }
  seen_ += z.size();
}

bool RecordFlaws::look_at_eight(const std::int32_t* z) {
  const FourCounts same_as_last = (four_at(z) == last_) & (four_at(z + 4) == last_);
  const bool stands = (same_as_last[0] & same_as_last[1] & same_as_last[2] & same_as_last[3]) != 0;
  if (!stands && same_ >= kEightCounts) return false;
  const std::int32_t* const last = z + kEightCounts - 1;
  std::size_t same = 0;
  while (same + 1 < kEightCounts && *(last - 1 - same) == *last) ++same;
  same_ = stands ? same_ + kEightCounts : same;
  last_ = *last;
  return true;
}

void RecordFlaws::end_of_standstill(std::int32_t from, std::int32_t to, std::size_t sample) {
  const std::int64_t size = std::abs(std::int64_t{to} - from);
  if (size < kSuddenCounts) return;
  frozen_ = same_;
  frozen_until_sample_ = sample;
  frozen_step_ = size;
}

void RecordFlaws::look_at_ends(std::span<const std::int32_t> force, double force_noise,
                               std::span<const std::int32_t> position, double position_noise) {
  force_ends_.part(force, force_noise);
  position_ends_.part(position, position_noise);
}

void RecordFlaws::gap(const std::string& reason, std::size_t before_sample) {
  if (gaps_++ > 0) return;
  first_gap_ = reason;
  first_gap_before_ = before_sample;
}

Result<void> RecordFlaws::check(const SettingInput& input, double fs) const {
  if (gaps_ > 0) {
    return fail(
        Errc::gap_in_record,
        fmt::format("{} gap(s) in the record of {:.2f} mm at {:.0f}/min, the first after {:.4f} s: {}", gaps_,
                    input.depth_mm, input.rate_per_min, static_cast<double>(first_gap_before_) / fs, first_gap_));
  }
  const Calibrations& c = *input.calibrations;
  if (force_beyond_ > 0) {
    return fail(
        Errc::saturated,
        fmt::format(
            "the load cell is saturated: {} samples at the end of its range ({} to {} counts, {:.2f} to {:.2f} N); "
            "the forces are not known (a cell of a larger range, or look for what presses)",
            force_beyond_, c.force_min_counts, c.force_max_counts, c.force_min_counts * c.force_n_per_count.value,
            c.force_max_counts * c.force_n_per_count.value));
  }
  if (position_beyond_ > 0) return position_beyond(position_beyond_, c);
  const double mm_per_count = c.position_mm_per_count.value;
  const double range_mm = (static_cast<double>(highest_) - lowest_) * mm_per_count;
  // A needle that stood begins to move by and by; an encoder that stood while its needle ran finds it elsewhere.
  const double frozen_step_mm = static_cast<double>(frozen_step_) * mm_per_count;
  if (static_cast<double>(frozen_) > kStillPeriods * 60 / input.rate_per_min * fs &&
      frozen_step_mm > kSuddenShareOfRange * range_mm) {
    return fail(
        Errc::bad_data,
        fmt::format("the needle encoder is stuck or uncoupled: its reading did not change at all for {:.3f} s "
                    "until {:.4f} s and then jumped by {:.3f} mm (check the encoder, its cable and its coupling "
                    "to the needle bar)",
                    static_cast<double>(frozen_) / fs, static_cast<double>(frozen_until_sample_) / fs, frozen_step_mm));
  }
  if (const auto end = force_ends_.found()) {
    return unstated_end(CapturePart::force, *end, c.force_n_per_count, c.force_min_counts, c.force_max_counts);
  }
  if (const auto end = position_ends_.found()) return unstated_end_of_position(*end, c);
  return {};
}

Result<void> check_rest(const Motion& motion, double mm_per_count, double fs) {
  if (motion.end_is_noise) {
    return fail(
        Errc::not_determined,
        fmt::format(
            "the needle encoder became noisy: the needles seem to move until {:.4f} s, but by noise that it did "
            "not show before they moved; when they stopped is not known (check the encoder, its cable and what "
            "disturbs it)",
            motion.end / fs));
  }
  if (!rests_by_a_stuck_encoder(motion, mm_per_count)) return {};
  return fail(
      Errc::bad_data,
      fmt::format("the needle encoder is stuck: where the needles seem to rest, from {:.4f} s on, its last samples "
                  "all read the same, and one count is {:g} µm; when they stopped is not known (check the "
                  "encoder, its cable and its supply)",
                  motion.end / fs, mm_per_count * 1e3));
}

Error stood_still(const SettingInput& input, const std::string& encoder, std::size_t seen) {
  const std::string says = pen_says(input);
  if (pen_claims_running(input, seen)) {
    return fail(Errc::no_motion,
                fmt::format("the needle encoder is stuck or uncoupled: {}, while the pen reports {} (check the "
                            "encoder, its cable and its coupling to the needle bar)",
                            encoder, says));
  }
  return fail(Errc::no_motion,
              fmt::format("no motion: {}; the pen reports {} (it did not run, or the needle encoder stands still)",
                          encoder, says.empty() ? "nothing" : says));
}

Pause longest_pause(std::span<const std::uint64_t> tops, double begin, double stop) {
  Pause longest;
  double last = begin;
  const auto consider = [&](double at) {
    if (at - last > longest.length) longest = {last, at - last};
    last = at;
  };
  for (const std::uint64_t at : tops) {
    const auto top = static_cast<double>(at);
    if (top > stop) break;
    if (top > begin) consider(top);
  }
  consider(stop);
  return longest;
}

Result<void> check_pauses(const SettingInput& input, std::span<const std::uint64_t> tops, double begin, double stop,
                          double fs) {
  const double period = 60 / input.rate_per_min * fs;
  const Pause pause = longest_pause(tops, begin, stop);
  const bool first = pause.from == begin;
  if (!(pause.length > (first ? kRunUpPeriods : kStillPeriods) * period && pause.from < stop)) return {};
  return stood_still(input,
                     fmt::format("the position shows no stroke for {:.3f} s from {:.3f} s on ({} strokes seen)",
                                 pause.length / fs, pause.from / fs, tops.size()),
                     tops.size());
}

}  // namespace penrig
