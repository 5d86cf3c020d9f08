#include <csignal>
#include <fstream>
#include <map>
#include <regex>

#include <gtest/gtest.h>

#include "tests/system/over_ptys.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

class SlotsOverPtys : public OverPtys {
 protected:
  std::vector<std::string> run_slots(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"run", kSource + "/rig/plans/smoke.yaml", "--rig", rig(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

std::map<std::string, nlohmann::json> ends_of(const std::string& out) {
  std::map<std::string, nlohmann::json> by_slot;
  for (const auto& line : cli::json_lines(out)) {
    if (line.at("event") == "result" || line.at("event") == "refused") by_slot[line.at("slot")] = line;
  }
  return by_slot;
}

TEST_F(SlotsOverPtys, RunAtTheSameTimeAndPass) {
  start_rig({"--slots", "2"});
  const Finished f = run_program(run_slots({"--slots", "all", "--serial-number", "PRO-0001,PRO-0002"}), folder());
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  for (const auto& [slot, end] : ends_of(f.out)) EXPECT_EQ(end.at("verdict"), "PASS") << slot << end;
}

TEST_F(SlotsOverPtys, ASlotThatAnotherProgramHoldsIsRefusedAndTheOtherRuns) {
  start_rig({"--slots", "2"});
  Program first(run_slots({"--slot", "2", "--serial-number", "PRO-0002"}), folder());
  ASSERT_TRUE(first.wait_for_output("\"connected\"", 30'000)) << first.out() << first.err();
  const Finished f = run_program(run_slots({"--slots", "all", "--serial-number", "PRO-0001,PRO-0002"}), folder());
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  auto ends = ends_of(f.out);
  EXPECT_EQ(ends["1"].at("verdict"), "PASS") << f.out << f.err;
  EXPECT_EQ(ends["2"].at("event"), "refused");
  const std::string why = ends["2"].at("message");
  EXPECT_NE(why.find("is held by another penrig, pid " + std::to_string(first.pid())), std::string::npos) << why;
  EXPECT_EQ(first.wait_for_exit(120'000), 0) << first.out() << first.err();
}

TEST_F(SlotsOverPtys, PensInEachOthersSlotAreNamed) {
  start_rig({"--slots", "2"});
  const Finished f = run_program(run_slots({"--slots", "all", "--serial-number", "PRO-0002,PRO-0001"}), folder());
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  auto ends = ends_of(f.out);
  const std::string why = ends["1"].at("reason");
  EXPECT_NE(why.find("says it is PRO-0001, but PRO-0002 was scanned (PRO-0001 was scanned for slot 2: swap the pens"),
            std::string::npos)
      << why;
}

TEST_F(SlotsOverPtys, SwappedCablesOfTheDaqsAreNamed) {
  start_rig({"--slots", "2"});
  // As if a hand had plugged each DAQ into the other's port.
  std::string yaml = read_text(rig());
  static const std::regex daq("daq: (serial:[^\n]+)");
  std::vector<std::string> links;
  for (auto it = std::sregex_iterator(yaml.begin(), yaml.end(), daq); it != std::sregex_iterator(); ++it)
    links.push_back((*it)[1]);
  ASSERT_EQ(links.size(), 2U) << yaml;
  std::string swapped;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t found = yaml.find("daq: " + links[i], at);
    swapped += yaml.substr(at, found - at) + "daq: " + links[1 - i];
    at = found + 5 + links[i].size();
  }
  swapped += yaml.substr(at);
  std::ofstream(rig()) << swapped;
  const Finished f = run_program(run_slots({"--slots", "all", "--serial-number", "PRO-0001,PRO-0002"}), folder());
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  auto ends = ends_of(f.out);
  EXPECT_NE(ends["1"].at("reason").get<std::string>().find("slot 1's pen moves slot 2's DAQ: swap their cables"),
            std::string::npos)
      << ends["1"].at("reason");
  EXPECT_NE(ends["2"].at("reason").get<std::string>().find("slot 2's pen moves slot 1's DAQ: swap their cables"),
            std::string::npos)
      << ends["2"].at("reason");
}

TEST_F(SlotsOverPtys, ASignalStopsAllSafely) {
  start_rig({"--slots", "2"});
  Program both(run_slots({"--slots", "all", "--serial-number", "PRO-0001,PRO-0002"}), folder());
  ASSERT_TRUE(both.wait_for_output("\"reference before\"", 30'000)) << both.out() << both.err();
  both.signal(SIGTERM);
  EXPECT_EQ(both.wait_for_exit(15'000), 2) << both.out() << both.err();
  for (const auto& [slot, end] : ends_of(both.out())) {
    EXPECT_EQ(end.at("verdict"), "ABORTED") << slot;
    EXPECT_EQ(end.at("safe_state_confirmed"), true) << slot;
  }
}

}  // namespace
}  // namespace penrig::test
