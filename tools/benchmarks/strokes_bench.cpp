#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include "fixtures/sim/block_packer.hpp"
#include "fixtures/stream_receiver.hpp"
#include "protocols/frame.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"
#include "rig/measure/setting.hpp"
#include "rig/measure/stroke_stream.hpp"
#include "tools/benchmarks/bench_pen.hpp"

namespace {

/// A capture of `strokes` strokes into a soft surface that punctures, with noise on both channels; a few millimetres, a
/// few tenths of a newton.
penrig::Capture make_capture(double rate_per_min, int strokes, double sample_rate_hz) {
  penrig::Random noise(1, "bench");
  const double period = 60 / rate_per_min;
  const auto n = static_cast<std::size_t>((period * strokes + 0.1) * sample_rate_hz);
  std::vector<std::int32_t> force(n), position(n), stage(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const double turns =
        std::clamp((static_cast<double>(i) / sample_rate_hz - 0.05) / period, 0.0, static_cast<double>(strokes));
    const double z = 1.5 - 1.5 * (1 + penrig::sin_cos_turns(turns).cos);
    const double f = penrig::bench_force_n(z, penrig::sin_cos_turns(turns).sin > 0);
    position[i] = static_cast<std::int32_t>(std::lround((z + 1e-3 * noise.normal()) * 1e4));
    force[i] = static_cast<std::int32_t>(std::lround((f + 0.05 + 4e-3 * noise.normal()) * 5e3));
  }
  penrig::Capture capture;
  capture.samples({0, 1e6 / sample_rate_hz, force, position, stage});
  return capture;
}

constexpr double kSampleRateHz = 50'000;
constexpr int kStrokes = 150, kMadeStrokes = 160;

/// What is known of the setting, but for its samples.
penrig::SettingInput setting(double rate_per_min, const penrig::Calibrations& calibrations) {
  penrig::SettingInput input;
  input.tick_hz = 1e6;
  input.clock.tick_hz = 1e6;
  input.tare.noise_counts = 20;
  input.zero.u_mm = 1e-4;
  input.surface = penrig::Touch{.stage_mm = 0, .needle_reading_mm = 0, .u_mm = 2e-4, .force_n = 0.1};
  input.depth_mm = 1.5;
  input.rate_per_min = rate_per_min;
  input.settle_strokes = 5;
  input.strokes = kStrokes;
  input.calibrations = &calibrations;
  return input;
}

/// The whole analysis of one setting of 150 strokes at 50 kS/s; items are samples of force and position.
void analyse_setting_of_150_strokes(benchmark::State& state) {
  const auto rate = static_cast<double>(state.range(0));
  const penrig::Capture capture = make_capture(rate, kMadeStrokes, kSampleRateHz);
  const penrig::Calibrations known = penrig::bench_calibrations();
  penrig::SettingInput input = setting(rate, known);
  input.capture = &capture;
  for (auto _ : state) {
    auto result = penrig::analyse_setting(input);
    if (!result) state.SkipWithError(result.error().message.c_str());
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(2 * capture.size()));
}
BENCHMARK(analyse_setting_of_150_strokes)->Arg(6000)->Arg(9000)->Unit(benchmark::kMillisecond);

/// A DAQ's frames, blocks of 512.
std::vector<std::byte> frames_of(const penrig::Capture& capture) {
  constexpr std::size_t kBlock = 512;
  penrig::sim::BlockPacker packer;
  packer.start();
  std::vector<std::byte> stream;
  for (std::size_t at = 0; at + kBlock <= capture.size(); at += kBlock) {
    const auto block = [at](const std::vector<std::int32_t>& channel) {
      const auto from = channel.begin() + static_cast<std::ptrdiff_t>(at);
      return std::vector<std::int32_t>(from, from + kBlock);
    };
    penrig::sim::Plant::Samples samples;
    samples.ticks_per_sample = capture.ticks_per_sample;
    samples.first_tick = static_cast<std::uint64_t>(static_cast<double>(at) * capture.ticks_per_sample);
    samples.force = block(capture.force);
    samples.position = block(capture.position);
    samples.stage = block(capture.stage);
    const auto frame = penrig::encode_frame(packer.pack(samples)).value();
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  return stream;
}

/// What a DAQ's frames become on the way to a setting: checked, unpacked, told to `strokes`.
void feed(std::span<const std::byte> stream, penrig::StrokeStream& strokes) {
  penrig::wire::Envelope envelope;
  penrig::StreamReceiver receiver;
  receiver.start(strokes);
  penrig::FrameDecoder decoder;
  decoder.feed(stream, [&](std::span<const std::byte> payload) {
    envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
    receiver.take(envelope.sample_block(), {});
  });
}

/// From the bytes on the link to strokes, and what each is by itself: when it began, was highest and ended, and how
/// high a parabola makes its top. None is judged. Items are samples of force and position.
void bytes_to_strokes(benchmark::State& state) {
  const auto rate = static_cast<double>(state.range(0));
  const std::vector<std::byte> stream = frames_of(make_capture(rate, kMadeStrokes, kSampleRateHz));
  const penrig::Calibrations known = penrig::bench_calibrations();
  penrig::SettingInput input = setting(rate, known);
  input.settle_strokes = 2 * kMadeStrokes;
  std::size_t samples = 0;
  for (auto _ : state) {
    penrig::StrokeStream strokes(input);
    feed(stream, strokes);
    if (strokes.gaps() != 0 || strokes.seen_strokes() + 1 < kMadeStrokes) state.SkipWithError("strokes were lost");
    samples = 2 * strokes.seen_samples();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}
BENCHMARK(bytes_to_strokes)->Arg(6000)->Unit(benchmark::kMillisecond);

/// From the bytes on the link to all that a setting's record says; items as there.
void bytes_to_measurements(benchmark::State& state) {
  const auto rate = static_cast<double>(state.range(0));
  const std::vector<std::byte> stream = frames_of(make_capture(rate, kMadeStrokes, kSampleRateHz));
  const penrig::Calibrations known = penrig::bench_calibrations();
  const penrig::SettingInput input = setting(rate, known);
  std::size_t samples = 0;
  for (auto _ : state) {
    penrig::StrokeStream strokes(input);
    feed(stream, strokes);
    auto result = penrig::finish_setting(strokes, input);
    if (!result) state.SkipWithError(result.error().message.c_str());
    benchmark::DoNotOptimize(result);
    samples = 2 * strokes.seen_samples();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}
BENCHMARK(bytes_to_measurements)->Arg(6000)->Unit(benchmark::kMillisecond);

}  // namespace
