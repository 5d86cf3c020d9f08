#include "reports/html_report.hpp"

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/svg.hpp"
#include "reports/record_json.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using testing::sample_record;
using testing::SampleEnd;

RunRecord record_of_three_depths(SampleEnd end = SampleEnd::pass) {
  return sample_record({.end = end, .depths_mm = {0.5, 1.5, 2.5}, .rates_per_min = {9000}, .strokes = 40});
}

bool has(const std::string& page, std::string_view text) { return page.find(text) != std::string::npos; }

/// Empty, or the first tag that is not closed by its own. Style and script are skipped.
std::string unbalanced(const std::string& page) {
  static const std::set<std::string> kVoid{"meta", "br", "hr", "!doctype"};
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at)) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return "unfinished tag";
    const bool closing = page[at + 1] == '/', alone = page[end - 1] == '/';
    const std::size_t from = at + (closing ? 2 : 1);
    const std::string name = page.substr(from, page.find_first_of(" >/", from) - from);
    at = end + 1;
    if (closing) {
      if (open.empty() || open.back() != name)
        return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
      open.pop_back();
    } else if (!alone && !kVoid.contains(name)) {
      open.push_back(name);
      if (name == "script" || name == "style") at = page.find("</" + name, at);
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> stays open";
}

class EveryEnd : public ::testing::TestWithParam<SampleEnd> {};

TEST_P(EveryEnd, GivesAWholeWellFormedPage) {
  const std::string page = html_report(record_of_three_depths(GetParam()));
  EXPECT_EQ(unbalanced(page), "");
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  for (const char* section :
       {"id=\"decided\"", "id=\"meas\"", "id=\"strokes\"", "id=\"lin\"", "id=\"time\"", "id=\"evid\""})
    EXPECT_TRUE(has(page, section)) << section;
  EXPECT_FALSE(has(page, "nan")) << page.substr(page.find("nan") - 100, 200);
}

TEST_P(EveryEnd, HasTheSameBytesTwice) {
  EXPECT_EQ(sha256_hex(html_report(record_of_three_depths(GetParam()))),
            sha256_hex(html_report(record_of_three_depths(GetParam()))));
}

TEST_P(EveryEnd, LoadsNothingFromElsewhere) {
  const std::string page = html_report(record_of_three_depths(GetParam()));
  for (const char* outside : {"http:", "https:", "src=", "@import", "url(h", "href=\"/", "<link"})
    EXPECT_FALSE(has(page, outside)) << outside;
}

TEST_P(EveryEnd, IsVoidWhenSimulated) {
  const std::string page = html_report(record_of_three_depths(GetParam()));
  EXPECT_TRUE(has(page, "<title>SIMULATED PRO-000123"));
  EXPECT_TRUE(has(page, "SIMULATED: not a certificate"));
}

INSTANTIATE_TEST_SUITE_P(Ends, EveryEnd,
                         ::testing::Values(SampleEnd::pass, SampleEnd::fail, SampleEnd::error, SampleEnd::aborted,
                                           SampleEnd::interrupted));

TEST(HtmlReport, LeadsWithTheVerdictAndWhatDecidedIt) {
  const RunRecord run = record_of_three_depths();
  const std::string page = html_report(run);
  EXPECT_TRUE(has(page, "<h1><span class=\"v pass\"><b>✓</b> PASS</span>pen-pro PRO-000123</h1>"));
  EXPECT_TRUE(has(page, "All 21 decisions PASS."));
  EXPECT_TRUE(has(page, "|mean − setting| + k<sub>T</sub>·s + U<sub>sys</sub> ="));
}

TEST(HtmlReport, CountsStrokesBeyondTheLimitInWords) {
  const RunRecord run = record_of_three_depths(SampleEnd::fail);
  const auto beyond = run.outcome.measurements[run.outcome.decisions[*run.outcome.deciding].measurement].strokes_beyond;
  ASSERT_GT(beyond, 0U);
  const std::string page = html_report(run);
  EXPECT_TRUE(has(page, std::to_string(beyond) + (beyond == 1 ? " stroke<" : " strokes<")));
  EXPECT_TRUE(has(page, "<title>SIMULATED PRO-000123 FAIL, run R-000391</title>"));
}

