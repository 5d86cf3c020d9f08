#include "tools/live/live_bench.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/resource.h>

#include "fixtures/daq_client.hpp"
#include "protocols/links.hpp"
#include "rig/measure/stroke_stream.hpp"
#include "rig/run/sample_queue.hpp"
#include "tools/benchmarks/bench_pen.hpp"

namespace penrig::live {
namespace {

constexpr unsigned kChannels = 2;  ///< that are worth counting; the stage stands
/// Instants that are measured at once, before the next time for it comes: of a stream that is quicker than any device.
constexpr std::size_t kMuch = 65'536;
/// Settings that are concluded and written at the same time: so many results are held.
constexpr unsigned kEndTogether = 4;

SettingInput setting_of(const StreamPlan& plan, const Calibrations& calibrations) {
  SettingInput input;
  input.tick_hz = input.clock.tick_hz = kTickHz;
  input.tare.noise_counts = 8;
  input.zero.u_mm = 1e-4;
  input.surface = Touch{.stage_mm = 0, .needle_reading_mm = kSurfaceMm, .u_mm = 2e-4, .force_n = 0.1};
  input.depth_mm = kStrokeMm - kSurfaceMm;
  input.rate_per_min = 60 * strokes_per_s(plan);
  input.settle_strokes = 5;
  input.strokes = static_cast<std::uint32_t>(plan.seconds * strokes_per_s(plan));
  input.calibrations = &calibrations;
  return input;
}

struct Usage {
  double user_s = 0, system_s = 0;
};

Usage usage() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return {seconds(used.ru_utime), seconds(used.ru_stime)};
}

/// VmRSS or VmHWM, KiB.
std::uint64_t resident_kib(const char* which) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::uint64_t kib = 0;
    if (word == which && status >> kib) return kib;
  }
  return 0;
}

/// One DAQ, and all that is made of its stream.
class LiveSlot final : public SampleSink {
 public:
  LiveSlot(Timeline& timeline, const StreamPlan& plan, RecordStore& store, const SettingInput& input,
           const StopRequest& stop)
      : timeline_(timeline),
        plan_(plan),
        store_(store),
        input_(input),
        stop_(stop),
        stream_(std::in_place, input),
        much_came_(timeline) {}

  void samples(const SampleBlock& block) override {
    count_.samples += block.position.size();
    writer_->samples(block);
    arrived_.samples(block);
    if (much_waits()) much_came_.notify_all();
  }
  void gap(const std::string& reason) override {
    ++count_.gaps;
    writer_->gap(reason);
    arrived_.gap(reason);
  }

  /// The link, and a run in the records.
  Awaitable<Result<void>> begin(std::string port, unsigned number) {
    auto link = open_serial(timeline_, "serial:" + port);
    if (!link) co_return link.error();
    daq_ = std::make_unique<DaqClient>(timeline_, std::move(*link));
    if (auto opened = co_await daq_->open(); !opened) co_return opened.error();
    RunHeader header;
    header.serial_number = fmt::format("LIVE-{:04}", number);
    header.slot = fmt::format("{}", number);
    header.plan_name = header.product_name = header.rig_name = "live bench";
    header.simulated = header.engineering = true;
    header.engineering_because = "a bench of penrig's own speed";
    header.started_utc_ns = timeline_.utc_ns(timeline_.now());
    auto run = store_.open_run(header);
    if (!run) co_return run.error();
    count_.run_id = *run;
    WaveformHead head;
    head.phase = "live";
    head.purpose = "setting";
    head.calibration = "live bench";
    head.position = {kMmPerCount, 0};
    head.force = {kNPerCount, 0};
    head.stage = {1e-4, 0};
    head.clock.tick_hz = kTickHz;
    head.clock_utc_ns = header.started_utc_ns;
    head.may_wait = plan_.flat_out;  // for the slowest of all that is done: no device is
    writer_ = store_.begin_waveform(*run, head);
    co_return Result<void>{};
  }

