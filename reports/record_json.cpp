#include "reports/record_json.hpp"

#include <cmath>

#include "reports/calibration_json.hpp"
#include "reports/decision_risk.hpp"
#include "reports/digest.hpp"
#include "reports/number_format.hpp"
#include "reports/store/stroke_blob.hpp"
#include "reports/verdict_word.hpp"
#include "reports/waveforms/waveform_rows.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
}
Json number(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }

Json budget_line_json(const BudgetLine& l) {
  // A line without an input of its own has no numbers of one: not there, rather than 0.
  const auto of_input = [&](double value) { return l.unit.empty() && value == 0 ? Json(nullptr) : number(value); };
  return {{"source", l.source},
          {"type", l.type_a ? "A" : "B"},
          {"distribution", l.distribution},
          {"unit", l.unit.empty() ? Json(nullptr) : Json(l.unit)},
          {"value", of_input(l.value)},
          {"u_input", of_input(l.u_input)},
          {"sensitivity", of_input(l.sensitivity)},
          {"u", number(l.u)},
          {"nu", number(l.nu)},
          {"cause", l.cause.empty() ? Json(nullptr) : Json(l.cause)}};
}

/// null: the run said nothing about corrections, which is not the same as that none was made.
Json corrections_json(const std::vector<Correction>& corrections) {
  if (corrections.empty()) return nullptr;
  Json list = Json::array();
  for (const Correction& c : corrections) {
    const auto in_unit = [&](double value) { return c.unit.empty() && value == 0 ? Json(nullptr) : number(value); };
    list.push_back({{"name", c.name},
                    {"applied", c.applied},
                    {"value", in_unit(c.value)},
                    {"u", in_unit(c.u)},
                    {"unit", c.unit.empty() ? Json(nullptr) : Json(c.unit)},
                    {"note", c.note}});
  }
  return list;
}

Json strokes_json(const std::vector<StrokeRow>& strokes) {
  // Columns: a tenth of the bytes of an object a stroke.
  Json columns = Json::object();
  const auto add = [&](const char* name, double StrokeRow::*field) {
    Json values = Json::array();
    for (const StrokeRow& row : strokes) values.push_back(number(row.*field));
    columns[name] = std::move(values);
  };
  add("top_s", &StrokeRow::top_s);
  add("period_us", &StrokeRow::period_us);
  add("extension_mm", &StrokeRow::extension_mm);
  add("penetration_mm", &StrokeRow::penetration_mm);
  add("peak_force_n", &StrokeRow::peak_force_n);
  add("u_penetration_mm", &StrokeRow::u_penetration_mm);
  return columns;
}

Json phase_json(const PhaseRecord& p) {
  Json j{{"name", p.name},
         {"kind", p.kind},
         {"attempt", p.attempt},
         {"depth_mm", number(p.depth_mm)},
         {"rate_per_min", number(p.rate_per_min)},
         {"started_s", number(p.started_s)},
         {"ended_s", number(p.ended_s)},
         {"verdict", name_of(p.verdict)},
         {"error", p.error}};
  j["spot"] = p.spot ? Json{{"name", p.spot->name},
                            {"strokes_before", p.spot->strokes_before},
                            {"strokes_after", p.spot->strokes_after ? Json(*p.spot->strokes_after) : Json(nullptr)}}
                     : Json(nullptr);
  j["samples"] = p.samples;
  j["gaps"] = p.gaps;
  Json values = Json::object();
  for (const auto& [name, value] : p.values) values[name] = number(value);
  j["values"] = std::move(values);
  j["measurements"] = Json::array();
  for (const Measurement& m : p.measurements) j["measurements"].push_back(measurement_json(m));
  j["waveforms"] = Json::array();
  for (const WaveformRecord& w : p.waveforms) j["waveforms"].push_back(waveform_json(w));
  j["strokes"] = strokes_json(p.strokes);
  j["traces_sha256"] = sha256_hex(bytes_of(p.traces));
  return j;
}

