#include <set>

#include <gtest/gtest.h>

#include "reports/export/wsjf.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using testing::SampleEnd;
using testing::small_record;

RunRecord certifying_record(SampleEnd end = SampleEnd::pass) { return small_record(end, false); }

TEST(ExportWsjf, SaysTheResultInOneLetterAndPassesNothingButAPass) {
  for (const auto& [end, letter] : {std::pair{SampleEnd::pass, "P"},
                                    {SampleEnd::fail, "F"},
                                    {SampleEnd::error, "E"},
                                    {SampleEnd::aborted, "T"},
                                    {SampleEnd::interrupted, "E"}}) {
    const auto report = wsjf(certifying_record(end), 10);
    EXPECT_EQ(report["result"], letter);
    EXPECT_EQ(report["root"]["status"], letter);
  }
  RunRecord undecided = certifying_record();
  undecided.outcome.verdict = undecided.outcome.decisions[0].verdict = Verdict::indeterminate;
  const auto report = wsjf(undecided, 10);
  EXPECT_EQ(report["result"], "F");
  EXPECT_EQ(report["root"]["steps"][0]["status"], "F");
  EXPECT_NE(report["root"]["steps"][0]["reportText"].get<std::string>().find("INDETERMINATE"), std::string::npos);
}

TEST(ExportWsjf, HasAStepADecisionWithItsLimits) {
  RunRecord run = certifying_record();
  Measurement& m = run.outcome.measurements[0];
  m.value = 1.92;
  m.unit = "N";
  Decision& d = run.outcome.decisions[0];
  d.lower = 2;
  d.upper = 3.5;
  d.verdict = Verdict::fail;
  const auto steps = wsjf(run, 10)["root"]["steps"];
  const auto& step = steps[0];
  EXPECT_EQ(step["stepType"], "ET_NLT");
  EXPECT_EQ(step["numericMeas"][0], nlohmann::ordered_json({{"compOp", "GELE"},
                                                            {"status", "F"},
                                                            {"unit", "N"},
                                                            {"value", 1.92},
                                                            {"lowLimit", 2.0},
                                                            {"highLimit", 3.5}}));
  std::size_t decided = 0;
  for (const auto& s : steps) decided += s["status"] == "D" ? 0U : 1U;
  EXPECT_EQ(decided, run.outcome.decisions.size());
}

TEST(ExportWsjf, IdentifiersHoldNothingThatWatsRefuses) {
  RunRecord run = certifying_record();
  run.header.serial_number = run.header.product_name = run.header.rig_name = run.header.operator_name =
      "a*b%c?d_e[f]g^h!i";
  run.header.plan_name = run.header.fixture_id = run.outcome.decisions[0].title = "*%?_[]^!";
  const auto report = wsjf(run, 10);
  EXPECT_EQ(report["sn"], "a-b-c-d-e-f-g-h-i");
  std::vector<std::string> names{report["pn"],       report["sn"],           report["machineName"],
                                 report["location"], report["root"]["name"], report["uut"]["user"]};
  for (const auto& s : report["root"]["steps"]) names.push_back(s["name"]);
  for (const std::string& name : names) {
    EXPECT_EQ(name.find_first_of("*%?_[]^!"), std::string::npos) << name;
    EXPECT_FALSE(name.empty());
  }
}

TEST(ExportWsjf, IsTheSameReportWhenItIsPostedAgainAndAnotherForAnotherRecord) {
  const RunRecord run = certifying_record();
  RunRecord other = run;
  other.outcome.temperature_c = 22.5;
  const std::string id = wsjf(run, 10)["id"];
  EXPECT_EQ(id, wsjf(run, 10)["id"]);
  EXPECT_NE(id, wsjf(other, 10)["id"]);
  ASSERT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '8');
}

TEST(ExportWsjf, CarriesTheVoidMark) {
  EXPECT_EQ(wsjf(small_record(), 10)["purpose"], "SIMULATED");
  EXPECT_EQ(wsjf(certifying_record(), 10)["purpose"], "certifying");
  const auto infos = wsjf(small_record(), 10)["uut"]["miscInfos"];
  EXPECT_NE(std::find(infos.begin(), infos.end(),
                      nlohmann::ordered_json({{"description", "void as certificate"}, {"text", "SIMULATED"}})),
            infos.end());
}

TEST(ExportWsjf, OfARunThatWasDeclaredVoidPassesNothingAndSaysWhy) {
  RunRecord run = certifying_record();
  run.standing.voided = RunRemark{"M. Okafor", "wrong cartridge", 1'795'170'000'000'000'000};
  const auto report = wsjf(run, 10);
  EXPECT_EQ(report["result"], "E");
  EXPECT_EQ(report["root"]["status"], "E");
  EXPECT_EQ(report["purpose"], "VOID");
  EXPECT_NE(report["uut"]["miscInfos"].dump().find("M. Okafor declared this run void"), std::string::npos);
}

TEST(ExportWsjf, GivesAOneSidedLimitWhereWatsReadsIt) {
  const auto report = wsjf(certifying_record(), 10);
  bool one_sided = false;
  for (const auto& s : report["root"]["steps"]) {
    if (!s.contains("numericMeas") || s["numericMeas"][0]["compOp"] != "LE") continue;
    one_sided = true;
    EXPECT_TRUE(s["numericMeas"][0].contains("lowLimit"));
    EXPECT_FALSE(s["numericMeas"][0].contains("highLimit"));
  }
  EXPECT_TRUE(one_sided);
}

}  // namespace
}  // namespace penrig
