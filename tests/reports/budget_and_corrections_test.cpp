#include <cmath>
#include <limits>
#include <regex>

#include <gmock/gmock.h>

#include "reports/analysis_html.hpp"
#include "reports/decision_risk.hpp"
#include "reports/html/budget_table.hpp"
#include "reports/html_report.hpp"
#include "reports/record_json.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::SampleEnd;
using testing::small_record;

/// Text of the cells of a table's rows, the head left out, cells joined by '|'.
std::vector<std::string> rows_of(const std::string& html) {
  std::vector<std::string> rows;
  static const std::regex row_tag("<tr[^>]*>(.*?)</tr>"), cell_end("</td>"), any_tag("<[^>]*>");
  std::string flat = std::regex_replace(html, std::regex("\n"), "");
  for (std::sregex_iterator i(flat.begin(), flat.end(), row_tag), end; i != end; ++i) {
    const std::string row = (*i)[1];
    if (row.find("<th") != std::string::npos) continue;
    rows.push_back(std::regex_replace(std::regex_replace(row, cell_end, "|"), any_tag, ""));
  }
  return rows;
}

/// u = 3, 4 and two of one cause that add up to 12: u_c = 13 µm.
Measurement with_common_cause() {
  Measurement m;
  m.measurand = "penetration";
  m.unit = "mm";
  m.value = 2.5;
  m.k = 2;
  m.expanded_u = 0.026;
  m.nu_eff = 88;
  m.budget = {{"repeatability", true, "normal", 0.003, 39},
              {"scale", false, "normal", 0.020, 0, "1", 1, 0.008, 2.5, "LASER-7"},
              {"stage", false, "normal", 0.008, 12, "1", 1, 0.008, -1, "LASER-7"},
              {"tip", false, "uniform", 0.004, 0, "µm/N", 2.1, 1.3, -0.004 / 1.3, "own"}};
  return m;
}

TEST(BudgetTable, ShowsEveryFieldOfALine) {
  EXPECT_THAT(rows_of(html::budget_table(with_common_cause(), "title")),
              ElementsAre("scale|B|normal|1.0000|0.0080||2500|20.0|∞|142\u00A0%|a||",
                          "stage|B|normal|1.0000|0.0080||−1000|−8.0|12|−57\u00A0%|a||",
                          "tip|B|uniform|2.1|1.3|µm/N|−3.08|−4.0|∞|9\u00A0%|||",
                          "repeatability|A|normal|–|–||–|3.0|39|5\u00A0%|||",
                          "combined u; U = 2.00 u = 26 µm|13.0|88|100\u00A0%|||"));
}

TEST(BudgetTable, SaysWhichLinesAreCorrelatedAndByWhat) {
  const std::string table = html::budget_table(with_common_cause(), "title");
  EXPECT_THAT(table, HasSubstr("fully correlated"));
  EXPECT_THAT(table, HasSubstr("a: LASER-7."));
  EXPECT_THAT(table, Not(HasSubstr("own"))) << "a cause of one line correlates nothing here";
  Measurement alone = with_common_cause();
  alone.budget.pop_back();
  alone.budget.pop_back();
  EXPECT_THAT(html::budget_table(alone, "title"), Not(HasSubstr("correlated:")));
}

TEST(BudgetTable, NamesSeveralCausesApart) {
  Measurement m = with_common_cause();
  for (const char* name : {"x", "y"}) m.budget.push_back({name, false, "normal", 0.001, 0, "", 0, 0, 0, "room air"});
  EXPECT_THAT(html::budget_table(m, "title"), HasSubstr("a: LASER-7; b: room air."));
}

TEST(BudgetTable, WritesPowersOfTenWhereZerosCouldNotBeCounted) {
  Measurement m = with_common_cause();
  m.budget = {{"stage", false, "normal", 0.00025, 0, "mm/count", 0.0001, 1e-8, -25009.731, ""}};
  EXPECT_THAT(rows_of(html::budget_table(m, "title")).front(),
              HasSubstr("|0.0001|1.0 × 10−8|mm/count|−2.50 × 107|−0.250|"));
}