TEST(HtmlReport, GivesTheSumOfTheRuleAndNotTheShareThatAStrokeBeyondUses) {
  RunRecord run = record_of_three_depths();
  Decision& d = run.outcome.decisions.front();
  ASSERT_EQ(d.requirement_id, "D1");
  const std::size_t at = d.rule.rfind(" = ") + 3;
  const std::string sum = d.rule.substr(at, d.rule.find(" mm of", at) - at);
  d.verdict = Verdict::fail;
  d.used = 1.66;
  const std::string page = html_report(run);
  EXPECT_TRUE(has(page, "<td>" + sum + "</td>")) << sum;
  EXPECT_FALSE(has(page, "<td>0.2490</td>"));
  EXPECT_TRUE(has(page, "166\u00a0%"));
}

TEST(HtmlReport, GivesEveryPrintedPageItsMarkAndWhatItIsOfAndItsNumber) {
  RunRecord run = record_of_three_depths();
  run.header.serial_number = "a\"}</style>b";
  const std::string page = html_report(run);
  EXPECT_TRUE(has(page, "@top-left{content:\"SIMULATED: not a certificate\";"));
  EXPECT_TRUE(has(page, "@bottom-left{content:\"pen-pro a\\22 \\7d \\3c \\2f style\\3e b · run R-000391\";"));
  EXPECT_TRUE(has(page, "\"page \" counter(page) \" of \" counter(pages)"));
  EXPECT_TRUE(has(page, " <span class=\"light\">(SIMULATED)</span></h3>"));
}

TEST(HtmlReport, MarksThePunctureOnTheLoopWhereItHappens) {
  const std::string page = html_report(record_of_three_depths());
  const std::size_t label = page.find(">puncture 0.150 N");
  ASSERT_NE(label, std::string::npos);
  const std::size_t mark = page.rfind("<circle", label);
  ASSERT_NE(mark, std::string::npos);
  EXPECT_LT(label - mark, 250U) << page.substr(mark, label - mark);
}

TEST(HtmlReport, SaysWhatHappenedAndWhatToDo) {
  const std::string error = html_report(record_of_three_depths(SampleEnd::error));
  EXPECT_TRUE(has(error, "What happened"));
  EXPECT_TRUE(has(error, "check cable and power of the DAQ"));
  EXPECT_TRUE(has(error, "<b>not confirmed</b>: look at the rig before touching it"));
  EXPECT_TRUE(has(html_report(record_of_three_depths(SampleEnd::aborted)), "stopped by the operator (SIGINT)"));
  const std::string interrupted = html_report(record_of_three_depths(SampleEnd::interrupted));
  EXPECT_TRUE(has(interrupted, "▲ INTERRUPTED"));
  EXPECT_TRUE(has(interrupted, "counts as ERROR"));
}

TEST(HtmlReport, ShowsEngineeringRunsVoidAndCertifyingOnesNot) {
  EXPECT_TRUE(has(html_report(sample_record({.depths_mm = {1}, .rates_per_min = {9000}, .simulated = false})),
                  "ENGINEERING: not a certificate"));
  const std::string real =
      html_report(sample_record({.depths_mm = {1}, .rates_per_min = {9000}, .simulated = false, .engineering = false}));
  EXPECT_FALSE(has(real, "class=\"void-band\""));
  EXPECT_TRUE(has(real, "<title>PRO-000123 PASS"));
}

