#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/study/capability_report.hpp"
#include "reports/study/change_report.hpp"
#include "reports/study/chart_report.hpp"
#include "reports/study/stability_report.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

/// Values about a mean, some runs of each pen.
ValueSeries series(const std::string& name, int pens, int runs, double mean, double sd, std::uint64_t seed) {
  ValueSeries s;
  s.title = s.key = name;
  s.unit = "mm";
  s.tolerance = {1.4, 1.6};
  Random random(seed, name);
  for (int r = 0; r < runs; ++r)
    for (int p = 0; p < pens; ++p)
      s.points.push_back({"R-" + std::to_string(s.points.size() + 1), "PRO-" + std::to_string(p), "",
                          mean + sd * random.normal(), Verdict::pass, ""});
  return s;
}

/// The last `n` points without a value, and with this verdict.
ValueSeries lacking(const ValueSeries& s, std::size_t n, Verdict verdict) {
  ValueSeries out = s;
  out.points.clear();
  for (ValueSeries::Point p : s.points) {
    if (out.points.size() >= s.points.size() - n) {
      p.value.reset();
      p.verdict = verdict;
    }
    out.add(std::move(p));
  }
  return out;
}

/// A page is whole, draws nothing at a place that has no number, and loads nothing.
void expect_page(const std::string& page) {
  EXPECT_TRUE(page.ends_with("</html>\n"));
  for (const char* wrong : {"nan", "inf\"", "http:", "https:", "<script src"})
    EXPECT_EQ(page.find(wrong), std::string::npos) << wrong;
}

TEST(ChangeReport, TellsSameHarmlessAndMatters) {
  const std::vector<ValueSeries> base{series("same", 1, 30, 1.5, 0.002, 1), series("harmless", 1, 30, 1.5, 0.002, 2),
                                      series("matters", 1, 30, 1.5, 0.002, 3)};
  const std::vector<ValueSeries> fresh{series("same", 1, 30, 1.5, 0.002, 4), series("harmless", 1, 30, 1.506, 0.002, 5),
                                       series("matters", 1, 30, 1.55, 0.002, 6)};
  const ChangeReport r = change_report("base", base, "new", fresh, {});
  ASSERT_EQ(r.rows.size(), 3U);
  EXPECT_DOUBLE_EQ(r.rows[0].margin.value(), 0.1 * (1.6 - 1.4));
  EXPECT_EQ(r.rows[0].verdict.change, statistics::Change::same);
  EXPECT_EQ(r.rows[1].verdict.change, statistics::Change::harmless);
  EXPECT_EQ(r.rows[2].verdict.change, statistics::Change::matters);
  EXPECT_EQ(change_verdict(r), Verdict::fail);
  EXPECT_EQ(change_json(r)["counts"]["matters"], 1);
  EXPECT_NE(change_summary(r, false).lead.find("this pen alone"), std::string::npos);
  expect_page(change_html(r));
}

TEST(ChangeReport, OfFewRunsCannotTellYetAndSaysHowManyMore) {
  const ChangeReport r =
      change_report("base", {series("few", 1, 3, 1.5, 0.02, 1)}, "new", {series("few", 1, 3, 1.5, 0.02, 2)}, {});
  EXPECT_EQ(change_verdict(r), Verdict::indeterminate);
  ASSERT_TRUE(r.rows[0].verdict.more_units);
  EXPECT_NE(change_summary(r, false).tables[0].rows[0].cells.back().find("more runs"), std::string::npos);
}

TEST(ChangeReport, RefusesMixedUnitsAndWhatOnlyTheBaseHas) {
  std::vector<ValueSeries> base{series("a", 1, 10, 1.5, 0.01, 1), series("b", 1, 10, 1.5, 0.01, 2)},
      fresh{series("a", 1, 10, 1500, 10, 3)};
  fresh[0].unit = "µm";
  const ChangeReport r = change_report("base", base, "new", fresh, {});
  EXPECT_EQ(r.rows[0].why_not, "in mm in the base, in µm in the new runs");
  EXPECT_EQ(r.only_base, std::vector<std::string>{"b"});
  EXPECT_EQ(change_verdict(r), Verdict::indeterminate);
}