  Awaitable<Result<void>> start() {
    StreamRequest request;
    request.sample_rate_hz = plan_.sample_rate_hz;
    request.block_samples = plan_.block_samples;
    co_return co_await daq_->start_stream(request, *this);
  }

  /// Until all has come, nothing comes any more, or it is told to stop.
  Awaitable<void> take() {
    std::uint64_t before = 0;
    TimePoint heard = timeline_.now();
    while (count_.samples < samples_of(plan_) && daq_->link_state() && !stop_.requested()) {
      co_await replay_on_worker(timeline_, arrived_, *stream_);
      if (count_.samples != before) heard = timeline_.now();
      before = count_.samples;
      if (timeline_.now() - heard > std::chrono::seconds{5}) break;
      if (!much_waits()) co_await much_came_.wait_until(next_on_grid(timeline_.now(), kMeasuredEvery));
    }
    if (auto good = daq_->link_state(); !good) count_.error = good.error().message;
    over_ = true;
  }

  /// Results and record, durable.
  Awaitable<void> end() {
    co_await replay_on_worker(timeline_, arrived_, *stream_);
    if (daq_->link_state()) (void)co_await daq_->stop_stream();
    co_await daq_->close();
    writer_->end();
    std::function<void()> conclude = [this] {
      result_ = finish_setting(*stream_, input_);
      stream_.reset();  // what it holds, the next result may have
    };
    co_await timeline_.run_computing(std::move(conclude));
    std::function<void()> finish = [this] { file(); };
    co_await timeline_.run_blocking(std::move(finish));
  }

  bool over() const { return over_; }
  void give_up(const Error& why) { count_.error = why.message, over_ = true; }
  const SlotCount& count() const { return count_; }

 private:
  /// On the worker.
  void file() {
    PhaseRecord phase;
    phase.name = "live";
    phase.kind = "setting";
    phase.depth_mm = input_.depth_mm;
    phase.rate_per_min = input_.rate_per_min;
    phase.samples = count_.samples;
    phase.gaps = count_.gaps;
    auto waveform = writer_->finish();
    if (waveform) phase.waveforms.push_back(std::move(*waveform));
    if (result_) {
      count_.strokes = result_->strokes.size();
      for (Measurement& m : result_->measurements) {
        m.depth_mm = phase.depth_mm;
        m.rate_per_min = phase.rate_per_min;
        phase.measurements.push_back(std::move(m));
      }
      phase.strokes = std::move(result_->strokes);
      phase.traces = std::move(result_->traces);
    }
    note(waveform), note(result_);
    note(store_.add_phase(count_.run_id, phase));
    RunOutcome outcome;
    outcome.verdict = Verdict::error;
    outcome.reason = "nothing was judged: this is a bench of penrig's own speed";
    outcome.ended_utc_ns = timeline_.utc_ns(timeline_.now());
    outcome.measurements = phase.measurements;
    note(store_.close_run(count_.run_id, outcome));
  }
  bool much_waits() const { return arrived_.samples_held() >= kMuch; }
  template <class T>
  void note(const Result<T>& step) {
    if (!step && count_.error.empty()) count_.error = step.error().message;
  }

  Timeline& timeline_;
  const StreamPlan& plan_;
  RecordStore& store_;
  const SettingInput& input_;
  const StopRequest& stop_;
  std::optional<StrokeStream> stream_;  ///< until it is concluded
  SampleQueue arrived_;
  Event much_came_;
  std::unique_ptr<DaqClient> daq_;
  std::unique_ptr<WaveformWriter> writer_;
  Result<SettingResult> result_ = fail(Errc::internal, "nothing was measured");
  SlotCount count_;
  bool over_ = false;
};

Awaitable<void> run_slot(LiveSlot& slot, Event& changed, unsigned& busy) {
  co_await slot.take();
  --busy;
  changed.notify_all();
}

