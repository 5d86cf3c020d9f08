#include <algorithm>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reports/calibration_json.hpp"
#include "reports/record_store.hpp"
#include "rig/base/timeline.hpp"
#include "rig/calibrate/calibration.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/calibration_text.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::cli {
namespace {

constexpr std::size_t kRowsMost = 60;
constexpr std::size_t kAllRows = 1'000'000;

ExitCode complain(const Error& error) {
  spdlog::error("{}", error.message);
  return exit_code_of(error.code);
}

void print(const TerminalStyle& style, const std::vector<Line>& lines) {
  for (const Line& line : lines) std::cout << render(style, line);
}

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(' ');
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(' ') + 1 - from);
}

/// Reads what the user wrote into a calibration; every mistake is kept.
class Reader {
 public:
  Reader(const CalibrateOptions& options, std::int64_t utc_ns) : options_(options) {
    c_.filed_utc_ns = utc_ns;
    today_ = date_of_utc(utc_ns);
  }

  Calibration read() {
    const CalibrationTarget* target = read_target();
    read_rig();
    read_points(target);
    read_dates();
    read_standards(target);
    c_.operator_name = options_.operator_name;
    c_.temperature_c = options_.temperature_c;
    c_.humidity_percent = options_.humidity_percent;
    c_.note = options_.note;
    c_.software_version = kVersion;
    c_.software_commit = kCommit;
    if (mistakes_.empty()) evaluate_points(*target);
    return std::move(c_);
  }
  const std::vector<Mistake>& mistakes() const { return mistakes_; }

 private:
  void mistake(const char* option, std::string message) {
    Mistake m;
    m.file = option;
    m.message = std::move(message);
    mistakes_.push_back(std::move(m));
  }

  const CalibrationTarget* read_target() {
    const CalibrationTarget* first = find_target(options_.kind);
    if (options_.of.empty()) return take(first);
    const std::string name = fmt::format("{}:{}", options_.kind, options_.of);
    if (const CalibrationTarget* named = find_target(name)) return take(named);
    // The first of a kind has no name of its own there.
    if ((options_.kind == "encoder" && options_.of == "needle") ||
        (options_.kind == "compliance" && options_.of == "tip") ||
        (options_.kind == "inertia" && options_.of == "reciprocating")) {
      return take(first);
    }
    mistake("--of", fmt::format("'{}' is none of a {}'s (see penrig calibrate {} --help)", penrig::shown(options_.of),
                                options_.kind, options_.kind));
    return first;
  }

  const CalibrationTarget* take(const CalibrationTarget* target) {
    c_.target = target->name;
    c_.factor = target->factor;
    c_.unit = target->unit;
    return target;
  }

  void read_rig() {
    c_.fixture_id = options_.fixture_id;
    if (options_.rig.empty()) {
      if (c_.fixture_id.empty()) mistake("--fixture", "whose calibration is it? (write --fixture ID, or --rig RIG)");
      return;
    }
    Inputs inputs = load_rig_inputs(options_.rig);
    mistakes_.insert(mistakes_.end(), inputs.mistakes.begin(), inputs.mistakes.end());
    if (!inputs.has_rig) return;
    c_.simulated = inputs.rig.simulated;
    const std::string& of_rig = inputs.rig.calibrations.fixture_id;
    if (!c_.fixture_id.empty() && c_.fixture_id != of_rig) {
      mistake("--fixture", fmt::format("'{}' is not the fixture of rig '{}', which is {} (leave one of them out)",
                                       penrig::shown(c_.fixture_id), inputs.rig.name, of_rig));
    }
    c_.fixture_id = of_rig;
  }

  void read_points(const CalibrationTarget* target) {
    c_.points_name = std::filesystem::path(options_.points_path).filename().string();
    Result<std::string> text = read_text(options_.points_path);
    if (!text) {
      mistake(options_.points_path.c_str(), text.error().message);
      return;
    }
    Loaded<PointTable> points = load_points(*text, options_.points_path, target->kind);
    mistakes_.insert(mistakes_.end(), points.mistakes.begin(), points.mistakes.end());
    c_.points = std::move(points.value);
    have_points_ = points.mistakes.empty();
  }