// The cell beside a measurement is cut where the terminal is narrow.
TEST(ChangeReport, SaysInFullWhyItCannotCompare) {
  std::vector<ValueSeries> base, fresh;
  for (const char* name : {"a", "b", "c"}) {
    base.push_back(series(name, 1, 10, 1.5, 0.01, 1));
    fresh.push_back(series(name, 1, 10, 1500, 10, 3));
    fresh.back().unit = "µm";
  }
  const ChangeReport r = change_report("base", base, "new", fresh, {});
  const StudyTable t = change_summary(r, false).tables[0];
  EXPECT_EQ(t.rows.size(), 1U);
  EXPECT_EQ(t.note, "3 cannot be compared: in mm in the base, in µm in the new runs. ");
  EXPECT_EQ(study_reasons({"b", "a", "a", "c", "d"}), "a (2 of them); b (1 of them); c (1 of them); and other reasons");
}

TEST(ChangeReport, WithoutALimitJudgesNothing) {
  std::vector<ValueSeries> base{series("a", 1, 20, 1.5, 0.01, 1)}, fresh{series("a", 1, 20, 1.6, 0.01, 2)};
  base[0].tolerance = fresh[0].tolerance = {};
  const ChangeReport r = change_report("base", base, "new", fresh, {});
  EXPECT_FALSE(r.rows[0].margin);
  EXPECT_EQ(change_verdict(r), Verdict::indeterminate);
  EXPECT_EQ(change_json(r)["measurements"][0]["result"], "changed; no margin");
  EXPECT_EQ(change_verdict(change_report("base", base, "new", fresh, {0.1, 0.5})), Verdict::pass)
      << "a margin of its own";
}

TEST(ChangeReport, OfASignificantChangeWithoutAMarginIsNotTheSame) {
  const ValueSeries even = series("even", 1, 20, 1.5, 0.002, 1), even_too = series("even", 1, 20, 1.5, 0.002, 2);
  ValueSeries none = series("missed strokes", 1, 20, 0, 0, 3), some = series("missed strokes", 1, 20, 3, 0.5, 4);
  const auto verdict_of = [&](const statistics::Tolerance& limits) {
    none.tolerance = some.tolerance = limits;
    const ChangeReport r = change_report("base", {even, none}, "new", {even_too, some}, {});
    EXPECT_FALSE(r.rows[1].margin);
    const StudySummary s = change_summary(r, false);
    EXPECT_EQ(s.word, s.verdict == Verdict::fail ? "changed and matters" : "changed, and no margin to judge it by");
    EXPECT_EQ(s.tables[0].rows.size(), 1U) << "it is listed";
    return s.verdict;
  };
  EXPECT_EQ(verdict_of({{}, 0.0}), Verdict::fail) << "it goes beyond a limit that the base lies on";
  EXPECT_EQ(verdict_of({0.0, {}}), Verdict::indeterminate) << "it goes away from the limit";
  EXPECT_EQ(verdict_of({}), Verdict::indeterminate);
  const ChangeReport r = change_report("base", {even, none}, "new", {even_too, some}, {});
  EXPECT_EQ(change_json(r)["counts"]["changed_without_margin"], 1);
}

