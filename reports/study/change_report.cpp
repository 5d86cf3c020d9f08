#include "reports/study/change_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/finite_or_null.hpp"
#include "reports/html/limit_picture.hpp"
#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/statistics/distributions.hpp"
#include "reports/study/study_page.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;
using statistics::Change;
using statistics::DifferenceMethod;
using statistics::MeanDifference;
using statistics::PenRuns;

constexpr double kSignificant = 0.05;

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
  all.reserve(sequences.size());
  for (auto& [_, sequence] : sequences) all.push_back(std::move(sequence));
  const auto rate = statistics::flip_rate(all);
  if (rate.flaky()) out.push_back({s.title, s.key, in_new, rate});
}

/// Clearly more of the new runs' points are known to be beyond a limit than of the base's.
bool more_beyond(const ChangeRow& row) {
  const auto share = [](const ChangeRow::Points& p) {
    return statistics::clopper_pearson(static_cast<double>(p.beyond), static_cast<double>(p.all));
  };
  return row.new_points.beyond > 0 && share(row.new_points).low > share(row.base_points).high;
}

bool significant(const ChangeRow& row) { return row.verdict.adjusted_p < kSignificant; }

bool towards_a_limit(const ChangeRow& row) {
  const double change = row.difference->difference.value;
  return (row.tolerance.upper && change > 0) || (row.tolerance.lower && change < 0);
}

Verdict change_verdict(const ChangeRow& row) {
  switch (result_of(row)) {
    case ChangeResult::matters:
      return Verdict::fail;
    case ChangeResult::changed:
    case ChangeResult::unknown:
    case ChangeResult::none:
      return Verdict::indeterminate;
    case ChangeResult::harmless:
    case ChangeResult::same:
      return Verdict::pass;
    case ChangeResult::no_margin:
      break;
  }
  return Verdict::not_judged;
}

std::string units_word(const MeanDifference& d, std::size_t n) {
  const char* one = d.method == DifferenceMethod::fixed_pens ? "run" : "pen";
  return fmt::format("{} more {}{}", n, one, n == 1 ? "" : "s");
}

/// "3 of 20 base and 10 of 20 new values are missing (0 and 10 known to be beyond a limit)".
std::string missing_values_text(const ChangeRow& row) {
  const ChangeRow::Points &b = row.base_points, &n = row.new_points;
  if (b.missing + n.missing == 0) return "";
  return fmt::format("{} of {} base and {} of {} new values are missing{}", b.missing, b.all, n.missing, n.all,
                     b.beyond + n.beyond > 0
                         ? fmt::format(" ({} and {} known to be beyond a limit)", b.beyond, n.beyond)
                         : std::string());
}

/// The result alone.
std::string result_word(ChangeResult result) {
  // In the order of ChangeResult.
  static const std::array<const char*, 7> kWords{
      name_of(Change::matters),     "changed; no margin", name_of(Change::unknown), name_of(Change::harmless),
      "no change found; no margin", "not compared",       name_of(Change::same)};
  return kWords.at(static_cast<std::size_t>(result));
}

std::string change_word(const ChangeRow& row) {
  const ChangeResult result = result_of(row);
  std::string word = result == ChangeResult::none ? row.why_not : result_word(result);
  const std::string missing = missing_values_text(row);
  if (result == ChangeResult::matters && row.difference && !row.margin && significant(row)) {
    word += " (towards a limit)";
  } else if (result == ChangeResult::unknown && missing.empty()) {
    word += row.verdict.more_units ? fmt::format(" ({})", units_word(*row.difference, *row.verdict.more_units))
                                   : " (more than can be run)";
  }
  return missing.empty() ? word : word + "; " + missing;
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
    out.cells.push_back((out.verdict == Verdict::fail ? std::string(html::mark(out.verdict)) + " " : "") +
                        change_word(row));
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
  std::size_t same = 0, harmless = 0, matters = 0, changed = 0, unknown = 0, no_margin = 0, none = 0;
  std::size_t missing = 0, beyond = 0;  ///< values, on both sides
};
ChangeCounts counts_of(const ChangeReport& r) {
  ChangeCounts c;
  for (const ChangeRow& row : r.rows) {
    c.missing += row.base_points.missing + row.new_points.missing;
    c.beyond += row.base_points.beyond + row.new_points.beyond;
    const std::map<ChangeResult, std::size_t*> counts{{ChangeResult::matters, &c.matters},
                                                      {ChangeResult::changed, &c.changed},
                                                      {ChangeResult::unknown, &c.unknown},
                                                      {ChangeResult::harmless, &c.harmless},
                                                      {ChangeResult::no_margin, &c.no_margin},
                                                      {ChangeResult::none, &c.none},
                                                      {ChangeResult::same, &c.same}};
    ++*counts.at(result_of(row));
  }
  return c;
}

