#include "reports/study/bias_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/finite_or_null.hpp"
#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/study/plot_frame.hpp"
#include "reports/study/study_page.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;
using html::Anchor;
using html::Scale;
using html::Svg;
using html::Ticks;
using statistics::Bias;
using statistics::Estimate;

std::string interval_text(const statistics::Interval& i) {
  return fmt::format("{} … {}", study_number(i.low), study_number(i.high));
}

Json finite_estimate_json(const Estimate& e) {
  return {{"value", finite_or_null(e.value)},
          {"low", finite_or_null(e.interval.low)},
          {"high", finite_or_null(e.interval.high)}};
}

Json bias_json(const Bias& b) {
  return {{"reference", b.reference},
          {"n", b.n},
          {"mean", b.mean},
          {"sd", b.sd},
          {"bias", finite_estimate_json(b.bias)},
          {"p", b.p}};
}

StudyTable::Row unjudged_row(std::vector<std::string> cells) {
  return {std::move(cells), Verdict::not_judged, false, 0};
}

/// What keeps the figures from saying what they seem to, as a sentence behind others; empty: nothing.
std::string doubt_text(const TypeOneReport& r) {
  if (r.study.equal)
    return fmt::format(" All {} readings are {}: look at the resolution, or a sensor that stands still.",
                       r.readings.size(), r.readings.front());
  if (r.study.resolution_share <= r.widths.coarsest) return "";
  return fmt::format(" The smallest step between readings takes {} of the tolerance, at most {} is asked for.",
                     study_percent(r.study.resolution_share), study_percent(r.widths.coarsest, 0));
}

std::string linearity_plot(const LinearityReport& r) {
  constexpr double kWidth = 820, kHeight = 330, kLeft = 56, kRight = 700, kTop = 30, kBottom = 286;
  const statistics::Linearity& l = r.linearity;
  const double first = l.parts.front().reference, last = l.parts.back().reference;
  PlotRange range;
  range.add(0);
  for (const auto& reading : r.readings) range.add(reading.value - reading.reference);
  for (const double x : {first, last}) {
    range.add(l.at(x).interval.low);
    range.add(l.at(x).interval.high);
  }
  const Ticks tx = html::enclosing_ticks(first, last, 6), ty = html::enclosing_ticks(range.low, range.high, 6);
  const Scale x{tx.at.front(), tx.at.back(), kLeft, kRight}, y{ty.at.front(), ty.at.back(), kBottom - 8, kTop};
  Svg svg(kWidth, kHeight, "bias over the reference value", "big");
  html::x_axis(svg, x, tx, kBottom, html::escape(with_unit("reference value", r.unit)));
  html::y_axis(svg, y, ty, kLeft - 4, html::escape(with_unit("bias", r.unit)), 12, true);
  std::vector<double> px, low, high, band_x, band_y;
  for (int i = 0; i <= 60; ++i) {
    const double at = first + (last - first) * i / 60;
    const Estimate e = l.at(at);
    px.push_back(x(at));
    low.push_back(y(e.interval.low));
    high.push_back(y(e.interval.high));
  }
  band_x = px;
  band_y = low;
  band_x.insert(band_x.end(), px.rbegin(), px.rend());
  band_y.insert(band_y.end(), high.rbegin(), high.rend());
  svg.polygon(band_x, band_y, "#e4eef5", "none", 0);
  svg.line(kLeft, y(0), kRight, y(0), "#000", 0.9);
  svg.text(kRight + 6, y(0) + 4, "no bias");
  for (const auto& reading : r.readings)
    svg.circle(x(reading.reference), y(reading.value - reading.reference), 2, "#999");
  svg.line(x(first), y(l.at(first).value), x(last), y(l.at(last).value), html::kBlue, 1.6);
  svg.text(x(last) + 6, y(l.at(last).value) + 4, "line, 95 % band", {Anchor::start, html::kBlue});
  for (const Bias& b : l.parts) {
    svg.line(x(b.reference), y(b.bias.interval.low), x(b.reference), y(b.bias.interval.high), "#111", 1.6);
    series_mark(svg, x(b.reference), y(b.bias.value), 1);
  }
  return svg.take();
}

