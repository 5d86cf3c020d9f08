#include "rig/run/analyses.hpp"

#include <utility>

#include "rig/measure/strokes_in_air.hpp"

namespace penrig {

Result<Calibrations> InForce::all() const { return corrected_calibrations(calibrations, temperature_c, {}); }
Result<Calibrations> InForce::measuring() const { return corrected_calibrations(calibrations, temperature_c, without); }

Result<Tare> analyse_tare(const Capture& unloaded, const TareInputs& inputs) {
  return tare(unloaded, inputs.in_force.calibrations);
}

Result<BenchTouch> analyse_touch(const Capture& touch, const TouchInputs& inputs) {
  const auto known = inputs.in_force.all();
  if (!known) return known.error();
  const auto by_all = fit_touch(touch, inputs.tare, *known, inputs.exponent, inputs.by);
  if (!by_all) return by_all.error();
  const WithoutCorrections& without = inputs.in_force.without;
  if (without.empty()) return BenchTouch{*by_all, *by_all, inputs.in_force.temperature_c};
  const auto measuring = inputs.in_force.measuring();
  if (!measuring) return measuring.error();
  const auto as_measured =
      fit_touch(touch, effective_tare(inputs.tare, without), *measuring, inputs.exponent, inputs.by);
  if (!as_measured) return as_measured.error();
  return BenchTouch{*by_all, *as_measured, inputs.in_force.temperature_c};
}

Result<BenchZero> analyse_reference(std::span<const BenchTouch> nose, std::span<const BenchTouch> tips,
                                    const Calibrations& calibrations, const WithoutCorrections& without) {
  const InForce in_force{calibrations, without, tips.empty() ? std::nullopt : tips.back().temperature_c};
  const auto of = [](std::span<const BenchTouch> touches, Touch BenchTouch::*which) {
    std::vector<Touch> all;
    for (const BenchTouch& t : touches) all.push_back(t.*which);
    return all;
  };
  const auto known = in_force.all();
  if (!known) return known.error();
  const auto measuring = in_force.measuring();
  if (!measuring) return measuring.error();
  const auto by_all = reference_zero(of(nose, &BenchTouch::by_all), of(tips, &BenchTouch::by_all), *known);
  if (!by_all) return by_all.error();
  const auto as_measured =
      reference_zero(of(nose, &BenchTouch::as_measured), of(tips, &BenchTouch::as_measured), *measuring);
  if (!as_measured) return as_measured.error();
  return BenchZero{*by_all, effective_zero(*as_measured, without)};
}

SettingInput SettingInputs::view(const Calibrations& measuring) const {
  SettingInput input;
  input.tick_hz = tick_hz;
  input.clock = clock;
  input.tare = effective_tare(tare, in_force.without);
  input.zero = zero;
  input.surface = surface;
  input.depth_mm = depth_mm;
  input.rate_per_min = rate_per_min;
  input.settle_strokes = settle_strokes;
  input.strokes = strokes;
  input.min_strokes = min_strokes;
  input.missed_floor_fraction = missed_floor_fraction;
  input.start_sent = start_sent;
  input.stop_sent = stop_sent;
  input.reported = reported;
  input.watched = watched;
  input.free_running = free_running;
  input.calibrations = &measuring;
  input.simulant = &simulant;
  input.temperature_c = in_force.temperature_c;
  return input;
}

Result<SettingResult> analyse_setting(const Capture& capture, const SettingInputs& inputs) {
  const auto measuring = inputs.in_force.measuring();
  if (!measuring) return measuring.error();
  SettingInput input = inputs.view(*measuring);
  input.capture = &capture;
  return analyse_setting(input);
}

Result<LinkLossResult> analyse_link_loss(const Capture& capture, const LinkLossInputs& inputs) {
  const auto measuring = inputs.in_force.measuring();
  if (!measuring) return measuring.error();
  auto stop = link_loss_stop(capture, inputs.tick_hz, inputs.clock, inputs.silent_since, *measuring);
  if (!stop) return stop.error();
  return LinkLossResult{std::move(*stop), strokes_in_air(capture, inputs.tick_hz, inputs.zero, *measuring)};
}

void fill(PhaseRecord& record, const Tare& tare, const TareInputs& inputs) {
  record.values["force_zero_counts"] = tare.zero_counts;
  record.values["force_noise_n"] = tare.noise_counts * inputs.in_force.calibrations.force_n_per_count.value;
}

void fill(PhaseRecord& record, const BenchZero& zero) {
  record.values["needle_zero_mm"] = zero.by_all.needle_zero_mm;
  record.values["needle_zero_u_um"] = zero.by_all.u_mm * 1e3;
  record.values["nose_stage_mm"] = zero.by_all.nose_stage_mm;
}

void fill(PhaseRecord& record, SettingResult result, const SettingInputs& inputs) {
  for (auto& m : result.measurements) {
    m.depth_mm = record.depth_mm;
    m.rate_per_min = record.rate_per_min;
    record.measurements.push_back(std::move(m));
  }
  record.strokes = std::move(result.strokes);
  record.traces = std::move(result.traces);
  record.values.insert(result.values.begin(), result.values.end());
  if (inputs.in_force.temperature_c) record.values["temperature_c"] = *inputs.in_force.temperature_c;
}

void fill(PhaseRecord& record, LinkLossResult result) {
  record.measurements.push_back(std::move(result.stop));
  record.strokes = std::move(result.strokes);
}

}  // namespace penrig