  std::optional<CivilDate> date_in(const char* option, const std::string& text) {
    auto date = parse_date(text);
    if (!date)
      mistake(option, fmt::format("a date was expected, not '{}' (write: {} 2026-01-31)", penrig::shown(text), option));
    return date;
  }

  void read_dates() {
    c_.date = today_;
    if (!options_.date.empty()) c_.date = date_in("--date", options_.date).value_or(today_);
    if (c_.date.days > today_.days) {
      mistake("--date", fmt::format("{} lies in the future: today is {}{}", c_.date.text, today_.text,
                                    c_.simulated ? " for a simulated rig" : ""));
    }
    c_.due = date_of_days(c_.date.days + options_.valid_days);
    if (options_.due.empty()) return;
    if (const auto due = date_in("--due", options_.due)) c_.due = *due;
    if (c_.due.days <= c_.date.days) {
      mistake("--due", fmt::format("due {} is not after the calibration's date {}", c_.due.text, c_.date.text));
    }
  }

  void read_standards(const CalibrationTarget* target) {
    if (!options_.u_standards.empty() && options_.u_standards.size() != options_.standards.size()) {
      mistake("--u-standard", fmt::format("{} uncertainties for {} standards (write one a standard, in the same order)",
                                          options_.u_standards.size(), options_.standards.size()));
      return;
    }
    for (std::size_t i = 0; i < options_.standards.size(); ++i) {
      const std::string& written = options_.standards[i];
      ReferenceStandard s;
      s.id = trimmed(written.substr(0, written.find(',')));
      if (const std::size_t comma = written.find(','); comma != std::string::npos)
        s.certificate = trimmed(written.substr(comma + 1));
      if (s.id.empty() || s.certificate.empty()) {
        mistake("--standard",
                fmt::format("'{}' names no certificate (write: --standard 'ID, CERTIFICATE')", penrig::shown(written)));
      }
      if (!options_.u_standards.empty() && have_points_) {
        if (auto u = read_standard_u(options_.u_standards[i], target->kind, c_.points, s); !u)
          mistake("--u-standard", u.error().message);
      }
      c_.standards.push_back(std::move(s));
    }
  }

  void evaluate_points(const CalibrationTarget& target) {
    EvaluationInput input;
    input.standards = c_.standards;
    input.nominal_tick_hz = options_.tick_hz;
    input.span_mm = options_.span_mm;
    input.max_degree = options_.max_degree;
    Result<CalibrationEvaluation> e = evaluate(target, c_.points, input);
    if (e) {
      c_.evaluation = std::move(*e);
    } else {
      mistake(options_.points_path.c_str(), e.error().message);
    }
  }

  const CalibrateOptions& options_;
  Calibration c_;
  CivilDate today_;
  bool have_points_ = false;
  std::vector<Mistake> mistakes_;
};

std::int64_t now_utc_ns(const std::string& rig) {
  const auto timeline = sim::is_simulated_rig_uri(rig) ? make_virtual_timeline() : make_real_timeline();
  return timeline->utc_ns(timeline->now());
}

}  // namespace

ExitCode calibrate_command(const CalibrateOptions& options) {
  Reader reader(options, now_utc_ns(options.rig));
  Calibration calibration = reader.read();
  if (!reader.mistakes().empty()) {
    std::cerr << render_mistakes(reader.mistakes(), detect_style(2), "nothing was filed.");
    return ExitCode::usage;
  }
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open(options.records);
  if (!store) return complain(store.error());
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
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records);
  if (!store) return complain(store.error());
  const Result<std::vector<Calibration>> all = (*store)->list_calibrations();
  if (!all) return complain(all.error());
  const TerminalStyle style = detect_style(1);
  const CivilDate today = date_of_utc(now_utc_ns("")), virtual_today = date_of_utc(kVirtualEpochUtcNs);
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
    const std::string state = state_of(*c, c->simulated ? virtual_today : today);
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
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records);
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
