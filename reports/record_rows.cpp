#include "reports/record_rows.hpp"

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/stroke_blob.hpp"

namespace penrig::rows {
namespace {

using Json = nlohmann::ordered_json;
using sqlite::double_of;
using sqlite::json_of;
using sqlite::RowReader;
using sqlite::RowWriter;

/// Text from a device may be no UTF-8, which JSON cannot carry; that must not lose the record.
std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Verdict verdict_of(std::int64_t stored) {
  if (stored < 0 || stored > static_cast<std::int64_t>(Verdict::error)) {
    sqlite::raise(Errc::bad_data, fmt::format("the record holds {} where a verdict belongs", stored));
  }
  return static_cast<Verdict>(stored);
}

std::int64_t stored(Verdict verdict) { return static_cast<std::int64_t>(verdict); }

std::string budget_json(const std::vector<BudgetLine>& budget) {
  Json lines = Json::array();
  for (const BudgetLine& line : budget) {
    lines.push_back({line.source, line.type_a ? "A" : "B", line.distribution, json_of(line.u), json_of(line.nu)});
  }
  return dumped(lines);
}

std::vector<BudgetLine> budget_of(const std::string& text) {
  std::vector<BudgetLine> budget;
  for (const Json& line : Json::parse(text)) {
    budget.push_back({line.at(0).get<std::string>(), line.at(1).get<std::string>() == "A",
                      line.at(2).get<std::string>(), double_of(line.at(3)), double_of(line.at(4))});
  }
  return budget;
}

void write_measurement(sqlite::Database& db, std::int64_t run, std::optional<std::int64_t> phase,
                       const Measurement& m) {
  RowWriter row(db, "measurements");
  row.integer("run", run);
  if (phase) row.integer("phase", *phase);
  row.text("measurand", m.measurand).text("unit", m.unit).real("depth_mm", m.depth_mm);
  row.real("rate_per_min", m.rate_per_min).real("value", m.value).text("text_value", m.text_value);
  row.real("expanded_u", m.expanded_u).real("low", m.low).real("high", m.high).real("k", m.k).real("nu_eff", m.nu_eff);
  row.real("realised", m.realised).real("realised_u", m.realised_u).integer("n", m.n).real("n_eff", m.n_eff);
  row.text("budget_json", budget_json(m.budget)).flag("has_interval", m.interval.has_value());
  if (m.interval) {
    row.real("interval_low", m.interval->low).real("interval_high", m.interval->high);
    row.real("interval_mean", m.interval->mean).real("interval_s", m.interval->s);
    row.real("interval_k", m.interval->k_factor).real("interval_k_low", m.interval->k_factor_low);
    row.real("interval_u_sys", m.interval->u_sys);
  }
  row.flag("censored_high", m.censored_high).integer("strokes_beyond", m.strokes_beyond).text("note", m.note);
  row.insert();
}

std::vector<Measurement> read_measurements(sqlite::Database& db, std::int64_t run, std::optional<std::int64_t> phase) {
  std::vector<Measurement> all;
  RowReader row(db, phase ? "SELECT * FROM measurements WHERE run = ? AND phase = ? ORDER BY id"
                          : "SELECT * FROM measurements WHERE run = ? AND phase IS NULL ORDER BY id");
  row.bind(1, run);
  if (phase) row.bind(2, *phase);
  while (row.next()) {
    Measurement m;
    m.measurand = row.text("measurand");
    m.unit = row.text("unit");
    m.depth_mm = row.optional_real("depth_mm");
    m.rate_per_min = row.optional_real("rate_per_min");
    m.value = row.optional_real("value");
    m.text_value = row.text("text_value");
    m.expanded_u = row.real("expanded_u");
    m.low = row.optional_real("low");
    m.high = row.optional_real("high");
    m.k = row.real("k");
    m.nu_eff = row.real("nu_eff");
    m.realised = row.optional_real("realised");
    m.realised_u = row.real("realised_u");
    m.n = row.count("n");
    m.n_eff = row.real("n_eff");
    m.budget = budget_of(row.text("budget_json"));
    if (row.flag("has_interval")) {
      m.interval = ToleranceInterval{row.real("interval_low"),  row.real("interval_high"), row.real("interval_mean"),
                                     row.real("interval_s"),    row.real("interval_k"),    row.real("interval_k_low"),
                                     row.real("interval_u_sys")};
    }
    m.censored_high = row.flag("censored_high");
    m.strokes_beyond = row.count("strokes_beyond");
    m.note = row.text("note");
    all.push_back(std::move(m));
  }
  return all;
}

void write_decision(sqlite::Database& db, std::int64_t run, const Decision& d) {
  RowWriter row(db, "decisions");
  row.integer("run", run).text("requirement_id", d.requirement_id).text("title", d.title);
  row.integer("measurement", std::uint64_t{d.measurement}).real("lower", d.lower).real("upper", d.upper);
  row.text("limit_text", d.limit_text).real("guard_band", d.guard_band).integer("verdict", stored(d.verdict));
  row.real("used", d.used).text("rule", d.rule).text("reason", d.reason).insert();
}

std::vector<Decision> read_decisions(sqlite::Database& db, std::int64_t run) {
  std::vector<Decision> all;
  RowReader row(db, "SELECT * FROM decisions WHERE run = ? ORDER BY id");
  row.bind(1, run);
  while (row.next()) {
    Decision d;
    d.requirement_id = row.text("requirement_id");
    d.title = row.text("title");
    d.measurement = static_cast<std::size_t>(row.integer("measurement"));
    d.lower = row.optional_real("lower");
    d.upper = row.optional_real("upper");
    d.limit_text = row.text("limit_text");
    d.guard_band = row.real("guard_band");
    d.verdict = verdict_of(row.integer("verdict"));
    d.used = row.real("used");
    d.rule = row.text("rule");
    d.reason = row.text("reason");
    all.push_back(std::move(d));
  }
  return all;
}

std::vector<RunEvent> read_events(sqlite::Database& db, std::int64_t run) {
  std::vector<RunEvent> all;
  RowReader row(db, "SELECT * FROM events WHERE run = ? ORDER BY id");
  row.bind(1, run);
  while (row.next()) {
    all.push_back({row.real("at_s"), row.text("kind"), row.text("text"), row.optional_real("latency_ms")});
  }
  return all;
}

std::string pen_json(const PenIdentity& pen) {
  return dumped(Json{{"product", pen.product},
                     {"serial_number", pen.serial_number},
                     {"firmware", pen.firmware},
                     {"firmware_hash", pen.firmware_hash},
                     {"hardware", pen.hardware},
                     {"can_jog", pen.can_jog},
                     {"simulated", pen.simulated}});
}

PenIdentity pen_of(const Json& j) {
  return {j.at("product"),  j.at("serial_number"), j.at("firmware"), j.at("firmware_hash"),
          j.at("hardware"), j.at("can_jog"),       j.at("simulated")};
}

std::string daq_json(const DaqIdentity& daq) {
  return dumped(Json{{"fixture_id", daq.fixture_id},
                     {"serial_number", daq.serial_number},
                     {"firmware", daq.firmware},
                     {"tick_hz", json_of(daq.tick_hz)},
                     {"max_sample_rate_hz", json_of(daq.max_sample_rate_hz)},
                     {"simulated", daq.simulated}});
}

DaqIdentity daq_of(const Json& j) {
  return {j.at("fixture_id"),
          j.at("serial_number"),
          j.at("firmware"),
          double_of(j.at("tick_hz")),
          double_of(j.at("max_sample_rate_hz")),
          j.at("simulated")};
}

void write_document(sqlite::Database& db, std::int64_t run, const SourceDocument& document) {
  const std::string sha256 = sha256_hex(document.bytes);
  if (!document.sha256.empty() && document.sha256 != sha256) {
    sqlite::raise(Errc::internal, fmt::format("{} '{}': its SHA-256 was given as {}, its bytes have {}", document.kind,
                                              document.name, document.sha256, sha256));
  }
  std::int64_t id = 0;
  {
    RowReader known(db, "SELECT id FROM documents WHERE sha256 = ?");
    known.bind(1, sha256);
    if (known.next()) id = known.integer("id");
  }
  if (id == 0) id = RowWriter(db, "documents").text("sha256", sha256).blob("bytes", document.bytes).insert();
  RowWriter row(db, "run_documents");
  row.integer("run", run).integer("document", id).text("kind", document.kind).text("name", document.name);
  row.text("path", document.path).insert();
}

}  // namespace

std::string run_name(std::int64_t run) { return fmt::format("R-{:06}", run); }

std::int64_t write_header(sqlite::Database& db, const RunHeader& h) {
  RowWriter row(db, "runs");
  row.text("serial_number", h.serial_number).text("operator_name", h.operator_name).text("slot", h.slot);
  row.text("plan_name", h.plan_name).text("product_name", h.product_name).text("rig_name", h.rig_name);
  row.integer("plan_revision", std::uint64_t{h.plan_revision});
  row.integer("product_revision", std::uint64_t{h.product_revision});
  row.integer("rig_revision", std::uint64_t{h.rig_revision});
  row.text("software_version", h.software_version).text("software_commit", h.software_commit);
  row.integer("started_utc_ns", h.started_utc_ns).flag("simulated", h.simulated).flag("engineering", h.engineering);
  row.text("simulation", h.simulation).text("cartridge_lot", h.cartridge_lot).text("simulant_lot", h.simulant_lot);
  if (!h.fixture_id.empty()) row.text("fixture_id", h.fixture_id);
  if (!h.simulant_sheet.empty()) row.text("simulant_sheet", h.simulant_sheet);
  row.integer("cartridge_needles", std::uint64_t{h.cartridge_needles});
  row.integer("decisions_planned", h.decisions_planned).integer("settings_planned", h.settings_planned);
  const std::int64_t run = row.insert();
  for (const SourceDocument& document : h.documents) write_document(db, run, document);
  return run;
}

RunHeader read_header(sqlite::Database& db, std::int64_t run) {
  RunHeader h;
  {
    RowReader row(db, "SELECT * FROM runs WHERE id = ?");
    row.bind(1, run);
    if (!row.next()) sqlite::raise(Errc::internal, fmt::format("no run {}", run));
    h.run_id = run_name(run);
    h.serial_number = row.text("serial_number");
    h.operator_name = row.text("operator_name");
    h.slot = row.text("slot");
    h.plan_name = row.text("plan_name");
    h.product_name = row.text("product_name");
    h.rig_name = row.text("rig_name");
    h.plan_revision = static_cast<std::uint32_t>(row.integer("plan_revision"));
    h.product_revision = static_cast<std::uint32_t>(row.integer("product_revision"));
    h.rig_revision = static_cast<std::uint32_t>(row.integer("rig_revision"));
    h.software_version = row.text("software_version");
    h.software_commit = row.text("software_commit");
    h.started_utc_ns = row.integer("started_utc_ns");
    h.simulated = row.flag("simulated");
    h.engineering = row.flag("engineering");
    h.simulation = row.text("simulation");
    h.cartridge_lot = row.text("cartridge_lot");
    h.simulant_lot = row.text("simulant_lot");
    if (row.has("fixture_id")) h.fixture_id = row.text("fixture_id");
    if (row.has("simulant_sheet")) h.simulant_sheet = row.text("simulant_sheet");
    h.cartridge_needles = static_cast<std::uint32_t>(row.integer("cartridge_needles"));
    h.decisions_planned = row.count("decisions_planned");
    h.settings_planned = row.count("settings_planned");
  }
  RowReader row(db,
                "SELECT kind, name, path, bytes, sha256 FROM run_documents JOIN documents ON documents.id = document "
                "WHERE run = ? ORDER BY run_documents.id");
  row.bind(1, run);
  while (row.next()) {
    h.documents.push_back(
        {row.text("kind"), row.text("name"), row.text("path"), row.blob("bytes"), row.text("sha256")});
  }
  return h;
}

void write_spot_taken(sqlite::Database& db, std::int64_t run, const SpotPlace& spot) {
  RowWriter row(db, "spots_taken");
  row.integer("run", run).text("name", spot.name).real("x_mm", spot.x_mm).real("y_mm", spot.y_mm).insert();
}

std::vector<SpotUse> read_spots_taken(sqlite::Database& db, const SimulantSheet& sheet) {
  // A run on a bench that was made for it alone (`simulation`) had a sheet that nobody else had. One from before sheets
  // had names was on the one that is called "1" where nobody says otherwise. A spot that has no row of its own is known
  // from the phase that was on it.
  RowReader row(db,
                "WITH on_sheet AS (SELECT id FROM runs WHERE simulation = '' AND simulant_lot = ?1 AND slot = ?2 "
                " AND coalesce(simulant_sheet, '1') = ?3 AND (rig_name = ?4 OR fixture_id = ?5)), "
                "used AS (SELECT run, name, x_mm, y_mm, not_real FROM spots_taken WHERE run IN on_sheet "
                " UNION ALL SELECT DISTINCT run, spot, NULL, NULL, NULL FROM phases WHERE run IN on_sheet "
                " AND spot IS NOT NULL AND NOT EXISTS (SELECT 1 FROM spots_taken AS t "
                "  WHERE t.run = phases.run AND t.name = phases.spot)) "
                "SELECT name, x_mm, y_mm, not_real, "
                "(SELECT coalesce(sum(coalesce(spot_strokes_after - spot_strokes_before, 0)), 0) FROM phases "
                " WHERE phases.run = used.run AND spot = used.name) AS strokes FROM used ORDER BY run, name");
  row.bind(1, sheet.lot).bind(2, sheet.slot).bind(3, sheet.sheet).bind(4, sheet.rig_name).bind(5, sheet.fixture_id);
  std::vector<SpotUse> uses;
  while (row.next()) {
    uses.push_back({row.text("name"), row.optional_real("x_mm"), row.optional_real("y_mm"), row.count("strokes")});
  }
  return uses;
}

void write_phase(sqlite::Database& db, std::int64_t run, const PhaseRecord& p) {
  Json values = Json::object();
  for (const auto& [name, value] : p.values) values[name] = json_of(value);
  RowWriter row(db, "phases");
  row.integer("run", run).text("name", p.name).text("kind", p.kind).integer("attempt", std::uint64_t{p.attempt});
  row.real("depth_mm", p.depth_mm).real("rate_per_min", p.rate_per_min);
  row.real("started_s", p.started_s).real("ended_s", p.ended_s);
  row.integer("verdict", stored(p.verdict)).text("error", p.error);
  if (p.spot) {
    row.text("spot", p.spot->name).integer("spot_strokes_before", p.spot->strokes_before);
    if (p.spot->strokes_after) row.integer("spot_strokes_after", *p.spot->strokes_after);
  }
  row.integer("samples", p.samples).integer("gaps", p.gaps).text("values_json", dumped(values));
  const std::int64_t phase = row.insert();
  RowWriter(db, "strokes").integer("phase", phase).blob("bytes", bytes_of(p.strokes)).insert();
  RowWriter(db, "traces").integer("phase", phase).blob("bytes", bytes_of(p.traces)).insert();
  for (const Measurement& m : p.measurements) write_measurement(db, run, phase, m);
}

std::vector<PhaseRecord> read_phases(sqlite::Database& db, std::int64_t run) {
  std::vector<PhaseRecord> phases;
  RowReader row(db,
                "SELECT phases.*, strokes.bytes AS stroke_bytes, traces.bytes AS trace_bytes FROM phases "
                "JOIN strokes ON strokes.phase = phases.id JOIN traces ON traces.phase = phases.id "
                "WHERE run = ? ORDER BY phases.id");
  row.bind(1, run);
  while (row.next()) {
    PhaseRecord p;
    p.name = row.text("name");
    p.kind = row.text("kind");
    p.attempt = static_cast<std::uint32_t>(row.integer("attempt"));
    p.depth_mm = row.optional_real("depth_mm");
    p.rate_per_min = row.optional_real("rate_per_min");
    p.started_s = row.real("started_s");
    p.ended_s = row.real("ended_s");
    p.verdict = verdict_of(row.integer("verdict"));
    p.error = row.text("error");
    if (!row.null("spot")) {
      p.spot = Spot{row.text("spot"), row.count("spot_strokes_before"), std::nullopt};
      if (!row.null("spot_strokes_after")) p.spot->strokes_after = row.count("spot_strokes_after");
    }
    p.samples = row.count("samples");
    p.gaps = row.count("gaps");
    const Json values = Json::parse(row.text("values_json"));
    for (const auto& [name, value] : values.items()) p.values[name] = double_of(value);
    p.strokes = strokes_of(row.blob("stroke_bytes"));
    p.traces = traces_of(row.blob("trace_bytes"));
    p.measurements = read_measurements(db, run, row.integer("id"));
    phases.push_back(std::move(p));
  }
  return phases;
}

void write_outcome(sqlite::Database& db, std::int64_t run, const RunOutcome& o) {
  for (const Measurement& m : o.measurements) write_measurement(db, run, std::nullopt, m);
  for (const Decision& d : o.decisions) write_decision(db, run, d);
  for (const RunEvent& e : o.events) {
    RowWriter row(db, "events");
    row.integer("run", run).real("at_s", e.at_s).text("kind", e.kind).text("text", e.text);
    row.real("latency_ms", e.latency_ms).insert();
  }
  RowWriter row(db, "outcomes");  // last: from here on the run takes no more rows
  row.integer("run", run).integer("verdict", stored(o.verdict)).text("reason", o.reason);
  if (o.deciding) row.integer("deciding", std::uint64_t{*o.deciding});
  if (o.pen) row.text("pen_json", pen_json(*o.pen));
  if (o.daq) row.text("daq_json", daq_json(*o.daq));
  row.real("battery_before_percent", o.battery_before_percent).real("battery_after_percent", o.battery_after_percent);
  row.real("temperature_c", o.temperature_c).real("humidity_percent", o.humidity_percent);
  row.flag("safe_state_confirmed", o.safe_state_confirmed).integer("ended_utc_ns", o.ended_utc_ns);
  row.real("duration_s", o.duration_s).insert();
}

std::optional<RunOutcome> read_outcome(sqlite::Database& db, std::int64_t run) {
  RunOutcome o;
  {
    RowReader row(db, "SELECT * FROM outcomes WHERE run = ?");
    row.bind(1, run);
    if (!row.next()) return std::nullopt;
    o.verdict = verdict_of(row.integer("verdict"));
    o.reason = row.text("reason");
    if (!row.null("deciding")) o.deciding = static_cast<std::size_t>(row.integer("deciding"));
    if (!row.null("pen_json")) o.pen = pen_of(Json::parse(row.text("pen_json")));
    if (!row.null("daq_json")) o.daq = daq_of(Json::parse(row.text("daq_json")));
    o.battery_before_percent = row.optional_real("battery_before_percent");
    o.battery_after_percent = row.optional_real("battery_after_percent");
    o.temperature_c = row.optional_real("temperature_c");
    o.humidity_percent = row.optional_real("humidity_percent");
    o.safe_state_confirmed = row.flag("safe_state_confirmed");
    o.ended_utc_ns = row.integer("ended_utc_ns");
    o.duration_s = row.real("duration_s");
  }
  o.measurements = read_measurements(db, run, std::nullopt);
  o.decisions = read_decisions(db, run);
  o.events = read_events(db, run);
  return o;
}

}  // namespace penrig::rows