TEST(ChangeReport, OfMoreValuesBeyondALimitMatters) {
  const ValueSeries base = series("a", 1, 20, 1.5, 0.002, 1), fresh = series("a", 1, 20, 1.5, 0.002, 2);
  ASSERT_EQ(change_verdict(change_report("base", {base}, "new", {fresh}, {})), Verdict::pass);
  const ChangeReport r = change_report("base", {base}, "new", {lacking(fresh, 10, Verdict::fail)}, {});
  EXPECT_EQ(change_verdict(r), Verdict::fail);
  const StudySummary s = change_summary(r, false);
  EXPECT_EQ(s.word, "changed and matters");
  EXPECT_NE(s.lead.find("10 values are missing, 10 of them known to be beyond a limit"), std::string::npos) << s.lead;
  EXPECT_NE(s.tables[0].rows[0].cells.back().find("0 of 20 base and 10 of 20 new values are missing (0 and 10 known"),
            std::string::npos);
  EXPECT_EQ(change_json(r)["measurements"][0]["new_beyond"], 10);
  EXPECT_EQ(change_json(r)["counts"]["matters"], 1);
  const ChangeReport all = change_report("base", {base}, "new", {lacking(fresh, 20, Verdict::fail)}, {});
  EXPECT_EQ(change_verdict(all), Verdict::fail) << "no value is left to compare";
  expect_page(change_html(all));
}

TEST(ChangeReport, OfMissingValuesIsNotTheSame) {
  const ValueSeries base = series("a", 1, 20, 1.5, 0.002, 1), fresh = series("a", 1, 20, 1.5, 0.002, 2);
  const auto result = [](const ValueSeries& a, const ValueSeries& b) {
    const ChangeReport r = change_report("base", {a}, "new", {b}, {});
    EXPECT_EQ(change_verdict(r), Verdict::indeterminate);
    EXPECT_EQ(change_summary(r, false).word, "cannot tell yet");
    return result_of(r.rows[0]);
  };
  EXPECT_EQ(result(base, lacking(fresh, 1, Verdict::not_judged)), ChangeResult::unknown);
  EXPECT_EQ(result(lacking(base, 1, Verdict::indeterminate), fresh), ChangeResult::unknown);
  EXPECT_EQ(result(lacking(base, 10, Verdict::fail), lacking(fresh, 10, Verdict::fail)), ChangeResult::unknown)
      << "no more than before";
}

TEST(ChangeReport, NamesVerdictsThatFlip) {
  std::vector<ValueSeries> base{series("a", 1, 20, 1.5, 0.01, 1)}, fresh = base;
  fresh[0].points[7].verdict = Verdict::fail;
  const ChangeReport r = change_report("base", base, "new", fresh, {});
  ASSERT_EQ(r.flaky.size(), 1U);
  EXPECT_TRUE(r.flaky[0].in_new);
  EXPECT_EQ(r.flaky[0].rate.flips, 2U);
}

TEST(CapabilityReport, JudgesByTheWholeInterval) {
  std::vector<ValueSeries> all{series("good", 1, 200, 1.5, 0.01, 1), series("bad", 1, 200, 1.5, 0.05, 2),
                               series("open", 1, 60, 1.5, 0.0245, 3), series("equal", 1, 20, 1.5, 0, 4),
                               series("unlimited", 1, 20, 1.5, 0.01, 5)};
  all.back().tolerance = {};
  const CapabilityReport r = capability_report("test", all, {});
  EXPECT_EQ(r.rows[0].verdict, Verdict::pass);
  EXPECT_EQ(r.rows[1].verdict, Verdict::fail);
  EXPECT_EQ(r.rows[2].verdict, Verdict::indeterminate);
  EXPECT_EQ(r.rows[3].verdict, Verdict::not_judged);
  EXPECT_EQ(r.unlimited.size(), 1U);
  EXPECT_EQ(capability_verdict(r), Verdict::fail);
  EXPECT_EQ(capability_json(r)["measurements"].size(), 4U);
  expect_page(capability_html(r));
}

TEST(CapabilityReport, DrawsBarsOfValuesThatLieFarWithinTheirLimits) {
  const CapabilityReport r = capability_report("test", {series("narrow", 6, 3, 1.5, 0.00003, 3)}, {});
  ASSERT_TRUE(r.rows.front().capability);
  const std::string svg = capability_histogram(r.rows.front());
  std::size_t bars = 0;
  for (std::size_t at = svg.find("fill=\"#999\""); at != std::string::npos; at = svg.find("fill=\"#999\"", at + 1))
    ++bars;
  EXPECT_GE(bars, 2U) << svg;
}

