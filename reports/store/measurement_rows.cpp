#include "reports/store/measurement_rows.hpp"

#include <utility>

#include <fmt/format.h>

#include "reports/json_text.hpp"
#include "reports/store/header_rows.hpp"
#include "reports/store/json_scan.hpp"

namespace penrig::rows {

using sqlite::RowReader;
using sqlite::RowWriter;

std::int64_t write_measurement(sqlite::Database& db, std::int64_t run, std::optional<std::int64_t> phase,
                               const Measurement& m, const std::string& budget) {
  RowWriter row(db, "measurements");
  row.integer("run", run);
  if (phase) row.integer("phase", *phase);
  row.text("measurand", m.measurand).text("unit", m.unit).real("depth_mm", m.depth_mm);
  if (m.link) row.text("link", name_of(*m.link));
  row.real("rate_per_min", m.rate_per_min).real("value", m.value).text("text_value", m.text_value);
  row.real("expanded_u", m.expanded_u).real("low", m.low).real("high", m.high).real("k", m.k).real("nu_eff", m.nu_eff);
  row.real("realised", m.realised).real("realised_u", m.realised_u).integer("n", m.n).real("n_eff", m.n_eff);
  row.text("budget_json", budget).flag("has_interval", m.interval.has_value());
  if (m.interval) {
    row.real("interval_low", m.interval->low).real("interval_high", m.interval->high);
    row.real("interval_mean", m.interval->mean).real("interval_s", m.interval->s);
    row.real("interval_k", m.interval->k_factor).real("interval_k_low", m.interval->k_factor_low);
    row.real("interval_u_sys", m.interval->u_sys);
  }
  row.flag("censored_high", m.censored_high).integer("strokes_beyond", m.strokes_beyond).text("note", m.note);
  return row.insert();
}

std::vector<Measurement> MeasurementReader::of_phase(std::int64_t phase, std::string_view lines) {
  Rows found = read(phase, lines);
  ids_.push_back(std::move(found.ids));
  return std::move(found.measurements);
}

std::vector<Measurement> MeasurementReader::of_run(std::string_view lines, std::string_view list,
                                                   const std::vector<PhaseRecord>& phases) {
  Rows own = read(std::nullopt, lines);
  if (format_ == 1) return std::move(own.measurements);
  std::map<std::int64_t, Measurement*> own_by_id;
  for (std::size_t i = 0; i < own.ids.size(); ++i) own_by_id[own.ids[i]] = &own.measurements[i];
  std::map<std::int64_t, const Measurement*> by_id;
  for (std::size_t p = 0; p < ids_.size(); ++p) {
    for (std::size_t m = 0; m < ids_[p].size(); ++m) by_id[ids_[p][m]] = &phases[p].measurements[m];
  }
  std::vector<Measurement> all;
  JsonScan scan(list);
  const bool good = scan.array([&] {
    const std::optional<std::int64_t> id = scan.whole();
    if (!id) return false;
    if (const auto in_phase = by_id.find(*id); in_phase != by_id.end()) {
      all.push_back(*in_phase->second);
    } else if (const auto found = own_by_id.extract(*id)) {
      all.push_back(std::move(*found.mapped()));
    } else {
      sqlite::raise(Errc::bad_data, fmt::format("run {} lists measurement {}, which is not there or was listed before",
                                                run_name(run_), *id));
    }
    return true;
  });
  if (!good || !scan.at_end()) {
    sqlite::raise(Errc::bad_data,
                  fmt::format("run {} has '{}' where its list of measurements belongs", run_name(run_), list));
  }
  if (!own_by_id.empty()) {
    sqlite::raise(Errc::bad_data, fmt::format("run {} has measurement {}, which it does not list", run_name(run_),
                                              own_by_id.begin()->first));
  }
  return all;
}

std::string MeasurementReader::list_of(const std::vector<std::optional<PhaseMeasurement>>& places,
                                       const std::vector<std::int64_t>& own) const {
  JsonText list;
  list.open_array();
  auto next = own.begin();
  for (const auto& place : places) list.whole(place ? ids_[place->phase][place->measurement] : *next++);
  return list.close_array().take();
}

MeasurementReader::Rows MeasurementReader::read(std::optional<std::int64_t> phase, std::string_view lines) {
  Rows all;
  std::optional<NumberedBudgets> numbered;
  if (format_ != 1) numbered.emplace(lines);
  RowReader row(db_, phase ? "SELECT * FROM measurements WHERE run = ? AND phase = ? ORDER BY id"
                           : "SELECT * FROM measurements WHERE run = ? AND phase IS NULL ORDER BY id");
  row.bind(1, run_);
  if (phase) row.bind(2, *phase);
  while (row.next()) {
    all.ids.push_back(row.integer("id"));
    Measurement& m = all.measurements.emplace_back();
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
    const std::string budget = row.text("budget_json");
    m.budget = numbered ? numbered->read(budget) : budgets_.read(budget);
    if (row.flag("has_interval")) {
      m.interval = ToleranceInterval{row.real("interval_low"),  row.real("interval_high"), row.real("interval_mean"),
                                     row.real("interval_s"),    row.real("interval_k"),    row.real("interval_k_low"),
                                     row.real("interval_u_sys")};
    }
    m.censored_high = row.flag("censored_high");
    m.strokes_beyond = row.count("strokes_beyond");
    m.note = row.text("note");
    // A file of an older version that is only read has no such column.
    if (row.has("link") && !row.null("link")) m.link = pen_link_named(row.text("link"));
  }
  if (numbered) numbered->end();
  return all;
}

}  // namespace penrig::rows
