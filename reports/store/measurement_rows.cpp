#include "reports/store/measurement_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "reports/store/row_values.hpp"

namespace penrig::rows {
namespace {

using Json = nlohmann::ordered_json;
using sqlite::double_of;
using sqlite::json_of;
using sqlite::RowReader;
using sqlite::RowWriter;

// A measurement has a dozen of these lines and a transaction hundreds of them: written as the library would write them,
// without its tree of values.
void add_text(std::string& out, const std::string& text) {
  const auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::ranges::all_of(text, plain)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += dumped(Json(text));
  }
}

void add_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += dumped(json_of(value));
    return;
  }
  if (value == 0 && !std::signbit(value)) {  // what most lines have most of
    out += "0.0";
    return;
  }
  std::array<char, 64> digits;
  char* const end = nlohmann::detail::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

std::string budget_json(const std::vector<BudgetLine>& budget) {
  constexpr std::size_t kUsualLine = 160;
  std::string out = "[";
  out.reserve(2 + budget.size() * kUsualLine);
  for (const BudgetLine& line : budget) {
    out += out.size() == 1 ? "[" : ",[";
    add_text(out, line.source);
    out += line.type_a ? ",\"A\"," : ",\"B\",";
    add_text(out, line.distribution);
    for (const double value : {line.u, line.nu}) add_number(out += ',', value);
    add_text(out += ',', line.unit);
    for (const double value : {line.value, line.u_input, line.sensitivity}) add_number(out += ',', value);
    add_text(out += ',', line.cause);
    out += ']';
  }
  return out += ']';
}

std::vector<BudgetLine> budget_of(const std::string& text) {
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