TEST(CapabilityReport, OfEqualValuesOutsideIsAFail) {
  EXPECT_EQ(capability_verdict(capability_report("test", {series("a", 1, 20, 1.7, 0, 1)}, {})), Verdict::fail);
  EXPECT_EQ(capability_verdict(capability_report("test", {series("a", 1, 20, 1.5, 0, 1)}, {})), Verdict::indeterminate)
      << "nothing was judged";
}

TEST(CapabilityReport, OfValuesBeyondALimitIsAFailThoughTheOthersAreGood) {
  const ValueSeries good = series("a", 1, 40, 1.5, 0.01, 1);
  const CapabilityReport r = capability_report("test", {lacking(good, 10, Verdict::fail)}, {});
  EXPECT_EQ(r.rows[0].verdict, Verdict::fail);
  EXPECT_EQ(capability_json(r)["measurements"][0]["beyond"], 10);
  const StudySummary s = capability_summary(r, false);
  EXPECT_EQ(s.tables[0].rows[0].cells[2], "30 of 40");
  EXPECT_NE(s.lead.find("10 values are missing, 10 of them known to be beyond a limit"), std::string::npos) << s.lead;
  EXPECT_EQ(capability_verdict(capability_report("test", {lacking(good, 40, Verdict::fail)}, {})), Verdict::fail)
      << "all of them";
  // One in 500 may be by chance where a Ppk of 0.8 is asked for, which allows one in 60.
  const ValueSeries many = series("a", 1, 500, 1.5, 0.01, 1);
  CapabilityDemand modest;
  modest.least = 0.8;
  EXPECT_EQ(capability_verdict(capability_report("test", {lacking(many, 1, Verdict::fail)}, modest)),
            Verdict::indeterminate);
  expect_page(capability_html(r));
}

TEST(CapabilityReport, OfMissingValuesIsNeverAPass) {
  const ValueSeries good = series("a", 1, 40, 1.5, 0.01, 1);
  ASSERT_EQ(capability_verdict(capability_report("test", {good}, {})), Verdict::pass);
  for (const Verdict v : {Verdict::indeterminate, Verdict::not_judged, Verdict::pass}) {
    EXPECT_EQ(capability_verdict(capability_report("test", {lacking(good, 1, v)}, {})), Verdict::indeterminate)
        << name_of(v);
  }
}

TEST(CapabilityReport, OfTooFewValuesOfOneMeasurementIsOpenThoughTheOthersAreGood) {
  const ValueSeries good = series("a", 1, 40, 1.5, 0.01, 1);
  for (const ValueSeries& few :
       {series("b", 1, 1, 1.5, 0.01, 2), series("b", 1, 4, 1.5, 0.01, 2), series("b", 1, 4, 1.5, 0, 2)}) {
    const CapabilityReport r = capability_report("test", {good, few}, {});
    EXPECT_EQ(r.rows[1].verdict, Verdict::indeterminate) << few.points.size();
    const StudySummary s = capability_summary(r, false);
    EXPECT_EQ(s.word, "not clearly capable");
    EXPECT_NE(s.lead.find("of 2 measurements with a limit clearly reach Ppk 1.33: 1, clearly do not: 0, open: 1."),
              std::string::npos)
        << s.lead;
    EXPECT_EQ(s.tables[0].rows.size(), 1U) << "it is listed";
    EXPECT_NE(s.tables[0].note.find("1 without an index: " + r.rows[1].why_not + ". "), std::string::npos);
  }
  // Equal within each subgroup: no index, and it varies.
  ValueSeries steps = series("b", 1, 20, 1.5, 0, 2);
  for (std::size_t i = 0; i < 20; ++i) steps.points[i].value = 1.5 + 0.001 * static_cast<double>(i / 5);
  CapabilityDemand demand;
  demand.subgroup = 5;
  EXPECT_EQ(capability_report("test", {steps}, demand).rows[0].verdict, Verdict::indeterminate);
}

