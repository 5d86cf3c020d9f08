#include "rig/calibrate/live_series.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/capture.hpp"
#include "rig/run/bench_steps.hpp"

namespace penrig {
namespace {

constexpr double kReadingRateHz = 10'000, kClockRateHz = 1'000;
constexpr double kBlockS = 0.05;
constexpr unsigned kReadings = 3;  ///< of one point before somebody is asked

/// A series files no run.
class NoRecord final : public RecordSink {
 public:
  Result<std::string> open_run(const RunHeader&) override { return none(); }
  Result<std::vector<SpotUse>> spots_taken(const SimulantSheet&) override { return none(); }
  Result<void> take_spot(const std::string&, const SpotPlace&) override { return none(); }
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string&, const WaveformHead&) override { return {}; }
  Result<void> add_phase(const std::string&, const PhaseRecord&) override { return none(); }
  Result<void> close_run(const std::string&, const RunOutcome&) override { return none(); }

 private:
  static Error none() { return fail(Errc::internal, "a calibration asked for a run's record"); }
};

std::span<const std::int32_t> channel_of(const Capture& capture, const CalibrationTarget& target) {
  if (target.kind == CalibrationKind::load_cell) return capture.force;
  return target.name == "encoder" ? std::span<const std::int32_t>(capture.position) : capture.stage;
}

double range_of(const Calibrations& c, const CalibrationTarget& target) {
  if (target.kind == CalibrationKind::load_cell) return std::min(-c.force_min_counts, c.force_max_counts);
  return target.name == "encoder" ? std::min(-c.position_min_counts, c.position_max_counts) : 0;
}

/// One series on one bench.
class Series {
 public:
  Series(LiveBench& bench, LiveSeries& series) : bench_(bench), series_(series) {
    const bool clocks = series.target.kind == CalibrationKind::time_base;
    plan_.name = "calibration";
    plan_.sample_rate_hz = clocks ? kClockRateHz : kReadingRateHz;
    plan_.min_simulant_temperature_c = bench.rig.temperature_min_c;
    plan_.max_simulant_temperature_c = bench.rig.temperature_max_c;
  }

  Awaitable<LiveEnd> go() {
    RunHeader header;
    header.slot = bench_.slot;
    header.simulated = bench_.rig.simulated;
    RunJob job{bench_.timeline,   plan_,      product_,        bench_.rig, bench_.connect,
               std::move(header), no_record_, bench_.observer, bench_.stop};
    RunState run(std::move(job));
    run.job.connect = [this, &run] { return connect(run.job); };
    PhaseOutcome done = fail(Errc::internal, "the series did not begin");
    try {
      done = co_await points(run);
    } catch (const std::exception& e) {
      done = fail(Errc::internal, fmt::format("something unexpected: {}", e.what()));
    }
    // What halted it is the cause; what a step said then is only how it found out.
    if (run.safety.halted()) done = *run.safety.halted();
    end_.reached = run.connected_once;
    if (run.ports) {
      auto safe = co_await confirm_safe_state(run);
      if (!safe && done) done = safe;
      co_await disconnect(run);
    }
    // A trip in the teardown counts as well.
    if (done && run.safety.halted()) done = *run.safety.halted();
    if (!done) end_.stopped = done.error();
    end_.pen = run.outcome.pen;
    end_.daq = run.outcome.daq;
    end_.temperature_c = run.outcome.temperature_c;
    end_.humidity_percent = run.outcome.humidity_percent;
    co_return std::move(end_);
  }

 private:
  /// Any pen may stand in the slot: it only has to keep still, or to turn slowly. Sampling follows the DAQ.
  Awaitable<Result<std::unique_ptr<BenchPorts>>> connect(RunJob& job) {
    auto ports = co_await bench_.connect();
    if (!ports) co_return ports.error();
    auto pen = co_await (*ports)->pen().identify();
    if (!pen) co_return pen.error();
    auto daq = co_await (*ports)->daq().identify();
    if (!daq) co_return daq.error();
    job.header.serial_number = pen->serial_number;
    product_.name = pen->product;
    plan_.sample_rate_hz = std::min(plan_.sample_rate_hz, daq->max_sample_rate_hz);
    plan_.block_samples = static_cast<std::uint32_t>(std::clamp(plan_.sample_rate_hz * kBlockS, 1.0, 512.0));
    co_return std::move(*ports);
  }

  Awaitable<PhaseOutcome> points(RunState& run) {
    PhaseRecord record;
    auto ready = co_await set_up(run, record);
    if (!ready) co_return ready;
    if (series_.target.kind == CalibrationKind::time_base) co_return co_await clock_points(run);
    for (std::size_t i = 0; i < series_.points.size(); ++i) {
      auto taken = co_await take_point(run, i);
      if (!taken) co_return taken;
    }
    co_return PhaseOutcome{};
  }

