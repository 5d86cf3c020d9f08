#include "reports/study/change_report.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/finite_or_null.hpp"
#include "reports/html/limit_picture.hpp"
#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/study/study_page.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;
using statistics::Change;
using statistics::DifferenceMethod;
using statistics::MeanDifference;
using statistics::PenRuns;

std::vector<PenRuns> pens_of(const ValueSeries& s) {
  std::vector<PenRuns> pens;
  std::map<std::string, std::size_t> places;
  for (const auto& p : s.points) {
    if (!p.value) continue;
    const auto [at, fresh] = places.emplace(p.pen, pens.size());
    if (fresh) pens.push_back({p.pen, {}});
    pens[at->second].values.push_back(*p.value);
  }
  return pens;
}

std::optional<double> margin_of(const ChangeDemand& d, const statistics::Tolerance& t, const MeanDifference& m) {
  if (d.margin_absolute) return d.margin_absolute;
  double room = 0;
  if (t.lower && t.upper) {
    room = *t.upper - *t.lower;
  } else if (t.lower || t.upper) {
    room = std::abs(t.lower.value_or(t.upper.value_or(0)) - m.base_mean);
  }
  if (!(room > 0)) return std::nullopt;
  return d.margin_share * room;
}

void add_flaky(const ValueSeries& s, bool in_new, std::vector<FlakyRow>& out) {
  std::map<std::string, std::vector<bool>> sequences;
  for (const auto& p : s.points)
    if (p.verdict != Verdict::not_judged) sequences[p.pen + '\n' + p.input].push_back(p.verdict == Verdict::pass);
  std::vector<std::vector<bool>> all;
  for (auto& [_, sequence] : sequences) all.push_back(std::move(sequence));
  const auto rate = statistics::flip_rate(all);
  if (rate.flaky()) out.push_back({s.title, s.key, in_new, rate});
}

Verdict change_verdict(const ChangeRow& row) {
  if (!row.difference) return Verdict::indeterminate;
  if (!row.margin) return Verdict::not_judged;
  switch (row.verdict.change) {
    case Change::same:
    case Change::harmless:
      return Verdict::pass;
    case Change::matters:
      return Verdict::fail;
    case Change::unknown:
      break;
  }
  return Verdict::indeterminate;
}

std::string units_word(const MeanDifference& d, std::size_t n) {
  const char* one = d.method == DifferenceMethod::fixed_pens ? "run" : "pen";
  return fmt::format("{} more {}{}", n, one, n == 1 ? "" : "s");
}

std::string change_word(const ChangeRow& row) {
  if (!row.difference) return row.why_not;
  if (!row.margin) return row.verdict.adjusted_p < 0.05 ? "changed; no margin" : "no change found; no margin";
  std::string word = name_of(row.verdict.change);
  if (row.verdict.change == Change::unknown)
    word += row.verdict.more_units ? fmt::format(" ({})", units_word(*row.difference, *row.verdict.more_units))
                                   : " (more than can be run)";
  return word;
}

std::string change_picture(const ChangeRow& row) {
  if (!row.difference || !row.margin) return "";
  html::LimitPicture p;
  p.lower = -*row.margin;
  p.upper = *row.margin;
  p.setting = 0;
  p.value = row.difference->difference.value;
  p.interval_low = row.difference->difference.interval.low;
  p.interval_high = row.difference->difference.interval.high;
  p.verdict = change_verdict(row);
  return html::small_picture(p, 130);
}

StudyTable::Row change_row(const ChangeRow& row, bool pictures) {
  StudyTable::Row out;
  out.verdict = change_verdict(row);
  out.cells = {row.title, row.unit == "1" ? "" : row.unit};
  if (!row.difference) {
    out.cells.resize(pictures ? 9 : 8);
    out.cells.push_back(row.why_not);
    return out;
  }
  const MeanDifference& d = *row.difference;
  const auto& i = d.difference.interval;
  const int decimals = std::clamp(decimals_of_u((i.high - i.low) / 2), -3, 9);
  const auto number = [&](double v) { return format_number(v, d.se > 0 ? decimals : 4); };
  out.cells.insert(
      out.cells.end(),
      {number(d.base_mean), number(d.new_mean), (d.difference.value > 0 ? "+" : "") + number(d.difference.value),
       fmt::format("{} … {}", number(i.low), number(i.high)), row.margin ? "± " + study_number(*row.margin, 3) : "–",
       study_p(row.verdict.adjusted_p)});
  if (pictures) out.cells.push_back(change_picture(row));
  const std::string mark(out.verdict == Verdict::not_judged ? "–" : html::mark(out.verdict));
  out.cells.push_back(mark + " " + change_word(row));
  return out;
}