std::string type_one_plot(const TypeOneReport& r) {
  constexpr double kWidth = 820, kHeight = 300, kLeft = 56, kRight = 690, kTop = 30, kBottom = 256;
  const double reference = r.study.bias.reference, room = r.widths.share * r.study.tolerance / 2;
  PlotRange range;
  for (const double v : r.readings) range.add(v);
  range.add(reference - room);
  range.add(reference + room);
  const Ticks tx = html::enclosing_ticks(1, static_cast<double>(r.readings.size()), 8),
              ty = html::enclosing_ticks(range.low, range.high, 6);
  const Scale x{0, tx.at.back(), kLeft, kRight}, y{ty.at.front(), ty.at.back(), kBottom - 8, kTop};
  Svg svg(kWidth, kHeight, "readings in order", "big");
  html::x_axis(svg, x, tx, kBottom, "reading");
  html::y_axis(svg, y, ty, kLeft - 4, html::escape(with_unit("reading", r.unit)), 12);
  const std::string share = study_percent(r.widths.share / 2, 0);
  for (const double sign : {-1.0, 1.0}) {
    const double at = y(reference + sign * room);
    svg.line(kLeft, at, kRight, at, "#000", 1);
    svg.text(kRight + 6, at + 4, fmt::format("reference {} {} of T", sign < 0 ? "−" : "+", share));
  }
  svg.line(kLeft, y(reference), kRight, y(reference), "#000", 0.7, "4 3");
  svg.text(kRight + 6, y(reference) + (y(reference) > y(r.study.bias.mean) ? 14 : -4),
           "reference " + study_number(reference));
  svg.line(kLeft, y(r.study.bias.mean), kRight, y(r.study.bias.mean), html::kBlue, 1.2);
  svg.text(kRight + 6, y(r.study.bias.mean) + 4, "mean " + study_number(r.study.bias.mean, 5),
           {Anchor::start, html::kBlue});
  std::vector<double> px, py;
  for (std::size_t i = 0; i < r.readings.size(); ++i) {
    px.push_back(x(static_cast<double>(i + 1)));
    py.push_back(y(r.readings[i]));
  }
  svg.polyline(px, py, "#bbb", 0.8);
  for (std::size_t i = 0; i < px.size(); ++i) series_mark(svg, px[i], py[i], 0);
  return svg.take();
}

const char* linearity_word(Verdict v) {
  return v == Verdict::pass ? "acceptable" : v == Verdict::fail ? "not acceptable" : "cannot tell";
}

/// What the band says, and what more is needed where it does not say enough.
std::string band_text(const LinearityReport& r) {
  const statistics::Linearity& l = r.linearity;
  std::string text = l.holds_zero() ? "a bias of 0 lies within the line's band everywhere"
                                    : "a bias of 0 lies outside the line's band at some references";
  if (r.allowed)
    text += fmt::format(", and the band {} the allowed ±{}",
                        l.lies_within(*r.allowed) ? "lies within" : "reaches beyond", study_number(*r.allowed));
  text += ".";
  if (l.still)
    return text +
           " All readings of each reference are one value: look at the resolution, for copies, or a sensor that stands "
           "still.";
  if (linearity_verdict(r) != Verdict::indeterminate) return text;
  return text + (r.allowed ? " More readings make the band narrower, if the gage does not scatter too much."
                           : " So it does of a gage that scatters widely, too: name what bias is allowed "
                             "(--allowed-bias).");
}

}  // namespace

