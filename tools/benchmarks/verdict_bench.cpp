#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <penrig.pb.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fixtures/bench_ports.hpp"
#include "protocols/forwarding_link.hpp"
#include "protocols/frame.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "rig/base/timeline.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/ports/observer.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/prepare_run.hpp"

// What a person waits for when a run has measured all it wants: the analysis of what came last, the record on disk, and
// the verdict. In virtual time, so that the rig's own way back takes none; the record lies on a disk, with FLAC, and
// the time in fsync is counted apart. Wanted: 10 ms beside it.

namespace penrig {
namespace {

constexpr int kRuns = 15;

Timeline& wall() {
  static const std::unique_ptr<Timeline> timeline = make_real_timeline();
  return *timeline;
}
double now_ms() { return wall().now().seconds() * 1e3; }

double in_sync_ms = 0;

int timed_sync(long call, int fd) {
  const double began_ms = now_ms();
  const auto rc = static_cast<int>(::syscall(call, fd));
  in_sync_ms += now_ms() - began_ms;
  return rc;
}

}  // namespace
}  // namespace penrig

// In place of the C library's, for SQLite too. All is done on one thread in virtual time.
extern "C" int fsync(int fd) { return penrig::timed_sync(SYS_fsync, fd); }
extern "C" int fdatasync(int fd) { return penrig::timed_sync(SYS_fdatasync, fd); }

namespace penrig {
namespace {

struct Clocks {
  double at_ms = 0, in_sync_ms = 0;
};
Clocks clocks() { return {now_ms(), in_sync_ms}; }

/// Tells when the last samples came off it.
class WatchedLink final : public ForwardingLink {
 public:
  WatchedLink(std::unique_ptr<ByteLink> inner, Clocks& last_samples)
      : ForwardingLink(std::move(inner)), last_samples_(last_samples) {}
  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    const Result<std::size_t> count = co_await inner().read_some(into);
    if (count) {
      frames_.feed(into.first(*count), [this](std::span<const std::byte> payload) {
        wire::Envelope envelope;
        if (!envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return;
        if (envelope.has_sample_block()) last_samples_ = clocks();
      });
    }
    co_return count;
  }

 private:
  Clocks& last_samples_;
  FrameDecoder frames_;
};

Awaitable<Result<std::unique_ptr<BenchPorts>>> connect(Timeline& timeline, InProcessRig& rig, Clocks& last_samples) {
  auto ends = co_await rig.plug_in();
  auto daq = std::make_unique<WatchedLink>(std::move(ends.daq), last_samples);
  co_return co_await make_bench_ports(timeline, std::move(ends.pen), std::move(daq));
}

Awaitable<int> run_to_end(RunJob job, InProcessRig& rig, RunResult& result, Clocks& ended) {
  result = co_await run_plan(std::move(job));
  ended = clocks();
  co_await rig.shut_down();
  co_return 0;
}

void last_sample_to_durable_verdict(benchmark::State& state) {
  cli::RunOptions options;
  options.plan_path = PENRIG_SOURCE_DIR "/rig/plans/eol-pro.yaml";
  options.rig = "sim:seed=1";
  options.serial_number = "PRO-0001";
  const cli::PreparedRun prepared = cli::prepare_run(options);
  const cli::Inputs& inputs = prepared.inputs;
  if (!inputs.ok()) {
    state.SkipWithError(cli::render_mistakes(inputs.mistakes, {}, "nothing was run").c_str());
    return;
  }
  const ScratchDirectory folder(std::filesystem::current_path());  // no memory: what is durable there costs nothing
  const auto store = RecordStore::open(folder.path());
  if (!store) return state.SkipWithError(store.error().message.c_str());
  const PlanCounts counts = count_plan(inputs.plan, inputs.product, PenLink::serial);
  const RunHeader header = cli::make_header(options, prepared, counts);
  const sim::PlantParameters plant = cli::plant_for(prepared, options.serial_number);
  for (auto _ : state) {
    std::vector<double> beside_ms, sync_ms;
    for (int i = 0; i < kRuns; ++i) {
      const auto timeline = make_virtual_timeline();
      InProcessRig rig(*timeline, plant, inputs.simulated->seed, inputs.simulated->latency);
      StopRequest stop(*timeline);
      RunObserver nobody;
      RunResult result;
      Clocks last_samples, ended;
      RunJob job{
          *timeline, inputs.plan, inputs.product, inputs.rig, [&] { return connect(*timeline, rig, last_samples); },
          header,    **store,     nobody,         stop};
      timeline->run(run_to_end(std::move(job), rig, result, ended));
      if (result.verdict() != Verdict::pass) return state.SkipWithError(result.outcome.reason.c_str());
      sync_ms.push_back(ended.in_sync_ms - last_samples.in_sync_ms);
      beside_ms.push_back(ended.at_ms - last_samples.at_ms - sync_ms.back());
    }
    for (std::vector<double>* times : {&beside_ms, &sync_ms}) std::ranges::sort(*times);
    state.counters["median_ms"] = quantile_of(beside_ms, 0.5);
    state.counters["most_ms"] = beside_ms.back();
    state.counters["median_fsync_ms"] = quantile_of(sync_ms, 0.5);
  }
}
BENCHMARK(last_sample_to_durable_verdict)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penrig
