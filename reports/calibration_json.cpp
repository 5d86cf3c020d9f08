#include "reports/calibration_json.hpp"

#include <cmath>

#include <fmt/format.h>

#include "reports/json_integer.hpp"
#include "reports/number_format.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/spec/civil_date.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;
using sqlite::double_of, sqlite::json_of;

Json optional_json(const std::optional<double>& value) { return value ? json_of(*value) : Json(nullptr); }
std::optional<double> optional_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return double_of(json);
}

Json numbers_json(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(json_of(v));
  return list;
}
std::vector<double> numbers_of(const Json& json) {
  std::vector<double> values;
  for (const Json& v : json) values.push_back(double_of(v));
  return values;
}

Json standards_json(const Calibration& c) {
  Json list = Json::array();
  for (const ReferenceStandard& s : c.standards) {
    list.push_back({{"id", s.id},
                    {"certificate", s.certificate},
                    {"u", optional_json(s.u)},
                    {"u_is_share", s.relative},
                    {"of", s.column}});
  }
  return list;
}

Json points_json(const PointTable& points) {
  Json columns = Json::object();
  for (std::size_t i = 0; i < points.columns.size(); ++i) columns[points.columns[i]] = numbers_json(points.values[i]);
  Json json{{"columns", std::move(columns)}};
  if (!points.direction.empty()) json["direction"] = points.direction;
  return json;
}

Json fit_json(const CalibrationEvaluation& e) {
  Json degrees = Json::array();
  for (const DegreeLine& d : e.degrees) {
    degrees.push_back({{"degree", d.degree},
                       {"residual_sd", json_of(d.residual_sd)},
                       {"lack_of_fit_f", optional_json(d.lack_f)},
                       {"lack_of_fit_p", optional_json(d.lack_p)},
                       {"added_f", optional_json(d.added_f)},
                       {"added_p", optional_json(d.added_p)}});
  }
  return {{"x", e.x},
          {"y", e.y},
          {"degree", e.degree},
          {"degree_fits", e.degree_fits},
          {"intercept", e.intercept},
          {"coefficients", numbers_json(e.coefficients)},
          {"coefficient_sd", numbers_json(e.coefficient_sd)},
          {"residual_sd", json_of(e.residual_sd)},
          {"fitted", numbers_json(e.fitted)},
          {"residuals", numbers_json(e.residuals)},
          {"degrees", std::move(degrees)}};
}

Json budget_json(const CalibrationEvaluation& e) {
  Json lines = Json::array();
  for (const BudgetLine& l : e.budget) {
    lines.push_back({{"source", l.source},
                     {"type", l.type_a ? "A" : "B"},
                     {"distribution", l.distribution},
                     {"u", json_of(l.u)},
                     {"nu", json_of(l.nu)},
                     {"unit", l.unit},
                     {"value", json_of(l.value)},
                     {"u_input", json_of(l.u_input)},
                     {"sensitivity", json_of(l.sensitivity)},
                     {"cause", l.cause}});
  }
  return lines;
}

BudgetLine budget_line_of(const Json& json) {
  BudgetLine line;
  line.source = json.at("source");
  line.type_a = json.at("type").get<std::string>() == "A";
  line.distribution = json.at("distribution");
  line.u = double_of(json.at("u"));
  line.nu = double_of(json.at("nu"));
  if (!json.contains("sensitivity")) return line;  // filed before lines said what their input is
  line.unit = json.at("unit");
  line.value = double_of(json.at("value"));
  line.u_input = double_of(json.at("u_input"));
  line.sensitivity = double_of(json.at("sensitivity"));
  line.cause = json.at("cause");
  return line;
}

CivilDate date_in(const Json& json, const char* key) {
  const auto date = parse_date(json.at(key).get<std::string>());
  if (!date) sqlite::raise(Errc::bad_data, fmt::format("'{}' of a calibration is no date", key));
  return *date;
}

