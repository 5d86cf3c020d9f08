#include <fstream>

#include <gtest/gtest.h>

#include "tests/system/example_bench.hpp"
#include "tests/system/over_ptys.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

class Doctor : public OverPtys {};

nlohmann::json finding(const Finished& f, const std::string& what) {
  for (const auto& line : cli::json_lines(f.out)) {
    if (line.value("what", "") == what) return line;
  }
  return {{"standing", "not there: " + f.out}};
}

TEST_F(Doctor, FindsNothingThatKeepsAServedRigFromRunning) {
  start_rig();
  const Finished f = run_program({"doctor", "--rig", rig(), "--json"}, folder());
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(finding(f, "pen").at("standing"), "fine");
  EXPECT_EQ(finding(f, "DAQ").at("standing"), "fine");
  EXPECT_EQ(cli::json_lines(f.out).back().at("event"), "summary");
  EXPECT_EQ(cli::json_lines(f.out).back().at("wrong"), 0);
  EXPECT_FALSE(std::filesystem::exists(folder() + "/records")) << "a look makes nothing";
}

TEST_F(Doctor, NamesTheProgramThatHoldsAPort) {
  start_rig();
  Program run(run_arguments("swarm.yaml"), folder());
  ASSERT_TRUE(run.wait_for_output("\"reference before\"", 30'000)) << run.out() << run.err();
  const Finished f = run_program({"doctor", "--rig", rig(), "--json"}, folder());
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_EQ(finding(f, "pen").at("standing"), "wrong");
  EXPECT_NE(finding(f, "pen").at("found").get<std::string>().find("held by penrig (pid "), std::string::npos);
}

TEST_F(Doctor, SaysWhatToDoAboutARigWhosePortsAreNotThere) {
  std::ofstream(rig()) << example_bench();
  const Finished f = run_program({"doctor", "--rig", rig()}, folder());
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  for (const char* part : {"PEN-DOCK-1", "/dev/ttyUSB1", "→ plug it in", "2 things keep this rig from running"})
    EXPECT_NE(f.out.find(part), std::string::npos) << part << "\n" << f.out;
}

TEST_F(Doctor, ShowsTheMistakesOfADescription) {
  std::ofstream(rig()) << "name: bench\nrevison: 1\n";
  const Finished f = run_program({"doctor", "--rig", rig()}, folder());
  EXPECT_EQ(f.exit_code, 4) << f.out << f.err;
  EXPECT_NE(f.err.find("revison"), std::string::npos) << f.err;
  EXPECT_NE(f.err.find("nothing was looked at"), std::string::npos) << f.err;
}

}  // namespace
}  // namespace penrig::test
