// compare, capability and spc over a store of 1,000 runs with 200 measurements each: reading and working out.
#include <benchmark/benchmark.h>

#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "reports/study/capability_report.hpp"
#include "reports/study/change_report.hpp"
#include "reports/study/chart_report.hpp"
#include "reports/study/run_selection.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

constexpr int kRuns = 1000, kMeasurements = 200;

/// A run of a pen, made up: no more of it than a study reads.
void add_run(RecordStore& store, int number) {
  Random random(static_cast<std::uint64_t>(number), "study bench");
  RunHeader header;
  header.serial_number = "PRO-" + std::to_string(number % 50);
  header.plan_name = "bench";
  header.product_name = "pro";
  header.started_utc_ns = 1'700'000'000'000'000'000 + number * 60'000'000'000LL;
  header.simulated = true;
  const std::string run = store.open_run(header).value();
  PhaseRecord phase;
  phase.name = "all";
  phase.kind = "setting";
  RunOutcome outcome;
  outcome.verdict = Verdict::pass;
  outcome.pen = PenIdentity{};
  outcome.pen->firmware = number < kRuns / 2 ? "1" : "2";
  for (int m = 0; m < kMeasurements; ++m) {
    Measurement measurement;
    measurement.measurand = "penetration";
    measurement.unit = "mm";
    measurement.depth_mm = 0.01 * (m + 1);
    measurement.rate_per_min = 9000;
    measurement.value = *measurement.depth_mm + 0.01 * random.normal();
    measurement.expanded_u = 0.003;
    phase.measurements.push_back(measurement);
    Decision decision;
    decision.requirement_id = "D1";
    decision.measurement = static_cast<std::size_t>(m);
    decision.lower = *measurement.depth_mm - 0.15;
    decision.upper = *measurement.depth_mm + 0.15;
    decision.verdict = Verdict::pass;
    outcome.decisions.push_back(decision);
  }
  outcome.measurements = phase.measurements;
  store.add_phase(run, phase).value();
  store.close_run(run, outcome).value();
}

const std::filesystem::path& filled() {
  static const ScratchDirectory folder;
  static const bool done = [] {
    const auto store = RecordStore::open(folder.path()).value();
    for (int i = 0; i < kRuns; ++i) add_run(*store, i);
    return true;
  }();
  benchmark::DoNotOptimize(done);
  return folder.path();
}

std::vector<ValueSeries> read(const std::string& selection) {
  const auto all = runs_to_study(filled(), {}).value();
  const auto runs = select_runs(all, parse_selection(selection, "SELECTION").value, "SELECTION", false).value();
  return series_of(values_to_study(filled(), {}, runs.runs).value(), GroupBy::none);
}

void capability(benchmark::State& state) {
  filled();
  for (auto _ : state) {
    const CapabilityReport report = capability_report("bench", read("plan=bench"), {});
    benchmark::DoNotOptimize(capability_html(report).size());
  }
}
BENCHMARK(capability)->Unit(benchmark::kMillisecond);

void spc(benchmark::State& state) {
  filled();
  for (auto _ : state) {
    const ChartReport report = chart_report("bench", read("plan=bench"), {});
    benchmark::DoNotOptimize(chart_html(report).size());
  }
}
BENCHMARK(spc)->Unit(benchmark::kMillisecond);

void compare(benchmark::State& state) {
  filled();
  for (auto _ : state) {
    const ChangeReport report = change_report("base", read("firmware=1"), "new", read("firmware=2"), {});
    benchmark::DoNotOptimize(change_html(report).size());
  }
}
BENCHMARK(compare)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penrig
