#include "reports/record_json.hpp"

#include <vector>

#include "reports/budget_lines.hpp"
#include "reports/calibration_json.hpp"
#include "reports/decision_risk.hpp"
#include "reports/digest.hpp"
#include "reports/json_text.hpp"
#include "reports/number_format.hpp"
#include "reports/phase_measurements.hpp"
#include "reports/store/stroke_blob.hpp"
#include "reports/trace/trace_rows.hpp"
#include "reports/verdict_word.hpp"
#include "reports/waveforms/waveform_rows.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

void text_or_null(JsonText& out, const std::string& text) { text.empty() ? out.null() : out.text(text); }

void write(JsonText& out, const BudgetLine& l) {
  // A line without an input of its own has no numbers of one: not there, rather than 0.
  const auto of_input = [&](const char* key, double value) {
    out.key(key);
    l.unit.empty() && value == 0 ? out.null() : out.number(value);
  };
  out.open_object().key("source").text(l.source).key("type").text(l.type_a ? "A" : "B");
  out.key("distribution").text(l.distribution);
  out.key("unit");
  text_or_null(out, l.unit);
  of_input("value", l.value);
  of_input("u_input", l.u_input);
  of_input("sensitivity", l.sensitivity);
  out.key("u").number(l.u).key("nu").number(l.nu).key("cause");
  text_or_null(out, l.cause);
  out.close_object();
}

/// What stands once in a record and is referred to by its number. Format 1 has none: everything stands where it
/// belongs, however often.
struct Shared {
  BudgetLines lines;
  CalibrationInputs calibrations;
};

void write_budget(JsonText& out, const std::vector<BudgetLine>& budget, Shared* shared) {
  out.open_array();
  for (const BudgetLine& line : budget) {
    if (shared != nullptr) {
      out.whole(shared->lines.number_of(line));
    } else {
      write(out, line);
    }
  }
  out.close_array();
}

void write(JsonText& out, const Measurement& m, Shared* shared) {
  out.open_object().key("measurand").text(m.measurand).key("unit").text(m.unit).key("depth_mm").number(m.depth_mm);
  out.key("rate_per_min").number(m.rate_per_min);
  if (m.link) out.key("link").text(name_of(*m.link));
  out.key("value").number(m.value);
  if (!m.text_value.empty()) out.key("text_value").text(m.text_value);
  out.key("expanded_u").number(m.expanded_u).key("k").number(m.k).key("nu_eff").number(m.nu_eff);
  out.key("low").number(m.low).key("high").number(m.high).key("realised").number(m.realised);
  out.key("realised_u").number(m.realised_u).key("n").whole(m.n).key("n_eff").number(m.n_eff);
  out.key("budget");
  write_budget(out, m.budget, shared);
  if (m.interval) {
    const ToleranceInterval& t = *m.interval;
    out.key("tolerance_interval").open_object().key("low").number(t.low).key("high").number(t.high);
    out.key("mean").number(t.mean).key("s").number(t.s).key("k_factor").number(t.k_factor);
    out.key("k_factor_low").number(t.k_factor_low).key("u_sys").number(t.u_sys).close_object();
  }
  out.key("censored_high").flag(m.censored_high).key("strokes_beyond").whole(m.strokes_beyond);
  out.key("note").text(m.note).close_object();
}

void write(JsonText& out, const Decision& d) {
  out.open_object().key("requirement").text(d.requirement_id).key("title").text(d.title);
  out.key("measurement").whole(d.measurement).key("lower").number(d.lower).key("upper").number(d.upper);
  out.key("limit").text(d.limit_text).key("guard_band").number(d.guard_band).key("verdict").text(name_of(d.verdict));
  out.key("used").number(d.used).key("conformity").number(d.conformity);
  out.key("false_acceptance").number(false_acceptance(d)).key("false_acceptance_max").number(d.false_acceptance_max);
  out.key("rule").text(d.rule).key("reason").text(d.reason).close_object();
}

/// null: the run said nothing about corrections, which is not the same as that none was made.
void write(JsonText& out, const std::vector<Correction>& corrections) {
  if (corrections.empty()) {
    out.null();
    return;
  }
  out.open_array();
  for (const Correction& c : corrections) {
    const auto in_unit = [&](double value) { c.unit.empty() && value == 0 ? out.null() : out.number(value); };
    out.open_object().key("name").text(c.name).key("applied").flag(c.applied).key("value");
    in_unit(c.value);
    out.key("u");
    in_unit(c.u);
    out.key("unit");
    text_or_null(out, c.unit);
    out.key("note").text(c.note).close_object();
  }
  out.close_array();
}

void write(JsonText& out, const std::vector<StrokeRow>& strokes) {
  // Columns: a tenth of the bytes of an object a stroke.
  out.open_object();
  const auto add = [&](const char* name, double StrokeRow::*field) {
    out.key(name).open_array();
    for (const StrokeRow& row : strokes) out.number(row.*field);
    out.close_array();
  };
  add("top_s", &StrokeRow::top_s);
  add("period_us", &StrokeRow::period_us);
  add("extension_mm", &StrokeRow::extension_mm);
  add("penetration_mm", &StrokeRow::penetration_mm);
  add("peak_force_n", &StrokeRow::peak_force_n);
  add("u_penetration_mm", &StrokeRow::u_penetration_mm);
  out.close_object();
}