TEST(CapabilityReport, KeepsTheIndexThatIsJudgedLongest) {
  const CapabilityReport r = capability_report("test", {series("a", 1, 40, 1.5, 0.01, 1)}, {});
  const StudyTable table = capability_summary(r, true).tables[0];
  std::vector<std::string> kept;
  for (const StudyTable::Column& c : table.columns)
    if (c.weight != StudyTable::Weight::detail) kept.push_back(c.head);
  EXPECT_EQ(kept, (std::vector<std::string>{"measurement", "Ppk (95 %)", "verdict"}));
}

TEST(CapabilityReport, SaysWhereOnlyWhatIsOutsideIsCounted) {
  ValueSeries s = series("a", 1, 40, 1.5, 0.01, 1);
  for (std::size_t i = 0; i < 20; ++i) *s.points[i].value += 0.08;  // two heaps
  const CapabilityReport r = capability_report("test", {s}, {});
  ASSERT_EQ(r.rows[0].capability.value().method, statistics::CapabilityMethod::counted);
  EXPECT_NE(capability_summary(r, false).tables[0].note.find("only values outside are counted"), std::string::npos);
}

TEST(CapabilityReport, SaysThatLimitsDiffer) {
  ValueSeries s = series("a", 1, 40, 1.5, 0.01, 1);
  s.note = "limits differ between runs; those of the newest count";
  const CapabilityReport r = capability_report("test", {s}, {});
  EXPECT_EQ(capability_json(r)["measurements"][0]["note"], s.note);
  EXPECT_NE(capability_summary(r, false).tables[0].note.find("a: limits differ between runs"), std::string::npos);
}

TEST(ChartReport, CountsSignalsBehindTheReference) {
  ValueSeries s = series("a", 1, 60, 1.5, 0.01, 8);
  for (std::size_t i = 50; i < 60; ++i) *s.points[i].value += 0.06;
  ChartDemand demand;
  demand.reference = 40;
  const ChartReport r = chart_report("test", {s}, demand);
  ASSERT_TRUE(r.rows[0].chart);
  EXPECT_GE(r.rows[0].after, 9U);
  EXPECT_EQ(chart_verdict(r), Verdict::fail);
  expect_page(chart_html(r));
  for (const auto kind : {statistics::ChartKind::ewma, statistics::ChartKind::cusum}) {
    demand.kind = kind;
    const ChartReport other = chart_report("test", {s}, demand);
    EXPECT_EQ(chart_verdict(other), Verdict::fail);
    expect_page(chart_html(other));
  }
}

// Limits from all points left the column of signals behind the reference empty of a meaning, and the other one empty.
TEST(ChartReport, SaysOfEachMeasurementHowManySignalsAndWhatItComesTo) {
  ValueSeries s = series("a", 1, 60, 1.5, 0.01, 8);
  for (std::size_t i = 50; i < 60; ++i) *s.points[i].value += 0.06;
  for (const std::size_t reference : {0U, 40U}) {
    ChartDemand demand;
    demand.reference = reference;
    const ChartReport r = chart_report("test", {s, series("b", 1, 60, 1.5, 0, 1)}, demand);
    const StudyTable t = chart_summary(r, true).tables[0];
    const auto cell = [&](std::size_t row, const std::string& head) {
      for (std::size_t c = 0; c < t.columns.size(); ++c)
        if (t.columns[c].head == head) return t.rows.at(row).cells.at(c);
      return std::string("no such column");
    };
    EXPECT_EQ(cell(0, reference == 0 ? "signals" : "signals after"), std::to_string(r.rows[0].after));
    EXPECT_EQ(cell(0, "signals in reference"),
              reference == 0 ? "no such column" : std::to_string(r.rows[0].in_reference));
    EXPECT_EQ(cell(0, "verdict"), "✗ FAIL");
    EXPECT_EQ(cell(1, "verdict"), "–") << "nothing varies";
    EXPECT_NE(cell(1, "first signal").find("no spread"), std::string::npos);
    for (const StudyTable::Row& row : t.rows) EXPECT_EQ(row.cells.size(), t.columns.size());
    for (const StudyTable::Column& c : t.columns)
      EXPECT_EQ(c.weight == StudyTable::Weight::verdict,
                c.head == "verdict" || c.head == "signals" || c.head == "signals after")
          << c.head << ": what stays on a narrow terminal";
  }
}

