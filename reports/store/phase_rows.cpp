#include "reports/store/phase_rows.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "reports/json_text.hpp"
#include "reports/store/header_rows.hpp"
#include "reports/store/json_scan.hpp"
#include "reports/store/row_values.hpp"
#include "reports/store/stroke_blob.hpp"

namespace penrig::rows {
namespace {

using Json = nlohmann::ordered_json;
using sqlite::double_of;
using sqlite::RowReader;
using sqlite::RowWriter;

std::vector<const Measurement*> pointers_to(const std::vector<Measurement>& measurements) {
  std::vector<const Measurement*> all;
  all.reserve(measurements.size());
  for (const Measurement& m : measurements) all.push_back(&m);
  return all;
}

std::string values_json(const std::map<std::string, double>& values) {
  JsonText out;
  out.open_object();
  for (const auto& [name, value] : values) out.member(name).stored_number(value);
  return out.close_object().take();
}

/// As values_json() writes them; nothing where they are written otherwise.
std::optional<std::map<std::string, double>> plain_values_of(std::string_view text) {
  std::map<std::string, double> values;
  JsonScan scan(text);
  if (!scan.take('{')) return std::nullopt;
  for (bool first = true; !scan.take('}'); first = false) {
    if (!first && !scan.take(',')) return std::nullopt;
    const auto name = scan.plain_text();
    const auto value = name && scan.take(':') ? scan.real() : std::nullopt;
    if (!value) return std::nullopt;
    // They were written in order.
    if (!values.empty() && values.rbegin()->first >= *name) return std::nullopt;
    values.emplace_hint(values.end(), *name, *value);
  }
  if (!scan.at_end()) return std::nullopt;
  return values;
}

std::map<std::string, double> values_of(const std::string& text) {
  if (auto plain = plain_values_of(text)) return std::move(*plain);
  std::map<std::string, double> values;
  const Json json = Json::parse(text);
  for (const auto& [name, value] : json.items()) values[name] = double_of(value);
  return values;
}

/// All but its measurements and waveforms.
PhaseRecord phase_in(const RowReader& row) {
  PhaseRecord p;
  p.name = row.text("name");
  p.kind = row.text("kind");
  p.attempt = static_cast<std::uint32_t>(row.integer("attempt"));
  p.depth_mm = row.optional_real("depth_mm");
  p.rate_per_min = row.optional_real("rate_per_min");
  // A file of an older version that is only read has no such column.
  if (row.has("via") && !row.null("via")) p.via = PenLink::ble;
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
  p.values = values_of(row.text("values_json"));
  p.strokes = strokes_of(row.blob("stroke_bytes"));
  p.traces = traces_of(row.blob("trace_bytes"));
  return p;
}

}  // namespace

void write_phase(sqlite::Database& db, std::int64_t run, const PhaseRecord& p) {
  RowWriter row(db, "phases");
  row.integer("run", run).text("name", p.name).text("kind", p.kind).integer("attempt", std::uint64_t{p.attempt});
  row.real("depth_mm", p.depth_mm).real("rate_per_min", p.rate_per_min);
  if (p.via != PenLink::serial) row.text("via", name_of(p.via));
  row.real("started_s", p.started_s).real("ended_s", p.ended_s);
  row.integer("verdict", stored(p.verdict)).text("error", p.error);
  if (p.spot) {
    row.text("spot", p.spot->name).integer("spot_strokes_before", p.spot->strokes_before);
    if (p.spot->strokes_after) row.integer("spot_strokes_after", *p.spot->strokes_after);
  }
  row.integer("samples", p.samples).integer("gaps", p.gaps).text("values_json", values_json(p.values));
  const BudgetTexts budgets = budget_texts(pointers_to(p.measurements));
  row.text("budget_lines_json", budgets.lines);
  const std::int64_t phase = row.insert();
  RowWriter(db, "strokes").integer("phase", phase).blob("bytes", bytes_of(p.strokes)).insert();
  RowWriter(db, "traces").integer("phase", phase).blob("bytes", bytes_of(p.traces)).insert();
  for (std::size_t i = 0; i < p.measurements.size(); ++i)
    write_measurement(db, run, phase, p.measurements[i], budgets.budgets[i]);
  write_waveforms(db, run, phase, p.waveforms);
}

PhaseReader::PhaseReader(sqlite::Database& db, std::int64_t run, Large large)
    : measurements(db, run, format_of(db, run)), db_(db), run_(run), large_(large), waveforms_(db, run) {}

void PhaseReader::read_on() {
  RowReader row(db_,
                "SELECT phases.*, strokes.bytes AS stroke_bytes, traces.bytes AS trace_bytes FROM phases "
                "JOIN strokes ON strokes.phase = phases.id JOIN traces ON traces.phase = phases.id "
                "WHERE run = ? AND phases.id > ? ORDER BY phases.id");
  row.bind(1, run_).bind(2, last_);
  while (row.next()) {
    last_ = row.integer("id");
    PhaseRecord p = phase_in(row);
    const std::string lines = row.has("budget_lines_json") ? row.text("budget_lines_json") : "";
    p.measurements = measurements.of_phase(last_, lines);
    p.waveforms = waveforms_.of_phase(last_);
    if (large_ == Large::as_text) {
      texts.push_back(phase_text(p));
      p.strokes = {};
      p.traces = {};
    }
    phases.push_back(std::move(p));
  }
}

}  // namespace penrig::rows
