#include "tools/penrig/live_calibration.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "fixtures/bench_ports.hpp"
#include "fixtures/faults/faulty_bench.hpp"
#include "reports/atomic_file.hpp"
#include "reports/number_format.hpp"
#include "rig/calibrate/series_head.hpp"
#include "tools/penrig/calibration_hand.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/open_slot.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/rig_lock.hpp"
#include "tools/penrig/stop_signals.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;

/// "load-cell-points.csv", "encoder-stage-points-2.csv": the first that is free.
std::string free_name(std::string_view target) {
  std::string stem(target);
  std::ranges::replace(stem, ':', '-');
  std::error_code ec;
  std::string name = stem + "-points.csv";
  for (int i = 2; fs::exists(fs::symlink_status(name, ec)); ++i) name = fmt::format("{}-points-{}.csv", stem, i);
  return name;
}

/// What the user can type to file the points that are on disk as they would have been filed.
std::string command_for(const CalibrateOptions& o, const Calibration& c, const std::string& file) {
  std::string text = fmt::format("penrig calibrate {}{} --points {} --rig {} --operator {}", o.kind,
                                 o.of.empty() ? "" : " --of " + o.of, shell_word(file), shell_word(o.rig),
                                 shell_word(o.operator_name));
  for (std::size_t i = 0; i < o.standards.size(); ++i) {
    text += " --standard " + shell_word(o.standards[i]);
    if (i < o.u_standards.size()) text += " --u-standard " + shell_word(o.u_standards[i]);
  }
  if (o.records != "records") text += " --records " + shell_word(o.records);
  text += " --date " + c.date.text;
  text += o.due.empty() ? fmt::format(" --valid-days {}", o.valid_days) : " --due " + o.due;
  if (c.temperature_c) text += fmt::format(" --temperature-c {}", *c.temperature_c);
  if (c.humidity_percent) text += fmt::format(" --humidity-percent {}", *c.humidity_percent);
  if (!o.note.empty()) text += " --note " + shell_word(o.note);
  if (o.max_degree != CalibrateOptions{}.max_degree) text += fmt::format(" --max-degree {}", o.max_degree);
  return text;
}

/// Says who is there and what goes wrong.
class GuideObserver final : public RunObserver {
 public:
  GuideObserver(Guide& guide, StopSignals& signals) : guide_(guide), signals_(signals) {}
  void connected(const PenIdentity& pen, const DaqIdentity& daq) override {
    signals_.poll();
    guide_.line(
        labelled("bench", fmt::format("DAQ {}{}, pen {}{}", daq.serial_number, daq.simulated ? ", simulated" : "",
                                      pen.serial_number, pen.simulated ? ", simulated" : "")));
  }
  void event(const RunEvent& event) override {
    guide_.line({{fmt::format("{:<8} ", event.kind), Ink::label}, {event.text, Ink::strong}});
  }

 private:
  Guide& guide_;
  StopSignals& signals_;
};

Awaitable<int> drive_series(LiveBench bench, LiveSeries series, faults::FaultyBench* rig, LiveEnd& end) {
  end = co_await take_series(std::move(bench), std::move(series));
  if (rig != nullptr) co_await rig->shut_down();
  co_return 0;
}

/// "      reads 4123.08 counts, sd 20.1, moved 0.6; 0.8021 N by the description"
Line point_line(const LivePoint& point, std::size_t of, const CalibrationTarget& target) {
  if (target.kind == CalibrationKind::time_base) {
    return {{fmt::format("{:>3}/{}      after {:.3f} s the device's clock went on by {:.6f} s", point.number, of,
                         point.values[0], point.values[1])}};
  }
  const bool force = target.kind == CalibrationKind::load_cell;
  const char* const unit = force ? "N" : "mm";
  const char* const direction = point.direction > 0 ? "up" : point.direction < 0 ? "down" : "";
  return {{fmt::format("{:>3}/{} {:<4} {:>9.4f} {}  reads {:>11.2f} counts", point.number, of, direction,
                       point.values[0], unit, point.values[1])},
          {fmt::format(", sd {:.1f}, moved {:.1f}; {:+.4f} {} since the first by the description", point.reading->sd,
                       point.reading->moved, point.by_description, unit),
           Ink::label}};
}

