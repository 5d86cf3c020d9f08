#include <cmath>

#include <fmt/format.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/setting_checks.hpp"

namespace penrig {

namespace {

/// Milliseconds from a command to an event in the capture, with its budget.
Measurement latency(Measurement m, const SampleClock& capture, double tick_hz, const ClockRelation& clock,
                    const Calibrations& calibrations, TimePoint sent, double index, double half_width) {
  const double tick = static_cast<double>(capture.first_tick) + index * capture.ticks_per_sample;
  m.value = (clock.host_seconds(tick) - sent.seconds()) * 1e3;
  m.n = 1;
  m.budget = latency_budget(capture, tick_hz, clock, calibrations, index, half_width);
  finish(m);
  return m;
}

}  // namespace

std::vector<BudgetLine> latency_budget(const SampleClock& capture, double tick_hz, const ClockRelation& clock,
                                       const Calibrations& calibrations, double event_index,
                                       double half_width_samples) {
  const double tick = static_cast<double>(capture.first_tick) + event_index * capture.ticks_per_sample;
  const double age_s = std::abs(clock.host_seconds(tick) - clock.host_ref.seconds());
  const Factor& ppm = calibrations.time_base_ppm;
  // Each phase has clock exchanges of its own; how fast the device's clock is holds for all of it.
  std::vector<BudgetLine> lines = {
      input_line({"clock exchange", "µs", 0, clock.u_s * 1e6}, -1e-3),
      input_line({"clock drift since then", "ppm", 0, std::abs(ppm.value) + ppm.u + clock.rate_off_ppm}, age_s * 1e-3)};
  lines.push_back(
      uniform_line("where motion begins or ends", half_width_samples * capture.ticks_per_sample / tick_hz * 1e3));
  return lines;
}

void measure_latencies(const SettingInput& input, const SettingAnalysis& a, std::vector<Measurement>& out) {
  const SampleClock& capture = a.clock;
  const Calibrations& c = *input.calibrations;
  Measurement start = setting_measurement(input, "start_latency", "ms");
  if (!input.start_sent) {
    start.note = "the capture holds no start";
  } else if (!a.motion.began_at_rest) {
    start.note = "the needles moved already when the capture began";
  } else {
    start = latency(std::move(start), capture, input.tick_hz, input.clock, c, *input.start_sent, a.motion.begin,
                    a.motion.begin_half_width);
  }
  out.push_back(std::move(start));

  Measurement stop = setting_measurement(input, "stop_latency", "ms");
  Measurement after = setting_measurement(input, "strokes_after_stop", "1");
  Measurement parked = setting_measurement(input, "parked_extension", "mm");
  if (!input.stop_sent) {
    stop.note = after.note = parked.note = "the capture holds no stop";
  } else {
    const double end = a.motion.ended ? a.motion.end : static_cast<double>(a.samples);
    stop = latency(std::move(stop), capture, input.tick_hz, input.clock, c, *input.stop_sent, end,
                   a.motion.ended ? a.motion.end_half_width : 1);
    stop.censored_high = !a.motion.ended;
    if (stop.censored_high) stop.note = "the needles still moved when the capture ended";
    after.value = static_cast<double>(a.strokes_after_stop);
    after.realised = after.value;
    after.n = a.seen_strokes;
    if (!a.motion.ended) after.note = "the needles still moved when the capture ended; at least so many";
    after.censored_high = !a.motion.ended;
    if (!a.motion.ended) {
      parked.note = "the needles did not come to rest";
    } else {
      const double scale = c.position_mm_per_count.value;
      parked.value = a.motion.rest_counts * scale - input.zero.needle_zero_mm;
      parked.n = a.motion.rest_samples;
      parked.budget = lines_of_extension(input.zero, c, *parked.value, input.temperature_c);
      parked.budget.push_back(
          observed_line("noise", a.motion.u_rest_counts * scale, static_cast<double>(parked.n - 1)));
      finish(parked);
    }
  }
  out.push_back(std::move(stop));
  out.push_back(std::move(after));
  out.push_back(std::move(parked));
}

Result<Measurement> link_loss_stop(const Capture& capture, double tick_hz, const ClockRelation& clock,
                                   TimePoint silent_since, const Calibrations& calibrations) {
  if (capture.size() == 0) return fail(Errc::bad_data, "nothing was recorded while the link was silent");
  if (!capture.gaps.empty()) {
    return fail(Errc::gap_in_record, "the record of the link loss has a gap: " + capture.gaps.front().reason);
  }
  const double fs = capture.sample_rate_hz(tick_hz);
  const Motion motion = find_motion(capture.position, calibrations.position_mm_per_count.value,
                                    static_cast<std::size_t>(kRestSeconds * fs));
  const double silent_index = capture.index_at(clock.tick_at(silent_since));
  if (!motion.moved || (motion.ended && motion.end - motion.end_half_width < silent_index)) {
    return fail(
        Errc::no_motion,
        fmt::format("the needles stood still before the link fell silent (the position moved by {:.4f} mm in all); "
                    "the pen did not run, or the needle encoder is stuck",
                    motion.range_mm));
  }
  if (const auto ok = check_position_range(capture.position, motion.noise_counts, calibrations); !ok) return ok.error();
  if (const auto ok = check_rest(motion, calibrations.position_mm_per_count.value, fs); !ok) return ok.error();
  Measurement m;
  m.measurand = "link_loss_stop";
  m.unit = "ms";
  m.censored_high = !motion.ended;
  if (m.censored_high) m.note = "the needles still moved when the capture ended";
  return latency(std::move(m), capture, tick_hz, clock, calibrations, silent_since,
                 motion.ended ? motion.end : static_cast<double>(capture.size()),
                 motion.ended ? motion.end_half_width : 1);
}

}  // namespace penrig
