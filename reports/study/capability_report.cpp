#include "reports/study/capability_report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/finite_or_null.hpp"
#include "reports/html/limit_picture.hpp"
#include "reports/number_format.hpp"
#include "reports/statistics/distributions.hpp"
#include "reports/study/study_json.hpp"
#include "reports/study/study_page.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;
using statistics::Capability;
using statistics::CapabilityMethod;
using statistics::Estimate;
using statistics::Indices;

constexpr std::size_t kPlottedDistributions = 8;

/// What is held against the demand; none where only counting is left.
const Estimate* judged_index(const Capability& c) {
  if (c.method == CapabilityMethod::normal) return &c.overall.least;
  return c.method == CapabilityMethod::transformed ? &c.non_normal->least : nullptr;
}

Verdict judge(const CapabilityRow& row, double least) {
  if (!row.capability) return Verdict::not_judged;
  const Estimate* index = judged_index(*row.capability);
  if (index == nullptr) return Verdict::indeterminate;
  if (index->interval.low >= least) return Verdict::pass;
  return index->interval.high < least ? Verdict::fail : Verdict::indeterminate;
}

/// Without an index: beyond a limit values fail all the same. Enough of them that never vary say nothing against the
/// process; of too few, or of others that have no index, nothing is known.
Verdict judge_without_index(const ValueSeries& s) {
  const std::vector<double> all = s.values();
  for (const double v : all)
    if ((s.tolerance.lower && v < *s.tolerance.lower) || (s.tolerance.upper && v > *s.tolerance.upper))
      return Verdict::fail;
  const bool still = all.size() >= statistics::kFewestCapability && !s.varies();
  return still ? Verdict::not_judged : Verdict::indeterminate;
}

/// What the points say of which there is no value; the others' indices are those of the good ones alone.
Verdict judge_missing(const ValueSeries& s, double least) {
  if (s.missing == 0) return Verdict::not_judged;
  const double allowed = 2 * statistics::normal_below(-3 * least);
  const auto share = statistics::clopper_pearson(static_cast<double>(s.beyond), static_cast<double>(s.points.size()));
  return s.beyond > 0 && share.low > allowed ? Verdict::fail : Verdict::indeterminate;
}

/// "10 of 20" where values are missing.
std::string count_text(const ValueSeries& s) {
  const std::size_t n = s.points.size() - s.missing;
  return s.missing == 0 ? std::to_string(n) : fmt::format("{} of {}", n, s.points.size());
}

const char* method_word(CapabilityMethod m) {
  return m == CapabilityMethod::normal ? "normal" : m == CapabilityMethod::transformed ? "transformed" : "counted";
}

std::string index_number(double v) { return std::isfinite(v) ? format_number(v, 2) : v > 0 ? "∞" : "−∞"; }

std::string index_text(const std::optional<Estimate>& e) { return e ? index_number(e->value) : ""; }

std::string with_interval(const Estimate& e) {
  return fmt::format("{} ({} … {})", index_number(e.value), index_number(e.interval.low),
                     index_number(e.interval.high));
}

std::string capability_picture(const CapabilityRow& row) {
  const Capability& c = *row.capability;
  html::LimitPicture p;
  p.lower = row.series.tolerance.lower;
  p.upper = row.series.tolerance.upper;
  p.value = c.non_normal && c.method == CapabilityMethod::transformed ? c.non_normal->median : c.mean;
  p.interval_low =
      c.non_normal && c.method == CapabilityMethod::transformed ? c.non_normal->low : c.mean - 3 * c.overall.sd;
  p.interval_high =
      c.non_normal && c.method == CapabilityMethod::transformed ? c.non_normal->high : c.mean + 3 * c.overall.sd;
  p.verdict = row.verdict == Verdict::not_judged ? Verdict::indeterminate : row.verdict;
  return html::small_picture(p, 110);
}