Verdict linearity_verdict(const LinearityReport& r) {
  const statistics::Linearity& l = r.linearity;
  const bool within = r.allowed && l.lies_within(*r.allowed);
  if (!within && !l.holds_zero()) return Verdict::fail;
  return within && !l.still ? Verdict::pass : Verdict::indeterminate;
}

StudySummary linearity_summary(const LinearityReport& r) {
  const statistics::Linearity& l = r.linearity;
  StudySummary s;
  s.command = "penrig study linearity";
  s.verdict = linearity_verdict(r);
  s.word = linearity_word(s.verdict);
  s.title = "linearity and bias";
  s.lead = fmt::format("{}: {} readings of {} references. The bias {} with the reference (slope {}, p {}); {}",
                       r.source.empty() ? "a study" : r.source, l.line.n, l.parts.size(),
                       l.slope_p < 0.05 ? "changes" : "does not clearly change", study_number(l.slope.value),
                       study_p(l.slope_p), band_text(r));
  StudyTable line;
  line.title = "Line through the biases";
  line.columns = {{"", true, false}, {"value", false, false}, {"95 %", false, false}, {"p", false, false}};
  line.rows = {
      unjudged_row({"slope", study_number(l.slope.value), interval_text(l.slope.interval), study_p(l.slope_p)}),
      unjudged_row(
          {"intercept", study_number(l.intercept.value), interval_text(l.intercept.interval), study_p(l.intercept_p)})};
  line.note = fmt::format("Residual standard deviation {}, R² {}; mean bias {}.", study_number(l.line.residual_sd),
                          study_percent(l.line.r_squared), study_number(l.mean_bias));
  StudyTable parts;
  parts.title = "References";
  parts.columns = {{"reference", false, false}, {"n", false, false},         {"mean", false, false},
                   {"s", false, false},         {"bias", false, false},      {"95 %", false, false},
                   {"p", false, false},         {"line, 95 %", false, false}};
  for (const Bias& b : l.parts) {
    StudyTable::Row row =
        unjudged_row({study_number(b.reference), std::to_string(b.n), study_number(b.mean, 5), study_number(b.sd, 3),
                      study_number(b.bias.value), interval_text(b.bias.interval), study_p(b.p),
                      interval_text(l.at(b.reference).interval)});
    if (s.verdict == Verdict::fail && !l.at(b.reference).interval.holds(0)) row.verdict = Verdict::fail;
    parts.rows.push_back(std::move(row));
  }
  s.tables = {line, parts};
  s.method = {
      "AIAG, Measurement Systems Analysis, 4th edition: a least-squares line through all biases (reading − reference), "
      "Student's intervals of 95 %. Acceptable where the whole band lies within the bias that is allowed; not "
      "acceptable "
      "where it does not, and the line of no bias lies outside of the band at some reference.",
      "Each reference by itself: Student's t of its readings, no correction for their number."};
  return s;
}

std::string linearity_html(const LinearityReport& r) {
  return study_page(linearity_summary(r),
                    {{"plots", "Plot",
                      study_figure("Bias over the reference value",
                                   fmt::format("n = {}; grey: readings, squares: mean of a reference with its 95 %",
                                               r.linearity.line.n),
                                   linearity_plot(r))}});
}

Json linearity_json(const LinearityReport& r) {
  const statistics::Linearity& l = r.linearity;
  Json parts = Json::array();
  for (const Bias& b : l.parts) parts.push_back(bias_json(b));
  return {{"study", "linearity"},
          {"source", r.source},
          {"unit", r.unit},
          {"n", l.line.n},
          {"verdict", name_of(linearity_verdict(r))},
          {"word", linearity_word(linearity_verdict(r))},
          {"allowed_bias", finite_or_null(r.allowed)},
          {"holds_zero", l.holds_zero()},
          {"slope", finite_estimate_json(l.slope)},
          {"slope_p", l.slope_p},
          {"intercept", finite_estimate_json(l.intercept)},
          {"intercept_p", l.intercept_p},
          {"residual_sd", l.line.residual_sd},
          {"r_squared", l.line.r_squared},
          {"mean_bias", l.mean_bias},
          {"references", parts}};
}

