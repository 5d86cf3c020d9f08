#include "reports/study/gage_report.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/finite_or_null.hpp"
#include "reports/number_format.hpp"
#include "reports/study/gage_plots.hpp"
#include "reports/study/study_json.hpp"
#include "reports/study/study_page.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;
using statistics::AnovaRow;
using statistics::Estimate;
using statistics::GageComponent;
using statistics::GageDesign;

constexpr double kNotAcceptable = 0.30;

const Estimate& taken(const GageReport& r) {
  return r.anova.grr.tolerance_share ? *r.anova.grr.tolerance_share : r.anova.grr.study_share;
}

double too_much(const GageReport& r) { return std::max(kNotAcceptable, r.demand.accept); }

/// What keeps the figures from saying what they seem to, as a sentence behind others; empty: nothing.
std::string doubt_text(const GageReport& r) {
  if (statistics::repeats_exactly(r.study))
    return " All trials of a part by an appraiser are one value: look at the resolution, for copies, or a sensor that "
           "stands still.";
  const std::string need = gage_need(r);
  if (need.empty()) return "";
  return fmt::format(" Its interval of 95 % reaches {}, beyond {}: {} are needed to tell.",
                     study_percent(taken(r).interval.high), study_percent(too_much(r), 0), need);
}

std::string scaled_interval(const statistics::Interval& i, double scale, int decimals) {
  return fmt::format("{} … {}", format_number(scale * i.low, decimals), format_number(scale * i.high, decimals));
}

StudyTable::Row component_row(const GageComponent& c, unsigned indent, bool strong) {
  StudyTable::Row row;
  row.indent = indent;
  row.strong = strong;
  row.cells = {c.name,
               study_number(c.sd.value),
               fmt::format("{} … {}", study_number(c.sd.interval.low, 3), study_number(c.sd.interval.high, 3)),
               study_number(statistics::kStudyWidth * c.sd.value),
               study_percent(c.study_share.value, 2),
               scaled_interval(c.study_share.interval, 100, 1),
               study_percent(c.contribution, 2)};
  if (c.tolerance_share) row.cells.push_back(study_percent(c.tolerance_share->value, 2));
  return row;
}

StudyTable component_table(const GageReport& r) {
  StudyTable t;
  t.title = "Sources of variation";
  const std::string unit = r.unit.empty() || r.unit == "1" ? "" : ", " + r.unit;
  using enum StudyTable::Weight;
  t.columns = {{"source", true, false},
               {"σ" + unit, false, false},
               {"σ, 95 %", false, false, detail},
               {"6 σ" + unit, false, false, detail},
               {"% study variation", false, false},
               {"95 %", false, false, detail},
               {"% contribution", false, false, detail}};
  if (r.demand.tolerance) t.columns.push_back({"% tolerance", false, false, verdict});
  const auto& a = r.anova;
  t.rows = {component_row(a.grr, 0, true), component_row(a.repeatability, 1, false),
            component_row(a.reproducibility, 1, false)};
  if (a.interaction) {
    t.rows.push_back(component_row(a.appraiser, 2, false));
    t.rows.push_back(component_row(*a.interaction, 2, false));
  }
  t.rows.push_back(component_row(a.part, 0, false));
  t.rows.push_back(component_row(a.total, 0, false));
  if (!std::isfinite(a.categories.exact)) {
    t.note = "No number of distinct categories: gage R&R comes to 0.";
    return t;
  }
  t.note = fmt::format("{} distinct {} ({}, 95 %: {} to {}).", a.categories.count,
                       a.categories.count == 1 ? "category" : "categories", study_number(a.categories.exact, 3),
                       study_number(a.categories.interval.low, 2), study_number(a.categories.interval.high, 3));
  return t;
}

