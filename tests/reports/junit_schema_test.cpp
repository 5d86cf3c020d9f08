#include <cstdlib>

#include <gtest/gtest.h>

#include "reports/junit.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/output_of.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using testing::SampleEnd;
using testing::small_record;

/// By xmllint against our own schema of the strict dialect, and against Jenkins' junit-10.xsd where PENRIG_JUNIT_XSD
/// names a copy of it.
class JUnitSchema : public ::testing::Test {
 protected:
  testing::Output validated(const std::string& text,
                            const std::string& schema = PENRIG_SOURCE_DIR "/tests/reports/data/junit-strict.xsd") {
    const auto file = folder_.path() / "junit.xml";
    testing::write_bytes(file, text);
    return testing::output_of("xmllint --noout --schema '" + schema + "' '" + file.string() + "'");
  }
  void expect_valid(const std::string& text) {
    const testing::Output ours = validated(text);
    EXPECT_EQ(ours.status, 0) << ours.text;
    if (const char* jenkins = std::getenv("PENRIG_JUNIT_XSD")) {
      const testing::Output theirs = validated(text, jenkins);
      EXPECT_EQ(theirs.status, 0) << theirs.text;
    }
  }
  ScratchDirectory folder_;
};

TEST_F(JUnitSchema, HoldsForEveryKindOfRun) {
  JUnitFile all;
  for (const SampleEnd end :
       {SampleEnd::pass, SampleEnd::fail, SampleEnd::error, SampleEnd::aborted, SampleEnd::interrupted}) {
    RunRecord run = small_record(end);
    expect_valid(junit_text(run.header, run.outcome, {true, ""}));
    expect_valid(junit_text(run.header, run.outcome, {false, "disk full"}));
    all.add(run);
    run.header.serial_number = "\x01 <&\"\xff." + std::string(300, 'W');
    run.header.plan_name.clear();
    run.outcome.reason = "a\nb ]]> \x02";
    run.outcome.duration_s = 1e7;
    all.add(run);
  }
  expect_valid(all.text());
  expect_valid(junit_running_text(small_record(SampleEnd::pass).header));
  expect_valid(junit_running_text({}));
}

TEST_F(JUnitSchema, RefusesWhatTheStrictDialectHasNot) {
  const RunRecord run = small_record(SampleEnd::fail);
  const std::string text = junit_text(run.header, run.outcome, {true, ""});
  for (const auto& [from, to] : {std::pair{"<testcase name=", "<testcase file=\"a.cpp\" name="},
                                 {"<testcase name=", "<testcase line=\"3\" name="},
                                 {" time=\"", " time=\"1.23456"},
                                 {" tests=\"", " tests=\"x"},
                                 {"<failure message=", "<failure other="}}) {
    std::string changed = text;
    ASSERT_NE(changed.find(from), std::string::npos) << from;
    changed.replace(changed.find(from), std::string(from).size(), to);
    EXPECT_NE(validated(changed).status, 0) << to;
  }
}

TEST_F(JUnitSchema, ARunThatWasDeclaredVoidIsAnErrorAndSaysSo) {
  RunRecord run = small_record(SampleEnd::pass);
  run.standing.voided = RunRemark{"M. Okafor", "wrong cartridge", 0};
  JUnitFile file;
  file.add(run);
  EXPECT_NE(file.text().find("name=\"VOID pen-pro"), std::string::npos);
  EXPECT_NE(file.text().find("errors=\"1\""), std::string::npos);
  EXPECT_NE(file.text().find("declared void: wrong cartridge"), std::string::npos);
  expect_valid(file.text());
}

TEST_F(JUnitSchema, NoRunIsLostFromAFileOfMany) {
  JUnitFile file;
  for (const SampleEnd end : {SampleEnd::pass, SampleEnd::interrupted, SampleEnd::pass}) file.add(small_record(end));
  std::size_t suites = 0;
  const std::string text = file.text();
  for (std::size_t at = text.find("<testsuite "); at != std::string::npos; at = text.find("<testsuite ", at + 1))
    ++suites;
  EXPECT_EQ(suites, 3U);
  EXPECT_NE(text.find("type=\"ERROR\""), std::string::npos);
}

}  // namespace
}  // namespace penrig