Verdict type_one_verdict(const TypeOneReport& r) {
  if (r.study.capable) return Verdict::pass;
  return r.study.equal && r.study.cgk > 0 ? Verdict::indeterminate : Verdict::fail;
}

StudySummary type_one_summary(const TypeOneReport& r) {
  const statistics::GageTypeOne& g = r.study;
  StudySummary s;
  s.command = "penrig study type1";
  s.verdict = type_one_verdict(r);
  s.word = s.verdict == Verdict::pass ? "capable" : s.verdict == Verdict::fail ? "not capable" : "cannot tell";
  s.title = "type-1 study";
  s.lead = fmt::format("{}: {} readings of {}. Cg {}, Cgk {}; both have to be at least {}.",
                       r.source.empty() ? "a study" : r.source, g.bias.n, study_number(g.bias.reference),
                       study_number(g.cg.value, 3), study_number(g.cgk, 3), study_number(r.widths.least, 3)) +
           doubt_text(r);
  StudyTable t;
  t.title = "Readings against the tolerance";
  t.columns = {{"", true, false}, {"value", false, false}, {"95 %", false, false}};
  const auto row = [&](const char* name, std::string value, std::string interval, bool wrong = false) {
    t.rows.push_back(
        {{name, std::move(value), std::move(interval)}, wrong ? Verdict::fail : Verdict::not_judged, false, 0});
  };
  row("Cg", study_number(g.cg.value, 3), interval_text(g.cg.interval), g.cg.value < r.widths.least);
  row("Cgk", study_number(g.cgk, 3), "", g.cgk < r.widths.least);
  row("bias", study_number(g.bias.bias.value), interval_text(g.bias.bias.interval));
  row("p of no bias", study_p(g.bias.p), "");
  row("standard deviation", study_number(g.bias.sd), "");
  row("6 s of the tolerance", study_percent(g.repeatability_share), "");
  row("smallest step of the tolerance", study_percent(g.resolution_share, 2), "",
      g.resolution_share > r.widths.coarsest);
  row("drift a reading", study_number(r.drift.per_unit.value, 3), interval_text(r.drift.per_unit.interval),
      r.drift.p < 0.05);
  t.note =
      "A step of more than 5 % of the tolerance is too coarse; a drift whose interval leaves out 0 is none of chance.";
  s.tables = {t};
  s.method = {fmt::format("Cg = {} T/({} s), Cgk = ({} T − |bias|)/({} s), T the tolerance (Bosch booklet 10, VDA 5).",
                          r.widths.share, r.widths.deviations, r.widths.share / 2, r.widths.deviations / 2),
              "Interval of Cg exact by χ², of the bias by Student's t."};
  return s;
}

std::string type_one_html(const TypeOneReport& r) {
  return study_page(type_one_summary(r),
                    {{"plots", "Plot",
                      study_figure("Readings in order", fmt::format("n = {}", r.readings.size()), type_one_plot(r))}});
}

Json type_one_json(const TypeOneReport& r) {
  const statistics::GageTypeOne& g = r.study;
  return {{"study", "type1"},
          {"source", r.source},
          {"unit", r.unit},
          {"verdict", name_of(type_one_verdict(r))},
          {"doubt", doubt_text(r).empty() ? Json(nullptr) : Json(doubt_text(r).substr(1))},
          {"tolerance", g.tolerance},
          {"cg", finite_estimate_json(g.cg)},
          {"cgk", finite_or_null(g.cgk)},
          {"least", r.widths.least},
          {"bias", bias_json(g.bias)},
          {"repeatability_share", g.repeatability_share},
          {"resolution_share", g.resolution_share},
          {"drift", finite_estimate_json(r.drift.per_unit)},
          {"drift_p", r.drift.p}};
}

}  // namespace penrig