/// Who reads both numbers asks that both be right.
StudyTable together_table(const GageReport& r) {
  StudyTable t;
  t.title = "Repeatability and part to part at once";
  const std::string unit = r.unit.empty() || r.unit == "1" ? "" : ", " + r.unit;
  t.columns = {{"source", true, false},
               {"σ" + unit, false, false, StudyTable::Weight::detail},
               {"σ, simultaneous 95 %", false, false}};
  const auto add = [&](const GageComponent& c, const statistics::Interval& i) {
    t.rows.push_back(
        {{c.name, study_number(c.sd.value), fmt::format("{} … {}", study_number(i.low, 3), study_number(i.high, 3))},
         Verdict::not_judged,
         false,
         0});
  };
  add(r.anova.repeatability, r.anova.together.repeatability);
  add(r.anova.part, r.anova.together.part);
  t.note =
      fmt::format("Both hold together in 95 % of studies (Bonferroni, each {} %); those above hold each by itself.",
                  100 * statistics::GageTogether::kEach);
  return t;
}

StudyTable anova_table(const std::string& title, const std::vector<AnovaRow>& rows, const std::string& note) {
  StudyTable t;
  t.title = title;
  using enum StudyTable::Weight;
  t.columns = {{"source", true, false},
               {"degrees of freedom", false, false, detail},
               {"sum of squares", false, false, detail},
               {"mean square", false, false, detail},
               {"F", false, false},
               {"p", false, false}};
  for (const AnovaRow& row : rows) {
    const bool tested = !std::isnan(row.f);
    t.rows.push_back({{row.source, format_number(row.df, 0), study_number(row.ss, 5),
                       row.source == "total" ? "" : study_number(row.ms(), 4), tested ? study_number(row.f, 4) : "",
                       tested ? study_p(row.p) : ""},
                      Verdict::not_judged,
                      false,
                      0});
  }
  t.note = note;
  return t;
}

StudyTable ranges_table(const statistics::GageRanges& g) {
  StudyTable t;
  t.title = "By averages and ranges";
  t.columns = {
      {"source", true, false}, {"σ", false, false, StudyTable::Weight::detail}, {"% study variation", false, false}};
  const auto add = [&](const char* name, double sd, unsigned indent, bool strong) {
    t.rows.push_back(
        {{name, study_number(sd), study_percent(g.tv > 0 ? sd / g.tv : 0, 2)}, Verdict::not_judged, strong, indent});
  };
  add("gage R&R", g.grr, 0, true);
  add("repeatability (EV)", g.ev, 1, false);
  add("reproducibility (AV)", g.av, 1, false);
  add("part to part (PV)", g.pv, 0, false);
  add("total (TV)", g.tv, 0, false);
  t.note = fmt::format("{} distinct {}. Mean range {}, limit of ranges {}{}", g.categories.count,
                       g.categories.count == 1 ? "category" : "categories", study_number(g.mean_range_all),
                       study_number(g.range_limit), g.beyond.empty() ? "; none beyond it." : ".");
  for (const auto& b : g.beyond)
    t.note += fmt::format(" Beyond it: part {}, appraiser {} ({}): look at these readings.", b.part, b.appraiser,
                          study_number(b.range, 3));
  return t;
}

Json interval_json(const statistics::Interval& i) { return {{"low", i.low}, {"high", i.high}}; }

Json component_json(const GageComponent& c) {
  Json j{{"source", c.name},
         {"sd", estimate_json(c.sd)},
         {"contribution", c.contribution},
         {"study_share", estimate_json(c.study_share)}};
  j["tolerance_share"] = c.tolerance_share ? estimate_json(*c.tolerance_share) : Json(nullptr);
  return j;
}

Json anova_json(const std::vector<AnovaRow>& rows) {
  Json all = Json::array();
  for (const AnovaRow& r : rows)
    all.push_back({{"source", r.source},
                   {"df", r.df},
                   {"ss", r.ss},
                   {"ms", r.ms()},
                   {"f", finite_or_null(r.f)},
                   {"p", std::isnan(r.f) ? Json(nullptr) : Json(r.p)}});
  return all;
}

Json ranges_json(const statistics::GageRanges& g) {
  Json beyond = Json::array();
  for (const auto& b : g.beyond) beyond.push_back({{"part", b.part}, {"appraiser", b.appraiser}, {"range", b.range}});
  return {{"ev", g.ev},
          {"av", g.av},
          {"grr", g.grr},
          {"pv", g.pv},
          {"tv", g.tv},
          {"grr_share", g.tv > 0 ? Json(g.grr / g.tv) : Json(nullptr)},
          {"categories", g.categories.count},
          {"mean_range", g.mean_range_all},
          {"range_limit", g.range_limit},
          {"beyond", beyond}};
}

}  // namespace

