#include "reports/export/tables.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "reports/decision_risk.hpp"
#include "reports/export/csv_writer.hpp"
#include "reports/export/variables.hpp"
#include "reports/number_format.hpp"
#include "reports/verdict_word.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig {
namespace {

constexpr std::array kFacts{"run",
                            "void_as_certificate",
                            "serial_number",
                            "verdict",
                            "counts_as",
                            "reason",
                            "product",
                            "product_revision",
                            "plan",
                            "plan_revision",
                            "rig",
                            "rig_revision",
                            "fixture",
                            "slot",
                            "operator",
                            "started_utc",
                            "ended_utc",
                            "duration_s",
                            "pen_serial_number_reported",
                            "pen_firmware",
                            "pen_hardware",
                            "cartridge_lot",
                            "simulant_lot",
                            "simulant_sheet",
                            "temperature_c",
                            "humidity_percent",
                            "battery_before_percent",
                            "software_version",
                            "software_commit",
                            "simulation"};

std::string cell(const std::optional<double>& value) { return value ? full_precision(*value) : ""; }

std::vector<std::string> facts_of(const RunRecord& run) {
  const RunHeader& h = run.header;
  const RunOutcome& o = run.outcome;
  std::vector<std::string> facts{
      h.run_id,
      void_mark(run),
      h.serial_number,
      verdict_word(run),
      counts_as(run),
      o.reason,
      h.product_name,
      std::to_string(h.product_revision),
      h.plan_name,
      std::to_string(h.plan_revision),
      h.rig_name,
      std::to_string(h.rig_revision),
      h.fixture_id,
      h.slot,
      h.operator_name,
      format_iso8601(h.started_utc_ns),
      run.closed ? format_iso8601(o.ended_utc_ns) : "",
      run.closed ? full_precision(o.duration_s) : "",
      o.pen ? o.pen->serial_number : "",
      o.pen ? o.pen->firmware : "",
      o.pen ? o.pen->hardware : "",
      h.cartridge_lot,
      h.simulant_lot,
      h.simulant_sheet,
      cell(o.temperature_c),
      cell(o.humidity_percent),
      cell(o.battery_before_percent),
      h.software_version,
      h.software_commit,
      h.simulation,
  };
  return facts;
}

constexpr std::array kLongHead{"run",
                               "void_as_certificate",
                               "serial_number",
                               "product",
                               "product_revision",
                               "plan",
                               "plan_revision",
                               "rig",
                               "slot",
                               "operator",
                               "started_utc",
                               "run_verdict",
                               "run_counts_as",
                               "variable",
                               "measurand",
                               "unit",
                               "depth_mm",
                               "rate_per_min",
                               "link",
                               "value",
                               "text_value",
                               "expanded_u",
                               "k",
                               "nu_eff",
                               "interval_low",
                               "interval_high",
                               "tolerance_low",
                               "tolerance_high",
                               "tolerance_s",
                               "tolerance_k",
                               "tolerance_u_sys",
                               "n",
                               "n_eff",
                               "at_least",
                               "strokes_beyond",
                               "note",
                               "requirement",
                               "title",
                               "lsl",
                               "usl",
                               "limit",
                               "guard_band",
                               "verdict",
                               "deciding",
                               "used",
                               "conformity",
                               "false_acceptance",
                               "false_acceptance_max",
                               "rule",
                               "reason"};

void add_measurement(CsvWriter& line, const Variable& v) {
  line.text(v.name);
  if (v.measurement == nullptr) {
    for (int i = 0; i < 22; ++i) line.text("");
    return;
  }
  const Measurement& m = *v.measurement;
  line.text(m.measurand).text(m.unit).number(m.depth_mm).number(m.rate_per_min);
  line.text(m.link ? name_of(*m.link) : "").number(m.value).text(m.text_value);
  // An exact count and a text have no U; nu_eff 0 stands for infinity.
  const bool u = m.value && m.expanded_u != 0;
  line.number(u ? std::optional(m.expanded_u) : std::nullopt).number(u ? std::optional(m.k) : std::nullopt);
  line.text(!u ? "" : m.nu_eff == 0 ? "Infinity" : full_precision(m.nu_eff)).number(m.low).number(m.high);
  const auto tolerance = [&](double ToleranceInterval::*field) {
    line.number(m.interval ? std::optional((*m.interval).*field) : std::nullopt);
  };
  for (const auto field : {&ToleranceInterval::low, &ToleranceInterval::high, &ToleranceInterval::s,
                           &ToleranceInterval::k_factor, &ToleranceInterval::u_sys})
    tolerance(field);
  line.integer(m.n).number(m.n_eff).text(m.censored_high ? "yes" : "no").integer(m.strokes_beyond).text(m.note);
}

void add_decision(CsvWriter& line, const RunRecord& run, const Decision* d) {
  if (d == nullptr) {
    for (int i = 0; i < 14; ++i) line.text("");
    return;
  }
  const auto& all = run.outcome.decisions;
  const bool deciding = run.outcome.deciding && *run.outcome.deciding < all.size() && &all[*run.outcome.deciding] == d;
  line.text(d->requirement_id).text(d->title).number(d->lower).number(d->upper).text(d->limit_text);
  line.number(d->guard_band).text(name_of(d->verdict)).text(deciding ? "yes" : "no").number(d->used);
  line.number(d->conformity).number(false_acceptance(*d)).number(d->false_acceptance_max).text(d->rule).text(d->reason);
}

/// The worst of two marks: over a simulated and a certifying run stands SIMULATED.
const std::string& worst_mark(const std::string& a, const std::string& b) {
  static const std::string simulated = "SIMULATED";
  return a == simulated || b == simulated ? simulated : a.empty() ? b : a;
}

std::optional<double> target_of(const Measurement& m, const Decision& d) {
  const MeasurandInfo* info = find_measurand(m.measurand);
  if (info == nullptr || !d.lower || !d.upper) return std::nullopt;
  if (info->reference == SettingReference::depth_mm) return m.depth_mm;
  if (info->reference == SettingReference::rate_per_min) return m.rate_per_min;
  return std::nullopt;
}

std::string shown(const std::optional<double>& limit) { return limit ? full_precision(*limit) : "none"; }

}  // namespace