StudyTable::Row capability_row(const CapabilityRow& row, bool pictures) {
  const ValueSeries& s = row.series;
  StudyTable::Row out;
  out.verdict = row.verdict;
  const std::string unit = s.unit == "1" ? "" : s.unit;
  const std::string word = study_verdict(row.verdict);
  const std::string beyond = s.beyond > 0 ? fmt::format("; {} more beyond a limit", s.beyond) : "";
  if (!row.capability) {
    out.cells = {s.title, unit, count_text(s), "", "", limits_text(s.tolerance), "", "", "", "", row.why_not + beyond};
    out.cells.insert(out.cells.begin() + 10, word);
    if (pictures) out.cells.insert(out.cells.begin() + 6, "");
    return out;
  }
  const Capability& c = *row.capability;
  const Estimate* index = judged_index(c);
  // The indices of a normal distribution say nothing of another one.
  const bool normal = c.method == CapabilityMethod::normal;
  const std::string pp = normal             ? index_text(c.overall.spread)
                         : index != nullptr ? index_text(c.non_normal->spread)
                                            : std::string("–");
  out.cells = {s.title,
               unit,
               count_text(s),
               study_number(c.mean, 5),
               study_number(c.overall.sd, 3),
               limits_text(s.tolerance),
               normal ? index_text(c.within.spread) : "–",
               normal ? format_number(c.within.least.value, 2) : "–",
               pp,
               index != nullptr ? with_interval(*index) : fmt::format("{} outside", c.outside),
               word,
               method_word(c.method) + beyond};
  if (pictures) out.cells.insert(out.cells.begin() + 6, capability_picture(row));
  return out;
}

StudyTable capability_table(const CapabilityReport& r, bool all, bool pictures) {
  StudyTable t;
  t.title = "Capability";
  using enum StudyTable::Weight;  // on a terminal the index that is judged stays longest
  t.columns = {{"measurement", true, false},   {"unit", true, false, detail}, {"n", false, false, detail},
               {"mean", false, false, detail}, {"s", false, false, detail},   {"limits", false, false, detail}};
  if (pictures) t.columns.push_back({"limits, ± 3 s", false, true});
  for (const char* head : {"Cp", "Cpk", "Pp"}) t.columns.push_back({head, false, false, detail});
  t.columns.push_back({"Ppk (95 %)", false, false});
  t.columns.push_back({"verdict", true, false, verdict});
  t.columns.push_back({"method", true, false, detail});
  std::size_t passed = 0, equal = 0, counted = 0;
  std::vector<std::string> without;  // why no index: the method's column is the first for which there is no room
  for (const CapabilityRow& row : r.rows) {
    if (row.capability && judged_index(*row.capability) == nullptr) ++counted;
    if (!row.capability && row.verdict != Verdict::not_judged) without.push_back(row.why_not);
    if (!all && row.verdict == Verdict::pass) {
      ++passed;
    } else if (!all && row.verdict == Verdict::not_judged) {
      ++equal;
    } else {
      t.rows.push_back(capability_row(row, pictures));
    }
  }
  if (passed > 0) t.note += fmt::format("{}{} PASS. ", t.rows.empty() ? "" : "And ", passed);
  if (equal > 0) t.note += fmt::format("{} without a spread: all values are one, and inside. ", equal);
  if (!without.empty()) t.note += fmt::format("{} without an index: {}. ", without.size(), study_reasons(without));
  if (counted > 0)
    t.note += fmt::format(
        "{} of no normal distribution, as measured and transformed: only values outside are counted. ", counted);
  if (!r.unlimited.empty()) t.note += fmt::format("{} measured without a limit are left out. ", r.unlimited.size());
  for (const CapabilityRow& row : r.rows)
    if (!row.series.note.empty()) t.note += fmt::format("{}: {}. ", row.series.title, row.series.note);
  return t;
}

Json estimate_or_null(const std::optional<Estimate>& e) { return e ? estimate_json(*e) : Json(nullptr); }

Json indices_json(const Indices& i) {
  return {{"sd", i.sd},
          {"df", i.df},
          {"spread", estimate_or_null(i.spread)},
          {"lower", finite_or_null(i.lower)},
          {"upper", finite_or_null(i.upper)},
          {"least", estimate_json(i.least)},
          {"beyond", i.beyond}};
}