void write(JsonText& out, const PhaseRecord& p, const PhaseText& large, Shared* shared) {
  out.open_object().key("name").text(p.name).key("kind").text(p.kind).key("attempt").whole(p.attempt);
  out.key("depth_mm").number(p.depth_mm).key("rate_per_min").number(p.rate_per_min);
  if (p.via != PenLink::serial) out.key("via").text(name_of(p.via));
  out.key("started_s").number(p.started_s).key("ended_s").number(p.ended_s);
  out.key("verdict").text(name_of(p.verdict)).key("error").text(p.error);
  out.key("spot");
  if (p.spot) {
    out.open_object().key("name").text(p.spot->name).key("strokes_before").whole(p.spot->strokes_before);
    out.key("strokes_after");
    p.spot->strokes_after ? out.whole(*p.spot->strokes_after) : out.null();
    out.close_object();
  } else {
    out.null();
  }
  out.key("samples").whole(p.samples).key("gaps").whole(p.gaps);
  out.key("values").open_object();
  for (const auto& [name, value] : p.values) out.member(name).number(value);
  out.close_object().key("measurements").open_array();
  for (const Measurement& m : p.measurements) write(out, m, shared);
  out.close_array().key("waveforms").open_array();
  for (const WaveformRecord& w : p.waveforms)
    write_waveform_json(out, w, shared != nullptr ? &shared->calibrations : nullptr);
  out.close_array().key("strokes").written(large.strokes).key("traces_sha256").text(large.traces_sha256);
  out.close_object();
}

/// Those that stand in a phase are referred to.
void write_measurements(JsonText& out, const RunRecord& run, Shared* shared) {
  const std::vector<Measurement>& all = run.outcome.measurements;
  std::vector<std::optional<PhaseMeasurement>> places(all.size());
  if (shared != nullptr) places = places_in_phases(all, run.phases);
  out.open_array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (places[i]) {
      out.open_object().key("phase").whole(places[i]->phase).key("measurement").whole(places[i]->measurement);
      out.close_object();
    } else {
      write(out, all[i], shared);
    }
  }
  out.close_array();
}

void write(JsonText& out, const Shared& shared) {
  out.key("budget_lines").open_array();
  for (const BudgetLine* line : shared.lines.all()) write(out, *line);
  out.close_array().key("calibration_inputs").open_array();
  for (const InputRange& inputs : shared.calibrations.all()) write_inputs_json(out, inputs);
  out.close_array();
}

void write(JsonText& out, const RunHeader& h) {
  const auto named = [&out](const char* key, const std::string& name, std::uint32_t revision) {
    out.key(key).open_object().key("name").text(name).key("revision").whole(revision).close_object();
  };
  out.open_object().key("serial_number").text(h.serial_number).key("operator").text(h.operator_name);
  out.key("slot").text(h.slot);
  named("plan", h.plan_name, h.plan_revision);
  named("product", h.product_name, h.product_revision);
  named("rig", h.rig_name, h.rig_revision);
  out.key("documents").open_array();
  for (const SourceDocument& d : h.documents) {
    out.open_object().key("kind").text(d.kind).key("name").text(d.name).key("sha256").text(d.sha256);
    out.key("size_bytes").whole(d.bytes.size()).close_object();
  }
  out.close_array().key("calibrations").open_array();
  for (const Calibration& c : calibrations_of(h)) {
    out.open_object().key("id").text(c.id).key("target").text(c.target).key("fixture_id").text(c.fixture_id);
    out.key("factor").text(c.factor).key("value").number(c.evaluation.value).key("u").number(c.evaluation.u);
    out.key("date").text(c.date.text).key("due").text(c.due.text).close_object();
  }
  out.close_array().key("software_version").text(h.software_version).key("software_commit").text(h.software_commit);
  out.key("algorithm_version");
  text_or_null(out, h.algorithm_version);
  out.key("started_utc").text(format_iso8601(h.started_utc_ns)).key("started_utc_ns").whole(h.started_utc_ns);
  out.key("simulated").flag(h.simulated).key("engineering").flag(h.engineering).key("engineering_because");
  text_or_null(out, h.engineering_because);
  out.key("reason");
  text_or_null(out, h.reason);
  out.key("earlier_certifying_runs").open_array();
  for (const std::string& run : h.earlier_certifying) out.text(run);
  out.close_array().key("simulation").text(h.simulation).key("fixture_id");
  text_or_null(out, h.fixture_id);
  out.key("cartridge").open_object().key("lot").text(h.cartridge_lot).key("needles").whole(h.cartridge_needles);
  out.close_object().key("simulant").open_object().key("lot").text(h.simulant_lot).key("sheet");
  text_or_null(out, h.simulant_sheet);
  out.close_object().key("decisions_planned").whole(h.decisions_planned);
  out.key("settings_planned").whole(h.settings_planned).close_object();
}

