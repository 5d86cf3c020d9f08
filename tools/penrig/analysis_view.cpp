#include "tools/penrig/analysis_view.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/finite_or_null.hpp"
#include "reports/number_format.hpp"
#include "reports/record_json.hpp"
#include "rig/spec/measurand.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/limit_picture.hpp"
#include "tools/penrig/monte_carlo_view.hpp"
#include "tools/penrig/requirement_table.hpp"
#include "tools/penrig/result_text.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string title_of(const Measurement& m) {
  const MeasurandInfo* info = find_measurand(m.measurand);
  return info != nullptr ? std::string(info->title) : m.measurand;
}

/// Wrapped under its label.
void labelled_lines(const TerminalStyle& style, const std::string& label, const std::string& text,
                    std::vector<Line>& out) {
  std::string head = label;
  for (const std::string& part : wrap(style, text, style.columns - kLabelWidth)) {
    out.push_back(labelled(head, part));
    head.clear();
  }
}

std::string channels_of(const CaptureFile& file) {
  std::string text;
  for (const auto* column : {&file.time_s, &file.position_mm, &file.force_n}) {
    if (*column) text += (text.empty() ? "" : ", ") + (*column)->name;
  }
  if (!file.ignored.empty()) {
    std::string others;
    for (std::size_t i = 0; i < std::min<std::size_t>(file.ignored.size(), 5); ++i) {
      others += (others.empty() ? "" : ", ") + file.ignored[i];
    }
    text += fmt::format("; not read: {}{}", others, file.ignored.size() > 5 ? ", …" : "");
  }
  return text;
}

std::string sampling_text(const Sampling& s) {
  std::string text = fmt::format("{} s at {} samples/s", format_number(s.duration_s(), 3), format_short(s.rate_hz, 8));
  if (!s.from_stamps) return text + ", as stated";
  return text + fmt::format(", intervals even to {} µs", format_number(s.jitter_s * 1e6, 2));
}

std::string setting_text(const CaptureAnalysis& a) {
  std::string text = fmt::format("{} measured of {} seen; ", a.strokes.size(), a.strokes_seen);
  if (a.depth_mm) {
    text += a.depth_is_set ? fmt::format("depth set to {} mm", format_depth(*a.depth_mm))
                           : fmt::format("tops at {} mm", format_number(*a.depth_mm, 3));
    text += ", ";
  }
  return text + fmt::format("rate {} {}/min", a.rate_is_set ? "set to" : "about",
                            a.rate_is_set ? format_short(a.rate_per_min) : format_number(a.rate_per_min, 0));
}

/// One row of the table of measurements, cells ready to print.
struct MeasurementRow {
  std::string title, value, unit, k, nu, realised;
};

MeasurementRow measurement_row(const Measurement& m) {
  MeasurementRow row{title_of(m), "", m.unit == "1" ? "" : m.unit, "", "", ""};
  if (m.interval) {
    const int decimals = decimals_of_u(m.interval->u_sys > 0 ? m.interval->u_sys : m.expanded_u);
    row.value =
        fmt::format("{} … {}", format_number(m.interval->low, decimals), format_number(m.interval->high, decimals));
    return row;
  }
  if (m.low && m.high) {
    row.value = format_interval(*m.value, *m.low, *m.high);
    return row;
  }
  row.value = format_plus_minus(*m.value, m.expanded_u);
  if (m.expanded_u == 0) return row;
  row.k = format_number(m.k, 2);
  constexpr double kMany = 1e5;  // beyond that nobody can tell it from infinity
  row.nu = m.nu_eff > 0 && m.nu_eff < kMany ? format_number(m.nu_eff, 0) : "∞";
  if (m.realised) row.realised = format_plus_minus(*m.realised, m.realised_u);
  return row;
}

