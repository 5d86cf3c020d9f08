#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reports/calibration_json.hpp"
#include "reports/store/record_store.hpp"
#include "rig/base/timeline.hpp"
#include "rig/calibrate/filed.hpp"
#include "rig/spec/civil_date.hpp"
#include "tools/penrig/calibration_reader.hpp"
#include "tools/penrig/calibration_text.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/live_calibration.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/store_options.hpp"

namespace penrig::cli {
namespace {

constexpr std::size_t kRowsMost = 60;
constexpr std::size_t kAllRows = 1'000'000;

std::unique_ptr<Timeline> timeline_of(const std::string& rig) {
  return sim::is_simulated_rig_uri(rig) ? make_virtual_timeline() : make_real_timeline();
}

std::int64_t now_utc_ns(const Timeline& timeline) { return timeline.utc_ns(timeline.now()); }

/// A store that has a key takes what nobody signs only where nothing certifies. Errc::refused says whose key it
/// expects.
Result<void> may_be_unsigned(RecordStore& store, const CalibrateOptions& options) {
  const Result<std::string> whose = signature_missed(store, options.keys);
  if (!whose) return whose.error();
  if (whose->empty()) return {};
  const Result<std::vector<RunRow>> runs = store.list_runs();
  if (!runs) return runs.error();
  const bool certifies = std::ranges::any_of(*runs, [](const RunRow& r) { return !r.engineering && !r.simulated; });
  if (certifies) {
    return fail(Errc::refused, fmt::format("{}: a calibration must be signed by the key of these records ({}), and "
                                           "there is no key here (have it filed by who has that key; --keys DIR names "
                                           "its folder)",
                                           options.records, *whose));
  }
  spdlog::warn(
      "{}: nobody signs this calibration, and these records have a key ({}): no certifying run takes it, and "
      "penrig verify names it as a fault (--keys DIR names the folder of a key)",
      options.records, *whose);
  return {};
}

}  // namespace

ExitCode calibrate_command(const CalibrateOptions& options) {
  const bool live = options.points_path.empty();
  const std::unique_ptr<Timeline> timeline = timeline_of(options.rig);
  CalibrationReader reader(options, now_utc_ns(*timeline));
  reader.read();
  LivePlan plan;
  if (live && why_not_live(reader.target()).empty()) plan = plan_live(options, reader);
  const auto refuse = [&] {
    std::cerr << render_mistakes(reader.mistakes(), detect_style(2), "nothing was filed.");
    return ExitCode::usage;
  };
  if (!reader.mistakes().empty()) return refuse();
  if (!live) {
    if (auto evaluated = reader.evaluate_points(); !evaluated) {
      reader.mistake(options.points_path, evaluated.error().message);
      return refuse();
    }
  }
  // Before anybody works for an hour: is there a place to file it?
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open(options.records, store_options());
  if (!store) return complain(store.error());
  if (auto keys = sign_with_usual_keys(**store, options.keys, options.operator_name); !keys)
    return complain(keys.error());
  if (auto may = may_be_unsigned(**store, options); !may) return complain(may.error());
  Calibration& calibration = reader.calibration();
  if (live) {
    if (const std::optional<ExitCode> ended = take_live(options, plan, reader, *timeline)) return *ended;
    if (auto evaluated = reader.evaluate_points(); !evaluated) {
      spdlog::error("{}: {}; nothing was filed", calibration.points_name, evaluated.error().message);
      return ExitCode::error;
    }
    calibration.filed_utc_ns = now_utc_ns(*timeline);
  }
  const Result<std::string> id = (*store)->file_calibration(calibration);
  if (!id) return complain(id.error());
  calibration.id = *id;
  if (options.json) {
    std::cout << calibration_json_text(calibration);
    return ExitCode::pass;
  }
  const TerminalStyle style = detect_style(1);
  print(style, calibration_text(calibration, kRowsMost));
  std::cout << '\n';
  print(style,
        {labelled("filed", fmt::format("{} in {}, valid from {} to {}", *id, options.records, calibration.date.text,
                                       calibration.due.text)),
         labelled("next", fmt::format("penrig calibration show {} --records {}", *id, shell_word(options.records)))});
  return ExitCode::pass;
}

ExitCode calibration_list_command(const CalibrationListOptions& options) {
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records, store_options());
  if (!store) return complain(store.error());
  const Result<std::vector<Calibration>> all = (*store)->list_calibrations();
  if (!all) return complain(all.error());
  const TerminalStyle style = detect_style(1);
  const CivilDate today = date_of_utc(now_utc_ns(*make_real_timeline())),
                  virtual_today = date_of_utc(kVirtualEpochUtcNs);
  std::vector<const Calibration*> shown_ones;
  std::size_t fixture_width = 0, value_width = 0;
  for (const Calibration& c : *all) {
    if (!options.fixture_id.empty() && c.fixture_id != options.fixture_id) continue;
    shown_ones.push_back(&c);
    fixture_width = std::max(fixture_width, width(c.fixture_id));
    value_width = std::max(value_width, width(value_text(c)));
  }
  for (const Calibration* c : shown_ones) {
    // A simulated calibration is held against the day on which virtual time begins.
    const bool superseded = is_superseded(*all, static_cast<std::size_t>(c - all->data()));
    const std::string state = state_of(*c, c->simulated ? virtual_today : today, superseded);
    if (options.json) {
      nlohmann::ordered_json json = calibration_json(*c);
      for (const char* bulk : {"points", "fit", "budget"}) json.erase(bulk);
      json["state"] = state;
      std::cout << json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
      continue;
    }
    std::cout << render(
        style, {{fmt::format("{}  {:<16}  {}{}  {} to {}  ", c->id, c->target, c->fixture_id,
                             std::string(fixture_width - width(c->fixture_id), ' '), c->date.text, c->due.text)},
                {fmt::format("{:<13}", state), state == "in force" ? Ink::plain : Ink::strong},
                {"  " + value_text(*c) + std::string(value_width - width(value_text(*c)), ' ')},
                {"  " + c->operator_name + (c->simulated ? ", simulated" : ""), Ink::label}});
  }
  if (!options.json && shown_ones.empty()) std::cout << "no calibration matches\n";
  return ExitCode::pass;
}

ExitCode calibration_show_command(const CalibrationListOptions& options) {
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records, store_options());
  if (!store) return complain(store.error());
  std::string id = options.id;
  if (id.empty()) {
    const Result<std::vector<Calibration>> all = (*store)->list_calibrations();
    if (!all) return complain(all.error());
    if (all->empty())
      return complain(fail(Errc::usage, fmt::format("{}: the store holds no calibrations yet", options.records)));
    id = all->back().id;
  }
  const Result<Calibration> c = (*store)->load_calibration(id);
  if (!c) return complain(c.error());
  if (options.json) {
    std::cout << calibration_json_text(*c);
    return ExitCode::pass;
  }
  const TerminalStyle style = detect_style(1);
  print(style, {labelled("id", fmt::format("{}, valid from {} to {}", c->id, c->date.text, c->due.text))});
  print(style, calibration_text(*c, kAllRows));
  return ExitCode::pass;
}

}  // namespace penrig::cli
