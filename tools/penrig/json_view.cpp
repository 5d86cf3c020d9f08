#include "tools/penrig/json_view.hpp"

#include <cmath>
#include <ostream>

#include <nlohmann/json.hpp>

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr Nanoseconds kProgressEvery = std::chrono::milliseconds{200};

/// As in records: what is not finite is a word, and null means that it is not there.
Json number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return value;
}

Json number_or_null(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }

Json decision_json(const Decision& decision, const RunOutcome& outcome) {
  const Measurement& m = outcome.measurements.at(decision.measurement);
  Json json;
  json["requirement"] = decision.requirement_id;
  json["title"] = decision.title;
  json["measurand"] = m.measurand;
  json["depth_mm"] = number_or_null(m.depth_mm);
  json["rate_per_min"] = number_or_null(m.rate_per_min);
  if (m.link) json["link"] = name_of(*m.link);
  json["verdict"] = name_of(decision.verdict);
  json["value"] = number_or_null(m.value);
  if (!m.text_value.empty()) json["text_value"] = m.text_value;
  json["expanded_u"] = number(m.expanded_u);
  json["unit"] = m.unit;
  json["limit"] = decision.limit_text;
  json["used"] = number(decision.used);
  if (decision.conformity) json["conformity"] = number(*decision.conformity);
  if (decision.false_acceptance_max) json["false_acceptance_max"] = number(*decision.false_acceptance_max);
  json["reason"] = decision.reason;
  return json;
}

}  // namespace

void JsonView::write(const Json& object) {
  // A device may send any bytes as its name: what is no UTF-8 is replaced, not thrown.
  out_ << object.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
}

Json JsonView::line(const char* event) const {
  Json json;
  json["event"] = event;
  if (!slot_.empty()) json["slot"] = slot_;
  return json;
}

void JsonView::begin(const RunIntroduction& introduction) {
  Json json = line("header");
  json["plan"] = {{"name", introduction.plan.name}, {"revision", introduction.plan.revision}};
  json["product"] = {{"name", introduction.product.name}, {"revision", introduction.product.revision}};
  json["rig"] = {{"name", introduction.rig.name}, {"revision", introduction.rig.revision}};
  json["serial_number"] = introduction.serial_number;
  json["slot"] = introduction.slot;
  json["mode"] = introduction.mode;
  json["settings"] = introduction.counts.settings;
  json["decisions"] = introduction.counts.decisions;
  json["planned_s"] = introduction.planned_s;
  if (!introduction.calibrations.empty()) {
    json["calibrations"] = Json::array();
    for (const Calibration& c : introduction.calibrations) {
      json["calibrations"].push_back({{"id", c.id}, {"target", c.target}, {"due", c.due.text}});
    }
  }
  if (!introduction.passed_over.empty()) json["calibrations_not_in_force"] = introduction.passed_over;
  write(json);
}

void JsonView::connected(const PenIdentity& pen, const DaqIdentity& daq) {
  Json json = line("connected");
  json["pen"] = {{"product", pen.product},
                 {"serial_number", pen.serial_number},
                 {"firmware", pen.firmware},
                 {"hardware", pen.hardware},
                 {"simulated", pen.simulated}};
  json["daq"] = {{"fixture_id", daq.fixture_id},
                 {"serial_number", daq.serial_number},
                 {"firmware", daq.firmware},
                 {"simulated", daq.simulated}};
  write(json);
}

void JsonView::progress(const Progress& progress) {
  const TimePoint now = timeline_.now();
  if (progress_said_ && now - last_progress_ < kProgressEvery) return;
  progress_said_ = true;
  last_progress_ = now;
  Json json = line("progress");
  json["fraction"] = progress.fraction;
  json["left_s"] = progress.seconds_left;
  json["label"] = progress.label;
  json["stroke"] = progress.stroke;
  json["strokes"] = progress.strokes;
  write(json);
}

void JsonView::phase_done(const PhaseRecord& phase) {
  Json json = line("phase");
  json["name"] = phase.name;
  json["kind"] = phase.kind;
  json["attempt"] = phase.attempt;
  json["depth_mm"] = number_or_null(phase.depth_mm);
  json["rate_per_min"] = number_or_null(phase.rate_per_min);
  json["started_s"] = phase.started_s;
  json["ended_s"] = phase.ended_s;
  json["verdict"] = name_of(phase.verdict);
  json["error"] = phase.error;
  json["strokes"] = phase.strokes.size();
  json["samples"] = phase.samples;
  json["gaps"] = phase.gaps;
  write(json);
}

void JsonView::event(const RunEvent& event) {
  Json json = line("event");
  json["kind"] = event.kind;
  json["at_s"] = event.at_s;
  json["text"] = event.text;
  if (event.latency_ms) json["latency_ms"] = *event.latency_ms;
  write(json);
}

void JsonView::end(const RunEnd& end) {
  const RunOutcome& outcome = end.result.outcome;
  const bool durable = end.result.record_durable;
  Json json = line("result");
  json["verdict"] = name_of(durable ? outcome.verdict : worst(outcome.verdict, Verdict::error));
  json["reason"] = outcome.reason;
  json["serial_number"] = end.serial_number;
  json["run"] = end.result.run_id;
  json["record_durable"] = durable;
  if (!durable) json["record_error"] = end.result.record_error;
  json["safe_state_confirmed"] = outcome.safe_state_confirmed;
  json["duration_s"] = outcome.duration_s;
  json["records"] = end.records_directory;
  json["report"] = end.report_path.empty() || !end.report_error.empty() ? Json(nullptr) : Json(end.report_path);
  if (!end.report_error.empty()) json["report_error"] = end.report_error;
  // Nothing may look like a PASS that is not on disk.
  json["decisions"] = Json::array();
  if (durable) {
    for (const Decision& decision : outcome.decisions) json["decisions"].push_back(decision_json(decision, outcome));
    json["deciding"] = outcome.deciding ? Json(*outcome.deciding) : Json(nullptr);
  }
  write(json);
}

void write_refused_json(std::ostream& out, const std::string& message, const std::string& slot) {
  Json json{{"event", "refused"}};
  if (!slot.empty()) json["slot"] = slot;
  json["message"] = message;
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
}

void write_mistakes_json(std::ostream& out, const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    Json json;
    json["event"] = "mistake";
    json["file"] = mistake.file;
    json["line"] = mistake.line;
    json["column"] = mistake.column;
    json["message"] = mistake.message;
    out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
  out << std::flush;
}

}  // namespace penrig::cli