std::vector<Line> measurement_table(const TerminalStyle& style, const std::vector<Measurement>& measurements) {
  std::vector<MeasurementRow> rows{{"measurement", "value ± U", "unit", "k", "ν_eff", "realised"}};
  for (const Measurement& m : measurements) {
    if (m.value) rows.push_back(measurement_row(m));
  }
  constexpr std::array kColumns = {&MeasurementRow::title, &MeasurementRow::value, &MeasurementRow::unit,
                                   &MeasurementRow::k,     &MeasurementRow::nu,    &MeasurementRow::realised};
  std::array<std::size_t, kColumns.size()> widths{};
  for (const MeasurementRow& row : rows) {
    for (std::size_t c = 0; c < kColumns.size(); ++c) {
      widths[c] = std::max(widths[c], width(shown(style, row.*kColumns[c])));
    }
  }
  // A narrow terminal drops columns from the right.
  std::size_t count = kColumns.size();
  const auto total = [&] {
    std::size_t sum = 0;
    for (std::size_t c = 0; c < count; ++c) sum += widths[c] + 2;
    return sum;
  };
  while (count > 3 && total() > style.columns + 2) --count;
  std::vector<Line> lines;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string text;
    for (std::size_t c = 0; c < count; ++c) {
      const bool left = c == 0 || c == 2;
      text += padded(style, rows[r].*kColumns[c], widths[c], !left) + "  ";
    }
    lines.push_back({{std::move(text), r == 0 ? Ink::label : Ink::plain}});
  }
  return lines;
}

void add_judgement(const TerminalStyle& style, const AnalysedCapture& capture, std::vector<Line>& out) {
  const CaptureJudgement& judgement = *capture.judgement;
  const RunOutcome& outcome = judgement.outcome;
  out.emplace_back();
  constexpr std::size_t kAllRows = 1000;
  for (Line& line : requirement_table(style, outcome, kAllRows, VerdictWords::of_capture))
    out.push_back(std::move(line));
  if (!outcome.decisions.empty()) {
    out.emplace_back();
    for (Line& line : decided_by(style, outcome, {}, VerdictWords::of_capture)) out.push_back(std::move(line));
    out.emplace_back();
  }
  for (const CaptureJudgement::NotJudged& n : judgement.not_judged) {
    labelled_lines(style, n.open ? "open" : "by a run", fmt::format("{} {}: {}", n.requirement_id, n.title, n.why),
                   out);
  }
  // PASS is a word for runs with a record: here things lie inside their limits.
  const auto held = std::ranges::count(outcome.decisions, Verdict::pass, &Decision::verdict);
  const auto open = std::ranges::count(judgement.not_judged, true, &CaptureJudgement::NotJudged::open);
  const std::string rest =
      fmt::format("   {} of {} requirements of {} judged, {} hold{}; an analysis of a file certifies nothing",
                  outcome.decisions.size(), outcome.decisions.size() + judgement.not_judged.size(),
                  capture.product_name, held, open == 0 ? "" : fmt::format(", {} open", open));
  if (outcome.decisions.empty()) {
    out.push_back({{"not judged", Ink::strong}, {rest}});
  } else {
    const std::string word = word_for_capture(outcome.verdict);
    out.push_back({{fmt::format("{} {}", sign_of(outcome.verdict), word), ink_of(outcome.verdict)}, {rest}});
  }
}

/// Instead of a verdict, which only a run with a record has: conforms true, false, or null where that is open.
void say_conforms(Verdict verdict, Json& json) {
  const bool decided = verdict == Verdict::pass || verdict == Verdict::fail;
  json["conforms"] = decided ? Json(verdict == Verdict::pass) : Json(nullptr);
  json["result"] = word_for_capture(verdict);
}

Json budget_line_of(const BudgetLine& line) {
  // A line without an input of its own has no numbers of one.
  const auto of_input = [&](double value) { return line.unit.empty() ? Json(nullptr) : finite_or_null(value); };
  return {{"source", line.source},
          {"type", line.type_a ? "A" : "B"},
          {"distribution", line.distribution},
          {"value", of_input(line.value)},
          {"unit", line.unit.empty() ? Json(nullptr) : Json(line.unit)},
          {"u_input", of_input(line.u_input)},
          {"sensitivity", of_input(line.sensitivity)},
          {"u", finite_or_null(line.u)},
          {"nu", line.nu > 0 ? finite_or_null(line.nu) : Json(nullptr)},  // null: infinite
          {"cause", line.cause.empty() ? Json(nullptr) : Json(line.cause)}};
}