std::vector<Line> introduction(const CalibrateOptions& options, const LivePlan& plan, CalibrationReader& reader,
                               const std::string& file) {
  const RigDescription& rig = reader.inputs().rig;
  std::vector<Line> lines{labelled(
      "kind", fmt::format("{} of fixture {}, from rig '{}', slot {}{}", reader.target().name,
                          rig.calibrations.fixture_id, rig.name, plan.slot.name, rig.simulated ? " (simulated)" : ""))};
  if (reader.target().kind == CalibrationKind::time_base) {
    lines.push_back(
        labelled("points", fmt::format("the DAQ's clock against this machine's, for {:g} s; the standard is "
                                       "what keeps this machine's clock",
                                       options.duration_s)));
  } else {
    lines.push_back(
        labelled("points", fmt::format("{}, each the mean of {:g} s at rest", plan.points.size(), options.read_s)));
  }
  lines.push_back(labelled("saved", file + ", as they come"));
  if (reader.target().kind != CalibrationKind::time_base && !plan.by_itself)
    lines.push_back(labelled("keys", "Enter goes on, s leaves a point out, q ends; Ctrl-C stops the bench"));
  return lines;
}

std::vector<std::string> remarks(const LivePlan& plan, CalibrationReader& reader) {
  const Calibration& c = reader.calibration();
  std::vector<std::string> lines = remarks_of({c.target, c.fixture_id, c.simulated, format_iso8601(c.filed_utc_ns)});
  lines.insert(lines.begin() + 1, fmt::format("taken from rig '{}', slot {}, by {}", reader.inputs().rig.name,
                                              plan.slot.name, c.operator_name));
  return lines;
}

ExitCode exit_code_of_end(const LiveEnd& end) {
  if (end.stopped->code == Errc::aborted) return end.reached ? ExitCode::aborted : ExitCode::nothing_ran;
  return cli::exit_code_of(end.stopped->code);
}

}  // namespace

LivePlan plan_live(const CalibrateOptions& options, CalibrationReader& reader) {
  LivePlan plan;
  const Inputs& inputs = reader.inputs();
  if (options.rig.empty()) {
    reader.mistake("--rig", "from which rig? (write --rig RIG, or --points FILE for points that were written down)");
    return plan;
  }
  if (!options.save_path.empty()) {
    std::error_code ec;
    if (fs::exists(fs::symlink_status(options.save_path, ec)))
      reader.mistake("--save", fmt::format("'{}' is there already, and points are never replaced (name another)",
                                           options.save_path));
  }
  if (!inputs.has_rig) return plan;
  const RigDescription& rig = inputs.rig;
  if (auto none = choose_slot(rig, options.slot, plan.slot)) {
    reader.mistake(none->file, none->message);
  } else {
    for (const Mistake& m : check_links(inputs, plan.slot)) reader.mistake(m.file, m.message);
  }
  plan.slot.pen_ble_link.clear();  // no series needs it
  const CalibrationTarget& target = reader.target();
  if (target.kind == CalibrationKind::time_base) return plan;
  Result<std::vector<PlannedPoint>> values = fail(Errc::usage, "");
  if (!options.standards_path.empty()) {
    plan.by_itself = inputs.simulated.has_value();
    const Result<std::string> text = read_text(options.standards_path);
    if (!text) return reader.mistake(options.standards_path, text.error().message), plan;
    Loaded<std::vector<PlannedPoint>> loaded = load_standards(*text, options.standards_path, target.kind);
    if (!loaded.ok()) {
      for (const Mistake& m : loaded.mistakes) reader.mistake(m);
      return plan;
    }
    values = std::move(loaded.value);
  } else {
    values = options.at.empty() ? default_plan(target, rig) : plan_of_values(options.at);
  }
  if (!values) return reader.mistake(options.at.empty() ? "--rig" : "--at", values.error().message), plan;
  for (const PlannedPoint& point : *values) {
    if (auto allowed = check_applied(point.applied.value_or(0), target, rig); !allowed)
      reader.mistake(options.standards_path.empty() ? "--at" : "--standards", allowed.error().message);
  }
  plan.points = up_and_down(*values, options.rounds, target);
  return plan;
}

