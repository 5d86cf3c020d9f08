#include <fstream>

#include <gtest/gtest.h>

#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

/// What the program leaves of its runs, and what it shows of that later.
class Records : public ::testing::Test {
 protected:
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  Finished run(const std::string& serial_number, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"run", kSmokePlan, "--rig", "sim:seed=1", "--serial-number", serial_number});
    return program(more);
  }
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

  ScratchDirectory folder_;
};

TEST_F(Records, OfARunAreSaidToProgramsAsOneObjectALine) {
  const Finished f = run("PRO-0001", {"--json"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const auto lines = cli::json_lines(f.out);
  ASSERT_GT(lines.size(), 5U);
  for (const auto& line : lines) EXPECT_TRUE(line.is_object() && line.contains("event")) << line;
  EXPECT_EQ(lines.front().at("event"), "header");
  EXPECT_EQ(lines.back().at("event"), "result");
  EXPECT_EQ(lines.back().at("verdict"), "PASS");
}

TEST_F(Records, AreShownToPeopleWithTheVerdictAndWhatDecided) {
  ASSERT_EQ(run("PRO-0001", {"--operator", "A. Example"}).exit_code, 0);
  const Finished f = program({"records", "show", "R-000001"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  for (const char* part : {"R-000001, ", "plan     smoke rev", "product  pen-pro rev", "PRO-0001, firmware",
                           "SIMULATED: not a certificate", "decided by", "\noperator A. Example\n"}) {
    EXPECT_NE(f.out.find(part), std::string::npos) << part << "\n" << f.out;
  }
  EXPECT_NE(f.out.find("PASS   PRO-0001   7 decisions\n"), std::string::npos) << f.out;
}

TEST_F(Records, AreThoseOfTheNewestRunWhereNoneIsNamed) {
  ASSERT_EQ(run("PRO-0001").exit_code, 0);
  ASSERT_EQ(run("PRO-0002").exit_code, 0);
  const Finished people = program({"records", "show"}), programs = program({"records", "show", "--json"});
  EXPECT_EQ(people.exit_code, 0) << people.err;
  EXPECT_NE(people.out.find("R-000002, "), std::string::npos) << people.out;
  EXPECT_EQ(programs.out, program({"records", "show", "R-000002", "--json"}).out);
  EXPECT_NE(programs.out.find("PRO-0002"), std::string::npos);
}

TEST_F(Records, GiveTheSameReportAgain) {
  ASSERT_EQ(run("PRO-0001").exit_code, 0);
  const Finished f = program({"report", "R-000001", "--html", "again.html"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(f.out, "again.html\n");
  const std::string again = read_text(path("again.html"));
  EXPECT_GT(again.size(), 50'000U);
  EXPECT_EQ(again, read_text(path("records/R-000001/report.html")));
}

TEST_F(Records, GiveACertificateThatIsVoidWhenSimulated) {
  ASSERT_EQ(run("PRO-0001").exit_code, 0);
  const Finished f = program({"report", "R-000001", "--pdf", "c.pdf", "--html", "c.html"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(f.out, "c.html\nc.pdf\n");
  EXPECT_TRUE(read_text(path("c.pdf")).starts_with("%PDF-"));
  EXPECT_EQ(program({"report", "R-000001"}).exit_code, 4) << "no document was asked for";
  EXPECT_EQ(program({"report", "R-000001", "--pdf", "c.pdf", "--paper", "a3"}).exit_code, 4);
}

TEST_F(Records, StandWhenTheReportCannotBeWrittenAndThatIsSaid) {
  std::filesystem::create_directory(path("records"));
  std::ofstream(path("records/R-000001")) << "where the report's folder should be";
  const Finished f = run("PRO-0001", {"--junit", "r.xml"});
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  for (const char* part : {"records/R-000001/report.html: its folder cannot be made: Not a directory",
                           "penrig report R-000001 --html R-000001.html"}) {
    EXPECT_NE(f.err.find(part), std::string::npos) << f.err;
  }
  EXPECT_EQ(program({"report", "R-000001", "--html", "R-000001.html"}).exit_code, 0) << "as it was advised";
}

TEST_F(Records, AreNotLookedForInAStoreWithoutRuns) {
  ASSERT_EQ(run("PRO-0001", {"--records", "elsewhere"}).exit_code, 0);
  const Finished f = program({"records", "show"});
  EXPECT_EQ(f.exit_code, 4) << f.out;
  EXPECT_NE(f.err.find("there are no records"), std::string::npos) << f.err;
}

TEST_F(Records, PapersForAFolderThatIsNotThereAreTheUsersMistake) {
  const Finished junit = run("PRO-0001", {"--junit", "none/r.xml"});
  EXPECT_EQ(junit.exit_code, 4) << junit.err;
  EXPECT_NE(junit.err.find("make the folder, or name another"), std::string::npos) << junit.err;
  ASSERT_EQ(run("PRO-0001").exit_code, 0);
  EXPECT_EQ(program({"report", "R-000001", "--html", "none/r.html"}).exit_code, 4);
  EXPECT_EQ(program({"sim", "--write-rig", "none/rig.yaml"}).exit_code, 4);
}

}  // namespace
}  // namespace penrig::test