Awaitable<void> end_slot(LiveSlot& slot, Event& changed, unsigned& busy) {
  co_await slot.end();
  --busy;
  changed.notify_all();
}

}  // namespace

std::uint64_t LiveResult::samples() const {
  return std::accumulate(slots.begin(), slots.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const SlotCount& slot) { return sum + kChannels * slot.samples; });
}

std::uint64_t LiveResult::gaps() const {
  return std::accumulate(slots.begin(), slots.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const SlotCount& slot) { return sum + slot.gaps; });
}

double LiveResult::times_real_time(const StreamPlan& plan) const {
  return static_cast<double>(samples()) / (kChannels * plan.slots * plan.sample_rate_hz) / seconds;
}

bool LiveResult::whole(const StreamPlan& plan) const {
  return slots.size() == plan.slots && std::ranges::all_of(slots, [&](const SlotCount& slot) {
           return slot.error.empty() && slot.gaps == 0 && slot.samples == samples_of(plan) && slot.strokes > 0;
         });
}

Awaitable<LiveResult> take_streams(Timeline& timeline, const StreamPlan& plan, const std::vector<std::string>& ports,
                                   RecordStore& store, const StopRequest& stop,
                                   std::function<void(const LiveProgress&)> told) {
  const Calibrations made_of = bench_calibrations();
  const SettingInput input = setting_of(plan, made_of);
  std::vector<std::unique_ptr<LiveSlot>> slots;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    slots.push_back(std::make_unique<LiveSlot>(timeline, plan, store, input, stop));
    const Result<void> begun = co_await slots.back()->begin(ports[i], static_cast<unsigned>(i + 1));
    if (!begun) slots.back()->give_up(begun.error());
  }
  const TimePoint began = timeline.now();
  const Usage before = usage();
  Event changed(timeline);
  unsigned busy = 0;
  for (const auto& slot : slots) {
    if (slot->over()) continue;
    const Result<void> started = co_await slot->start();
    if (!started) {
      slot->give_up(started.error());
      continue;
    }
    ++busy;
    timeline.spawn(run_slot(*slot, changed, busy));
  }
  LiveResult result;
  const auto since_begin = [&](LiveProgress& progress) {
    const Usage now = usage();
    progress.seconds = static_cast<double>((timeline.now() - began).count()) * 1e-9;
    progress.cpu_share = (now.user_s - before.user_s + now.system_s - before.system_s) / progress.seconds;
    progress.resident_kib = resident_kib("VmRSS:");
    for (const auto& slot : slots)
      progress.samples += kChannels * slot->count().samples, progress.gaps += slot->count().gaps;
  };
  const auto any_busy = [&busy] { return busy > 0; };  // the slots' coroutines count it down
  TimePoint tell_at = began + std::chrono::seconds{1};
  while (any_busy()) {
    co_await changed.wait_until(tell_at);
    if (timeline.now() < tell_at) continue;
    LiveProgress progress;
    since_begin(progress);
    told(progress);
    tell_at = timeline.now() + std::chrono::seconds{1};
  }
  const auto full = [&busy] { return busy == kEndTogether; };
  for (const auto& slot : slots) {
    if (slot->count().run_id.empty()) continue;
    while (full()) co_await changed.wait_until(timeline.now() + std::chrono::seconds{1});
    ++busy;
    timeline.spawn(end_slot(*slot, changed, busy));
  }
  while (any_busy()) co_await changed.wait_until(timeline.now() + std::chrono::seconds{1});
  const Usage after = usage();
  result.seconds = static_cast<double>((timeline.now() - began).count()) * 1e-9;
  result.user_s = after.user_s - before.user_s;
  result.system_s = after.system_s - before.system_s;
  result.most_resident_kib = resident_kib("VmHWM:");
  for (const auto& slot : slots) result.slots.push_back(slot->count());
  co_return result;
}

}  // namespace penrig::live
