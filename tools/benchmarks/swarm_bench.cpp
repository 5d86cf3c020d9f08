#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <stdlib.h>

#include "fixtures/bench_ports.hpp"
#include "reports/recompute/recompute.hpp"
#include "reports/store/record_group.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/run_verifier.hpp"
#include "rig/ports/observer.hpp"
#include "rig/run/sequencer.hpp"
#include "tools/penrig/load_inputs.hpp"

// A run of the swarm, from the bench to the record that was held against its log and derived again from its waveforms:
// rig/plans/swarm.yaml in virtual time, one seed after the other, on tmpfs where there is one. Wanted: 100 runs a
// second and core. The stages' shares are of the CPU time of all threads.

namespace penrig {
namespace {

/// A folder in memory, gone at the end.
class Folder {
 public:
  Folder() {
    const std::filesystem::path memory = "/dev/shm";
    const bool there = std::filesystem::exists(memory);
    std::string name =
        ((there ? memory : std::filesystem::temp_directory_path()) / "penrig-swarm-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder: " + name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

enum Stage { kRun, kCommit, kVerify, kRecompute, kStages };

/// CPU seconds of this process so far, all threads.
double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Awaitable<int> run_to_end(RunJob job, InProcessRig& rig, RunResult& result) {
  result = co_await run_plan(std::move(job));
  co_await rig.shut_down();
  co_return 0;
}

RunResult run_seed(const cli::Inputs& inputs, std::uint64_t seed, RecordSink& sink) {
  auto timeline = make_virtual_timeline();
  RunResult result;
  {
    InProcessRig rig(*timeline, inputs.plant, seed, inputs.simulated->latency);
    StopRequest stop(*timeline);
    RunObserver nobody;
    RunHeader header;
    header.serial_number = inputs.plant.electronics.serial_number;
    header.plan_name = inputs.plan.name;
    header.product_name = inputs.product.name;
    header.rig_name = inputs.rig.name;
    header.documents = inputs.documents;
    header.simulated = true;
    header.simulation = fmt::format("sim:seed={}", seed);
    RunJob job{*timeline, inputs.plan, inputs.product, inputs.rig, rig.connect(), header, sink, nobody, stop, {}};
    timeline->run(run_to_end(std::move(job), rig, result));
  }
  return result;
}

/// Whole groups of it: PENRIG_SWARM_GROUPS, 5 of them unless it says otherwise.
std::int64_t runs_wanted() {
  const char* const groups = std::getenv("PENRIG_SWARM_GROUPS");
  const std::int64_t wanted = groups == nullptr ? 5 : std::atoll(groups);
  return static_cast<std::int64_t>(RecordGroup::kRunsMax) * std::max<std::int64_t>(wanted, 1);
}

void runs_verified_and_recomputed(benchmark::State& state) {
  const std::string plan = std::string(PENRIG_SOURCE_DIR) + "/rig/plans/swarm.yaml";
  cli::Inputs inputs = cli::load_inputs(plan, "sim:seed=1");
  if (!inputs.ok()) {
    state.SkipWithError(cli::render_mistakes(inputs.mistakes, {}, "nothing was run").c_str());
    return;
  }
  inputs.plant.electronics.serial_number = "PRO-0001";
  const RunDescriptions run{inputs.plan, inputs.product, inputs.rig};
  const Folder folder;
  auto store = RecordStore::open(folder.path()).value();
  std::array<double, kStages> spent_s{};
  RunVerifier verifier(*store);
  std::uint64_t seed = 0, passed = 0;
  std::unique_ptr<RecordGroup> group;
  std::array<RunResult, RecordGroup::kRunsMax> results;
  // One iteration is one run; a group is committed, verified and recomputed with its last.
  for (auto _ : state) {
    const double begin = cpu_s();
    if (!group) group = RecordGroup::begin(*store).value();
    const std::size_t at = group->runs();
    results[at] = run_seed(inputs, ++seed, *group);
    const double ran = cpu_s();
    spent_s[kRun] += ran - begin;
    if (group->runs() < RecordGroup::kRunsMax) continue;
    group->commit().value();
    group.reset();
    spent_s[kCommit] += cpu_s() - ran;
    for (const RunResult& result : results) {
      const double from = cpu_s();
      const RunVerifier::Verified verified = verifier.check(result.run_id).value();
      const double read = cpu_s();
      const Recomputation again = recompute(verified.record, waveforms_in(folder.path()), run);
      spent_s[kVerify] += read - from;
      spent_s[kRecompute] += cpu_s() - read;
      if (!verified.faults.empty() || !again.differences.empty() || !again.missing.empty()) {
        state.SkipWithError(fmt::format("{}: {}", result.run_id,
                                        verified.faults.empty() ? "recomputed to something else, or not at all"
                                                                : verified.faults.front().what)
                                .c_str());
        return;
      }
      passed += result.outcome.verdict == Verdict::pass && verified.record.outcome.verdict == Verdict::pass ? 1 : 0;
    }
  }
  const auto n = static_cast<double>(state.iterations());
  const double total_s = spent_s[kRun] + spent_s[kCommit] + spent_s[kVerify] + spent_s[kRecompute];
  state.counters["run_ms"] = 1e3 * spent_s[kRun] / n;
  state.counters["commit_ms"] = 1e3 * spent_s[kCommit] / n;
  state.counters["verify_ms"] = 1e3 * spent_s[kVerify] / n;
  state.counters["recompute_ms"] = 1e3 * spent_s[kRecompute] / n;
  state.counters["runs_per_cpu_s"] = n / total_s;
  state.counters["passed"] = static_cast<double>(passed) / n;
}
BENCHMARK(runs_verified_and_recomputed)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(runs_wanted());

}  // namespace
}  // namespace penrig

BENCHMARK_MAIN();
