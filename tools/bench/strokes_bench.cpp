#include <benchmark/benchmark.h>

#include "tests/rig/signal_generator.hpp"

namespace {

/// The whole analysis of one setting of 150 strokes at 50 kS/s; items are sample instants (all channels).
void analyse_setting_of_150_strokes(benchmark::State& state) {
  penrig::SignalParameters parameters;
  parameters.strokes = 160;
  parameters.rate_per_min = static_cast<double>(state.range(0));
  const penrig::Signal signal = penrig::make_signal(parameters, 1);
  const penrig::SignalSetting setting(parameters, signal);
  for (auto _ : state) {
    auto result = penrig::analyse_setting(setting.input);
    if (!result) state.SkipWithError(result.error().message.c_str());
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(signal.capture.size()));
}
BENCHMARK(analyse_setting_of_150_strokes)->Arg(6000)->Arg(9000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