TEST(BudgetTable, SurvivesNumbersThatAreNotNumbers) {
  const double bad[] = {std::nan(""), INFINITY, -INFINITY, 1e300, -0.0, 5e-324};
  for (const double one : bad) {
    Measurement m = with_common_cause();
    m.budget[1].value = m.budget[1].u_input = m.budget[1].sensitivity = m.budget[1].nu = one;
    EXPECT_LT(html::budget_table(m, "title").size(), 20'000U) << one;
    m.budget[1].u = one;
    EXPECT_LT(html::budget_table(m, "title").size(), 20'000U) << one;
  }
  Measurement many = with_common_cause();
  for (int i = 0; i < 100; ++i) {
    for (int twice = 0; twice < 2; ++twice)
      many.budget.push_back({"x", false, "", 1, 0, "", 0, 0, 0, std::to_string(i)});
  }
  EXPECT_THAT(html::budget_table(many, "title"), HasSubstr("; y: 24; z: 25; a2: 26;"));
}

TEST(HtmlReport, ShowsTheBudgetsOfTheSettingAndOfTheRun) {
  RunRecord run = small_record();
  for (Measurement& m : run.outcome.measurements) {
    if (m.measurand == "peak_force") m.budget = {{"cell <scale>", false, "normal", 0.0047, 0}};
  }
  const std::string page = html_report(run);
  EXPECT_THAT(page, HasSubstr("the budget of 1 more measurement of this setting and of the run"));
  EXPECT_THAT(page, HasSubstr("cell &lt;scale&gt;"));
}

TEST(HtmlReport, SaysWhatWasCorrectedAndWhatNotAndWhy) {
  RunRecord run = small_record();
  run.outcome.corrections = {{"channel-delay", true, 10.0 / 3, 0.12, "µs", ""},
                             {"inertia", true, 0, 0, "", ""},
                             {"temperature", false, 0, 0, "K", "not calibrated"},
                             {"cell-response", false, 9800, 150, "Hz", "switched off by --without"},
                             {"mine & theirs", false, 0, 0, "", "<why>"}};
  const std::string page = html_report(run);
  const std::size_t from = page.find("<h2 id=\"corr\">"), to = page.find("<h2 id=\"time\">");
  ASSERT_NE(from, std::string::npos);
  EXPECT_THAT(
      rows_of(page.substr(from, to - from)),
      ElementsAre("channel-delay the force lags the position|corrected|3.33|0.12|µs||",
                  "inertia the needle bar&#39;s mass pushes the frame|corrected|–|–|||",
                  "temperature scales change with the bench&#39;s temperature|not corrected|–|–||not calibrated|",
                  "cell-response the load cell follows a force slowly, or rings|not corrected|9800|150|Hz|"
                  "switched off by --without|",
                  "mine &amp; theirs|not corrected|–|–||&lt;why&gt;|"));
  EXPECT_THAT(page, HasSubstr("<a href=\"#corr\">Corrections</a>"));
}

TEST(HtmlReport, SaysThatARecordDoesNotSayWhatWasCorrected) {
  RunRecord run = small_record();
  run.outcome.corrections.clear();
  EXPECT_THAT(html_report(run), HasSubstr("The record does not say which corrections were made"));
  for (Measurement& m : run.outcome.measurements) m.value.reset();
  EXPECT_THAT(html_report(run), Not(HasSubstr("id=\"corr\""))) << "nothing was measured that could be corrected";
}

TEST(HtmlReport, SaysOfEveryDecisionWhatItRisks) {
  RunRecord run = small_record(SampleEnd::fail);
  std::size_t deciding = *run.outcome.deciding;
  for (Decision& d : run.outcome.decisions) d.conformity = d.false_acceptance_max = std::nullopt;
  run.outcome.decisions[deciding].verdict = Verdict::fail;
  run.outcome.decisions[deciding].conformity = 0.0312345;
  run.outcome.decisions[deciding].false_acceptance_max = 0.0227501319;
  const std::string page = html_report(run);
  EXPECT_THAT(page, HasSubstr("Probability of false rejection 3.12\u00A0%."));
  EXPECT_THAT(page, HasSubstr("<td>3.12\u00A0%</td><td>–</td><td>2.28\u00A0%</td>"));
  run.outcome.decisions[deciding].verdict = Verdict::pass;
  EXPECT_THAT(html_report(run), HasSubstr("<td>3.12\u00A0%</td><td>96.88\u00A0%</td><td>2.28\u00A0%</td>"));
  EXPECT_THAT(page, HasSubstr("<td>–</td><td>–</td><td>–</td>"));
  run.outcome.decisions[deciding].conformity.reset();
  EXPECT_THAT(html_report(run), Not(HasSubstr("Probability of")));
}

TEST(DecisionRisk, OfAFalseAcceptanceIsWhatConformityLeavesToTenDigits) {
  Decision d;
  EXPECT_FALSE(false_acceptance(d).has_value());
  EXPECT_EQ(risk_text(d), "");
  d.conformity = 0.9;
  EXPECT_EQ(*false_acceptance(d), 0.1) << "and not 0.09999999999999998";
  d.verdict = Verdict::pass;
  EXPECT_EQ(risk_text(d), "conformity 90.0\u00A0%, false acceptance 10.0\u00A0%");
}

TEST(DecisionRisk, OfAFalseAcceptanceIsSaidOnlyWhereSomethingWasAccepted) {
  Decision d;
  d.conformity = 0.05;
  d.false_acceptance_max = 0.0227501319;
  d.verdict = Verdict::fail;
  EXPECT_EQ(risk_text(d), "false rejection 5.00\u00A0%");
  d.verdict = Verdict::indeterminate;
  EXPECT_EQ(risk_text(d), "conformity 5.00\u00A0%");
}

TEST(RecordJson, CarriesBudgetsRisksAndCorrections) {
  RunRecord run = small_record();
  run.outcome.measurements[0] = with_common_cause();
  run.outcome.decisions[0].conformity = 0.9;
  run.outcome.decisions[0].false_acceptance_max = 0.0227501319;
  run.outcome.decisions[1].conformity = run.outcome.decisions[1].false_acceptance_max = std::nullopt;
  run.outcome.corrections = {{"channel-delay", true, 3.25, 0.12, "µs", ""}, {"zero", false, 0, 0, "", "why"}};
  const auto json = record_json(run);
  const auto& lines = json["budget_lines"];
  std::vector<nlohmann::ordered_json> budget;
  for (const std::size_t number : json["measurements"][0]["budget"]) budget.push_back(lines.at(number));
  EXPECT_EQ(budget[2].dump(),
            R"({"source":"stage","type":"B","distribution":"normal","unit":"1","value":1.0,"u_input":0.008,)"
            R"("sensitivity":-1.0,"u":0.008,"nu":12.0,"cause":"LASER-7"})");
  EXPECT_EQ(budget[0].dump(),
            R"({"source":"repeatability","type":"A","distribution":"normal","unit":null,"value":null,"u_input":null,)"
            R"("sensitivity":null,"u":0.003,"nu":39.0,"cause":null})");
  EXPECT_EQ(json["decisions"][0]["conformity"], 0.9);
  EXPECT_EQ(json["decisions"][0]["false_acceptance"], 0.1);
  EXPECT_EQ(json["decisions"][0]["false_acceptance_max"], 0.0227501319);
  EXPECT_TRUE(json["decisions"][1]["false_acceptance"].is_null());
  EXPECT_EQ(json["corrections"].dump(),
            R"([{"name":"channel-delay","applied":true,"value":3.25,"u":0.12,"unit":"µs","note":""},)"
            R"({"name":"zero","applied":false,"value":null,"u":null,"unit":null,"note":"why"}])");
}

TEST(AnalysisHtml, ShowsBudgetsAndRisks) {
  CaptureFile file;
  file.path = "c.csv";
  CaptureAnalysis analysis;
  analysis.measurements = {with_common_cause()};
  analysis.measurements[0].budget[1].cause = analysis.measurements[0].budget[2].cause = "<LASER>";
  CaptureJudgement judgement;
  judgement.outcome.measurements = analysis.measurements;
  judgement.outcome.decisions.emplace_back();
  judgement.outcome.decisions[0].conformity = 0.25;
  analysis.corrections = {{"<delay>", true, 10, 0.1, "µs", ""}};
  const std::string page = analysis_html(file, analysis, &judgement, "pen-pro");
  EXPECT_THAT(page, HasSubstr("a: &lt;LASER&gt;."));
  EXPECT_THAT(page, HasSubstr("<td>2.1</td><td>1.3</td><td class=\"l\">µm/N</td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"l wrap\">&lt;delay&gt;</td><td class=\"l\">corrected</td><td>10.00</td>"));
  EXPECT_THAT(page, HasSubstr("<td>25.0\u00A0%</td><td>75.0\u00A0%</td><td>–</td>"));
}

}  // namespace
}  // namespace penrig
