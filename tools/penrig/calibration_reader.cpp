#include "tools/penrig/calibration_reader.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "rig/calibrate/filed.hpp"
#include "rig/calibrate/live_points.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/built_in.hpp"

namespace penrig::cli {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(' ');
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(' ') + 1 - from);
}

}  // namespace

CalibrationReader::CalibrationReader(const CalibrateOptions& options, std::int64_t utc_ns) : options_(options) {
  c_.filed_utc_ns = utc_ns;
  today_ = date_of_utc(utc_ns);
}

void CalibrationReader::read() {
  read_target();
  read_rig();
  read_points();
  read_dates();
  read_standards();
  c_.operator_name = options_.operator_name;
  c_.temperature_c = options_.temperature_c;
  c_.humidity_percent = options_.humidity_percent;
  c_.note = options_.note;
  c_.software_version = kVersion;
  c_.software_commit = kCommit;
}

void CalibrationReader::mistake(const std::string& option, std::string message) {
  Mistake m;
  m.file = option;
  m.message = std::move(message);
  mistakes_.push_back(std::move(m));
}

void CalibrationReader::read_target() {
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
  take(first);
}

void CalibrationReader::take(const CalibrationTarget* target) {
  target_ = target;
  c_.target = target->name;
  c_.factor = target->factor;
  c_.unit = target->unit;
}

void CalibrationReader::read_rig() {
  c_.fixture_id = options_.fixture_id;
  if (options_.rig.empty()) {
    if (c_.fixture_id.empty() && !options_.points_path.empty())
      mistake("--fixture", "whose calibration is it? (write --fixture ID, or --rig RIG)");
    return;
  }
  inputs_ = load_rig_inputs(options_.rig);
  mistakes_.insert(mistakes_.end(), inputs_.mistakes.begin(), inputs_.mistakes.end());
  if (!inputs_.has_rig) return;
  c_.simulated = inputs_.rig.simulated;
  const std::string& of_rig = inputs_.rig.calibrations.fixture_id;
  if (!c_.fixture_id.empty() && c_.fixture_id != of_rig) {
    mistake("--fixture", fmt::format("'{}' is not the fixture of rig '{}', which is {} (leave one of them out)",
                                     penrig::shown(c_.fixture_id), inputs_.rig.name, of_rig));
  }
  c_.fixture_id = of_rig;
}

void CalibrationReader::read_points() {
  if (options_.points_path.empty()) {
    if (const std::string why = why_not_live(*target_); !why.empty()) {
      mistake("--points", fmt::format("the points of a {} are not taken from the rig: {} (columns {})",
                                      name_of(target_->kind), why, form_names(target_->kind)));
      return;
    }
    c_.points.columns = live_columns(target_->kind);
    c_.points.values.resize(c_.points.columns.size());
    have_points_ = true;
    return;
  }
  c_.points_name = std::filesystem::path(options_.points_path).filename().string();
  Result<std::string> text = read_text(options_.points_path);
  if (!text) return mistake(options_.points_path, text.error().message);
  Loaded<PointTable> points = load_points(*text, options_.points_path, target_->kind);
  mistakes_.insert(mistakes_.end(), points.mistakes.begin(), points.mistakes.end());
  c_.points = std::move(points.value);
  have_points_ = points.mistakes.empty();
  if (const auto head = read_series_head(*text)) check_head(*head);
}

void CalibrationReader::check_head(const SeriesHead& head) {
  const std::string& file = options_.points_path;
  if (head.target != c_.target) {
    mistake(file, fmt::format("its remarks say that it holds the points of {}, not of {}", head.target, c_.target));
  }
  if (!head.begun.empty()) {
    begun_ = parse_date(head.begun.substr(0, 10));
    if (!begun_) mistake(file, fmt::format("its remarks say 'begun {}', which is no date", penrig::shown(head.begun)));
  }
  if (!options_.rig.empty() && !inputs_.has_rig) return;  // told of already
  if (!c_.fixture_id.empty() && head.fixture_id != c_.fixture_id) {
    mistake(file, fmt::format("its remarks say that the points are of fixture {}, and they would be filed for {}",
                              penrig::shown(head.fixture_id), c_.fixture_id));
  }
  if (head.simulated != c_.simulated) {
    mistake(file, head.simulated ? "its remarks say that the points were taken on a simulation, and no simulated rig "
                                   "is named (write --rig, with the one that they are of)"
                                 : "its remarks say that the points were taken on a real rig, and the one that is "
                                   "named is simulated");
  }
}

std::optional<CivilDate> CalibrationReader::date_in(const char* option, const std::string& text) {
  auto date = parse_date(text);
  if (!date)
    mistake(option, fmt::format("a date was expected, not '{}' (write: {} 2026-01-31)", penrig::shown(text), option));
  return date;
}

void CalibrationReader::read_dates() {
  c_.date = begun_.value_or(today_);
  if (!options_.date.empty()) c_.date = date_in("--date", options_.date).value_or(c_.date);
  if (begun_ && c_.date.days != begun_->days) {
    mistake("--date", fmt::format("{} is not the day on which the series in {} was begun, {} (leave it out)",
                                  c_.date.text, c_.points_name, begun_->text));
  }
  if (c_.date.days > today_.days) {
    mistake(options_.date.empty() ? options_.points_path : "--date",
            fmt::format("{} lies in the future: today is {}{}", c_.date.text, today_.text,
                        c_.simulated ? " for a simulated rig" : ""));
  }
  if (options_.points_path.empty() && c_.date.days < today_.days) {
    mistake("--date", fmt::format("points that are taken from the rig are of today, {} (leave it out)", today_.text));
  }
  c_.due = date_of_days(c_.date.days + options_.valid_days);
  if (options_.due.empty()) return;
  if (const auto due = date_in("--due", options_.due)) c_.due = *due;
  if (c_.due.days <= c_.date.days) {
    mistake("--due", fmt::format("due {} is not after the calibration's date {}", c_.due.text, c_.date.text));
  }
}

void CalibrationReader::read_standards() {
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
      if (auto u = read_standard_u(options_.u_standards[i], target_->kind, c_.points, s); !u)
        mistake("--u-standard", u.error().message);
    }
    c_.standards.push_back(std::move(s));
  }
}

Result<void> CalibrationReader::evaluate_points() {
  EvaluationInput input;
  input.standards = c_.standards;
  input.nominal_tick_hz = options_.tick_hz;
  input.span_mm = options_.span_mm;
  input.max_degree = options_.max_degree;
  Result<CalibrationEvaluation> e = evaluate(*target_, c_.points, input);
  if (!e) return e.error();
  if (inputs_.has_rig) {
    if (const std::string why = why_not_plausible(*target_, *e, inputs_.rig); !why.empty())
      return fail(Errc::bad_data, fmt::format("the points give {}", why));
  }
  c_.evaluation = std::move(*e);
  return {};
}

}  // namespace penrig::cli