TEST(HtmlReport, EscapesAllTextFromOutside) {
  const std::string evil = "<script>alert('&\"')</script>";
  RunRecord run = record_of_three_depths(SampleEnd::error);
  RunHeader& h = run.header;
  for (std::string* text : {&h.run_id, &h.serial_number, &h.operator_name, &h.slot, &h.plan_name, &h.product_name,
                            &h.rig_name, &h.software_version, &h.software_commit, &h.simulation, &h.cartridge_lot,
                            &h.simulant_lot, &run.outcome.reason}) {
    *text = evil;
  }
  for (SourceDocument& d : h.documents) d.kind = d.name = d.path = d.bytes = d.sha256 = evil;
  for (PhaseRecord& p : run.phases) {
    p.name = p.error = evil;
    if (p.spot) p.spot->name = evil;
    for (Measurement& m : p.measurements) m.note = m.unit = evil;
  }
  const RunRecord judged = record_of_three_depths(SampleEnd::fail);
  run.outcome.decisions = judged.outcome.decisions;
  run.outcome.measurements = judged.outcome.measurements;
  run.outcome.deciding = judged.outcome.deciding;
  for (Decision& d : run.outcome.decisions) d.requirement_id = d.title = d.limit_text = d.rule = d.reason = evil;
  for (Measurement& m : run.outcome.measurements) {
    m.unit = m.note = evil;
    if (!m.text_value.empty()) m.text_value = evil;
    for (BudgetLine& l : m.budget) l.source = l.distribution = l.unit = evil;
    m.budget.push_back({evil, false, evil, 1, 0, evil, 1, 1, 1, evil});
    m.budget.push_back({evil, false, evil, 1, 0, evil, 1, 1, 1, evil});
  }
  run.outcome.corrections = {{evil, true, 1, 1, evil, evil}, {evil, false, 1, 1, evil, evil}};
  for (RunEvent& e : run.outcome.events) e.kind = e.text = evil;
  run.outcome.pen = PenIdentity{evil, evil, evil, evil, evil, true, true};
  run.outcome.daq = DaqIdentity{evil, evil, evil, 1, 1, true};
  const std::string page = html_report(run);
  EXPECT_FALSE(has(page, "alert('"));
  EXPECT_FALSE(has(page, "<script>alert"));
  EXPECT_EQ(unbalanced(page), "");
}

TEST(HtmlReport, SurvivesNumbersThatAreNotNumbers) {
  RunRecord run = record_of_three_depths(SampleEnd::fail);
  const double bad[] = {std::nan(""), INFINITY, -INFINITY, 1e300, -0.0};
  std::size_t i = 0;
  const auto next = [&] { return bad[i++ % 5]; };
  for (Measurement& m : run.outcome.measurements) {
    m.value = next();
    m.expanded_u = next();
    if (m.interval) m.interval = ToleranceInterval{next(), next(), next(), next(), next(), next(), next()};
  }
  for (Decision& d : run.outcome.decisions) d.used = next();
  for (PhaseRecord& p : run.phases) {
    for (StrokeRow& s : p.strokes) s = {next(), next(), next(), next(), next(), next()};
    for (float& v : p.traces.mean_position_mm) v = static_cast<float>(next());
    for (float& v : p.traces.loop_force_n) v = static_cast<float>(next());
  }
  run.outcome.duration_s = std::nan("");
  const std::string page = html_report(run);
  EXPECT_EQ(unbalanced(page), "");
  EXPECT_LT(page.size(), 2'000'000U);
}

TEST(HtmlReport, ShowsARunThatFoundNothing) {
  RunRecord run;
  run.header.serial_number = "PRO-1";
  run.closed = true;
  run.outcome.reason = "no such port";
  const std::string page = html_report(run);
  EXPECT_EQ(unbalanced(page), "");
  EXPECT_TRUE(has(page, "no such port"));
}

TEST(HtmlReport, NamesADecisionWhoseMeasurementIsMissing) {
  RunRecord run = record_of_three_depths();
  run.outcome.decisions[0].measurement = 99'999;
  run.outcome.decisions[0].verdict = run.outcome.verdict = Verdict::error;
  run.outcome.deciding = 0;
  EXPECT_TRUE(has(html_report(run), "nothing was measured"));
}

TEST(HtmlReport, SaysOnceOfARequirementThatItWasNotMeasured) {
  RunRecord run = record_of_three_depths();
  for (const Decision& d : run.outcome.decisions) {
    run.outcome.measurements[d.measurement].value.reset();
    run.outcome.measurements[d.measurement].text_value.clear();
  }
  for (Decision& d : run.outcome.decisions) d.verdict = Verdict::error;
  const std::string page = html_report(run);
  const std::string first_view = page.substr(0, page.find("decisions as a table"));
  EXPECT_TRUE(has(first_view, "strokes after stop, <span class=\"light\">3 of 3 without a value</span>"));
  EXPECT_EQ(first_view.find("<td class=\"l\">S2</td>"), first_view.rfind("<td class=\"l\">S2</td>"));
}

