#include <algorithm>
#include <cmath>

#include <benchmark/benchmark.h>

#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"
#include "rig/measure/setting.hpp"

namespace {

/// A capture of `strokes` strokes into a soft surface that punctures, with noise on both channels; a few millimetres, a
/// few tenths of a newton.
penrig::Capture make_capture(double rate_per_min, int strokes, double sample_rate_hz) {
  penrig::Random noise(1, "bench");
  const double period = 60 / rate_per_min;
  const auto n = static_cast<std::size_t>((period * strokes + 0.1) * sample_rate_hz);
  std::vector<std::int32_t> force(n), position(n), stage(n, 0);
  bool inside = false;
  for (std::size_t i = 0; i < n; ++i) {
    const double turns =
        std::clamp((static_cast<double>(i) / sample_rate_hz - 0.05) / period, 0.0, static_cast<double>(strokes));
    const double z = 1.5 - 1.5 * (1 + penrig::sin_cos_turns(turns).cos);
    const double rise = penrig::sin_cos_turns(turns).sin;
    inside = inside ? z > 0 : z > 0.15 && rise > 0;
    double f = 0;
    if (z > 0 && rise > 0) f = inside ? 0.1 + 0.2 * z : 6 * z * std::sqrt(z);
    if (z > 0 && rise <= 0) f = -0.05;
    position[i] = static_cast<std::int32_t>(std::lround((z + 1e-3 * noise.normal()) * 1e4));
    force[i] = static_cast<std::int32_t>(std::lround((f + 0.05 + 4e-3 * noise.normal()) * 5e3));
  }
  penrig::Capture capture;
  capture.samples({0, 1e6 / sample_rate_hz, force, position, stage});
  return capture;
}

/// The whole analysis of one setting of 150 strokes at 50 kS/s; items are sample instants (all channels).
void analyse_setting_of_150_strokes(benchmark::State& state) {
  const auto rate = static_cast<double>(state.range(0));
  const penrig::Capture capture = make_capture(rate, 160, 50'000);
  penrig::Calibrations calibrations;
  calibrations.position_mm_per_count = {1e-4, 2e-8};
  calibrations.force_n_per_count = {2e-4, 4e-7};
  calibrations.stage_mm_per_count = {1e-4, 1e-8};
  calibrations.time_base_ppm = {0, 5};
  calibrations.force_delay_us = {0, 0.5};
  calibrations.tip_um_per_n = {1, 0.05};
  calibrations.frame_um_per_n = {0.5, 0.025};
  calibrations.cell_um_per_n = {0.02, 0.001};
  calibrations.reciprocating_mass_g = {3, 0.06};
  calibrations.plate_mass_g = {3.2, 0.064};
  calibrations.cell_resonance_hz = 20'000;
  calibrations.force_min_counts = calibrations.position_min_counts = -100'000;
  calibrations.force_max_counts = calibrations.position_max_counts = 100'000;
  penrig::SettingInput input;
  input.capture = &capture;
  input.tick_hz = 1e6;
  input.clock.tick_hz = 1e6;
  input.tare.noise_counts = 20;
  input.zero.u_mm = 1e-4;
  input.surface = penrig::Touch{.stage_mm = 0, .needle_reading_mm = 0, .u_mm = 2e-4, .force_n = 0.1};
  input.depth_mm = 1.5;
  input.rate_per_min = rate;
  input.settle_strokes = 5;
  input.strokes = 150;
  input.calibrations = &calibrations;
  for (auto _ : state) {
    auto result = penrig::analyse_setting(input);
    if (!result) state.SkipWithError(result.error().message.c_str());
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(capture.size()));
}
BENCHMARK(analyse_setting_of_150_strokes)->Arg(6000)->Arg(9000)->Unit(benchmark::kMillisecond);

}  // namespace