void WideTable::add(const RunRecord& run) {
  Unit unit{facts_of(run), {}};
  for (const Variable& v : variables_of(run)) {
    if (v.measurement == nullptr) continue;
    const auto [at, is_new] = column_of_.emplace(v.name, columns_.size());
    if (is_new) columns_.push_back(v.name);
    const Measurement& m = *v.measurement;
    unit.values[at->second] = m.text_value.empty() ? cell(m.value) : m.text_value;
  }
  units_.push_back(std::move(unit));
}

std::string WideTable::take() const {
  CsvWriter line;
  for (const char* fact : kFacts) line.text(fact);
  for (const std::string& column : columns_) line.text(column);
  std::string table = line.take();
  for (const Unit& unit : units_) {
    for (const std::string& fact : unit.facts) line.text(fact);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto value = unit.values.find(c);
      line.text(value == unit.values.end() ? "" : value->second);
    }
    table += line.take();
  }
  return table;
}

LongTable::LongTable() {
  CsvWriter line;
  for (const char* name : kLongHead) line.text(name);
  text_ = line.take();
}

void LongTable::add(const RunRecord& run) {
  const RunHeader& h = run.header;
  CsvWriter line;
  std::vector<Variable> variables = variables_of(run);
  if (variables.empty()) variables.emplace_back();
  for (Variable& v : variables) {
    if (v.decisions.empty()) v.decisions.push_back(nullptr);
    for (const Decision* d : v.decisions) {
      for (const std::string& fact :
           {h.run_id, void_mark(run), h.serial_number, h.product_name, std::to_string(h.product_revision), h.plan_name,
            std::to_string(h.plan_revision), h.rig_name, h.slot, h.operator_name, format_iso8601(h.started_utc_ns),
            verdict_word(run), counts_as(run)})
        line.text(fact);
      add_measurement(line, v);
      add_decision(line, run, d);
      text_ += line.take();
    }
  }
}

Result<void> LimitsTable::add(const RunRecord& run) {
  for (const Variable& v : variables_of(run)) {
    if (v.measurement == nullptr) continue;
    Limits limits{{}, {}, {}, void_mark(run), run.header.run_id};
    for (const Decision* d : v.decisions) {
      if (d->lower) limits.lower = std::max(limits.lower.value_or(*d->lower), *d->lower);
      if (d->upper) limits.upper = std::min(limits.upper.value_or(*d->upper), *d->upper);
      if (!limits.target) limits.target = target_of(*v.measurement, *d);
    }
    if (!limits.lower && !limits.upper) continue;
    const auto [at, is_new] = row_of_.emplace(v.name, rows_.size());
    if (is_new) {
      rows_.emplace_back(v.name, std::move(limits));
      continue;
    }
    Limits& known = rows_[at->second].second;
    if (known.lower != limits.lower || known.upper != limits.upper) {
      return fail(
          Errc::usage,
          fmt::format("--limits: {} has the limits {} to {} in run {} and {} to {} in run {}; a limits table has "
                      "one of each, so export runs of one product revision at a time",
                      v.name, shown(known.lower), shown(known.upper), known.run_id, shown(limits.lower),
                      shown(limits.upper), limits.run_id));
    }
    known.mark = worst_mark(known.mark, limits.mark);
  }
  return {};
}

std::string LimitsTable::take() const {
  CsvWriter line;
  std::string table = line.text("Variable").text("LSL").text("Target").text("USL").text("void_as_certificate").take();
  for (const auto& [name, limits] : rows_)
    table += line.text(name).number(limits.lower).number(limits.target).number(limits.upper).text(limits.mark).take();
  return table;
}

std::string strokes_csv(const RunRecord& run) {
  CsvWriter line;
  for (const char* name :
       {"run", "void_as_certificate", "serial_number", "phase", "attempt", "depth_mm", "rate_per_min", "stroke",
        "top_s", "period_us", "extension_mm", "penetration_mm", "u_penetration_mm", "peak_force_n"})
    line.text(name);
  std::string table = line.take();
  for (const PhaseRecord& p : run.phases) {
    std::uint64_t stroke = 0;
    for (const StrokeRow& row : p.strokes) {
      line.text(run.header.run_id).text(void_mark(run)).text(run.header.serial_number).text(p.name);
      line.integer(p.attempt).number(p.depth_mm).number(p.rate_per_min).integer(++stroke).number(row.top_s);
      line.number(row.period_us).number(row.extension_mm).number(row.penetration_mm).number(row.u_penetration_mm);
      table += line.number(row.peak_force_n).take();
    }
  }
  return table;
}

}  // namespace penrig