TEST(HtmlReport, NamesThePhaseThatWentWrongAndNotTheTeardownAfterIt) {
  RunRecord run = record_of_three_depths(SampleEnd::error);
  ASSERT_FALSE(run.phases.empty());
  run.phases.back().name = "1.5 mm at 9000/min";
  run.phases.back().kind = "setting";
  run.phases.back().error = "the port is gone";
  PhaseRecord teardown;
  teardown.name = "teardown";
  teardown.kind = "teardown";
  teardown.error = "the port is still gone";
  run.phases.push_back(teardown);
  const std::string page = html_report(run);
  EXPECT_TRUE(has(page, "1.5 mm at 9000/min, attempt 1"));
  EXPECT_FALSE(has(page, "teardown, attempt 1"));
}

TEST(HtmlReport, GivesAValueWithoutUncertaintyTheDecimalsOfItsKind) {
  RunRecord run = record_of_three_depths();
  Measurement latency;
  latency.measurand = "command_latency_median";
  latency.unit = "ms";
  latency.value = 0.096724;
  run.outcome.measurements.push_back(latency);
  EXPECT_FALSE(has(html_report(run), "096724"));
}

TEST(HtmlReport, GivesTheHashOfTheRecordsJson) {
  const RunRecord run = record_of_three_depths();
  const std::string digest = sha256_hex(record_json_text(run));
  EXPECT_TRUE(has(html_report(run), digest.substr(0, 32) + "<br>" + digest.substr(32)));
}

TEST(HtmlReport, ListsEveryDecision) {
  const RunRecord run = record_of_three_depths(SampleEnd::fail);
  const std::string page = html_report(run);
  for (const Decision& d : run.outcome.decisions) EXPECT_TRUE(has(page, html::formula(d.rule))) << d.rule;
}

TEST(HtmlReport, WritesItsFileWhole) {
  const ScratchDirectory folder;
  const RunRecord run = record_of_three_depths();
  ASSERT_TRUE(write_html_report(folder.path() / "report.html", run).has_value());
  EXPECT_EQ(testing::bytes_in(folder.path() / "report.html"), html_report(run));
  EXPECT_FALSE(write_html_report(folder.path() / "none" / "report.html", run).has_value());
}

TEST(Markup, ReplacesBytesThatAreNoText) {
  EXPECT_EQ(html::escape("a\xC3(\x80"), "a\uFFFD(\uFFFD");
  EXPECT_EQ(html::escape("µm ± \xF0\x9F\x96\x8A"), "µm ± \xF0\x9F\x96\x8A");
  EXPECT_EQ(html::escape("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate is no character";
  EXPECT_EQ(html::escape(std::string_view("\0\x1B\n", 3)), "\uFFFD\uFFFD\n");
}

TEST(Ticks, AreRoundNumbersWithin) {
  const html::Ticks ticks = html::nice_ticks(2.29, 2.71, 10);
  ASSERT_FALSE(ticks.at.empty());
  EXPECT_NEAR(ticks.at.front(), 2.30, 1e-12);
  EXPECT_NEAR(ticks.at.back(), 2.70, 1e-12);
  EXPECT_EQ(ticks.decimals, 2);
}

TEST(Ticks, EncloseTheDataWhereAsked) {
  const html::Ticks ticks = html::enclosing_ticks(-0.47, 2.53, 8);
  EXPECT_LE(ticks.at.front(), -0.47);
  EXPECT_GE(ticks.at.back(), 2.53);
  EXPECT_FALSE(html::enclosing_ticks(3, 3, 5).at.empty());
  EXPECT_FALSE(html::enclosing_ticks(NAN, INFINITY, 5).at.empty());
}

}  // namespace
}  // namespace penrig