StudyTable change_table(const ChangeReport& r, bool all, bool pictures) {
  StudyTable t;
  t.title = "Measurement by measurement";
  using enum StudyTable::Weight;
  t.columns = {{"measurement", true, false}, {"unit", true, false, detail},     {"base", false, false},
               {"new", false, false},        {"difference", false, false},      {"95 %", false, false, detail},
               {"margin", false, false},     {"p (Holm)", false, false, detail}};
  if (pictures) t.columns.push_back({"difference within ± margin", false, true});
  t.columns.push_back({"result", true, false, verdict});
  // What matters first; the order of the plan within.
  std::vector<const ChangeRow*> rows;
  for (const ChangeRow& row : r.rows) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ChangeRow* a, const ChangeRow* b) { return result_of(*a) < result_of(*b); });
  std::size_t same = 0, quiet = 0;
  std::vector<std::string> none;  // why: a row's cell may be cut on a terminal
  for (const ChangeRow* row : rows) {
    const ChangeResult result = result_of(*row);
    if (result == ChangeResult::none) none.push_back(row->why_not);
    if (!all && result == ChangeResult::same) {
      ++same;
    } else if (!all && result == ChangeResult::no_margin) {
      ++quiet;
    } else if (all || result != ChangeResult::none || none.size() == 1) {
      t.rows.push_back(change_row(*row, pictures));
    }
  }
  if (same > 0) t.note += fmt::format("{}{} the same. ", t.rows.empty() ? "" : "And ", same);
  if (quiet > 0) t.note += fmt::format("{} without a limit to take a margin from, no change found. ", quiet);
  if (!none.empty()) t.note += fmt::format("{} cannot be compared: {}. ", none.size(), study_reasons(none));
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
         {"base_missing", row.base_points.missing},
         {"base_beyond", row.base_points.beyond},
         {"new_missing", row.new_points.missing},
         {"new_beyond", row.new_points.beyond},
         {"verdict", name_of(change_verdict(row))},
         {"result", result_word(result_of(row))}};
  if (!row.difference) {
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
    j["more_units"] = row.verdict.more_units ? Json(*row.verdict.more_units) : Json(nullptr);
    j["unit_of_more"] = d.method == DifferenceMethod::fixed_pens ? "runs" : "pens";
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

ChangeResult result_of(const ChangeRow& row) {
  const bool missing = row.base_points.missing + row.new_points.missing > 0;
  if (more_beyond(row)) return ChangeResult::matters;
  if (!row.difference) return ChangeResult::none;
  if (!row.margin) {
    if (significant(row)) return towards_a_limit(row) ? ChangeResult::matters : ChangeResult::changed;
    return missing ? ChangeResult::unknown : ChangeResult::no_margin;
  }
  if (row.verdict.change == Change::matters) return ChangeResult::matters;
  if (missing || row.verdict.change == Change::unknown) return ChangeResult::unknown;
  return row.verdict.change == Change::same ? ChangeResult::same : ChangeResult::harmless;
}

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
    row.base_points = {b.points.size(), b.missing, b.beyond};
    row.new_points = {n.points.size(), n.missing, n.beyond};
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
           : c.changed > 0              ? "changed, and no margin to judge it by"
           : s.verdict != Verdict::pass ? "cannot tell yet"
           : c.harmless > 0             ? "changed but harmless"
                                        : "same";
  s.title = "comparison";
  s.lead = fmt::format(
      "Base {}. New {}. Of {} the same: {}, changed but harmless: {}, changed by what matters: {}, cannot be told yet: "
      "{}",
      r.base, r.fresh, counted(r.rows.size(), "measurement"), c.same, c.harmless, c.matters, c.unknown);
  if (c.changed > 0) s.lead += fmt::format(", changed without a margin to judge by: {}", c.changed);
  if (c.no_margin > 0) s.lead += fmt::format(", without a limit to take a margin from: {}", c.no_margin);
  if (c.none > 0) s.lead += fmt::format(", cannot be compared: {}", c.none);
  s.lead += "." + missing_sentence(c.missing, c.beyond);
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
      // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one sentence after another, as long as they are
      "Changed: p below 5 % after Holm's correction over all measurements, so that in 95 % of comparisons without any "
      "change none is called "
      "changed. Harmless and same: two one-sided tests at 5 % exclude a difference of the margin, each by itself.",
      r.demand.margin_absolute
          ? fmt::format("Margin: {} of every measurement, in its unit.", *r.demand.margin_absolute)
          : fmt::format("Margin: {} of the tolerance; of a single limit, of its distance from the base's mean.",
                        study_percent(r.demand.margin_share, 0)),
      "Without a margin, as where the base's mean lies on its limit: a change towards a limit matters, another is one "
      "that "
      "nothing is known of. Where values are missing, nothing is the same; clearly more of them beyond a limit "
      "(Clopper "
      "and Pearson's intervals of 95 % apart) is a change that matters.",
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
            {"changed_without_margin", c.changed},
            {"unknown", c.unknown},
            {"no_margin", c.no_margin},
            {"not_compared", c.none}}},
          {"measurements", rows},
          {"only_base", r.only_base},
          {"only_new", r.only_new},
          {"flaky", flaky}};
}

}  // namespace penrig