TEST(ChartReport, SaysWhyThereIsNoChart) {
  ChartDemand demand;
  demand.reference = 40;
  const ChartReport few = chart_report("test", {series("a", 1, 20, 1.5, 0.01, 1)}, demand);
  EXPECT_EQ(few.rows[0].why_not, "20 points, the reference alone has 40");
  EXPECT_EQ(chart_verdict(few), Verdict::indeterminate);
  EXPECT_NE(chart_report("test", {series("a", 1, 20, 1.5, 0, 1)}, {}).rows[0].why_not.find("no spread"),
            std::string::npos);
}

TEST(ChartReport, OfAReferenceThatNeverChangedAnyOtherValueIsOutOfControl) {
  ChartDemand demand;
  demand.reference = 20;
  ValueSeries s = series("missed strokes", 1, 30, 0, 0, 1);
  EXPECT_EQ(chart_verdict(chart_report("test", {s}, demand).rows[0]), Verdict::not_judged) << "nothing varies";
  *s.points[27].value = 3;
  *s.points[28].value = 2;
  const ChartReport r = chart_report("test", {series("b", 1, 30, 1.5, 0.01, 1), s}, demand);
  EXPECT_FALSE(r.rows[1].chart);
  EXPECT_EQ(r.rows[1].why_not,
            "all 20 values of the reference are 0, 2 of the 10 after it are not (the first: 3 at R-28)");
  EXPECT_EQ(chart_verdict(r), Verdict::fail);
  const StudyTable shown = chart_summary(r, false).tables[0];
  EXPECT_EQ(shown.rows.back().cells.back(), r.rows[1].why_not) << "not only with --all";
  EXPECT_EQ(chart_json(r)["measurements"][1]["verdict"], "FAIL");
  expect_page(chart_html(r));
}

TEST(ChartReport, OfValuesThatVaryWithoutAChartNothingIsKnown) {
  ValueSeries s = series("a", 1, 40, 1.5, 0.01, 1);
  // Equal within each subgroup, so that there is no spread to take limits from.
  for (std::size_t i = 0; i < s.points.size(); ++i) s.points[i].value = static_cast<double>(i / 2);
  ChartDemand demand;
  demand.subgroup = 2;
  const ChartReport r = chart_report("test", {series("b", 1, 40, 1.5, 0.01, 2), s}, demand);
  ASSERT_TRUE(r.rows[0].chart && !r.rows[1].chart);
  EXPECT_EQ(chart_verdict(r.rows[1]), Verdict::indeterminate);
}

TEST(ChartReport, OfTooFewValuesOfOneMeasurementIsNotKnownToBeInControl) {
  const ValueSeries quiet = series("a", 1, 40, 1.5, 0.01, 1);
  ChartDemand demand;
  demand.options.rules = statistics::limits_only();
  for (const int n : {1, 9}) {
    const ChartReport r = chart_report("test", {quiet, series("b", 1, n, 1.5, 0, 2)}, demand);
    EXPECT_EQ(chart_verdict(r.rows[1]), Verdict::indeterminate) << n;
    EXPECT_EQ(chart_summary(r, false).word, "not known to be in control");
  }
  EXPECT_EQ(chart_verdict(chart_report("test", {quiet, series("b", 1, 10, 1.5, 0, 2)}, demand)), Verdict::pass);
  demand.reference = 20;
  EXPECT_EQ(chart_verdict(chart_report("test", {series("b", 1, 19, 1.5, 0, 2)}, demand).rows[0]),
            Verdict::indeterminate)
      << "fewer than the reference alone has";
}