std::optional<ExitCode> take_live(const CalibrateOptions& options, const LivePlan& plan, CalibrationReader& reader,
                                  Timeline& timeline) {
  const Inputs& inputs = reader.inputs();
  Calibration& calibration = reader.calibration();
  const CalibrationTarget& target = reader.target();
  const int descriptor = options.json ? STDERR_FILENO : STDOUT_FILENO;
  Guide guide(options.json ? stderr : stdout, detect_style(descriptor));
  const std::string file = options.save_path.empty() ? free_name(target.name) : options.save_path;
  const auto complain = [](const Error& error) {
    spdlog::error("{}; nothing has moved, nothing was filed", error.message);
    return cli::exit_code_of(error.code);
  };

  StopRequest stop(timeline);
  StopSignals signals(timeline, stop, InHand::rig);
  RigLock lock;
  if (!inputs.simulated) {
    const Result<std::string> directory = lock_directory();
    if (!directory) return complain(directory.error());
    Result<RigLock> taken = RigLock::take(inputs.rig, plan.slot, *directory);
    if (!taken) return complain(taken.error());
    lock.take_over(std::move(*taken));
  }
  // A place that cannot be written to is found before anything moves.
  const std::vector<std::string> head = remarks(plan, reader);
  const auto write = [&](const std::vector<LivePoint>& points) {
    return replace_file(file, points_csv(target.kind, head, points));
  };
  if (auto writable = write({}); !writable) return complain(writable.error());

  std::unique_ptr<faults::FaultyBench> simulated;
  ConnectBench connect = [&timeline, &plan] { return open_slot(timeline, plan.slot, {}); };
  if (inputs.simulated) {
    const auto slot = std::ranges::find(inputs.rig.slots, plan.slot.name, &SlotDescription::name);
    const auto index = static_cast<std::size_t>(slot - inputs.rig.slots.begin());
    const SimulatedSlot& own = inputs.simulated_slots.at(index);
    simulated = std::make_unique<faults::FaultyBench>(timeline, own.plant, inputs.simulated->seed + index, own.faults,
                                                      inputs.simulated->latency);
    connect = simulated->connect();
  }
  for (const Line& line : introduction(options, plan, reader, file)) guide.line(line);
  GuideObserver observer(guide, signals);
  HandSetting setting{timeline,   stop,  [&signals] { signals.poll(); },           target,
                      inputs.rig, guide, simulated ? &simulated->bench() : nullptr};
  const std::unique_ptr<CalibrationHand> hand =
      plan.by_itself ? make_simulated_hand(std::move(setting)) : make_person(std::move(setting));
  LiveSeries series{target, plan.points};
  series.read_s = options.read_s;
  series.duration_s = options.duration_s;
  series.hand = hand.get();
  const std::size_t of = plan.points.empty() ? series.clock_readings : plan.points.size();
  series.keep = [&](const std::vector<LivePoint>& points) -> Result<void> {
    auto kept = write(points);
    if (kept) guide.line(point_line(points.back(), of, target));
    return kept;
  };
  LiveBench bench{timeline, inputs.rig, plan.slot.name, std::move(connect), observer, stop};
  LiveEnd end;
  timeline.run(drive_series(std::move(bench), std::move(series), simulated.get(), end));

  if (!calibration.temperature_c) calibration.temperature_c = end.temperature_c;
  if (!calibration.humidity_percent) calibration.humidity_percent = end.humidity_percent;
  if (!end.stopped && end.points.empty()) end.stopped = fail(Errc::aborted, "every point was left out");
  if (end.stopped) {
    std::error_code ec;
    if (end.points.empty()) fs::remove(file, ec);
    spdlog::error("{}; nothing was filed", end.stopped->message);
    if (!end.points.empty()) {
      spdlog::error("{} point{} in {}; if that is enough, this files them: {}", end.points.size(),
                    end.points.size() == 1 ? " is" : "s are", file, command_for(options, calibration, file));
    }
    return exit_code_of_end(end);
  }
  // What is evaluated is what stands on disk.
  Loaded<PointTable> table = load_points(points_csv(target.kind, head, end.points), file, target.kind);
  if (!table.ok()) {
    spdlog::error("the points cannot be read back from {}: {}", file, table.mistakes.front().message);
    return ExitCode::error;
  }
  calibration.points = std::move(table.value);
  calibration.points_name = fmt::format("{}, taken from slot {}", fs::path(file).filename().string(), plan.slot.name);
  guide.line({});
  return std::nullopt;
}

}  // namespace penrig::cli
