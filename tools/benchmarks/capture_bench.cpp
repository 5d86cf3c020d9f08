// What `penrig analyze` does with 60 s at 50 kS/s: reading CSV and FLAC, and measuring. Items are rows.
#include <iterator>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "reports/capture/capture_file.hpp"
#include "reports/waveforms/waveform_flac.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"
#include "rig/measure/analyse_capture.hpp"

namespace {

constexpr std::size_t kRows = 3'000'000;
constexpr double kRateHz = 50'000, kStrokeHz = 150;

struct Samples {
  std::vector<double> time_s, position_mm, force_n;
};

const Samples& samples() {
  static const Samples made = [] {
    Samples s;
    penrig::Random noise(1, "capture");
    for (std::size_t i = 0; i < kRows; ++i) {
      const double t = static_cast<double>(i) / kRateHz;
      const penrig::SinCos turn = penrig::sin_cos_turns(t * kStrokeHz);
      const double z = -0.5 - 1.5 * turn.cos;
      double force = 0.05;
      if (z > 0.1 && turn.sin > 0) force += z < 0.25 ? 6 * (z - 0.1) * std::sqrt(z - 0.1) : 0.1 + 0.2 * z;
      s.time_s.push_back(t);
      s.position_mm.push_back(z + 1e-3 * noise.normal());
      s.force_n.push_back(force + 4e-3 * noise.normal());
    }
    return s;
  }();
  return made;
}

void finish(benchmark::State& state) { state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows)); }

void read_csv(benchmark::State& state) {
  std::string text = "t_s,position_mm,force_N\n";
  for (std::size_t i = 0; i < kRows; ++i) {
    fmt::format_to(std::back_inserter(text), "{:.6f},{:.5f},{:.5f}\n", samples().time_s[i], samples().position_mm[i],
                   samples().force_n[i]);
  }
  for (auto _ : state) {
    const penrig::ReadCapture read = penrig::read_capture("bench", penrig::bytes_of(text), text.size());
    if (!read.ok()) state.SkipWithError("not read");
    benchmark::DoNotOptimize(read.file.rows);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  finish(state);
}
BENCHMARK(read_csv)->Unit(benchmark::kMillisecond);

void read_flac(benchmark::State& state) {
  penrig::Waveform w;
  w.sample_rate_hz = kRateHz;
  w.channels = {{"position", "mm", 1e-4, 0, {}}, {"force", "N", 2e-4, 0, {}}};
  for (std::size_t i = 0; i < kRows; ++i) {
    w.channels[0].counts.push_back(static_cast<std::int32_t>(std::lround(samples().position_mm[i] * 1e4)));
    w.channels[1].counts.push_back(static_cast<std::int32_t>(std::lround(samples().force_n[i] * 5e3)));
  }
  const penrig::Result<std::string> bytes = penrig::encode_flac(w);
  for (auto _ : state) {
    const penrig::ReadCapture read = penrig::read_capture("bench", penrig::bytes_of(*bytes), bytes->size());
    if (!read.ok()) state.SkipWithError("not read");
    benchmark::DoNotOptimize(read.file.rows);
  }
  finish(state);
}
BENCHMARK(read_flac)->Unit(benchmark::kMillisecond);

void analyse_60_s(benchmark::State& state) {
  penrig::CaptureData data;
  data.time_s = samples().time_s;
  data.position_mm = samples().position_mm;
  data.force_n = samples().force_n;
  for (auto _ : state) {
    const auto analysis = penrig::analyse_capture(data, {});
    if (!analysis) state.SkipWithError(analysis.error().error.message.c_str());
    benchmark::DoNotOptimize(analysis);
  }
  finish(state);
}
BENCHMARK(analyse_60_s)->Unit(benchmark::kMillisecond);

}  // namespace