Json header_json(const RunRecord& run) {
  const RunHeader& h = run.header;
  Json documents = Json::array();
  for (const SourceDocument& d : h.documents) {
    documents.push_back({{"kind", d.kind}, {"name", d.name}, {"sha256", d.sha256}, {"size_bytes", d.bytes.size()}});
  }
  const auto named = [](const std::string& name, std::uint32_t revision) {
    return Json{{"name", name}, {"revision", revision}};
  };
  Json calibrations = Json::array();
  for (const Calibration& c : calibrations_of(h)) {
    calibrations.push_back({{"id", c.id},
                            {"target", c.target},
                            {"fixture_id", c.fixture_id},
                            {"factor", c.factor},
                            {"value", number(c.evaluation.value)},
                            {"u", number(c.evaluation.u)},
                            {"date", c.date.text},
                            {"due", c.due.text}});
  }
  return Json{{"serial_number", h.serial_number},
              {"operator", h.operator_name},
              {"slot", h.slot},
              {"plan", named(h.plan_name, h.plan_revision)},
              {"product", named(h.product_name, h.product_revision)},
              {"rig", named(h.rig_name, h.rig_revision)},
              {"documents", std::move(documents)},
              {"calibrations", std::move(calibrations)},
              {"software_version", h.software_version},
              {"software_commit", h.software_commit},
              {"algorithm_version", h.algorithm_version.empty() ? Json(nullptr) : Json(h.algorithm_version)},
              {"started_utc", format_iso8601(h.started_utc_ns)},
              {"started_utc_ns", h.started_utc_ns},
              {"simulated", h.simulated},
              {"engineering", h.engineering},
              {"engineering_because", h.engineering_because.empty() ? Json(nullptr) : Json(h.engineering_because)},
              {"reason", h.reason.empty() ? Json(nullptr) : Json(h.reason)},
              {"earlier_certifying_runs", h.earlier_certifying},
              {"simulation", h.simulation},
              {"fixture_id", h.fixture_id.empty() ? Json(nullptr) : Json(h.fixture_id)},
              {"cartridge", {{"lot", h.cartridge_lot}, {"needles", h.cartridge_needles}}},
              {"simulant",
               {{"lot", h.simulant_lot}, {"sheet", h.simulant_sheet.empty() ? Json(nullptr) : Json(h.simulant_sheet)}}},
              {"decisions_planned", h.decisions_planned},
              {"settings_planned", h.settings_planned}};
}

Json devices_json(const RunOutcome& o) {
  Json j = Json::object();
  j["pen"] = o.pen ? Json{{"product", o.pen->product},    {"serial_number", o.pen->serial_number},
                          {"firmware", o.pen->firmware},  {"firmware_hash", o.pen->firmware_hash},
                          {"hardware", o.pen->hardware},  {"can_jog", o.pen->can_jog},
                          {"simulated", o.pen->simulated}}
                   : Json(nullptr);
  j["daq"] = o.daq ? Json{{"fixture_id", o.daq->fixture_id},
                          {"serial_number", o.daq->serial_number},
                          {"firmware", o.daq->firmware},
                          {"tick_hz", number(o.daq->tick_hz)},
                          {"max_sample_rate_hz", number(o.daq->max_sample_rate_hz)},
                          {"simulated", o.daq->simulated}}
                   : Json(nullptr);
  return j;
}

}  // namespace

