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
#include "protocols/frame.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "rig/base/timeline.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/ports/observer.hpp"
#include "tools/penrig/load_inputs.hpp"

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

}  // namespace
}  // namespace penrig

// In place of the C library's, for SQLite too. All is done on one thread in virtual time.
extern "C" int fsync(int fd) {
  const double began_ms = penrig::now_ms();
  const auto rc = static_cast<int>(::syscall(SYS_fsync, fd));
  penrig::in_sync_ms += penrig::now_ms() - began_ms;
  return rc;
}
extern "C" int fdatasync(int fd) {
  const double began_ms = penrig::now_ms();
  const auto rc = static_cast<int>(::syscall(SYS_fdatasync, fd));
  penrig::in_sync_ms += penrig::now_ms() - began_ms;
  return rc;
}

namespace penrig {
namespace {

/// The clocks when the last samples came off a link.
struct LastSamples {
  double at_ms = 0, in_sync_ms = 0;
};

/// Passes everything on, and looks at it.
class WatchedLink final : public ByteLink {
 public:
  WatchedLink(std::unique_ptr<ByteLink> link, LastSamples& last) : link_(std::move(link)), last_(last) {}
  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    const Result<std::size_t> count = co_await link_->read_some(into);
    if (count) {
      frames_.feed(into.first(*count), [this](std::span<const std::byte> payload) {
        wire::Envelope envelope;
        if (!envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return;
        if (envelope.has_sample_block()) last_ = {now_ms(), in_sync_ms};
      });
    }
    co_return count;
  }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override { return link_->write_all(bytes); }
  void close() noexcept override { link_->close(); }
  const std::string& name() const override { return link_->name(); }
  std::optional<double> payload_bits_per_s() const override { return link_->payload_bits_per_s(); }
  LinkFacts facts() const override { return link_->facts(); }

 private:
  std::unique_ptr<ByteLink> link_;
  LastSamples& last_;
  FrameDecoder frames_;
};

Awaitable<Result<std::unique_ptr<BenchPorts>>> connect(Timeline& timeline, InProcessRig& rig, LastSamples& last) {
  auto ends = co_await rig.plug_in();
  auto daq = std::make_unique<WatchedLink>(std::move(ends.daq), last);
  co_return co_await make_bench_ports(timeline, std::move(ends.pen), std::move(daq));
}

struct Ended {
  RunResult result;
  double at_ms = 0, in_sync_ms = 0;
};

Awaitable<int> run_to_end(RunJob job, InProcessRig& rig, Ended& ended) {
  ended.result = co_await run_plan(std::move(job));
  ended.at_ms = now_ms();
  ended.in_sync_ms = in_sync_ms;
  co_await rig.shut_down();
  co_return 0;
}

void last_sample_to_durable_verdict(benchmark::State& state) {
  const cli::Inputs inputs = cli::load_inputs(PENRIG_SOURCE_DIR "/rig/plans/eol-pro.yaml", "sim:seed=1");
  if (!inputs.ok()) {
    state.SkipWithError(cli::render_mistakes(inputs.mistakes, {}, "nothing was run").c_str());
    return;
  }
  const ScratchDirectory folder(std::filesystem::current_path());  // no memory: what is durable there costs nothing
  const auto store = RecordStore::open(folder.path());
  if (!store) return state.SkipWithError(store.error().message.c_str());
  RunHeader header;
  header.serial_number = "PRO-0001";
  header.plan_name = inputs.plan.name;
  header.product_name = inputs.product.name;
  header.rig_name = inputs.rig.name;
  header.documents = inputs.documents;
  header.simulated = true;
  header.simulation = "sim:seed=1";
  for (auto _ : state) {
    std::vector<double> beside_ms, sync_ms;
    for (int i = 0; i < kRuns; ++i) {
      const auto timeline = make_virtual_timeline();
      InProcessRig rig(*timeline, inputs.plant, inputs.simulated->seed, inputs.simulated->latency);
      StopRequest stop(*timeline);
      RunObserver nobody;
      LastSamples last;
      Ended ended;
      RunJob job{*timeline, inputs.plan, inputs.product, inputs.rig, [&] { return connect(*timeline, rig, last); },
                 header,    **store,     nobody,         stop};
      timeline->run(run_to_end(std::move(job), rig, ended));
      if (ended.result.verdict() != Verdict::pass) return state.SkipWithError(ended.result.outcome.reason.c_str());
      sync_ms.push_back(ended.in_sync_ms - last.in_sync_ms);
      beside_ms.push_back(ended.at_ms - last.at_ms - sync_ms.back());
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

BENCHMARK_MAIN();