  Awaitable<PhaseOutcome> take_point(RunState& run, std::size_t i) {
    const PlannedPoint& point = series_.points[i];
    auto there = co_await drive(run, point);
    if (!there) co_return there;
    std::function<std::optional<Error>()> halted = [&run] { return run.safety.halted(); };
    std::string complaint;
    while (true) {
      HandRequest request{point, i + 1, series_.points.size(), complaint};
      auto applied = co_await series_.hand->apply(std::move(request), halted);
      if (run.safety.halted()) co_return *run.safety.halted();
      if (!applied) co_return applied.error();
      if (!*applied) co_return PhaseOutcome{};
      const double at_s = run.seconds_since_began() + series_.settle_s + series_.read_s / 2;
      auto reading = co_await read(run);
      if (!reading && reading.error().code != Errc::not_determined) co_return reading.error();
      if (!reading) {
        complaint = reading.error().message;
        continue;
      }
      LivePoint taken;
      taken.values = {**applied, std::round(reading->mean * 1e4) / 1e4, std::round(at_s * 1e3) / 1e3};
      taken.direction = point.direction;
      taken.number = i + 1;
      taken.reading = *reading;
      const double first = end_.points.empty() ? reading->mean : end_.points.front().reading->mean;
      taken.by_description = (reading->mean - first) * factor_of(bench_.rig.calibrations, series_.target).value;
      if (auto follows = follows_reference(end_.points, taken, series_.target); !follows) {
        complaint = follows.error().message;
        continue;
      }
      co_return co_await keep(std::move(taken));
    }
  }

  /// Where the rig itself goes; a hand applies the rest.
  Awaitable<PhaseOutcome> drive(RunState& run, const PlannedPoint& point) {
    if (series_.target.name == "encoder") {
      co_return co_await motion_command(run, run.the_pen().jog(point.drive_to));
    }
    if (series_.target.name == "encoder:stage") {
      const StageDescription& s = bench_.rig.stage;
      co_return co_await move_to(run, s.plate_x_mm, s.plate_y_mm, point.drive_to);
    }
    co_return PhaseOutcome{};
  }

  Awaitable<Result<SteadyReading>> read(RunState& run) {
    const SteadyLimits limits = steady_limits(series_.target, bench_.rig);
    Result<SteadyReading> reading = fail(Errc::internal, "nothing was read");
    for (unsigned i = 0; i < kReadings; ++i) {
      auto waited = co_await rest(run, series_.settle_s);
      if (!waited) co_return waited.error();
      Capture window;
      const StreamRouter::Listening listening = run.router.begin(window);
      waited = co_await rest(run, series_.read_s);
      if (waited) waited = co_await wait_for_samples(run);
      run.router.end();
      if (!waited) co_return waited.error();
      if (!window.gaps.empty()) {
        reading = fail(Errc::not_determined, "samples are missing: " + window.gaps.front().reason);
        continue;
      }
      reading =
          steady_reading(channel_of(window, series_.target), limits, range_of(bench_.rig.calibrations, series_.target));
      if (reading || reading.error().code != Errc::not_determined) break;
    }
    co_return reading;
  }

  /// The DAQ's clock against the host's, by exchanges spread over the time.
  Awaitable<PhaseOutcome> clock_points(RunState& run) {
    std::optional<ClockRelation> first;
    for (std::size_t i = 0; i < series_.clock_readings; ++i) {
      if (i > 0) {
        auto waited = co_await rest(run, series_.duration_s / static_cast<double>(series_.clock_readings - 1));
        if (!waited) co_return waited;
      }
      auto clock = co_await run.ports->daq().exchange_clocks();
      if (run.safety.halted()) co_return *run.safety.halted();
      if (!clock) co_return clock.error();
      if (!first) first = *clock;
      LivePoint taken;
      const auto ticks = static_cast<double>(static_cast<std::int64_t>(clock->tick_ref - first->tick_ref));
      taken.values = {static_cast<double>((clock->host_ref - first->host_ref).count()) * 1e-9, ticks / clock->tick_hz};
      taken.number = i + 1;
      taken.by_description = taken.values[1];
      auto kept = co_await keep(std::move(taken));
      if (!kept) co_return kept;
    }
    co_return PhaseOutcome{};
  }

  Awaitable<PhaseOutcome> keep(LivePoint taken) {
    end_.points.push_back(std::move(taken));
    Result<void> kept = fail(Errc::internal, "the point was not kept");
    const auto work = [&] { kept = series_.keep(end_.points); };
    co_await bench_.timeline.run_blocking(work);
    if (!kept) end_.points.pop_back();
    co_return kept;
  }

  LiveBench& bench_;
  LiveSeries& series_;
  Plan plan_;
  Product product_;
  NoRecord no_record_;
  LiveEnd end_;
};

}  // namespace

Awaitable<LiveEnd> take_series(LiveBench bench, LiveSeries series) {
  Series taken(bench, series);
  co_return co_await taken.go();
}

}  // namespace penrig
