#include "rig/measure/capture_by_force.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/capture_calibrations.hpp"
#include "rig/measure/capture_look.hpp"
#include "rig/measure/capture_words.hpp"
#include "rig/measure/force_strokes.hpp"
#include "rig/measure/input_lines.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr double kForceSigmas = 14;  ///< range over noise: white noise alone reaches 10

}  // namespace

CaptureResult<CaptureAnalysis> analyse_force_alone(const CaptureData& data, const CaptureOptions& options,
                                                   const Sampling& sampling) {
  const ColumnCounts force = column_counts(data.force_n, data.force_step_n);
  const double noise = sample_noise(force.counts), reach = force.range() / force.scale;
  if (auto no = implausible_force(force, data.force_exponent, noise)) return *std::move(no);
  if (reach < kForceSigmas * noise) {
    return refuse(Errc::no_motion,
                  fmt::format("no strokes: the force moves by {:.4g} N, and its noise is {:.2g} N", force.range(),
                              noise * force.scale),
                  CapturePart::force);
  }
  if (auto no = upside_down(force, {})) return *std::move(no);
  const Turns turns = find_turns(force.counts, std::max(0.3 * reach, std::min(12 * noise, 0.5 * reach)));
  if (turns.cycles.size() < kFewestCaptureStrokes) {
    return refuse(
        turns.cycles.empty() ? Errc::no_motion : Errc::too_few_strokes,
        fmt::format("the force moves by {:.4g} N in {:.3g} s and shows {}; at least {} are needed", force.range(),
                    sampling.duration_s(), plural(turns.cycles.size(), "stroke"), kFewestCaptureStrokes),
        CapturePart::force);
  }
  if (auto no = check_rate(sampling.rate_hz / turns.period, sampling.rate_hz)) return *std::move(no);
  const ForceStrokes strokes = find_force_strokes(force.counts, turns);
  if (strokes.peak.size() < kFewestCaptureStrokes) {
    return refuse(Errc::too_few_strokes, fmt::format("{} whole in the force; at least {} are needed",
                                                     plural(strokes.peak.size(), "stroke"), kFewestCaptureStrokes));
  }
  CaptureAnalysis out;
  out.sampling = sampling;
  out.rate_is_set = options.rate_per_min.has_value();
  out.rate_per_min = options.rate_per_min.value_or(60 * sampling.rate_hz / turns.period);
  out.strokes_seen = turns.cycles.size();
  auto effective = capture_calibrations(options, 1, force.scale);
  if (!effective) return CaptureRefusal{effective.error(), CapturePart::whole, {}};
  const Calibrations& calibrations = effective->calibrations;
  const double n_per_count = calibrations.force_n_per_count.value;
  out.corrections = only_of_force(std::move(effective->corrections));
  const double rate_hz = sampling.rate_hz * (1 + calibrations.time_base_ppm.value * 1e-6);
  SettingInput input;
  input.rate_per_min = out.rate_per_min;
  input.free_running = true;
  input.calibrations = &calibrations;
  SettingAnalysis a;
  a.sample_rate_hz = rate_hz;
  a.mean_u_time = strokes.u_at / rate_hz;
  a.seen_strokes = turns.cycles.size();
  std::uint32_t turn = 0;
  for (std::size_t i = 0; i < strokes.at.size(); ++i) {
    JudgedStroke j;
    j.top_s = strokes.at[i] / rate_hz;
    if (i > 0) {
      const double turned = std::round((strokes.at[i] - strokes.at[i - 1]) / turns.period);
      turn += static_cast<std::uint32_t>(std::max(1.0, turned));
    }
    j.turns = turn;
    a.judged.push_back(j);
    CaptureStroke s;
    s.top_s = sampling.start_s + j.top_s;
    if (i + 1 < strokes.at.size()) s.period_us = (strokes.at[i + 1] - strokes.at[i]) / rate_hz * 1e6;
    s.peak_force_n = strokes.peak[i] * n_per_count;
    out.strokes.push_back(s);
    StrokeRow row;
    row.top_s = j.top_s;
    row.period_us = s.period_us.value_or(0);
    row.peak_force_n = *s.peak_force_n;
    out.rows.push_back(row);
  }
  measure_timing(input, a, out.measurements);
  std::vector<double> peaks;
  for (const CaptureStroke& s : out.strokes) peaks.push_back(*s.peak_force_n);
  const Spread spread = spread_of(peaks);
  Measurement peak = setting_measurement(input, "peak_force", "N");
  peak.value = spread.mean;
  peak.n = spread.n;
  peak.n_eff = effective_count(peaks, spread);
  input.temperature_c = options.temperature_c;
  Sensitivities by;
  by.force_scale = spread.mean;
  peak.budget = lines_of_inputs(input, by);
  for (BudgetLine& line :
       std::vector{observed_line("noise", noise * n_per_count / std::sqrt(static_cast<double>(spread.n)),
                                 static_cast<double>(spread.n - 1)),
                   uniform_line("corner of the puncture", strokes.half_width * n_per_count),
                   observed_line(kRepeatability, spread.sd / std::sqrt(peak.n_eff), peak.n_eff - 1)}) {
    peak.budget.push_back(std::move(line));
  }
  finish(peak);
  out.measurements.push_back(std::move(peak));
  keep_only_what_was_said(out);
  for (Measurement& m : out.measurements) m.depth_mm.reset();
  add_without_value(out, {{"extension", "mm"}, {"penetration_contact", "mm"}}, "the capture holds no position");
  out.values["noise_force_mn"] = noise * force.scale * 1e3;
  warn_of_sampling(sampling, out.warnings);
  warn_of_u(options, true, out.warnings);
  if (options.monte_carlo) out.warnings.emplace_back("no position: no Monte Carlo");
  out.warnings.emplace_back(
      "no position: strokes are told by the force alone; no extension, no penetration, and a "
      "stroke that touches nothing is not seen");
  return out;
}

}  // namespace penrig