CalibrationEvaluation evaluation_of(const Json& json) {
  CalibrationEvaluation e;
  e.value = double_of(json.at("value"));
  e.u = optional_of(json.at("u"));
  e.k = double_of(json.at("k"));
  e.nu = double_of(json.at("nu"));
  for (const Json& l : json.at("budget")) e.budget.push_back(budget_line_of(l));
  const Json& fit = json.at("fit");
  e.x = fit.at("x");
  e.y = fit.at("y");
  e.degree = integer_of<unsigned>(fit.at("degree"));
  e.degree_fits = fit.at("degree_fits");
  e.intercept = fit.at("intercept");
  e.coefficients = numbers_of(fit.at("coefficients"));
  e.coefficient_sd = numbers_of(fit.at("coefficient_sd"));
  e.residual_sd = double_of(fit.at("residual_sd"));
  e.fitted = numbers_of(fit.at("fitted"));
  e.residuals = numbers_of(fit.at("residuals"));
  for (const Json& d : fit.at("degrees")) {
    e.degrees.push_back({integer_of<unsigned>(d.at("degree")), double_of(d.at("residual_sd")),
                         optional_of(d.at("lack_of_fit_f")), optional_of(d.at("lack_of_fit_p")),
                         optional_of(d.at("added_f")), optional_of(d.at("added_p"))});
  }
  for (const Json& r : json.at("results")) e.results.push_back({r.at("name"), double_of(r.at("value")), r.at("unit")});
  for (const Json& n : json.at("notes")) e.notes.push_back(n);
  return e;
}

}  // namespace

Json calibration_json(const Calibration& c) {
  const CalibrationEvaluation& e = c.evaluation;
  Json json{{"format", "penrig-calibration"}, {"format_version", 1}};
  if (!c.id.empty()) json["id"] = c.id;
  json.update({{"target", c.target},
               {"fixture_id", c.fixture_id},
               {"simulated", c.simulated},
               {"date", c.date.text},
               {"due", c.due.text},
               {"operator", c.operator_name},
               {"standards", standards_json(c)},
               {"temperature_c", optional_json(c.temperature_c)},
               {"humidity_percent", optional_json(c.humidity_percent)},
               {"note", c.note},
               {"factor", c.factor},
               {"unit", c.unit},
               {"value", json_of(e.value)},
               {"u", optional_json(e.u)},
               {"expanded_u", e.u ? json_of(e.k * *e.u) : Json(nullptr)},
               {"k", json_of(e.k)},
               {"nu", json_of(e.nu)},
               {"budget", budget_json(e)},
               {"fit", fit_json(e)}});
  Json results = Json::array();
  for (const CalibrationResult& r : e.results)
    results.push_back({{"name", r.name}, {"value", json_of(r.value)}, {"unit", r.unit}});
  json["results"] = std::move(results);
  json["notes"] = e.notes;
  json["points_from"] = c.points_name;
  json["points"] = points_json(c.points);
  json["software_version"] = c.software_version;
  json["software_commit"] = c.software_commit;
  json["filed_utc"] = format_iso8601(c.filed_utc_ns);
  json["filed_utc_ns"] = c.filed_utc_ns;
  return json;
}

std::string calibration_json_text(const Calibration& calibration) {
  return calibration_json(calibration).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<Calibration> calibrations_of(const RunHeader& header) {
  std::vector<Calibration> all;
  for (const SourceDocument& document : header.documents) {
    if (document.kind != "calibration") continue;
    if (auto calibration = calibration_of(document.bytes)) all.push_back(std::move(*calibration));
  }
  return all;
}

Result<Calibration> calibration_of(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != "penrig-calibration") return fail(Errc::bad_data, "this is no calibration");
    Calibration c;
    if (json.contains("id")) c.id = json.at("id");
    c.target = json.at("target");
    c.factor = json.at("factor");
    c.unit = json.at("unit");
    c.fixture_id = json.at("fixture_id");
    c.simulated = json.at("simulated");
    c.date = date_in(json, "date");
    c.due = date_in(json, "due");
    c.operator_name = json.at("operator");
    for (const Json& s : json.at("standards")) {
      c.standards.push_back(
          {s.at("id"), s.at("certificate"), optional_of(s.at("u")), s.at("u_is_share").get<bool>(), s.at("of")});
    }
    c.temperature_c = optional_of(json.at("temperature_c"));
    c.humidity_percent = optional_of(json.at("humidity_percent"));
    c.note = json.at("note");
    c.points_name = json.at("points_from");
    const Json& points = json.at("points");
    for (const auto& [name, values] : points.at("columns").items()) {
      c.points.columns.push_back(name);
      c.points.values.push_back(numbers_of(values));
    }
    if (points.contains("direction")) {
      for (const Json& d : points.at("direction")) c.points.direction.push_back(integer_of<int>(d));
    }
    c.evaluation = evaluation_of(json);
    c.software_version = json.at("software_version");
    c.software_commit = json.at("software_commit");
    c.filed_utc_ns = integer_of<std::int64_t>(json.at("filed_utc_ns"));
    return c;
  } catch (const ErrorException& e) {
    return e.error;
  } catch (const Json::exception& e) {
    return fail(Errc::bad_data, fmt::format("a calibration is damaged: {}", e.what()));
  }
}

}  // namespace penrig
