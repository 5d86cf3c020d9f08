#include "reports/store/measurement_rows.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "reports/json_text.hpp"
#include "reports/store/json_scan.hpp"
#include "reports/store/row_values.hpp"

namespace penrig::rows {
namespace {

using Json = nlohmann::ordered_json;
using sqlite::double_of;
using sqlite::RowReader;
using sqlite::RowWriter;

std::string budget_json(const std::vector<BudgetLine>& budget) {
  constexpr std::size_t kUsualLine = 160;
  JsonText out;
  out.reserve(2 + budget.size() * kUsualLine);
  out.open_array();
  for (const BudgetLine& line : budget) {
    out.open_array().text(line.source).text(line.type_a ? "A" : "B").text(line.distribution);
    out.stored_number(line.u).stored_number(line.nu).text(line.unit).stored_number(line.value);
    out.stored_number(line.u_input).stored_number(line.sensitivity).text(line.cause).close_array();
  }
  return out.close_array().take();
}

/// A line as budget_json() writes it; false where it is written otherwise.
bool take_plain(JsonScan& scan, BudgetLine& line) {
  const auto words = [&](std::string& into, bool first = false) {
    if (!first && !scan.take(',')) return false;
    const auto found = scan.plain_text();
    if (found) into = *found;
    return found.has_value();
  };
  const auto number = [&](double& into) {
    if (!scan.take(',')) return false;
    const auto found = scan.real();
    if (found) into = *found;
    return found.has_value();
  };
  std::string type;
  const bool good = scan.take('[') && words(line.source, true) && words(type) && words(line.distribution) &&
                    number(line.u) && number(line.nu) && words(line.unit) && number(line.value) &&
                    number(line.u_input) && number(line.sensitivity) && words(line.cause) && scan.take(']');
  line.type_a = type == "A";
  return good;
}

std::optional<std::vector<BudgetLine>> plain_budget_of(std::string_view text) {
  std::vector<BudgetLine> budget;
  JsonScan scan(text);
  if (!scan.take('[')) return std::nullopt;
  while (!scan.take(']')) {
    if (!budget.empty() && !scan.take(',')) return std::nullopt;
    if (!take_plain(scan, budget.emplace_back())) return std::nullopt;
  }
  if (!scan.at_end()) return std::nullopt;
  return budget;
}

std::vector<BudgetLine> budget_of(const std::string& text) {
  if (std::optional<std::vector<BudgetLine>> plain = plain_budget_of(text)) return std::move(*plain);
  constexpr std::size_t kBeforeVersion4 = 5;
  std::vector<BudgetLine> budget;
  for (const Json& json : Json::parse(text)) {
    BudgetLine line;
    line.source = json.at(0);
    line.type_a = json.at(1).get<std::string>() == "A";
    line.distribution = json.at(2);
    line.u = double_of(json.at(3));
    line.nu = double_of(json.at(4));
    if (json.size() > kBeforeVersion4) {
      line.unit = json.at(5);
      line.value = double_of(json.at(6));
      line.u_input = double_of(json.at(7));
      line.sensitivity = double_of(json.at(8));
      line.cause = json.at(9);
    }
    budget.push_back(std::move(line));
  }
  return budget;
}

}  // namespace

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

}  // namespace penrig::rows