Json measurement_of(const Measurement& m) {
  Json json{{"name", m.measurand},
            {"value", finite_or_null(m.value)},
            {"unit", m.unit},
            {"U", m.value ? finite_or_null(m.expanded_u) : Json(nullptr)},
            {"k", finite_or_null(m.k)},
            {"nu_eff", m.nu_eff > 0 ? finite_or_null(m.nu_eff) : Json(nullptr)},  // null: infinite
            {"realised", finite_or_null(m.realised)},
            {"realised_U", m.realised ? finite_or_null(m.realised_u) : Json(nullptr)},
            {"n", m.n},
            {"n_eff", finite_or_null(m.n_eff)}};
  if (m.low || m.high) {
    json["low"] = finite_or_null(m.low);
    json["high"] = finite_or_null(m.high);
  }
  if (m.interval) {
    json["interval"] = {{"low", finite_or_null(m.interval->low)},
                        {"high", finite_or_null(m.interval->high)},
                        {"s", finite_or_null(m.interval->s)},
                        {"k_T", finite_or_null(m.interval->k_factor)},
                        {"U_sys", finite_or_null(m.interval->u_sys)}};
  }
  if (!m.note.empty()) json["note"] = m.note;
  Json budget = Json::array();
  for (const BudgetLine& line : m.budget) {
    budget.push_back(budget_line_of(line));
  }
  json["budget"] = std::move(budget);
  return json;
}

Json sampling_of(const Sampling& s) {
  return {{"rate_hz", finite_or_null(s.rate_hz)},
          {"rows", s.rows},
          {"duration_s", finite_or_null(s.duration_s())},
          {"start_s", finite_or_null(s.start_s)},
          {"from_stamps", s.from_stamps},
          {"interval_scatter_us", finite_or_null(s.jitter_s * 1e6)},
          {"wander_us", finite_or_null(s.wander_s * 1e6)},
          {"stamp_step_us", finite_or_null(s.stamp_step_s * 1e6)}};
}

void add_cell(std::string& out, std::optional<double> value, int decimals) {
  out += ',';
  if (value && std::isfinite(*value)) fmt::format_to(std::back_inserter(out), "{:.{}f}", *value, decimals);
}

}  // namespace

std::vector<Line> analysis_text(const TerminalStyle& style, const AnalysedCapture& capture) {
  const CaptureAnalysis& a = capture.analysis;
  std::vector<Line> out;
  labelled_lines(style, "capture",
                 fmt::format("{}: {}, {} rows, {}", capture.file.path, capture.file.format,
                             format_number(static_cast<double>(capture.file.rows), 0), channels_of(capture.file)),
                 out);
  labelled_lines(style, "sampling", sampling_text(a.sampling), out);
  labelled_lines(style, "strokes", setting_text(a), out);
  if (!capture.rig_name.empty()) labelled_lines(style, "rig", capture.rig_name, out);
  if (capture.filed != nullptr) {
    for (Line& line : filed_lines(capture.filed->used, capture.filed->passed_over)) out.push_back(std::move(line));
  }
  out.emplace_back();
  for (Line& line : measurement_table(style, a.measurements)) out.push_back(std::move(line));
  out.emplace_back();
  if (!a.monte_carlo.empty()) {
    for (Line& line : monte_carlo_text(style, a.monte_carlo)) out.push_back(std::move(line));
    out.emplace_back();
  }
  std::vector<std::pair<std::string, std::string>> without;  // why, and which
  for (const Measurement& m : a.measurements) {
    if (m.value) continue;
    const auto known = std::ranges::find(without, m.note, &std::pair<std::string, std::string>::first);
    if (known == without.end()) {
      without.emplace_back(m.note, title_of(m));
    } else {
      known->second += ", " + title_of(m);
    }
  }
  for (const auto& [why, which] : without) labelled_lines(style, "none", fmt::format("{}: {}", why, which), out);
  labelled_lines(style, "effects", corrections_in_words(a.corrections), out);
  for (const std::string& note : capture.file.notes) labelled_lines(style, "note", note, out);
  for (const std::string& warning : a.warnings) labelled_lines(style, "note", warning, out);
  if (capture.judgement != nullptr) add_judgement(style, capture, out);
  return out;
}

