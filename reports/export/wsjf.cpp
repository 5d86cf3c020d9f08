#include "reports/export/wsjf.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/export/csv_writer.hpp"
#include "reports/export/variables.hpp"
#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/record_json.hpp"
#include "reports/verdict_word.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

/// P passed, F failed, E error, T terminated. What is not shown to conform has not passed.
const char* status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "P";
    case Verdict::fail:
    case Verdict::indeterminate:
      return "F";
    case Verdict::aborted:
      return "T";
    case Verdict::not_judged:
    case Verdict::error:
      break;
  }
  return "E";
}

/// A UUID of version 8 (RFC 9562, made by a rule of our own): the first bytes of SHA-256 over the record.
std::string id_of(const RunRecord& run) {
  std::string hex = sha256_hex("wsjf\n" + record_json_text(run)).substr(0, 32);
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

Json wsjf_number(double value) { return std::isfinite(value) ? Json(value) : Json(full_precision(value)); }

std::string step_name(const Decision* d, const Variable& v) {
  const std::string name = v.measurement == nullptr ? "not in the record" : v.name;
  return wats_name(d == nullptr ? name : fmt::format("{} {}: {}", d->requirement_id, d->title, name));
}

Json step(int id, const Decision* d, const Variable& v) {
  const Measurement* m = v.measurement;
  // A measurement that nothing was decided about is neither passed nor failed: done.
  const char* status = d == nullptr ? "D" : status_of(d->verdict);
  const bool text = m != nullptr && !m->text_value.empty();
  Json j{{"id", id},
         {"group", "M"},
         {"stepType", text ? "ET_SVT" : "ET_NLT"},
         {"name", step_name(d, v)},
         {"status", status}};
  std::string said;
  if (d != nullptr) {
    said = d->rule;
    if (!d->reason.empty()) said += (said.empty() ? "" : "; ") + d->reason;
    if (d->verdict == Verdict::indeterminate) said = "INDETERMINATE, which is not a pass: " + said;
  }
  if (m != nullptr && m->value && m->expanded_u != 0)
    said += fmt::format("{}U = {} {} (k = {})", said.empty() ? "" : "; ", full_precision(m->expanded_u), m->unit,
                        full_precision(m->k));
  if (m != nullptr && !m->note.empty()) said += (said.empty() ? "" : "; ") + m->note;
  if (!said.empty()) j["reportText"] = html::well_formed(said);
  if (text) {
    Json value{{"compOp", "LOG"}, {"status", status}, {"value", html::well_formed(m->text_value)}};
    if (d != nullptr) value["limit"] = html::well_formed(d->limit_text);
    j["stringMeas"] = Json::array({std::move(value)});
    return j;
  }
  Json value = Json::object();
  const bool low = d != nullptr && d->lower, high = d != nullptr && d->upper;
  value["compOp"] = low && high ? "GELE" : low ? "GE" : high ? "LE" : "LOG";
  value["status"] = status;
  value["unit"] = m == nullptr || m->unit == "1" ? "" : html::well_formed(m->unit);
  // No value is no number: NaN, which is never within limits.
  value["value"] = m != nullptr && m->value ? wsjf_number(*m->value) : Json("NaN");
  if (low) value["lowLimit"] = wsjf_number(*d->lower);
  // With one limit alone WATS reads it from lowLimit, whatever its side.
  if (high) value[low ? "highLimit" : "lowLimit"] = wsjf_number(*d->upper);
  j["numericMeas"] = Json::array({std::move(value)});
  return j;
}

}  // namespace

std::string wats_name(std::string_view name) {
  std::string clean = html::well_formed(name);
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return std::string_view("*%?_[]^!").find(c) != std::string_view::npos; },
      '-');
  return clean;
}

Json wsjf(const RunRecord& run, int process_code) {
  const RunHeader& h = run.header;
  const RunOutcome& o = run.outcome;
  const std::string mark = void_mark(run);
  // A void run has neither passed nor failed.
  const char* result = run.standing.voided ? "E" : status_of(counted_verdict(run));
  const double seconds = run.closed && std::isfinite(o.duration_s) ? o.duration_s : 0;
  Json steps = Json::array();
  int id = 1;
  for (const Variable& v : variables_of(run)) {
    if (v.decisions.empty()) steps.push_back(step(id++, nullptr, v));
    for (const Decision* d : v.decisions) steps.push_back(step(id++, d, v));
  }
  const auto info = [](const char* what, const std::string& text) {
    return Json{{"description", what}, {"text", html::well_formed(text)}};
  };
  Json infos = Json::array({info("run", h.run_id), info("verdict", verdict_word(run)),
                            info("void as certificate", mark.empty() ? "no" : mark)});
  for (const auto& [what, text] :
       {std::pair{"declared void", run.standing.voided ? void_reason(run) : std::string()},
        std::pair{"reason", o.reason}, std::pair{"simulation", h.simulation},
        std::pair{"firmware", o.pen ? o.pen->firmware : ""}, std::pair{"cartridge lot", h.cartridge_lot},
        std::pair{"simulant lot", h.simulant_lot}, std::pair{"slot", h.slot},
        std::pair{"software", fmt::format("penrig {} ({})", h.software_version, h.software_commit)},
        std::pair{"SHA-256 of the record", sha256_hex(record_json_text(run))}}) {
    if (!text.empty()) infos.push_back(info(what, text));
  }
  const std::string start = format_iso8601(h.started_utc_ns);
  const auto or_unknown = [](const std::string& text) { return wats_name(text.empty() ? "unknown" : text); };
  return Json{{"id", id_of(run)},
              {"type", "T"},
              {"pn", or_unknown(h.product_name)},
              {"sn", or_unknown(h.serial_number)},
              {"rev", std::to_string(h.product_revision)},
              {"processCode", process_code},
              {"result", result},
              {"machineName", or_unknown(h.rig_name)},
              {"location", or_unknown(h.fixture_id)},
              {"purpose", mark.empty() ? "certifying" : mark},
              {"start", start.substr(0, start.size() - 1) + "+00:00"},
              {"startUTC", start},
              {"root",
               {{"id", 0},
                {"group", "M"},
                {"stepType", "SequenceCall"},
                {"name", or_unknown(h.plan_name)},
                {"status", result},
                {"totTime", seconds},
                {"seqCall",
                 {{"path", wats_name(h.plan_name)},
                  {"name", wats_name(h.plan_name)},
                  {"version", std::to_string(h.plan_revision)}}},
                {"steps", std::move(steps)}}},
              {"uut", {{"user", or_unknown(h.operator_name)}, {"execTime", seconds}, {"miscInfos", std::move(infos)}}}};
}

}  // namespace penrig
