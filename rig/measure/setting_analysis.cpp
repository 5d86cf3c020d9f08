#include "rig/measure/setting_analysis.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr double kDoubleShare = 0.7;      ///< of the mean period: two tops nearer than this are a double stroke
constexpr double kStillPeriods = 3;       ///< a running pen whose needle stands still for so many periods is not seen
constexpr double kOpenCycleShare = 0.05;  ///< of the swing: a cycle whose bottoms differ by more is not one turn
constexpr double kRestSeconds = 0.02;

bool finite(const Factor& f) { return std::isfinite(f.value) && std::isfinite(f.u) && f.u >= 0; }

Result<void> check_numbers(const SettingInput& input) {
  const Calibrations& c = *input.calibrations;
  for (const Factor* f :
       {&c.position_mm_per_count, &c.force_n_per_count, &c.stage_mm_per_count, &c.time_base_ppm, &c.force_delay_us,
        &c.tip_um_per_n, &c.frame_um_per_n, &c.cell_um_per_n, &c.reciprocating_mass_g, &c.plate_mass_g}) {
    if (!finite(*f)) return fail(Errc::calibration, "a calibration factor of " + c.fixture_id + " is not a number");
  }
  if (!(c.position_mm_per_count.value > 0) || !(c.force_n_per_count.value > 0) || !(c.stage_mm_per_count.value > 0)) {
    return fail(Errc::calibration, "the scales of " + c.fixture_id + " must be above 0");
  }
  // What an uncertain mass of 0 does to a depth hangs on an acceleration that is not derived without a mass.
  if (c.reciprocating_mass_g.value == 0 && c.reciprocating_mass_g.u > 0) {
    return fail(Errc::calibration, "the reciprocating mass of " + c.fixture_id + " is 0 with an uncertainty: weigh it");
  }
  const bool whole =
      std::isfinite(input.tare.zero_counts) && std::isfinite(input.tare.noise_counts) &&
      std::isfinite(input.zero.needle_zero_mm) && std::isfinite(input.zero.u_mm) && std::isfinite(input.tick_hz) &&
      (!input.surface || (std::isfinite(input.surface->stage_mm) && std::isfinite(input.surface->needle_reading_mm)));
  if (!whole) return fail(Errc::bad_data, "tare, reference zero or surface of this setting is not a number");
  if (!(input.rate_per_min > 0)) return fail(Errc::bad_data, "the setting has no stroke rate");
  const double fs = input.capture->sample_rate_hz(input.tick_hz);
  if (!(fs >= 10 * input.rate_per_min / 60)) {
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

Result<void> check_record(const SettingInput& input) {
  const Capture& capture = *input.capture;
  const double fs = capture.sample_rate_hz(input.tick_hz);
  if (!capture.gaps.empty()) {
    const Capture::Gap& gap = capture.gaps.front();
    return fail(Errc::gap_in_record,
                fmt::format("{} gap(s) in the record of {:.2f} mm at {:.0f}/min, the first after {:.4f} s: {}",
                            capture.gaps.size(), input.depth_mm, input.rate_per_min,
                            static_cast<double>(gap.before_sample) / fs, gap.reason));
  }
  const Calibrations& c = *input.calibrations;
  const auto beyond = [](const std::vector<std::int32_t>& x, std::int32_t low, std::int32_t high) {
    std::size_t count = 0;
    for (const std::int32_t v : x) count += static_cast<std::size_t>(v <= low) + static_cast<std::size_t>(v >= high);
    return count;
  };
  if (const std::size_t n = beyond(capture.force, c.force_min_counts, c.force_max_counts); n > 0) {
    return fail(
        Errc::saturated,
        fmt::format(
            "the load cell is saturated: {} samples at the end of its range ({} to {} counts, {:.2f} to {:.2f} N); "
            "the forces are not known (a cell of a larger range, or look for what presses)",
            n, c.force_min_counts, c.force_max_counts, c.force_min_counts * c.force_n_per_count.value,
            c.force_max_counts * c.force_n_per_count.value));
  }
  if (const std::size_t n = beyond(capture.position, c.position_min_counts, c.position_max_counts); n > 0) {
    return fail(Errc::saturated,
                fmt::format("the needle encoder is saturated: {} samples at the end of its range ({} to {} counts)", n,
                            c.position_min_counts, c.position_max_counts));
  }
  return {};
}

/// What the pen says, in words; empty if it says nothing.
std::string pen_says(const SettingInput& input) {
  std::string text;
  if (input.reported_rate_per_min) text = fmt::format("{:.0f} strokes/min", *input.reported_rate_per_min);
  if (input.reported_strokes) text += fmt::format("{}{} strokes", text.empty() ? "" : " and ", *input.reported_strokes);
  return text;
}

bool pen_claims_running(const SettingInput& input, std::size_t seen) {
  return (input.reported_rate_per_min && *input.reported_rate_per_min > 0.5 * input.rate_per_min) ||
         (input.reported_strokes && *input.reported_strokes > seen + 3);
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

/// Longest time without a top between the begin of motion and the stop, in samples, and where it starts.
struct Pause {
  double from = 0, length = 0;
};
Pause longest_pause(const SettingAnalysis& a, double begin, double stop) {
  Pause longest;
  double last = begin;
  const auto consider = [&](double at) {
    if (at - last > longest.length) longest = {last, at - last};
    last = at;
  };
  for (const RawCycle& cycle : a.cycles) {
    const auto top = static_cast<double>(cycle.top);
    if (top > stop) break;
    if (top > begin) consider(top);
  }
  consider(stop);
  return longest;
}

void classify(const SettingInput& input, double open_counts, SettingAnalysis& a) {
  std::vector<double> periods;
  for (std::size_t i = 1; i < a.judged.size(); ++i) periods.push_back(a.judged[i].top_s - a.judged[i - 1].top_s);
  std::sort(periods.begin(), periods.end());
  const double typical = quantile_of(periods, 0.5);
  double turns = 0;
  for (std::size_t i = 1; i < a.judged.size(); ++i) {
    const double period = a.judged[i].top_s - a.judged[i - 1].top_s;
    if (period < kDoubleShare * typical) {
      a.judged[i].doubled = a.judged[i - 1].doubled = true;
      ++a.doubled;
      a.judged[i].turns = turns;
      continue;
    }
    // Two tops of one turn lie half a period before and after the usual place, so the turn after them seems short.
    const double step = std::max(1.0, std::floor(period / typical + (a.judged[i - 1].doubled ? 0.8 : 0.5)));
    if (step > 1 && !a.judged[i - 1].doubled)
      a.missed += static_cast<std::uint64_t>(step) - 1;  // turns without any top
    turns += step;
    a.judged[i].turns = turns;
  }
  a.turns = static_cast<std::uint64_t>(turns) + 1;
  const double floor_mm = input.missed_floor_fraction * input.depth_mm;
  for (std::size_t i = 0; i < a.judged.size(); ++i) {
    JudgedStroke& stroke = a.judged[i];
    // Too short for a fit (a bounce), or its bottoms differ: not one whole turn, so never averaged, and never silently.
    const bool whole = stroke.fit->harmonics > 0 && stroke.fit->swing <= open_counts;
    stroke.missed = whole && !stroke.doubled && stroke.extension_mm < floor_mm;
    if (stroke.missed) ++a.missed;
    if (!whole && !stroke.doubled) {
      stroke.doubled = true;
      ++a.doubled;
    }
    if (stroke.averaged()) a.averaged.push_back(i);
  }
}

/// Settling, braking and coasting strokes are not averaged, nor are missed and double ones, but needles that come out
/// too far do so then as well. Their speed changes, so their tops are local parabolas (within 1 um).
void find_other_deep_strokes(const SettingInput& input, std::size_t first, std::size_t last, SettingAnalysis& a) {
  std::vector<double> extension;
  for (const std::size_t i : a.averaged) extension.push_back(a.judged[i].extension_mm);
  const Spread s = spread_of(extension);
  const double deep = s.mean + std::max(5 * s.sd, 0.03);
  for (std::size_t i = 0; i < a.cycles.size(); ++i) {
    if (i >= first && i < last && a.judged[i - first].averaged()) continue;
    const RawCycle& cycle = a.cycles[i];
    const double z = top_by_parabola(input.capture->position, cycle, input.calibrations->position_mm_per_count.value,
                                     input.zero.needle_zero_mm);
    if (z > deep) a.other_deep.push_back({static_cast<double>(cycle.top) / a.sample_rate_hz, z});
  }
}

ForceScales scales_for(const SettingInput& input, const SettingAnalysis& a) {
  const Calibrations& c = *input.calibrations;
  ForceScales s;
  s.mm_per_count = c.position_mm_per_count.value;
  s.needle_zero_mm = input.zero.needle_zero_mm;
  s.n_per_count = c.force_n_per_count.value;
  s.zero_counts = input.tare.zero_counts;
  s.noise_n = std::max(input.tare.noise_counts, 1 / std::sqrt(12.0)) * c.force_n_per_count.value;
  s.sample_rate_hz = a.sample_rate_hz;
  s.delay_samples = c.force_delay_us.value * 1e-6 * a.sample_rate_hz;
  s.tip_mm_per_n = c.tip_um_per_n.value * 1e-3;
  s.frame_mm_per_n = c.frame_um_per_n.value * 1e-3;
  s.cell_mm_per_n = c.cell_um_per_n.value * 1e-3;
  s.reciprocating_mass_kg = c.reciprocating_mass_g.value * 1e-3;
  s.cell = {c.cell_corner_hz, c.cell_resonance_hz, c.cell_damping};
  s.contact_exponent = input.simulant != nullptr ? input.simulant->contact_exponent : 1.5;
  s.surface_guess_mm = a.surface_mm.value_or(input.surface_guess_mm.value_or(0));
  return s;
}

}  // namespace

std::int32_t turning_hysteresis(const Motion& motion, double mm_per_count) {
  return static_cast<std::int32_t>(
      std::ceil(std::max({0.08 * motion.range_mm / mm_per_count, kMotionMm / mm_per_count, 12 * motion.noise_counts})));
}

double top_by_parabola(std::span<const std::int32_t> position, const RawCycle& cycle, double mm_per_count,
                       double needle_zero_mm) {
  const std::size_t half = std::max<std::size_t>(3, (cycle.second_bottom - cycle.first_bottom) * 2 / 25);
  return height_by_parabola(position, cycle.top, half) * mm_per_count - needle_zero_mm;
}

Result<SettingAnalysis> analyse_strokes(const SettingInput& input) {
  if (input.capture == nullptr || input.calibrations == nullptr || input.capture->size() == 0) {
    return fail(Errc::bad_data, "nothing was recorded for this setting");
  }
  if (const auto ok = check_numbers(input); !ok) return ok.error();
  if (const auto ok = check_record(input); !ok) return ok.error();
  const Capture& capture = *input.capture;
  const Calibrations& c = *input.calibrations;
  SettingAnalysis a;
  a.sample_rate_hz = capture.sample_rate_hz(input.tick_hz) * (1 + c.time_base_ppm.value * 1e-6);
  const double scale = c.position_mm_per_count.value;
  a.motion = find_motion(capture.position, scale, static_cast<std::size_t>(kRestSeconds * a.sample_rate_hz));
  if (!a.motion.moved) {
    return stood_still(input,
                       fmt::format("the position moved by {:.4f} mm in {:.2f} s", a.motion.range_mm,
                                   static_cast<double>(capture.size()) / a.sample_rate_hz),
                       0);
  }
  a.cycles = find_cycles(capture.position, turning_hysteresis(a.motion, scale));
  a.seen_strokes = a.cycles.size();

  const auto samples = static_cast<double>(capture.size());
  const double stop =
      input.stop_sent ? std::min(capture.index_at(input.clock.tick_at(*input.stop_sent)), samples) : samples;
  for (const RawCycle& cycle : a.cycles) a.strokes_after_stop += static_cast<double>(cycle.top) > stop ? 1 : 0;
  const double period = 60 / input.rate_per_min * a.sample_rate_hz;
  if (input.stop_sent) {
    const double begin = a.motion.began_at_rest ? a.motion.begin : 0;
    const Pause pause = longest_pause(a, begin, stop);
    // Running up takes time of its own; a pause there is that of the pen.
    const bool first = pause.from == begin;
    if (pause.length > (first ? 20 : kStillPeriods) * period && pause.from < stop) {
      return stood_still(input,
                         fmt::format("the position shows no stroke for {:.3f} s from {:.3f} s on ({} strokes seen)",
                                     pause.length / a.sample_rate_hz, pause.from / a.sample_rate_hz, a.seen_strokes),
                         a.seen_strokes);
    }
  }

  std::size_t first = input.settle_strokes, last = first;
  while (last < a.cycles.size() && last - first < input.strokes &&
         static_cast<double>(a.cycles[last].second_bottom) < stop)
    ++last;
  if (first >= a.cycles.size() || last - first < input.min_strokes || last - first < 4) {
    const std::size_t n = first < a.cycles.size() ? last - first : 0;
    return fail(Errc::too_few_strokes,
                fmt::format("{} strokes after {} settling ones, at least {} are needed ({} seen in all)", n,
                            input.settle_strokes, input.min_strokes, a.seen_strokes));
  }
  const std::size_t from = first > 0 ? first - 1 : 0, to = std::min(last + 1, a.cycles.size());
  const std::span<const RawCycle> used = std::span<const RawCycle>(a.cycles).subspan(from, to - from);
  a.fits = fit_cycles(capture.position, used, 0);
  const double open_counts = kOpenCycleShare * a.motion.range_mm / scale;
  for (std::size_t i = first; i < last; ++i) {
    JudgedStroke stroke;
    stroke.fit = &a.fits[i - from];
    const bool fitted = stroke.fit->harmonics > 0 && stroke.fit->swing <= open_counts;
    const double index = fitted ? stroke.fit->top_index() : static_cast<double>(a.cycles[i].top);
    stroke.top_s = index / a.sample_rate_hz;
    stroke.extension_mm = (fitted ? stroke.fit->top : static_cast<double>(capture.position[a.cycles[i].top])) * scale -
                          input.zero.needle_zero_mm;
    a.judged.push_back(stroke);
  }
  classify(input, open_counts, a);
  if (a.averaged.size() < input.min_strokes) {
    return fail(Errc::too_few_strokes,
                fmt::format("{} whole strokes of {} judged ones ({} missed, {} double); at least {} are needed",
                            a.averaged.size(), a.judged.size(), a.missed, a.doubled, input.min_strokes));
  }

  find_other_deep_strokes(input, first, last, a);
  double ss = 0, freedom = 0, top = 0, time = 0;
  for (const std::size_t i : a.averaged) {
    const CycleFit& fit = *a.judged[i].fit;
    ss += fit.residual_ss;
    freedom += static_cast<double>(fit.freedom());
    top += fit.u_top * fit.u_top;
    time += fit.u_time * fit.u_time;
  }
  const auto n = static_cast<double>(a.averaged.size());
  a.noise_counts = std::sqrt(ss / freedom);
  a.mean_u_top = std::sqrt(top / n) * a.noise_counts * scale;
  a.mean_u_time = std::sqrt(time / n) * a.noise_counts / a.sample_rate_hz;

  a.with_force = !input.free_running;
  double stage_sum = 0;
  const std::size_t stage_from = a.cycles[first].first_bottom, stage_to = a.cycles[last - 1].second_bottom;
  for (std::size_t i = stage_from; i < stage_to; ++i) stage_sum += capture.stage[i];
  a.working_stage_mm = input.working_stage_reading_mm != 0
                           ? input.working_stage_reading_mm
                           : stage_sum / static_cast<double>(stage_to - stage_from) * c.stage_mm_per_count.value;
  if (input.surface) {
    // Positive axial brings the surface nearer to the pen: to smaller z.
    a.surface_mm =
        input.surface->needle_reading_mm - input.zero.needle_zero_mm - (a.working_stage_mm - input.surface->stage_mm);
  }
  if (a.with_force) {
    a.scales = scales_for(input, a);
    std::vector<const CycleFit*> fits;
    for (const std::size_t i : a.averaged) fits.push_back(a.judged[i].fit);
    const std::vector<StrokeForce> forces = analyse_forces(capture.force, fits, a.scales);
    for (std::size_t k = 0; k < forces.size(); ++k) a.judged[a.averaged[k]].force = forces[k];
  }
  return a;
}

}  // namespace penrig