Json measurement_json(const Measurement& m) {
  Json j{{"measurand", m.measurand},
         {"unit", m.unit},
         {"depth_mm", number(m.depth_mm)},
         {"rate_per_min", number(m.rate_per_min)},
         {"value", number(m.value)}};
  if (!m.text_value.empty()) j["text_value"] = m.text_value;
  j.update({{"expanded_u", number(m.expanded_u)},
            {"k", number(m.k)},
            {"nu_eff", number(m.nu_eff)},
            {"low", number(m.low)},
            {"high", number(m.high)},
            {"realised", number(m.realised)},
            {"realised_u", number(m.realised_u)},
            {"n", m.n},
            {"n_eff", number(m.n_eff)}});
  Json budget = Json::array();
  for (const BudgetLine& line : m.budget) budget.push_back(budget_line_json(line));
  j["budget"] = std::move(budget);
  if (m.interval) {
    const ToleranceInterval& t = *m.interval;
    j["tolerance_interval"] = {{"low", number(t.low)},           {"high", number(t.high)},
                               {"mean", number(t.mean)},         {"s", number(t.s)},
                               {"k_factor", number(t.k_factor)}, {"k_factor_low", number(t.k_factor_low)},
                               {"u_sys", number(t.u_sys)}};
  }
  j.update({{"censored_high", m.censored_high}, {"strokes_beyond", m.strokes_beyond}, {"note", m.note}});
  return j;
}

Json decision_json(const Decision& d) {
  return {{"requirement", d.requirement_id},
          {"title", d.title},
          {"measurement", d.measurement},
          {"lower", number(d.lower)},
          {"upper", number(d.upper)},
          {"limit", d.limit_text},
          {"guard_band", number(d.guard_band)},
          {"verdict", name_of(d.verdict)},
          {"used", number(d.used)},
          {"conformity", number(d.conformity)},
          {"false_acceptance", number(false_acceptance(d))},
          {"false_acceptance_max", number(d.false_acceptance_max)},
          {"rule", d.rule},
          {"reason", d.reason}};
}

Json event_json(const RunEvent& e) {
  return {{"at_s", number(e.at_s)}, {"kind", e.kind}, {"text", e.text}, {"latency_ms", number(e.latency_ms)}};
}

Json record_json(const RunRecord& run) {
  const RunOutcome& o = run.outcome;
  Json j{{"format", "penrig-record"},
         {"format_version", 1},
         {"run_id", run.header.run_id},
         {"closed", run.closed},
         {"verdict", verdict_word(run)},
         {"counts_as", name_of(counted_verdict(run))},
         {"void_as_certificate", void_mark(run.header)},
         {"reason", o.reason}};
  j["header"] = header_json(run);
  j["devices"] = devices_json(o);
  j["circumstances"] = {{"battery_before_percent", number(o.battery_before_percent)},
                        {"battery_after_percent", number(o.battery_after_percent)},
                        {"temperature_c", number(o.temperature_c)},
                        {"humidity_percent", number(o.humidity_percent)}};
  j["ended_utc"] = run.closed ? Json(format_iso8601(o.ended_utc_ns)) : Json(nullptr);
  j["ended_utc_ns"] = run.closed ? Json(o.ended_utc_ns) : Json(nullptr);
  j["duration_s"] = number(o.duration_s);
  j["interrupted"] = o.interrupted;
  j["safe_state_confirmed"] = o.safe_state_confirmed;
  j["deciding"] = o.deciding ? Json(*o.deciding) : Json(nullptr);
  j["decisions"] = Json::array();
  for (const Decision& d : o.decisions) j["decisions"].push_back(decision_json(d));
  j["corrections"] = corrections_json(o.corrections);
  j["measurements"] = Json::array();
  for (const Measurement& m : o.measurements) j["measurements"].push_back(measurement_json(m));
  j["events"] = Json::array();
  for (const RunEvent& e : o.events) j["events"].push_back(event_json(e));
  j["spots_taken"] = Json::array();
  for (const SpotPlace& s : run.spots_taken)
    j["spots_taken"].push_back({{"name", s.name}, {"x_mm", number(s.x_mm)}, {"y_mm", number(s.y_mm)}});
  j["phases"] = Json::array();
  for (const PhaseRecord& p : run.phases) j["phases"].push_back(phase_json(p));
  return j;
}

std::string record_json_text(const RunRecord& run) {
  // Text from a device may be no UTF-8; it must not keep a record from being shown.
  return record_json(run).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace penrig