GageReport gage_report(std::string source, std::string unit, statistics::GageStudy study, const GageDemand& demand) {
  GageReport r;
  r.source = std::move(source);
  r.unit = std::move(unit);
  r.anova = gage_anova(study, demand.tolerance);
  if (study.design == GageDesign::crossed) r.ranges = gage_ranges(study);
  r.study = std::move(study);
  r.demand = demand;
  return r;
}

Verdict gage_verdict(const GageReport& r) {
  const Estimate& share = taken(r);
  // A study without any variation says nothing of the gage.
  if (!(r.anova.total.sd.value > 0)) return Verdict::indeterminate;
  if (share.value > too_much(r) || r.anova.categories.count < r.demand.categories) return Verdict::fail;
  if (statistics::repeats_exactly(r.study)) return Verdict::indeterminate;
  return share.value <= r.demand.accept && share.interval.high <= too_much(r) ? Verdict::pass : Verdict::indeterminate;
}

std::string_view gage_word(const GageReport& r) {
  const Verdict v = gage_verdict(r);
  if (v == Verdict::pass) return "acceptable";
  if (v == Verdict::fail) return "not acceptable";
  if (statistics::repeats_exactly(r.study)) return "cannot tell";
  return gage_need(r).empty() ? "may be acceptable" : "not clearly acceptable";
}

std::string gage_need(const GageReport& r) {
  const auto& a = r.anova;
  const bool wide = gage_verdict(r) == Verdict::indeterminate && !statistics::repeats_exactly(r.study) &&
                    taken(r).value <= r.demand.accept;
  if (!wide) return "";
  // Of the study's variation the share is wide by the parts, too.
  const bool by_parts =
      !a.grr.tolerance_share && a.part.sd.value * a.grr.sd.value > a.grr.sd.interval.high * a.part.sd.interval.low;
  if (by_parts) return fmt::format("more parts than {}", r.study.parts_each);
  // One appraiser more tells the most of how much they differ, and a few tell little.
  return a.reproducibility.sd.interval.high > a.repeatability.sd.interval.high
             ? fmt::format("more appraisers than {}", r.study.appraisers.size())
             : fmt::format("more parts than {} or trials than {}", r.study.parts_each, r.study.trials);
}

StudySummary gage_summary(const GageReport& r) {
  const auto& a = r.anova;
  StudySummary s;
  s.command = "penrig study grr";
  s.verdict = gage_verdict(r);
  s.word = gage_word(r);
  s.title = fmt::format("gage R&R, {}", r.study.design == GageDesign::crossed ? "crossed" : "nested");
  s.lead = fmt::format(
      "{}: {} parts{}, {} appraisers, {} trials. Gage R&R takes {} of the {}{}, and {} {} can be told "
      "apart (at least {} are asked for).",
      r.source.empty() ? "a study" : r.source, r.study.parts_each, r.study.design == GageDesign::nested ? " each" : "",
      r.study.appraisers.size(), r.study.trials, study_percent(taken(r).value, 2),
      r.demand.tolerance ? "tolerance" : "study variation",
      fmt::format(" (up to {} is acceptable, above {} is not)", study_percent(r.demand.accept, 0),
                  study_percent(too_much(r), 0)),
      std::isfinite(a.categories.exact) ? std::to_string(a.categories.count) : "any number of",
      a.categories.count == 1 ? "category" : "categories", r.demand.categories);
  s.lead += doubt_text(r);
  s.tables.push_back(component_table(r));
  s.tables.push_back(together_table(r));
  const std::string pooled =
      a.interaction_p ? fmt::format("The interaction's p is {}: it is {} (pooled above {}).", study_p(*a.interaction_p),
                                    a.pooled ? "pooled with the repeatability" : "kept", statistics::kPoolAbove)
                      : "";
  s.tables.push_back(anova_table("Analysis of variance", a.table, pooled));
  if (a.pooled) s.tables.push_back(anova_table("Analysis of variance, pooled", a.pooled_table, ""));
  if (r.ranges) s.tables.push_back(ranges_table(*r.ranges));
  s.method = {
      "AIAG, Measurement Systems Analysis, 4th edition; parts, appraisers and their interaction are random effects. A "
      "variance whose estimate is negative counts as 0.",
      "Acceptable needs that the interval of 95 % of what it takes stays below what is not, too, and that some trials "
      "of a part by one appraiser differ.",
      "Study variation is 6 σ; % tolerance is 6 σ over the tolerance. Distinct categories: 1.41 σ(part)/σ(GRR), cut "
      "off.",
      "Intervals of 95 %: of σ by modified large samples (Burdick, Borror and Montgomery 2005; of repeatability exact "
      "by χ²), of shares and categories, and of sums of mean squares of both signs, generalised (Hamada and Weerahandi "
      "2000) from 10 000 seeded draws. They take the choice of pooling as given. Each holds by itself; simultaneous "
      "ones of repeatability and part to part by Bonferroni.",
      "By averages and ranges: K1 = 1/d2, K2 and K3 = 1/d2* of one range; it does not see an interaction.",
  };
  return s;
}

