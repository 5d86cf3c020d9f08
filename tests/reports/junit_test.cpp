#include "reports/junit.hpp"

#include <cstdlib>
#include <set>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "tests/reports/file_bytes.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using testing::sample_record;
using testing::SampleEnd;

RunRecord record_of_two_depths(SampleEnd end = SampleEnd::pass) {
  return sample_record({.end = end, .depths_mm = {0.5, 2.5}, .rates_per_min = {9000}, .strokes = 150});
}

pugi::xml_document parsed(const std::string& text) {
  pugi::xml_document document;
  const auto result = document.load_string(text.c_str());
  EXPECT_TRUE(result) << result.description() << "\n" << text;
  return document;
}

std::string text_of(const RunRecord& run, const RecordState& record = {true, ""}) {
  return junit_text(run.header, run.outcome, record);
}

TEST(JUnit, HasATestcaseForEveryDecision) {
  const RunRecord run = record_of_two_depths();
  const auto document = parsed(text_of(run));
  const auto suite = document.child("testsuites").child("testsuite");
  EXPECT_EQ(suite.attribute("tests").as_uint(), run.outcome.decisions.size());
  EXPECT_EQ(suite.attribute("failures").as_int(), 0);
  EXPECT_EQ(suite.attribute("errors").as_int(), 0);
  EXPECT_STREQ(suite.child("testcase").attribute("classname").value(), "pen-pro.eol-pro.PRO-000123.left");
}

// A reader that drops the second testcase of a name would show the first run's PASS alone.
TEST(JUnit, NoTwoTestcasesOfAFileHaveOneName) {
  const RunRecord pass = record_of_two_depths(), fail = record_of_two_depths(SampleEnd::fail);
  RunRecord other = pass;
  other.header.slot = "right";
  JUnitFile file;
  for (const RunRecord& run : {pass, fail, other}) file.add(run);
  std::set<std::string> names;
  std::size_t all = 0;
  for (const auto& found : parsed(file.text()).select_nodes("//testcase")) {
    const auto test = found.node();
    names.insert(std::string(test.attribute("classname").value()) + "/" + test.attribute("name").value());
    ++all;
  }
  EXPECT_EQ(names.size(), all);
  const auto document = parsed(file.text());
  const auto class_of = [&](const char* suite) {
    return std::string(document.select_node(suite).node().child("testcase").attribute("classname").value());
  };
  EXPECT_EQ(class_of("//testsuite[1]"), "pen-pro.eol-pro.PRO-000123.left");
  EXPECT_EQ(class_of("//testsuite[2]"), "pen-pro.eol-pro.PRO-000123.left #2");
  EXPECT_EQ(class_of("//testsuite[3]"), "pen-pro.eol-pro.PRO-000123.right");
}

TEST(JUnit, IsTheGoldenFile) {
  const std::string file = PENRIG_SOURCE_DIR "/tests/reports/golden/junit-fail.xml";
  const std::string text = text_of(record_of_two_depths(SampleEnd::fail));
  if (std::getenv("UPDATE_GOLDEN") != nullptr) testing::write_bytes(file, text);
  EXPECT_EQ(text, testing::bytes_in(file));
}

TEST(JUnit, AReasonOfSeveralLinesStandsWholeBesideItsFirstLine) {
  RunRecord run = record_of_two_depths(SampleEnd::error);
  run.outcome.reason = "plan.yaml:2:1: unknown key 'a'\n     2 | a: 1\n       | ^\n";
  const auto document = parsed(text_of(run));
  const auto error = document.select_node("//testcase[@name='run']/error").node();
  EXPECT_STREQ(error.attribute("message").value(), "plan.yaml:2:1: unknown key 'a'");
  EXPECT_EQ(error.text().get(), run.outcome.reason);
}

TEST(JUnit, KeepsToTheStrictDialect) {
  const auto document = parsed(text_of(record_of_two_depths(SampleEnd::fail)));
  for (const auto& found : document.select_nodes("//testcase/properties | //testcase/@file | //testcase/@line"))
    ADD_FAILURE() << found.node().name() << found.attribute().name();
  for (const auto& found : document.select_nodes("//@time")) {
    const std::string time = found.attribute().value();
    EXPECT_LE(time.size() - std::min(time.find('.'), time.size() - 1) - 1, 3U) << time;
  }
}

TEST(JUnit, GivesALimitBrokenAsAFailureWithValueAndLimits) {
  RunRecord run = record_of_two_depths();
  run.outcome.measurements[0].value = 1.92;
  run.outcome.measurements[0].unit = "N";
  Decision& d = run.outcome.decisions[0];
  d.measurement = 0;
  d.lower = 2;
  d.upper = 3.5;
  d.verdict = Verdict::fail;
  d.reason.clear();
  run.outcome.verdict = Verdict::fail;
  const auto document = parsed(text_of(run));
  EXPECT_STREQ(document.select_node("//failure").node().attribute("message").value(), "1.92 not in [2, 3.5] N");
}

TEST(JUnit, GivesWhatIsUndecidedAsAFailure) {
  RunRecord run = record_of_two_depths();
  run.outcome.decisions[0].verdict = run.outcome.verdict = Verdict::indeterminate;
  EXPECT_EQ(parsed(text_of(run)).select_nodes("//failure[@type='INDETERMINATE']").size(), 1U);
}