void write(JsonText& out, const PenIdentity& pen) {
  out.open_object().key("product").text(pen.product).key("serial_number").text(pen.serial_number);
  out.key("firmware").text(pen.firmware).key("firmware_hash").text(pen.firmware_hash);
  out.key("hardware").text(pen.hardware).key("can_jog").flag(pen.can_jog);
  out.key("simulated").flag(pen.simulated).close_object();
}

void write(JsonText& out, const DaqIdentity& daq) {
  out.open_object().key("fixture_id").text(daq.fixture_id).key("serial_number").text(daq.serial_number);
  out.key("firmware").text(daq.firmware).key("tick_hz").number(daq.tick_hz);
  out.key("max_sample_rate_hz").number(daq.max_sample_rate_hz).key("simulated").flag(daq.simulated).close_object();
}

void write_devices(JsonText& out, const RunOutcome& o) {
  out.open_object().key("pen");
  o.pen ? write(out, *o.pen) : static_cast<void>(out.null());
  out.key("daq");
  o.daq ? write(out, *o.daq) : static_cast<void>(out.null());
  out.close_object();
}

void write(JsonText& out, const RunEvent& e) {
  out.open_object().key("at_s").number(e.at_s).key("kind").text(e.kind).key("text").text(e.text);
  out.key("latency_ms").number(e.latency_ms).close_object();
}

}  // namespace

Json measurement_json(const Measurement& m) {
  JsonText out;
  write(out, m, nullptr);
  return Json::parse(out.str());
}

Json decision_json(const Decision& d) {
  JsonText out;
  write(out, d);
  return Json::parse(out.str());
}

Json event_json(const RunEvent& e) {
  JsonText out;
  write(out, e);
  return Json::parse(out.str());
}

PhaseText phase_text(const PhaseRecord& phase) {
  JsonText strokes;
  write(strokes, phase.strokes);
  return {strokes.take(), sha256_hex(bytes_of(phase.traces))};
}

std::string record_json_text(const RunRecord& run, std::span<const PhaseText> large) {
  if (large.size() != run.phases.size()) throw ErrorException({Errc::internal, "text of other phases"});
  const RunOutcome& o = run.outcome;
  constexpr std::size_t kUsualBytes = std::size_t{1} << 18U;
  Shared of_run;
  Shared* const shared = run.format == 1 ? nullptr : &of_run;
  JsonText out;
  out.reserve(kUsualBytes);
  out.open_object().key("format").text("penrig-record").key("format_version").whole(run.format);
  out.key("run_id").text(run.header.run_id).key("closed").flag(run.closed).key("verdict").text(verdict_word(run));
  out.key("counts_as").text(name_of(counted_verdict(run)));
  out.key("void_as_certificate").text(void_mark(run.header)).key("reason").text(o.reason);
  out.key("header");
  write(out, run.header);
  out.key("devices");
  write_devices(out, o);
  out.key("circumstances").open_object();
  out.key("battery_before_percent").number(o.battery_before_percent);
  out.key("battery_after_percent").number(o.battery_after_percent);
  out.key("temperature_c").number(o.temperature_c);
  out.key("humidity_percent").number(o.humidity_percent).close_object();
  out.key("ended_utc");
  run.closed ? out.text(format_iso8601(o.ended_utc_ns)) : out.null();
  out.key("ended_utc_ns");
  run.closed ? out.whole(o.ended_utc_ns) : out.null();
  out.key("duration_s").number(o.duration_s).key("interrupted").flag(o.interrupted);
  out.key("safe_state_confirmed").flag(o.safe_state_confirmed);
  out.key("deciding");
  o.deciding ? out.whole(*o.deciding) : out.null();
  out.key("decisions").open_array();
  for (const Decision& d : o.decisions) write(out, d);
  out.close_array().key("corrections");
  write(out, o.corrections);
  out.key("measurements");
  write_measurements(out, run, shared);
  out.key("events").open_array();
  for (const RunEvent& e : o.events) write(out, e);
  out.close_array().key("spots_taken").open_array();
  for (const SpotPlace& s : run.spots_taken)
    out.open_object().key("name").text(s.name).key("x_mm").number(s.x_mm).key("y_mm").number(s.y_mm).close_object();
  out.close_array().key("phases").open_array();
  for (std::size_t i = 0; i < large.size(); ++i) write(out, run.phases[i], large[i], shared);
  out.close_array();
  if (shared != nullptr) write(out, *shared);
  // Only where there is one: what was signed before there were any must give the same bytes.
  if (run.link_trace) out.key("link_trace").json(link_trace_json(*run.link_trace));
  return out.close_object().line_feed().take();
}

std::string record_json_text(const RunRecord& run) {
  std::vector<PhaseText> large;
  large.reserve(run.phases.size());
  for (const PhaseRecord& phase : run.phases) large.push_back(phase_text(phase));
  return record_json_text(run, large);
}

Json record_json(const RunRecord& run) { return Json::parse(record_json_text(run)); }

}  // namespace penrig