std::string gage_html(const GageReport& r) {
  std::string plots = "<div class=\"grid2\">\n";
  plots += study_figure("Components of variation", "", gage_components_plot(r.anova));
  plots += study_figure("Readings by part",
                        fmt::format("{} trials each{}", r.study.trials,
                                    r.study.design == GageDesign::crossed ? "; lines join an appraiser's means" : ""),
                        gage_parts_plot(r.study, r.unit));
  plots += study_figure("Readings by appraiser", fmt::format("n = {} each", r.study.parts_each * r.study.trials),
                        gage_appraisers_plot(r.study, r.unit));
  if (r.ranges)
    plots += study_figure("Ranges", fmt::format("of {} trials", r.study.trials),
                          gage_ranges_plot(r.study, *r.ranges, r.unit));
  return study_page(gage_summary(r), {{"plots", "Plots", plots + "</div>"}});
}

Json gage_json(const GageReport& r) {
  const auto& a = r.anova;
  Json j{{"study", "grr"},
         {"source", r.source},
         {"unit", r.unit},
         {"design", r.study.design == GageDesign::crossed ? "crossed" : "nested"},
         {"parts", r.study.parts_each},
         {"appraisers", r.study.appraisers.size()},
         {"trials", r.study.trials},
         {"verdict", name_of(gage_verdict(r))},
         {"word", gage_word(r)},
         {"doubt", doubt_text(r).empty() ? Json(nullptr) : Json(doubt_text(r).substr(1))},
         {"grr_share", taken(r).value},
         {"grr_share_low", finite_or_null(taken(r).interval.low)},
         {"grr_share_high", finite_or_null(taken(r).interval.high)},
         {"share_of", r.demand.tolerance ? "tolerance" : "study"},
         {"accept", r.demand.accept}};
  j["categories"] = {{"count", a.categories.count},
                     {"exact", finite_or_null(a.categories.exact)},
                     {"low", finite_or_null(a.categories.interval.low)},
                     {"high", finite_or_null(a.categories.interval.high)},
                     {"asked", r.demand.categories}};
  j["interaction_p"] = a.interaction_p ? finite_or_null(*a.interaction_p) : Json(nullptr);
  j["pooled"] = a.pooled;
  j["anova"] = anova_json(a.table);
  if (a.pooled) j["anova_pooled"] = anova_json(a.pooled_table);
  Json components = Json::array();
  for (const GageComponent* c : {&a.grr, &a.repeatability, &a.reproducibility, &a.appraiser, &a.part, &a.total})
    components.push_back(component_json(*c));
  if (a.interaction) components.push_back(component_json(*a.interaction));
  j["components"] = components;
  j["simultaneous"] = {{"method", "Bonferroni"},
                       {"confidence", statistics::GageTogether::kConfidence},
                       {"each", statistics::GageTogether::kEach},
                       {"repeatability", interval_json(a.together.repeatability)},
                       {"part_to_part", interval_json(a.together.part)}};
  j["averages_and_ranges"] = r.ranges ? ranges_json(*r.ranges) : Json(nullptr);
  return j;
}

}  // namespace penrig