TEST(JUnit, GivesARigFaultAsAnError) {
  for (const SampleEnd end : {SampleEnd::error, SampleEnd::aborted}) {
    const auto document = parsed(text_of(record_of_two_depths(end)));
    EXPECT_EQ(document.select_nodes("//failure").size(), 0U);
    ASSERT_EQ(document.select_nodes("//error").size(), 1U);
    EXPECT_EQ(document.child("testsuites").child("testsuite").attribute("errors").as_int(), 1);
  }
}

TEST(JUnit, IsNotGreenWhenTheRecordIsNotOnDisk) {
  const auto document = parsed(text_of(record_of_two_depths(), {false, "disk full"}));
  const auto error = document.select_node("//testcase[@name='record']/error").node();
  EXPECT_NE(std::string(error.attribute("message").value()).find("disk full"), std::string::npos);
}

TEST(JUnit, IsNeverGreenWithoutAPass) {
  for (const Verdict v :
       {Verdict::not_judged, Verdict::indeterminate, Verdict::fail, Verdict::aborted, Verdict::error}) {
    RunRecord run = record_of_two_depths();
    run.outcome.verdict = v;
    EXPECT_GE(parsed(text_of(run)).select_nodes("//failure | //error").size(), 1U) << name_of(v);
  }
  RunRecord nothing = record_of_two_depths();
  nothing.outcome.decisions.clear();
  EXPECT_EQ(parsed(text_of(nothing)).select_nodes("//error").size(), 1U);
}

TEST(JUnit, SaysInItsNameThatARunWasSimulated) {
  EXPECT_TRUE(
      std::string(
          parsed(text_of(record_of_two_depths())).child("testsuites").child("testsuite").attribute("name").value())
          .starts_with("SIMULATED "));
  RunRecord real =
      sample_record({.depths_mm = {0.5}, .rates_per_min = {9000}, .simulated = false, .engineering = false});
  EXPECT_EQ(std::string(parsed(text_of(real)).child("testsuites").child("testsuite").attribute("name").value()),
            "pen-pro eol-pro PRO-000123");
}

TEST(JUnit, EscapesTextFromOutside) {
  RunRecord run = record_of_two_depths(SampleEnd::error);
  run.header.serial_number = "<&\">.x\x01\xFF";
  run.outcome.reason = "]]> <script> & \x02";
  const auto document = parsed(text_of(run));
  EXPECT_STREQ(document.select_node("//testcase").node().attribute("classname").value(),
               "pen-pro.eol-pro.<&\">_x\uFFFD\uFFFD.left");
  EXPECT_STREQ(document.select_node("//error").node().attribute("message").value(), "]]> <script> & \uFFFD");
}

TEST(JUnit, GivesEveryTestcaseANameOfItsOwn) {
  RunRecord run = record_of_two_depths();
  run.outcome.decisions.push_back(run.outcome.decisions[0]);
  std::set<std::string> names;
  const auto document = parsed(text_of(run));
  for (const auto& test : document.select_nodes("//testcase"))
    EXPECT_TRUE(names.insert(test.node().attribute("name").value()).second);
}

TEST(JUnit, LeavesOutWhatNobodyKnowsYet) {
  RunHeader header;
  header.plan_name = "smoke";
  header.serial_number = "PRO-0001";
  const std::string text = junit_running_text(header);
  EXPECT_NE(text.find("name=\"ENGINEERING smoke PRO-0001\""), std::string::npos) << text;
  EXPECT_EQ(text.find("timestamp"), std::string::npos) << text;
}

TEST(JUnit, ReplacesYesterdaysFileAtTheStart) {
  const ScratchDirectory folder;
  const auto file = folder.path() / "junit.xml";
  const RunRecord run = record_of_two_depths();
  ASSERT_TRUE(write_junit(file, run.header, run.outcome, {true, ""}).has_value());
  ASSERT_TRUE(write_junit_running(file, run.header).has_value());
  const auto document = parsed(testing::bytes_in(file));
  ASSERT_EQ(document.select_nodes("//error").size(), 1U);
  EXPECT_STREQ(document.select_node("//error").node().attribute("message").value(),
               "the run has not ended: no verdict");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1)
      << "nothing half-written lies about";
}

TEST(JUnit, SaysWhichFileCannotBeWritten) {
  const ScratchDirectory folder;
  const auto written = write_junit_running(folder.path() / "missing" / "junit.xml", record_of_two_depths().header);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, Errc::usage);
  EXPECT_NE(written.error().message.find("junit.xml"), std::string::npos);
}

TEST(JUnit, SaysBelowTheRuleWhatTheVerdictRisks) {
  RunRecord run = sample_record({.end = SampleEnd::fail, .depths_mm = {0.5}, .rates_per_min = {9000}, .strokes = 40});
  Decision& d = run.outcome.decisions.front();
  d.verdict = Verdict::fail;
  d.rule = "a < b";
  d.conformity = 0.25;
  EXPECT_NE(junit_text(run.header, run.outcome, {true, ""})
                .find("a &lt; b\nprobability of false rejection 25.0\u00A0%</failure>"),
            std::string::npos);
}

}  // namespace
}  // namespace penrig