Json analysis_json(const AnalysedCapture& capture) {
  const CaptureAnalysis& a = capture.analysis;
  const CaptureFile& file = capture.file;
  Json json{{"file", file.path}, {"format", file.format}, {"rows", file.rows}};
  json["channels"] = Json::object();
  for (const auto& [key, column] :
       {std::pair{"time", &file.time_s}, std::pair{"position", &file.position_mm}, std::pair{"force", &file.force_n}}) {
    json["channels"][key] = *column ? Json((*column)->name) : Json(nullptr);
  }
  json["ignored"] = file.ignored;
  json["rig"] = capture.rig_name.empty() ? Json(nullptr) : Json(capture.rig_name);
  json["calibrations"] = Json::array();
  if (capture.filed != nullptr) {
    for (const Calibration& c : capture.filed->used) {
      json["calibrations"].push_back({{"id", c.id},
                                      {"target", c.target},
                                      {"factor", c.factor},
                                      {"value", finite_or_null(c.evaluation.value)},
                                      {"u", finite_or_null(c.evaluation.u)},
                                      {"due", c.due.text}});
    }
  }
  json["sampling"] = sampling_of(a.sampling);
  json["setting"] = {{"depth_mm", finite_or_null(a.depth_mm)},
                     {"depth_is_set", a.depth_is_set},
                     {"rate_per_min", finite_or_null(a.rate_per_min)},
                     {"rate_is_set", a.rate_is_set}};
  json["strokes"] = a.strokes.size();
  json["strokes_seen"] = a.strokes_seen;
  json["measurements"] = Json::array();
  for (const Measurement& m : a.measurements) {
    json["measurements"].push_back(measurement_of(m));
    const auto check = std::ranges::find(a.monte_carlo, m.measurand, &MonteCarloCheck::measurand);
    if (check != a.monte_carlo.end()) json["measurements"].back()["monte_carlo"] = monte_carlo_json(*check);
  }
  json["corrections"] = Json::array();
  for (const Correction& c : a.corrections) {
    json["corrections"].push_back({{"name", c.name},
                                   {"applied", c.applied},
                                   {"value", c.unit.empty() ? Json(nullptr) : finite_or_null(c.value)},
                                   {"u", c.unit.empty() ? Json(nullptr) : finite_or_null(c.u)},
                                   {"unit", c.unit.empty() ? Json(nullptr) : Json(c.unit)},
                                   {"note", c.note}});
  }
  Json values = Json::object();
  for (const auto& [name, value] : a.values) values[name] = finite_or_null(value);
  json["values"] = std::move(values);
  json["warnings"] = file.notes;
  for (const std::string& warning : a.warnings) json["warnings"].push_back(warning);
  if (capture.judgement == nullptr) return json;
  const RunOutcome& outcome = capture.judgement->outcome;
  json["product"] = capture.product_name;
  say_conforms(outcome.verdict, json);
  json["certifies"] = false;
  json["decisions"] = Json::array();
  for (const Decision& d : outcome.decisions) {
    Json decision = decision_json(d);
    decision.erase("verdict");
    say_conforms(d.verdict, decision);
    decision["name"] = outcome.measurements.at(d.measurement).measurand;
    json["decisions"].push_back(std::move(decision));
  }
  json["not_judged"] = Json::array();
  for (const CaptureJudgement::NotJudged& n : capture.judgement->not_judged) {
    json["not_judged"].push_back(
        {{"requirement", n.requirement_id}, {"title", n.title}, {"reason", n.why}, {"open", n.open}});
  }
  return json;
}

std::string strokes_csv(const CaptureAnalysis& analysis) {
  std::string out =
      "top_s,period_us,extension_mm,penetration_mm,penetration_contact_mm,contact_mm,contact_speed_mm_per_s,dwell_us,"
      "peak_force_n,puncture_force_n,withdrawal_force_n,insertion_work_mj,dissipated_work_mj,kind\r\n";
  for (const CaptureStroke& s : analysis.strokes) {
    fmt::format_to(std::back_inserter(out), "{:.9f}", s.top_s);
    add_cell(out, s.period_us, 4);
    for (const auto& length : {s.extension_mm, s.penetration_mm, s.penetration_contact_mm, s.contact_mm}) {
      add_cell(out, length, 7);
    }
    add_cell(out, s.contact_speed_mm_per_s, 4);
    add_cell(out, s.dwell_us, 3);
    for (const auto& force :
         {s.peak_force_n, s.puncture_force_n, s.withdrawal_force_n, s.insertion_work_mj, s.dissipated_work_mj}) {
      add_cell(out, force, 6);
    }
    out += s.missed ? ",missed\r\n" : s.doubled ? ",double\r\n" : ",whole\r\n";
  }
  return out;
}

}  // namespace penrig::cli