Json capability_row_json(const CapabilityRow& row) {
  const ValueSeries& s = row.series;
  Json j{{"measurement", s.key},
         {"title", s.title},
         {"unit", s.unit},
         {"lower", finite_or_null(s.tolerance.lower)},
         {"upper", finite_or_null(s.tolerance.upper)},
         {"n", s.points.size() - s.missing},
         {"missing", s.missing},
         {"beyond", s.beyond},
         {"verdict", name_of(row.verdict)}};
  if (!s.note.empty()) j["note"] = s.note;
  if (!row.capability) {
    j["why_not"] = row.why_not;
    return j;
  }
  const Capability& c = *row.capability;
  j["mean"] = c.mean;
  j["within"] = indices_json(c.within);
  j["overall"] = indices_json(c.overall);
  j["normality"] = {{"a_squared", finite_or_null(c.normality.a_squared)}, {"p", finite_or_null(c.normality.p)}};
  j["method"] = method_word(c.method);
  if (c.non_normal)
    j["non_normal"] = {{"lambda", c.non_normal->lambda},
                       {"of_logarithm", c.non_normal->of_logarithm},
                       {"p_after", finite_or_null(c.non_normal->after.p)},
                       {"x0_135", c.non_normal->low},
                       {"x50", c.non_normal->median},
                       {"x99_865", c.non_normal->high},
                       {"spread", estimate_or_null(c.non_normal->spread)},
                       {"least", estimate_json(c.non_normal->least)},
                       {"beyond", c.non_normal->beyond}};
  j["outside"] = {{"count", c.outside}, {"share", estimate_json(c.outside_share)}};
  j["process_within"] = c.process_within ? indices_json(*c.process_within) : Json(nullptr);
  j["process_overall"] = c.process_overall ? indices_json(*c.process_overall) : Json(nullptr);
  if (c.process_note) j["process_note"] = *c.process_note;
  return j;
}

StudyTable process_table(const CapabilityReport& r) {
  StudyTable t;
  t.title = "Without the spread of reading";
  t.columns = {{"measurement", true, false},
               {"s of the process", false, false},
               {"Pp", false, false},
               {"Ppk (95 %)", false, false},
               {"", true, false, StudyTable::Weight::verdict}};
  for (const CapabilityRow& row : r.rows) {
    if (!row.capability) continue;
    const Capability& c = *row.capability;
    const std::string note = c.process_note.value_or("");
    if (c.process_overall)
      t.rows.push_back({{row.series.title, study_number(c.process_overall->sd, 3),
                         index_text(c.process_overall->spread), with_interval(c.process_overall->least), note},
                        Verdict::not_judged,
                        false,
                        0});
    else if (!note.empty())
      t.rows.push_back({{row.series.title, "", "", "", note}, Verdict::not_judged, false, 0});
  }
  t.note = "Not what is judged: what the process would show if reading it added nothing.";
  return t;
}

}  // namespace

CapabilityReport capability_report(std::string source, std::vector<ValueSeries> series,
                                   const CapabilityDemand& demand) {
  CapabilityReport r;
  r.source = std::move(source);
  r.demand = demand;
  std::optional<statistics::ReadingSpread> reading;
  if (demand.reading_u) reading = statistics::ReadingSpread{*demand.reading_u, demand.reading_nu.value_or(0)};
  for (ValueSeries& s : series) {
    if (!s.tolerance.lower && !s.tolerance.upper) {
      r.unlimited.push_back(s.title);
      continue;
    }
    CapabilityRow row;
    row.series = std::move(s);
    const auto capability =
        statistics::capability_of(subgroups_of(row.series, demand.subgroup), row.series.tolerance, reading);
    if (capability) {
      row.capability = *capability;
      row.verdict = judge(row, demand.least);
    } else {
      row.why_not = capability.error().message;
      row.verdict = judge_without_index(row.series);
    }
    row.verdict = worst(row.verdict, judge_missing(row.series, demand.least));
    r.rows.push_back(std::move(row));
  }
  return r;
}

Verdict capability_verdict(const CapabilityReport& r) {
  Verdict v = Verdict::not_judged;
  for (const CapabilityRow& row : r.rows) v = worst(v, row.verdict);
  return v == Verdict::not_judged ? Verdict::indeterminate : v;
}

