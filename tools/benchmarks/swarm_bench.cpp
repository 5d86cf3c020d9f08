#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "reports/scratch_directory.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/swarm/seed_run.hpp"

// What `penrig swarm` does with a good pen and no faults: rig/plans/swarm.yaml in virtual time, the verdict held
// against the truth, the record durable, read back, verified and derived again. Wanted: 180 runs a second and core,
// durable in groups of 20, on tmpfs where there is one; 70, each durable by itself on a disk. Each row says as well how
// many runs a second are made and durable, before any is verified.

namespace penrig {
namespace {

constexpr std::size_t kStoreRuns = RecordGroup::kRunsMax;

/// Whole groups: PENRIG_SWARM_GROUPS, 25 of them unless it says otherwise; the first pays for what a process does once.
std::int64_t groups_wanted() {
  const char* const groups = std::getenv("PENRIG_SWARM_GROUPS");
  return groups == nullptr ? 25 : std::max<std::int64_t>(std::atoll(groups), 1);
}

/// Of this process; a machine that is shared counts what others took from it as well.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Of 20 runs each, one after the other, in folders of their own beneath that one.
struct Stores {
  std::size_t durable_together = kStoreRuns;
  bool kept = false;  ///< as with `--records`: they stay until all is measured; else each goes with its runs looked at
  bool waveforms_in_memory = false;
  std::filesystem::path beneath = folder_in_memory();
};

void measure(benchmark::State& state, const Stores& stores) {
  const cli::Inputs inputs = cli::load_inputs(PENRIG_SOURCE_DIR "/rig/plans/swarm.yaml", "sim:seed=1");
  if (!inputs.ok()) {
    state.SkipWithError(cli::render_mistakes(inputs.mistakes, {}, "nothing was run").c_str());
    return;
  }
  swarm::SwarmJob job{.plan = inputs.plan,
                      .product = inputs.product,
                      .rig = inputs.rig,
                      .plant = inputs.plant,
                      .documents = inputs.documents,
                      .defects = swarm::parse_defect_mix("none").value(),
                      .faults = faults::parse_fault_mix("none").value()};
  const ScratchDirectory all(stores.beneath);
  std::uint64_t first = 1, passed = 0;
  double quickest_s = std::numeric_limits<double>::infinity(), before_s = 0, made_s = 0;
  const swarm::GroupOptions options{.kept = stores.kept,
                                    .waveforms_in_memory = stores.waveforms_in_memory,
                                    .durable_together = stores.durable_together,
                                    .made = [&](RecordStore&) { made_s += cpu_seconds() - before_s; }};
  for (auto _ : state) {
    const std::filesystem::path folder = all.path() / std::to_string(first);
    std::vector<std::uint64_t> seeds(kStoreRuns);
    std::iota(seeds.begin(), seeds.end(), first);
    first += kStoreRuns;
    before_s = cpu_seconds();
    for (const swarm::SeedResult& seed : swarm::run_group(job, seeds, folder, options)) {
      passed += seed.verdict == Verdict::pass ? 1U : 0U;
      if (!seed.broken.empty()) state.SkipWithError(seed.broken.front().what.c_str());
    }
    if (!stores.kept) std::filesystem::remove_all(folder);
    quickest_s = std::min(quickest_s, cpu_seconds() - before_s);
  }
  const auto runs = static_cast<double>(state.iterations()) * static_cast<double>(kStoreRuns);
  state.counters["runs_per_cpu_s"] = benchmark::Counter(runs, benchmark::Counter::kIsRate);
  state.counters["quickest_group_runs_per_cpu_s"] = static_cast<double>(kStoreRuns) / quickest_s;
  // What is left of a run's time is verification, derivation, and the end of its store.
  state.counters["made_per_cpu_s"] = runs / made_s;
  state.counters["passed"] = static_cast<double>(passed) / runs;
}

void groups_of_20_runs(benchmark::State& state) { measure(state, {}); }
BENCHMARK(groups_of_20_runs)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond)->Iterations(groups_wanted());

/// Each durable by itself before the next begins, where a benchmark is begun: on a disk, on which they stay.
void single_runs_on_disk(benchmark::State& state) {
  measure(state, {.durable_together = 1, .kept = true, .beneath = std::filesystem::current_path()});
}
BENCHMARK(single_runs_on_disk)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond)->Iterations(groups_wanted());

/// What `penrig swarm` does where nothing is kept: rows on tmpfs, samples in no file. Asked elsewhere: 300.
void groups_of_20_runs_waveforms_in_memory(benchmark::State& state) { measure(state, {.waveforms_in_memory = true}); }
BENCHMARK(groups_of_20_runs_waveforms_in_memory)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(groups_wanted());

}  // namespace
}  // namespace penrig