struct ChangeCounts {
  std::size_t same = 0, harmless = 0, matters = 0, unknown = 0, no_margin = 0, none = 0;
};
ChangeCounts counts_of(const ChangeReport& r) {
  ChangeCounts c;
  for (const ChangeRow& row : r.rows) {
    if (!row.difference) {
      ++c.none;
    } else if (!row.margin) {
      ++c.no_margin;
    } else {
      ++(row.verdict.change == Change::same       ? c.same
         : row.verdict.change == Change::harmless ? c.harmless
         : row.verdict.change == Change::matters  ? c.matters
                                                  : c.unknown);
    }
  }
  return c;
}

StudyTable change_table(const ChangeReport& r, bool all, bool pictures) {
  StudyTable t;
  t.title = "Measurement by measurement";
  t.columns = {{"measurement", true, false}, {"unit", true, false},        {"base", false, false},
               {"new", false, false},        {"difference", false, false}, {"95 %", false, false},
               {"margin", false, false},     {"p (Holm)", false, false}};
  if (pictures) t.columns.push_back({"difference within ± margin", false, true});
  t.columns.push_back({"result", true, false});
  // What matters first; the order of the plan within.
  std::vector<const ChangeRow*> rows;
  for (const ChangeRow& row : r.rows) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const ChangeRow* a, const ChangeRow* b) {
    const auto rank = [](const ChangeRow& x) {
      if (!x.difference) return 5;
      if (!x.margin) return x.verdict.adjusted_p < 0.05 ? 2 : 4;
      constexpr int kRank[] = {6, 3, 0, 1};  // same, harmless, matters, unknown
      return kRank[static_cast<int>(x.verdict.change)];
    };
    return rank(*a) < rank(*b);
  });
  std::size_t same = 0, quiet = 0, none = 0;
  for (const ChangeRow* row : rows) {
    if (!all && row->difference && row->margin && row->verdict.change == Change::same) {
      ++same;
    } else if (!all && row->difference && !row->margin && row->verdict.adjusted_p >= 0.05) {
      ++quiet;
    } else if (!all && !row->difference && none++ > 0) {
      continue;
    } else {
      t.rows.push_back(change_row(*row, pictures));
    }
  }
  if (same > 0) t.note += fmt::format("{}{} the same. ", t.rows.empty() ? "" : "And ", same);
  if (quiet > 0) t.note += fmt::format("{} without a limit to take a margin from, no change found. ", quiet);
  if (none > 1) t.note += fmt::format("{} more that cannot be compared. ", none - 1);
  return t;
}

StudyTable flaky_table(const ChangeReport& r) {
  StudyTable t;
  t.title = "Verdicts that flip";
  t.columns = {{"measurement", true, false},
               {"in", true, false},
               {"runs", false, false},
               {"flips", false, false},
               {"rate (95 %)", false, false}};
  for (const FlakyRow& f : r.flaky)
    t.rows.push_back({{f.title, f.in_new ? "new" : "base", std::to_string(f.rate.runs), std::to_string(f.rate.flips),
                       fmt::format("{} ({} … {})", study_percent(f.rate.rate.value),
                                   study_percent(f.rate.rate.interval.low), study_percent(f.rate.rate.interval.high))},
                      Verdict::not_judged,
                      false,
                      0});
  t.note = "How often two runs in succession of one pen disagree on PASS, at equal firmware, plan and product.";
  return t;
}