StudySummary capability_summary(const CapabilityReport& r, bool all, bool pictures) {
  StudySummary s;
  s.command = "penrig capability";
  s.verdict = capability_verdict(r);
  std::size_t passed = 0, failed = 0, open = 0, missing = 0, beyond = 0;
  for (const CapabilityRow& row : r.rows) {
    missing += row.series.missing;
    beyond += row.series.beyond;
    passed += row.verdict == Verdict::pass ? 1U : 0U;
    failed += row.verdict == Verdict::fail ? 1U : 0U;
    open += row.verdict == Verdict::indeterminate ? 1U : 0U;
  }
  s.word = s.verdict == Verdict::pass ? "capable" : s.verdict == Verdict::fail ? "not capable" : "not clearly capable";
  s.title = "capability";
  s.lead = fmt::format("{}: of {} with a limit clearly reach Ppk {}: {}, clearly do not: {}, open: {}.", r.source,
                       counted(r.rows.size(), "measurement"), format_short(r.demand.least), passed, failed, open);
  s.lead += missing_sentence(missing, beyond);
  s.tables = {capability_table(r, all, pictures)};
  if (r.demand.reading_u) s.tables.push_back(process_table(r));
  s.method = {
      "Cp and Cpk from the spread within subgroups (pooled; of single values the mean moving range over d2), Pp and "
      "Ppk from the "
      "spread of all values. Intervals of 95 %: of Cp and Pp exact by χ², of Cpk and Ppk the smaller bounds of both "
      "sides, each exact "
      "by the noncentral t distribution, or its like for the moving range, whose law is fitted to its first three "
      "moments.",
      "Normality by Anderson and Darling (D'Agostino and Stephens 1986). Where it is refused at 5 % and there are at "
      "least 100 values: "
      "Box and Cox's transformation (of values above 0, else Manly's), indices by the percentiles 0.135, 50 and 99.865 "
      "% (ISO 22514-2), "
      "interval by profile likelihood. Where that is refused too, only counting is left.",
      // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one sentence after another, as long as they are
      "PASS: the whole interval reaches the demand; FAIL: none of it; INDETERMINATE: between, only counted, or too few "
      "values for an index. Values that are all one and inside are not judged.",
      "Where values are missing, n and indices are those of the others, and it is no PASS. FAIL where the share known "
      "to be beyond a limit is, by its whole interval (Clopper and Pearson, 95 %), more than the 2Φ(−3 Ppk) of the "
      "demand.",
      "Uncertainty of reading is in what is judged. U of a record is mostly common to all runs of a rig and spreads "
      "nothing; what does "
      "(from a gage study) is taken out with --reading-u, s² − u² with generalised confidence intervals."};
  return s;
}

std::string capability_html(const CapabilityReport& r) {
  // The worst first.
  std::vector<const CapabilityRow*> rows;
  for (const CapabilityRow& row : r.rows)
    if (row.capability) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const CapabilityRow* a, const CapabilityRow* b) {
    const auto value = [](const CapabilityRow* x) {
      const Estimate* e = judged_index(*x->capability);
      return e == nullptr ? -1e9 : e->value;
    };
    return value(a) < value(b);
  });
  std::string plots = "<div class=\"grid2\">\n";
  for (std::size_t i = 0; i < std::min(rows.size(), kPlottedDistributions); ++i) {
    const CapabilityRow& row = *rows[i];
    plots += study_figure(row.series.title, fmt::format("n = {}", row.capability->n), capability_histogram(row));
    plots += study_figure("Normal probability", fmt::format("p {}", study_p(row.capability->normality.p)),
                          probability_plot(row));
  }
  plots += "</div>";
  if (rows.size() > kPlottedDistributions)
    plots +=
        fmt::format("<p class=\"note\">The {} with the lowest index of {}.</p>", kPlottedDistributions, rows.size());
  return study_page(capability_summary(r, true, true), {{"plots", "Distributions", plots}});
}

Json capability_json(const CapabilityReport& r) {
  Json rows = Json::array();
  for (const CapabilityRow& row : r.rows) rows.push_back(capability_row_json(row));
  return {{"study", "capability"},   {"source", r.source},   {"verdict", name_of(capability_verdict(r))},
          {"least", r.demand.least}, {"measurements", rows}, {"without_a_limit", r.unlimited.size()}};
}

}  // namespace penrig
