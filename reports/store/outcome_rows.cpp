#include "reports/store/outcome_rows.hpp"

#include <string>
#include <utility>
#include <vector>

#include "reports/store/row_values.hpp"

namespace penrig::rows {
namespace {

using Json = nlohmann::ordered_json;
using sqlite::double_of, sqlite::json_of;
using sqlite::RowReader;
using sqlite::RowWriter;

void write_decision(sqlite::Database& db, std::int64_t run, const Decision& d) {
  RowWriter row(db, "decisions");
  row.integer("run", run).text("requirement_id", d.requirement_id).text("title", d.title);
  row.integer("measurement", std::uint64_t{d.measurement}).real("lower", d.lower).real("upper", d.upper);
  row.text("limit_text", d.limit_text).real("guard_band", d.guard_band).integer("verdict", stored(d.verdict));
  row.real("conformity", d.conformity).real("false_acceptance_max", d.false_acceptance_max);
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
    // A file of an older version that is only read has no such columns.
    if (row.has("conformity")) d.conformity = row.optional_real("conformity");
    if (row.has("false_acceptance_max")) d.false_acceptance_max = row.optional_real("false_acceptance_max");
    d.rule = row.text("rule");
    d.reason = row.text("reason");
    all.push_back(std::move(d));
  }
  return all;
}

void write_correction(sqlite::Database& db, std::int64_t run, const Correction& c) {
  RowWriter row(db, "corrections");
  row.integer("run", run).text("name", c.name).flag("applied", c.applied).real("value", c.value).real("u", c.u);
  row.text("unit", c.unit).text("note", c.note).insert();
}

std::vector<Correction> read_corrections(sqlite::Database& db, std::int64_t run) {
  std::vector<Correction> all;
  // A file of an older version that is only read has no such table.
  if (!db.has_table("corrections")) return all;
  RowReader row(db, "SELECT * FROM corrections WHERE run = ? ORDER BY id");
  row.bind(1, run);
  while (row.next()) {
    all.push_back(
        {row.text("name"), row.flag("applied"), row.real("value"), row.real("u"), row.text("unit"), row.text("note")});
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

}  // namespace

void write_outcome(sqlite::Database& db, std::int64_t run, const RunOutcome& o, const std::vector<PhaseRecord>& phases,
                   const MeasurementReader& measurements) {
  const auto places = places_in_phases(o.measurements, phases);
  std::vector<const Measurement*> own;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i]) own.push_back(&o.measurements[i]);
  }
  const BudgetTexts budgets = budget_texts(own);
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < own.size(); ++i)
    ids.push_back(write_measurement(db, run, std::nullopt, *own[i], budgets.budgets[i]));
  for (const Decision& d : o.decisions) write_decision(db, run, d);
  for (const Correction& c : o.corrections) write_correction(db, run, c);
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
  row.real("duration_s", o.duration_s).flag("interrupted", o.interrupted);
  row.text("budget_lines_json", budgets.lines).text("measurements_json", measurements.list_of(places, ids)).insert();
}

std::optional<RunOutcome> read_outcome(sqlite::Database& db, std::int64_t run, const std::vector<PhaseRecord>& phases,
                                       MeasurementReader& measurements) {
  RunOutcome o;
  std::string lines, list;
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
    if (row.has("interrupted")) o.interrupted = row.flag("interrupted");
    if (row.has("budget_lines_json")) lines = row.text("budget_lines_json");
    if (row.has("measurements_json")) list = row.text("measurements_json");
  }
  o.measurements = measurements.of_run(lines, list, phases);
  o.decisions = read_decisions(db, run);
  o.corrections = read_corrections(db, run);
  o.events = read_events(db, run);
  return o;
}

}  // namespace penrig::rows