Json change_row_json(const ChangeRow& row) {
  Json j{{"measurement", row.key},
         {"title", row.title},
         {"unit", row.unit},
         {"base_missing", row.base_missing},
         {"new_missing", row.new_missing}};
  if (!row.difference) {
    j["result"] = "not compared";
    j["why_not"] = row.why_not;
    return j;
  }
  const MeanDifference& d = *row.difference;
  const char* method = d.method == DifferenceMethod::paired_pens     ? "paired pens"
                       : d.method == DifferenceMethod::separate_pens ? "separate pens"
                                                                     : "fixed pens";
  j["method"] = method;
  j["base"] = {{"mean", d.base_mean}, {"runs", d.base_runs}, {"pens", d.base_pens}};
  j["new"] = {{"mean", d.new_mean}, {"runs", d.new_runs}, {"pens", d.new_pens}};
  j["pens_left_out"] = d.left_out;
  j["difference"] = {{"value", d.difference.value},
                     {"low", d.difference.interval.low},
                     {"high", d.difference.interval.high},
                     {"se", d.se},
                     {"df", d.df}};
  j["p"] = d.p;
  j["p_holm"] = row.verdict.adjusted_p;
  j["margin"] = finite_or_null(row.margin);
  if (row.margin) {
    j["p_equivalence"] = row.verdict.equivalence.p;
    j["result"] = name_of(row.verdict.change);
    j["more_units"] = row.verdict.more_units ? Json(*row.verdict.more_units) : Json(nullptr);
    j["unit_of_more"] = d.method == DifferenceMethod::fixed_pens ? "runs" : "pens";
  } else {
    j["result"] = change_word(row);
  }
  return j;
}

std::string scope_text(const ChangeReport& r) {
  for (const ChangeRow& row : r.rows)
    if (row.difference && row.difference->method == DifferenceMethod::fixed_pens)
      return fmt::format("Fewer than three pens: what is said holds for {} alone, not for pens like {}.",
                         row.difference->base_pens == 1 ? "this pen" : "these two pens",
                         row.difference->base_pens == 1 ? "it" : "them");
  return "";
}

}  // namespace

ChangeReport change_report(std::string base_words, const std::vector<ValueSeries>& base, std::string new_words,
                           const std::vector<ValueSeries>& fresh, const ChangeDemand& demand) {
  ChangeReport r{std::move(base_words), std::move(new_words), demand, {}, {}, {}, {}};
  std::map<std::string, const ValueSeries*> by_key;
  for (const ValueSeries& s : fresh) by_key[s.key] = &s;
  for (const ValueSeries& b : base) {
    add_flaky(b, false, r.flaky);
    const auto found = by_key.find(b.key);
    if (found == by_key.end()) {
      r.only_base.push_back(b.title);
      continue;
    }
    const ValueSeries& n = *found->second;
    by_key.erase(found);
    ChangeRow row;
    row.title = b.title;
    row.key = b.key;
    row.unit = b.unit;
    row.base_missing = b.missing;
    row.new_missing = n.missing;
    row.tolerance = n.tolerance.lower || n.tolerance.upper ? n.tolerance : b.tolerance;
    if (b.unit != n.unit) {
      row.why_not = fmt::format("in {} in the base, in {} in the new runs", b.unit, n.unit);
    } else if (const auto difference = statistics::difference_of(pens_of(b), pens_of(n)); difference) {
      row.difference = *difference;
      row.margin = margin_of(demand, row.tolerance, *difference);
    } else {
      row.why_not = difference.error().message;
    }
    r.rows.push_back(std::move(row));
  }
  for (const ValueSeries& s : fresh) {
    add_flaky(s, true, r.flaky);
    if (by_key.contains(s.key)) r.only_new.push_back(s.title);
  }
  std::vector<MeanDifference> differences;
  std::vector<double> margins;
  std::vector<ChangeRow*> judged;
  for (ChangeRow& row : r.rows) {
    if (!row.difference) continue;
    differences.push_back(*row.difference);
    margins.push_back(row.margin.value_or(INFINITY));
    judged.push_back(&row);
  }
  const auto verdicts = statistics::judge_changes(differences, margins);
  for (std::size_t i = 0; i < judged.size(); ++i) judged[i]->verdict = verdicts[i];
  return r;
}

