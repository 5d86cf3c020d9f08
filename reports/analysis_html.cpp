#include "reports/analysis_html.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/html/style.hpp"
#include "reports/number_format.hpp"
#include "reports/value_text.hpp"

namespace penrig {

namespace {

/// The capture as a run of one setting, for the sections that draw it.
RunRecord as_run(const CaptureAnalysis& analysis, const CaptureJudgement* judgement) {
  RunRecord run;
  run.closed = true;
  run.outcome.verdict = Verdict::not_judged;
  run.outcome.measurements = analysis.measurements;
  if (judgement != nullptr) {
    run.outcome = judgement->outcome;
  }
  run.outcome.corrections = analysis.corrections;
  PhaseRecord phase;
  phase.kind = "setting";
  phase.depth_mm = analysis.depth_mm.value_or(0);
  phase.rate_per_min = analysis.rate_per_min;
  phase.name = "capture";
  phase.strokes = analysis.rows;
  phase.traces = analysis.traces;
  phase.measurements = analysis.measurements;
  for (std::vector<Measurement>* all : {&phase.measurements, &run.outcome.measurements}) {
    for (Measurement& m : *all) {
      m.depth_mm = phase.depth_mm;  // where it belongs, for the plots
      m.rate_per_min = phase.rate_per_min;
    }
  }
  run.phases.push_back(std::move(phase));
  return run;
}

std::string value_cell_text(const Measurement& m) {
  if (!m.value) return fmt::format("<span class=\"light\">{}</span>", html::formula(m.note));
  if (m.interval) {
    const int decimals = decimals_of_u(m.interval->u_sys > 0 ? m.interval->u_sys : m.expanded_u);
    return fmt::format("{} … {}", format_number(m.interval->low, decimals), format_number(m.interval->high, decimals));
  }
  return value_text(m);
}

std::string measurement_table(const std::vector<Measurement>& measurements) {
  std::string out =
      "<div class=\"scroll\"><table class=\"full\"><tr><th class=\"l\">measurement</th><th>value ± U</th><th "
      "class=\"l\">unit</th><th>k</th>"
      "<th>ν<sub>eff</sub></th><th>realised</th><th>n</th></tr>\n";
  for (const Measurement& m : measurements) {
    const bool with_u = m.value && m.expanded_u > 0 && !m.low && !m.interval;
    out += fmt::format(
        "<tr><td class=\"l\">{}</td><td>{}</td><td "
        "class=\"l\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        html::escape(html::title_of(m)), value_cell_text(m), m.unit == "1" ? "" : html::escape(m.unit),
        with_u ? format_number(m.k, 2) : "",
        !with_u                          ? ""
        : m.nu_eff > 0 && m.nu_eff < 1e5 ? format_number(m.nu_eff, 0)
                                         : "∞",
        with_u && m.realised ? format_plus_minus(*m.realised, m.realised_u) : "",
        m.n > 0 ? format_number(static_cast<double>(m.n), 0) : "");
  }
  return out + "</table></div>";
}

std::string decision_table(const CaptureJudgement& judgement) {
  std::string out =
      "<div class=\"scroll\"><table class=\"full\"><tr><th class=\"l\">req.</th><th class=\"l\">requirement</th><th "
      "class=\"l\">limit</th>"
      "<th class=\"l\">result</th><th>conforms<br>with</th><th>false<br>acceptance</th><th>by the rule<br>at "
      "most</th><th "
      "class=\"l\">rule, and why</th></tr>\n";
  for (const Decision& d : judgement.outcome.decisions) {
    out += fmt::format(
        "<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td>{}<td "
        "class=\"l wrap\">{}{}{}</td></tr>\n",
        html::escape(d.requirement_id), html::escape(d.title), html::escape(d.limit_text),
        html::verdict_markup(d.verdict, word_for_capture(d.verdict)), html::probability_cells(d), html::formula(d.rule),
        d.rule.empty() || d.reason.empty() ? "" : "; ", html::formula(d.reason));
  }
  for (const CaptureJudgement::NotJudged& n : judgement.not_judged) {
    out += fmt::format(
        "<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td></td><td class=\"l\">{}</td><td "
        "colspan=\"3\"></td><td class=\"l wrap\">{}</td></tr>\n",
        html::escape(n.requirement_id), html::escape(n.title), n.open ? "not judged: open" : "not judged",
        html::escape(n.why));
  }
  return out + "</table></div>";
}

}  // namespace

std::string analysis_html(const CaptureFile& file, const CaptureAnalysis& analysis, const CaptureJudgement* judgement,
                          const std::string& product_name) {
  const RunRecord run = as_run(analysis, judgement);
  const html::RunView view(run);
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>{0}</title>\n<style>{1}</style></head><body>{2}\n<main>\n"
      "<h1>{0}</h1>\n<p><b>Not a certificate</b>: the analysis of a file, without a record.</p>\n"
      "<p>{3}, {4} rows, {5} s at {6} samples/s; {7} strokes measured of {8} seen, about {9}/min.</p>\n",
      html::escape(file.path), html::style_sheet(), html::patterns(), html::escape(file.format),
      format_number(static_cast<double>(file.rows), 0), format_number(analysis.sampling.duration_s(), 3),
      format_short(analysis.sampling.rate_hz, 8), analysis.strokes.size(), analysis.strokes_seen,
      format_number(analysis.rate_per_min, 0));
  page += "<h2>Measurements</h2>\n" + measurement_table(analysis.measurements);
  if (judgement != nullptr) {
    page += fmt::format("\n<h2>Requirements of {}</h2>\n", html::escape(product_name)) + decision_table(*judgement);
  }
  page += "\n<h2>Notes</h2>\n<ul>\n";
  for (const std::string& note : file.notes) page += fmt::format("<li>{}</li>\n", html::escape(note));
  for (const std::string& warning : analysis.warnings) page += fmt::format("<li>{}</li>\n", html::escape(warning));
  page += "</ul>\n";
  if (!analysis.traces.phase_deg.empty() && !view.settings.empty()) {
    page += "<h2>Strokes</h2>\n" + html::setting_panel(view, 0);
  }
  page += html::uncertainty(view);
  if (!run.outcome.corrections.empty()) page += html::corrections(view);
  return page + "</main></body></html>\n";
}

}  // namespace penrig
