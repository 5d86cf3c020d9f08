#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/scratch_directory.hpp"
#include "tests/system/program.hpp"
#include "tests/system/variable.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

using nlohmann::json;

/// `penrig run --slots` in virtual time, as a program of its own.
class SeveralSlots : public ::testing::Test {
 protected:
  Finished run(const std::string& rig, std::vector<std::string> more) {
    std::vector<std::string> arguments{"run", std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml", "--rig", rig};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments, folder());
  }
  json record(const std::string& run_id) {
    const Finished shown = run_program({"records", "show", run_id, "--json"}, folder());
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return json::parse(shown.out);
  }
  std::string folder() const { return folder_.path().string(); }

  ScratchDirectory folder_;
  Variable no_keys_{"XDG_CONFIG_HOME", folder() + "/config"};
};

/// The result line of each slot.
std::map<std::string, json> results(const std::string& out) {
  std::map<std::string, json> by_slot;
  for (const json& line : cli::json_lines(out)) {
    if (line.at("event") == "result" || line.at("event") == "refused") by_slot[line.at("slot")] = line;
  }
  return by_slot;
}

const std::string kFourPens = "PRO-0001,PRO-0002,PRO-0003,PRO-0004";

TEST_F(SeveralSlots, AllPassAndEveryLineSaysItsSlot) {
  const Finished f =
      run("sim:seed=1&slots=4", {"--slots", "all", "--serial-number", kFourPens, "--json", "--junit", "r.xml"});
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  for (const json& line : cli::json_lines(f.out)) ASSERT_TRUE(line.contains("slot")) << line;
  const auto by_slot = results(f.out);
  ASSERT_EQ(by_slot.size(), 4U);
  for (const auto& [slot, line] : by_slot) {
    EXPECT_EQ(line.at("verdict"), "PASS") << slot;
    EXPECT_EQ(line.at("serial_number"), "PRO-000" + slot);
  }
  const std::string junit = read_text(folder() + "/r.xml");
  EXPECT_EQ(junit.find("<error"), std::string::npos) << junit;
  std::size_t suites = 0;
  for (std::size_t at = junit.find("<testsuite "); at != std::string::npos; at = junit.find("<testsuite ", at + 1))
    ++suites;
  EXPECT_EQ(suites, 4U);
  // They ran at the same time, not one after the other.
  EXPECT_EQ(record("R-000001").at("header").at("started_utc_ns"), record("R-000004").at("header").at("started_utc_ns"));
}

/// All that was measured: numbers, strokes, traces. Files of waveforms say in which run they were taken, and so have
/// other hashes.
json bits_of(const json& record) {
  json bits;
  for (const char* key : {"phases", "measurements", "decisions", "corrections", "verdict"}) bits[key] = record.at(key);
  for (json& phase : bits.at("phases")) {
    for (json& waveform : phase.at("waveforms")) waveform.erase("file"), waveform.erase("sha256");
  }
  EXPECT_NE(bits.dump().find("traces_sha256"), std::string::npos);
  return bits;
}

TEST_F(SeveralSlots, AFaultInOneLeavesTheOthersTheBitsThatTheyHaveAlone) {
  const std::string rig = "sim:seed=1&slots=3&defect@2=saturated-load-cell";
  const Finished f = run(rig, {"--slots", "all", "--serial-number", "PRO-0001,PRO-0002,PRO-0003", "--json"});
  EXPECT_EQ(f.exit_code, 3) << f.err;
  auto together = results(f.out);
  ASSERT_EQ(together.size(), 3U);
  EXPECT_EQ(together.at("1").at("verdict"), "PASS");
  EXPECT_EQ(together.at("2").at("verdict"), "ERROR");
  EXPECT_EQ(together.at("3").at("verdict"), "PASS");
  for (const std::string slot : {"1", "3"}) {
    const Finished alone = run(rig, {"--slot", slot, "--serial-number", "PRO-000" + slot, "--json"});
    ASSERT_EQ(alone.exit_code, 0) << alone.err;
    const json by_itself = record(cli::json_lines(alone.out).back().at("run"));
    EXPECT_TRUE(bits_of(record(together.at(slot).at("run"))) == bits_of(by_itself)) << "slot " << slot;
  }
}

TEST_F(SeveralSlots, CrossedCablesAreFoundAndNamedAndTheOtherSlotsGoOn) {
  const Finished f = run("sim:seed=1&slots=4&crossed=2,3", {"--slots", "all", "--serial-number", kFourPens, "--json"});
  EXPECT_EQ(f.exit_code, 3) << f.err;
  auto by_slot = results(f.out);
  ASSERT_EQ(by_slot.size(), 4U);
  EXPECT_EQ(by_slot.at("1").at("verdict"), "PASS");
  EXPECT_EQ(by_slot.at("4").at("verdict"), "PASS");
  for (const auto& [slot, other] : {std::pair{"2", "3"}, {"3", "2"}}) {
    EXPECT_EQ(by_slot.at(slot).at("verdict"), "ERROR");
    const std::string reason = by_slot.at(slot).at("reason");
    EXPECT_NE(reason.find(std::string("slot ") + slot + "'s pen moves slot " + other + "'s DAQ: swap their cables"),
              std::string::npos)
        << reason;
    EXPECT_EQ(by_slot.at(slot).at("safe_state_confirmed"), true);
  }
}

TEST_F(SeveralSlots, ACrossedSlotThatRunsAloneIsRefusedAsWell) {
  const Finished f =
      run("sim:seed=1&slots=3&crossed=2,3", {"--slots", "1,2", "--serial-number", "PRO-0001,PRO-0002", "--json"});
  EXPECT_EQ(f.exit_code, 3) << f.err;
  auto by_slot = results(f.out);
  EXPECT_EQ(by_slot.at("1").at("verdict"), "PASS");
  EXPECT_EQ(by_slot.at("2").at("verdict"), "ERROR") << "nothing is plugged in at the other end of its cable";
}

TEST_F(SeveralSlots, AnEncoderThatStandsIsNoCrossedCable) {
  const std::string script = folder() + "/stuck.yaml";
  std::ofstream(script) << "name: an encoder that stands\nfaults:\n  - what: encoder-stuck\n    at_s: 0\n";
  const Finished f = run("sim:seed=1&slots=2&faults@2=" + script,
                         {"--slots", "all", "--serial-number", "PRO-0001,PRO-0002", "--json"});
  EXPECT_EQ(f.exit_code, 3) << f.err;
  auto by_slot = results(f.out);
  EXPECT_EQ(by_slot.at("1").at("verdict"), "PASS");
  const std::string reason = by_slot.at("2").at("reason");
  EXPECT_NE(reason.find("slot 2's pen does not move its own DAQ's needle encoder"), std::string::npos) << reason;
  EXPECT_NE(reason.find("nor that of slot 1"), std::string::npos) << reason;
}

TEST_F(SeveralSlots, TheExitCodeIsThatOfTheWorst) {
  const std::vector<std::string> two{"--slots", "all", "--serial-number", "PRO-0001,PRO-0002"};
  EXPECT_EQ(run("sim:seed=1&slots=2&defect@2=too-deep", two).exit_code, 1);
  EXPECT_EQ(run("sim:seed=1&slots=2&defect@2=too-deep&defect@1=saturated-load-cell", two).exit_code, 3);
}

TEST_F(SeveralSlots, TheTextHasALineASlotAndSaysWhatToDo) {
  const Finished f = run("sim:seed=1&slots=2&defect@2=too-deep",
                         {"--slots", "all", "--serial-number", "PRO-0001,PRO-0002", "--records", "kept"});
  EXPECT_EQ(f.exit_code, 1) << f.err;
  EXPECT_NE(f.out.find("  1     PRO-0001  ✓ PASS"), std::string::npos) << f.out;
  EXPECT_NE(f.out.find("  2     PRO-0002  ✗ FAIL"), std::string::npos) << f.out;
  EXPECT_NE(f.out.find("1 of 2 PASS, records in kept"), std::string::npos) << f.out;
  EXPECT_NE(f.out.find("penrig records show R-000002 --records kept"), std::string::npos) << f.out;
}

TEST_F(SeveralSlots, MistakesOfTheCommandLineMoveNothing) {
  const std::string rig = "sim:seed=1&slots=3";
  const auto says = [&](std::vector<std::string> more, const std::string& expected) {
    more.insert(more.end(), {"--junit", "r.xml"});
    const Finished f = run(rig, more);
    EXPECT_EQ(f.exit_code, 4) << f.out;
    EXPECT_NE(f.err.find(expected), std::string::npos) << f.err;
    EXPECT_NE(read_text(folder() + "/r.xml").find("<error"), std::string::npos) << expected;
    EXPECT_FALSE(std::filesystem::exists(folder() + "/records")) << expected;
    std::filesystem::remove(folder() + "/r.xml");
  };
  says({"--slots", "all", "--serial-number", "PRO-0001"}, "1 serial numbers for 3 slots");
  says({"--slots", "1,4", "--serial-number", "PRO-0001,PRO-0002"}, "has no slot '4'");
  says({"--slots", "1,1", "--serial-number", "PRO-0001,PRO-0002"}, "slot '1' is named twice");
  says({"--slots", "1,2", "--serial-number", "PRO-0001,PRO-0001"}, "'PRO-0001' cannot be in two slots");
  says({"--serial-number", "PRO-0001,PRO-0002"}, "are for several slots: which?");
  says({"--slots", "1,2", "--serial-number", "PRO-0001,nonsense!"}, "'nonsense!' is no serial number");
}

TEST_F(SeveralSlots, AFaultScriptOfOneSlotStandsInItsRecordAlone) {
  const std::string script = folder() + "/door.yaml";
  {
    std::ofstream out(script);
    out << "name: the door of one slot\nfaults:\n  - what: door-open\n    at_s: 3\n";
  }
  const Finished f = run("sim:seed=1&slots=2&faults@2=" + script,
                         {"--slots", "all", "--serial-number", "PRO-0001,PRO-0002", "--json"});
  auto by_slot = results(f.out);
  ASSERT_EQ(by_slot.size(), 2U) << f.err;
  EXPECT_EQ(by_slot.at("1").at("verdict"), "PASS");
  EXPECT_EQ(by_slot.at("2").at("verdict"), "ERROR");
  EXPECT_EQ(record(by_slot.at("1").at("run")).dump().find("the door of one slot"), std::string::npos);
  EXPECT_NE(record(by_slot.at("2").at("run")).dump().find("the door of one slot"), std::string::npos);
}

}  // namespace
}  // namespace penrig::test
