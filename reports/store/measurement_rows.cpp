#include "reports/store/measurement_rows.hpp"

namespace penrig::rows {

using sqlite::RowReader;
using sqlite::RowWriter;

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

std::vector<Measurement> MeasurementReader::read(std::optional<std::int64_t> phase) {
  std::vector<Measurement> all;
  RowReader row(db_, phase ? "SELECT * FROM measurements WHERE run = ? AND phase = ? ORDER BY id"
                           : "SELECT * FROM measurements WHERE run = ? AND phase IS NULL ORDER BY id");
  row.bind(1, run_);
  if (phase) row.bind(2, *phase);
  while (row.next()) {
    Measurement& m = all.emplace_back();
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
    m.budget = budgets_.read(row.text("budget_json"));
    if (row.flag("has_interval")) {
      m.interval = ToleranceInterval{row.real("interval_low"),  row.real("interval_high"), row.real("interval_mean"),
                                     row.real("interval_s"),    row.real("interval_k"),    row.real("interval_k_low"),
                                     row.real("interval_u_sys")};
    }
    m.censored_high = row.flag("censored_high");
    m.strokes_beyond = row.count("strokes_beyond");
    m.note = row.text("note");
  }
  return all;
}

}  // namespace penrig::rows