Verdict change_verdict(const ChangeReport& r) {
  Verdict v = r.only_base.empty() ? Verdict::not_judged : Verdict::indeterminate;
  for (const ChangeRow& row : r.rows) v = worst(v, change_verdict(row));
  return v == Verdict::not_judged ? Verdict::indeterminate : v;
}

StudySummary change_summary(const ChangeReport& r, bool all, bool pictures) {
  const ChangeCounts c = counts_of(r);
  StudySummary s;
  s.command = "penrig compare";
  s.verdict = change_verdict(r);
  s.word = c.matters > 0                ? "changed and matters"
           : s.verdict != Verdict::pass ? "cannot tell yet"
           : c.harmless > 0             ? "changed but harmless"
                                        : "same";
  s.title = "comparison";
  s.lead = fmt::format(
      "Base {}. New {}. Of {} measurements {} are the same, {} changed but harmless, {} changed and matter, {} cannot "
      "be told yet",
      r.base, r.fresh, r.rows.size(), c.same, c.harmless, c.matters, c.unknown);
  if (c.no_margin > 0) s.lead += fmt::format(", {} have no limit to take a margin from", c.no_margin);
  if (c.none > 0) s.lead += fmt::format(", {} cannot be compared", c.none);
  s.lead += ".";
  if (!r.only_base.empty())
    s.lead += fmt::format(" {} only the base has (the first: {}).", r.only_base.size(), r.only_base.front());
  if (!r.only_new.empty()) s.lead += fmt::format(" {} only the new runs have.", r.only_new.size());
  if (const std::string scope = scope_text(r); !scope.empty()) s.lead += " " + scope;
  s.tables = {change_table(r, all, pictures)};
  if (!r.flaky.empty()) s.tables.push_back(flaky_table(r));
  s.method = {
      "Pens are a random effect where there are at least three: the same pens are held each against itself (Student's "
      "t of the differences "
      "of their means: for equal numbers of runs the exact test of the mixed model with pens and pens × revision), "
      "other pens by their "
      "means (Welch, Satterthwaite). Of one or two pens their runs are compared, and nothing is said of others.",
      "Changed: p below 5 % after Holm's correction over all measurements, so that in 95 % of comparisons without any "
      "change none is called "
      "changed. Harmless and same: two one-sided tests at 5 % exclude a difference of the margin, each by itself.",
      r.demand.margin_absolute
          ? fmt::format("Margin: {} of every measurement, in its unit.", *r.demand.margin_absolute)
          : fmt::format("Margin: {} of the tolerance; of a single limit, of its distance from the base's mean.",
                        study_percent(r.demand.margin_share, 0)),
      "How many more: so that a change of the margin is found, and equality shown where there is none, in 90 % of "
      "cases with the spread seen."};
  return s;
}

std::string change_html(const ChangeReport& r) { return study_page(change_summary(r, true, true), {}); }

Json change_json(const ChangeReport& r) {
  const ChangeCounts c = counts_of(r);
  Json rows = Json::array(), flaky = Json::array();
  for (const ChangeRow& row : r.rows) rows.push_back(change_row_json(row));
  for (const FlakyRow& f : r.flaky)
    flaky.push_back({{"measurement", f.key},
                     {"in", f.in_new ? "new" : "base"},
                     {"runs", f.rate.runs},
                     {"pairs", f.rate.pairs},
                     {"flips", f.rate.flips},
                     {"rate", f.rate.rate.value},
                     {"low", f.rate.rate.interval.low},
                     {"high", f.rate.rate.interval.high}});
  return {{"study", "compare"},
          {"base", r.base},
          {"new", r.fresh},
          {"verdict", name_of(change_verdict(r))},
          {"counts",
           {{"same", c.same},
            {"harmless", c.harmless},
            {"matters", c.matters},
            {"unknown", c.unknown},
            {"no_margin", c.no_margin},
            {"not_compared", c.none}}},
          {"measurements", rows},
          {"only_base", r.only_base},
          {"only_new", r.only_new},
          {"flaky", flaky}};
}

}  // namespace penrig