TEST(ChartReport, OfMissingValuesIsNotInControl) {
  const ValueSeries quiet = series("a", 1, 40, 1.5, 0.01, 1);
  ChartDemand demand;
  demand.options.rules = statistics::limits_only();
  ASSERT_EQ(chart_verdict(chart_report("test", {quiet}, demand)), Verdict::pass);
  const ChartReport beyond = chart_report("test", {lacking(quiet, 5, Verdict::fail)}, demand);
  EXPECT_EQ(chart_verdict(beyond), Verdict::fail);
  const StudySummary s = chart_summary(beyond, false);
  EXPECT_EQ(s.tables[0].rows[0].cells.back(), "5 of 40 without a value, known to be beyond a limit");
  EXPECT_NE(s.lead.find("5 values are missing, 5 of them known to be beyond a limit"), std::string::npos) << s.lead;
  EXPECT_EQ(chart_json(beyond)["measurements"][0]["beyond"], 5);
  EXPECT_EQ(chart_verdict(chart_report("test", {lacking(quiet, 1, Verdict::not_judged)}, demand)),
            Verdict::indeterminate);
  EXPECT_EQ(chart_verdict(chart_report("test", {lacking(quiet, 40, Verdict::fail)}, demand)), Verdict::fail)
      << "all of them";
}

TEST(StabilityReport, OfMissingValuesIsNotStable) {
  const ValueSeries quiet = series("a", 1, 40, 1.5, 0.01, 1);
  ASSERT_EQ(stability_verdict(stability_report("test", {quiet}, {})), Verdict::pass);
  const StabilityReport beyond = stability_report("test", {lacking(quiet, 5, Verdict::fail)}, {});
  EXPECT_EQ(stability_verdict(beyond), Verdict::fail);
  EXPECT_EQ(stability_summary(beyond).tables[0].rows[0].cells.back(),
            "5 of 40 without a value, known to be beyond a limit");
  EXPECT_EQ(stability_json(beyond)["measurements"][0]["missing_beyond"], 5);
  EXPECT_EQ(stability_verdict(stability_report("test", {lacking(quiet, 1, Verdict::not_judged)}, {})),
            Verdict::indeterminate);
  const StabilityReport all = stability_report("test", {lacking(quiet, 40, Verdict::fail)}, {});
  EXPECT_EQ(stability_verdict(all), Verdict::fail);
  expect_page(stability_html(all));
}

TEST(StabilityReport, OfTooFewValuesOfOneMeasurementCannotTell) {
  const ValueSeries quiet = series("a", 1, 40, 1.5, 0.01, 1);
  for (const ValueSeries& few : {series("b", 1, 3, 1.5, 0.01, 2), series("b", 1, 3, 1.5, 0, 2)}) {
    const StabilityReport r = stability_report("test", {quiet, few}, {});
    EXPECT_EQ(stability_verdict(r), Verdict::indeterminate);
    const StudySummary s = stability_summary(r);
    EXPECT_EQ(s.word, "cannot tell");
    EXPECT_NE(s.lead.find("1 of 2 measurements could be judged"), std::string::npos) << s.lead;
    EXPECT_EQ(stability_json(r)["measurements"][1]["verdict"], "INDETERMINATE");
  }
  EXPECT_EQ(stability_verdict(stability_report("test", {quiet, series("b", 1, 20, 1.5, 0, 2)}, {})), Verdict::pass)
      << "enough that never change";
}

TEST(ValueSeries, FormsSubgroups) {
  ValueSeries s = series("a", 1, 7, 1.5, 0.01, 1);
  s.points[2].value.reset();
  EXPECT_EQ(subgroups_of(s, 1).size(), 6U);
  EXPECT_EQ(subgroups_of(s, 4).size(), 2U);
  for (std::size_t i = 0; i < 7; ++i) s.points[i].group = i < 3 ? "A" : "B";
  const auto groups = subgroups_of(s, 1);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].size(), 2U);
}

}  // namespace
}  // namespace penrig
