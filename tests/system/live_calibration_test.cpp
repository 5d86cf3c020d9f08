#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/capture_generator.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// The program as somebody uses it who stands at the bench.
class LiveCalibration : public ::testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  Finished program(const std::vector<std::string>& arguments, const std::string& input = "") const {
    return run_program(arguments, folder_.path().string(), input);
  }
  static std::vector<std::string> words(const std::string& kind, std::vector<std::string> more) {
    more.insert(more.begin(), {"calibrate", kind, "--operator", "A. Meier", "--standard", "REF-7, PTB 51042/26",
                               "--u-standard", "0.01 %"});
    return more;
  }
  Finished calibrate(const std::string& kind, const std::vector<std::string>& more,
                     const std::string& input = "") const {
    return program(words(kind, more), input);
  }
  json last_run() const { return cli::json_lines(program({"records", "show", "--json"}).out).at(0); }

  ScratchDirectory folder_;
};

TEST_F(LiveCalibration, OfASimulatedBenchIsTakenFiledAndUsedByTheNextRun) {
  write("standards.yaml",
        "standards:\n  - {force_n: 0, do: take everything off}\n  - {force_n: 1.962, do: hang 0.200 kg}\n"
        "  - {force_n: 3.924, do: hang 0.400 kg}\n");
  const Finished cell = calibrate("load-cell", {"--rig", "sim:seed=1", "--standards", "standards.yaml"});
  ASSERT_EQ(cell.exit_code, 0) << cell.out << cell.err;
  EXPECT_THAT(cell.out, HasSubstr("9/9 down    0.0000 N"));
  EXPECT_THAT(cell.out, HasSubstr("C-000001 in records, valid from 2026-01-01"));
  EXPECT_THAT(cell.out, HasSubstr("load-cell-points.csv, taken from slot 1"));
  EXPECT_THAT(cell.out, HasSubstr("A. Meier, 22 °C, 45 % RH"));
  const Finished needle = calibrate("encoder", {"--rig", "sim:seed=1", "--rounds", "1"}, std::string(21, '\n'));
  ASSERT_EQ(needle.exit_code, 0) << needle.out << needle.err;

  const Finished run = program(
      {"run", kSource + "/rig/plans/smoke.yaml", "--rig", "sim:seed=1", "--serial-number", "PRO-0001", "--no-report"});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("with     C-000001, load-cell, valid until 2027-01-01"));
  EXPECT_THAT(run.out, HasSubstr("with     C-000002, encoder, valid until 2027-01-01"));
  const json used = last_run().at("header").at("calibrations");
  ASSERT_EQ(used.size(), 2U);
  const json filed = cli::json_lines(program({"calibration", "show", "C-000001", "--json"}).out).at(0);
  EXPECT_EQ(used[0].at("value"), filed.at("value")) << "to the last bit";
  // The points on disk say the same as what was filed from them.
  const Finished again = calibrate("load-cell", {"--rig", "sim:seed=1", "--points", "load-cell-points.csv"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(cli::json_lines(program({"calibration", "show", "C-000003", "--json"}).out).at(0).at("value"),
            filed.at("value"));
}

TEST_F(LiveCalibration, IsTheSameBytesEveryTime) {
  for (const char* file : {"one.csv", "two.csv"}) {
    const Finished f = calibrate("encoder", {"--rig", "sim:seed=4", "--rounds", "1", "--save", file, "--of", "stage"},
                                 std::string(21, '\n'));
    ASSERT_EQ(f.exit_code, 0) << f.err;
  }
  EXPECT_GT(read_text(path("one.csv")).size(), 500U);
  EXPECT_EQ(read_text(path("one.csv")), read_text(path("two.csv")));
}

TEST_F(LiveCalibration, AnswersDecideWhatIsTaken) {
  // A comma, too much, another value, a point left out, then the end.
  const Finished f = calibrate("load-cell", {"--rig", "sim:seed=1", "--at", "0,1,2"}, "\n0,5\n9\n0.9\ns\nq\n");
  EXPECT_EQ(f.exit_code, 2) << f.out;
  for (const char* part : {"1/9 up   apply 0 N and press Enter", "'0,5' is no number",
                           "9 N is more than the force interlock", "2/9 up      0.9000 N"}) {
    EXPECT_THAT(f.out, HasSubstr(part));
  }
  EXPECT_THAT(f.out, Not(HasSubstr("3/9 up      ")));
  EXPECT_THAT(f.err, HasSubstr("ended by q; nothing was filed"));
  EXPECT_THAT(f.err, HasSubstr("2 points are in load-cell-points.csv; if that is enough, this files them: penrig "
                               "calibrate load-cell --points load-cell-points.csv --rig sim:seed=1"));
  EXPECT_EQ(program({"calibration", "list"}).out, "no calibration matches\n");
}

TEST_F(LiveCalibration, ThatEndedSaysWithWhatItWouldHaveBeenFiled) {
  const Finished f = calibrate("load-cell",
                               {"--rig", "sim:seed=1", "--at", "0,1,2", "--valid-days", "30", "--temperature-c", "21.5",
                                "--note", "by night", "--max-degree", "2"},
                               "\nq\n");
  EXPECT_EQ(f.exit_code, 2) << f.out;
  EXPECT_THAT(f.err, HasSubstr(" --date 2026-01-01 --valid-days 30 --temperature-c 21.5 --humidity-percent 45 --note "
                               "'by night' --max-degree 2"));
}

TEST_F(LiveCalibration, LeavesPointsThatAreFiledAsNobodyElses) {
  const std::string rows = "force_n,reading_counts,direction\n0,1,up\n1,5001,up\n2,10001,up\n1,5002,down\n";
  const std::string head = "# load-cell of fixture SIM-BENCH (simulated)\n# taken from rig 'simulated', slot 1\n";
  write("p.csv", head + "# begun 2025-12-30T08:00:00.000Z\n" + rows);
  ASSERT_EQ(calibrate("load-cell", {"--rig", "sim:seed=1", "--points", "p.csv", "--json"}).exit_code, 0);
  const json filed = cli::json_lines(program({"calibration", "show", "--json"}).out).at(0);
  EXPECT_EQ(filed.at("date"), "2025-12-30") << "the day of the series";
  const auto refused = [&](const std::string& kind, const std::vector<std::string>& more, const char* because) {
    std::vector<std::string> all{"--points", "p.csv"};
    all.insert(all.end(), more.begin(), more.end());
    const Finished f = calibrate(kind, all);
    EXPECT_EQ(f.exit_code, 4) << because << f.out;
    EXPECT_THAT(f.err, HasSubstr(because));
  };
  refused("load-cell", {"--fixture", "BENCH-2"}, "of fixture SIM-BENCH, and they would be filed for BENCH-2");
  refused("load-cell", {"--fixture", "SIM-BENCH"}, "taken on a simulation, and no simulated rig is named");
  refused("load-cell", {"--rig", "sim:seed=1", "--date", "2025-12-31"}, "was begun, 2025-12-30");
  refused("encoder", {"--rig", "sim:seed=1"}, "holds the points of load-cell, not of encoder");
  write("p.csv", head + "# begun 2026-01-02T08:00:00.000Z\n" + rows);
  refused("load-cell", {"--rig", "sim:seed=1"}, "p.csv: 2026-01-02 lies in the future");
  write("p.csv", head + "# begun today\n" + rows);
  refused("load-cell", {"--rig", "sim:seed=1"}, "say 'begun today', which is no date");
  write("p.csv", "# load-cell of fixture SIM-BENCH\n" + rows);
  refused("load-cell", {"--rig", "sim:seed=1"}, "taken on a real rig, and the one that is named is simulated");
}

TEST_F(LiveCalibration, OfWhichEveryPointIsLeftOutFilesNothing) {
  const Finished f =
      calibrate("load-cell", {"--rig", "sim:seed=1", "--at", "0,1,2", "--rounds", "1"}, "s\ns\ns\ns\ns\n");
  EXPECT_EQ(f.exit_code, 2) << f.out;
  EXPECT_THAT(f.err, HasSubstr("every point was left out; nothing was filed"));
}

TEST_F(LiveCalibration, KeepsItsPointsWhereTheInputEnds) {
  const Finished f = calibrate("load-cell", {"--rig", "sim:seed=1", "--at", "0,1,2", "--rounds", "1"}, "\n\n\n\n");
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, HasSubstr("the standard input ended before the series did"));
  // Four of five are enough for a line: the command that was shown files them.
  EXPECT_EQ(calibrate("load-cell", {"--rig", "sim:seed=1", "--points", "load-cell-points.csv"}).exit_code, 0);
  EXPECT_EQ(calibrate("load-cell", {"--rig", "sim:seed=1", "--at", "0,1,2"}, "").exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(path("load-cell-points-2.csv"))) << "no point, no file";
}

TEST_F(LiveCalibration, MistakesAreShownBeforeAnythingMoves) {
  const struct {
    std::string kind;
    std::vector<std::string> words;
    const char* because;
  } cases[] = {
      {"delay", {"--rig", "sim:seed=1"}, "are not taken from the rig: nothing on the rig moves force and position"},
      {"inertia", {"--rig", "sim:seed=1"}, "an empty stroke puts no force on it"},
      {"load-cell", {}, "from which rig?"},
      {"load-cell", {"--rig", "sim:seed=1", "--at", "0,1,9"}, "9 N is more than the force interlock"},
      {"load-cell", {"--rig", "sim:seed=1", "--at", "0,2,1"}, "1 does not come after 2"},
      {"load-cell", {"--rig", "sim:seed=1", "--slot", "7"}, "has no slot '7'"},
      {"load-cell", {"--rig", "sim:seed=1", "--date", "2025-01-01"}, "are of today"},
      {"load-cell", {"--rig", "sim:seed=1", "--save", "there.csv"}, "is there already"},
      {"load-cell", {"--rig", "sim:seed=1", "--points", "there.csv", "--at", "0,1"}, "--points excludes --at"},
      {"load-cell", {"--rig", "sim:seed=1", "--standards", "bad.yaml"}, "bad.yaml:2:15: a number was expected, in N"},
  };
  write("there.csv", "precious");
  write("bad.yaml", "standards:\n  - {force_n: x}\n");
  for (const auto& c : cases) {
    const Finished f = calibrate(c.kind, c.words, "\n\n\n");
    EXPECT_EQ(f.exit_code, 4) << c.because << f.out << f.err;
    EXPECT_THAT(f.err + f.out, HasSubstr(c.because));
  }
  EXPECT_EQ(read_text(path("there.csv")), "precious");
  EXPECT_FALSE(std::filesystem::exists(path("records")));
}

TEST_F(LiveCalibration, GivesJsonOnStdoutAndGuidanceOnStderr) {
  const Finished f = calibrate("time-base", {"--rig", "sim:seed=1", "--json"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(json::parse(f.out).at("points").at("columns").at("device_s").size(), 21U);
  EXPECT_THAT(f.err, HasSubstr("21/21"));
}

/// A capture that comes from a rig is measured by what is filed for the rig, by the rules of runs.
class AnalyzeWithFiled : public LiveCalibration {
 protected:
  AnalyzeWithFiled() {
    const GeneratedCapture c = generate_capture({}, 1);
    std::string text = "t_s,position_mm,force_N\n";
    for (std::size_t i = 0; i < c.time_s.size(); ++i)
      text += fmt::format("{:.6f},{:.5f},{:.5f}\n", c.time_s[i], c.position_mm[i], c.force_n[i]);
    write("c.csv", text);
    write("delay.csv", "delay_us\n12.1\n12.0\n11.9\n12.0\n");
  }
  Finished analyze(std::vector<std::string> more) const {
    more.insert(more.begin(), {"analyze", "c.csv", "--set", "depth_mm=1.0"});
    return program(more);
  }
  void file(std::vector<std::string> more) const {
    more.insert(more.end(), {"--points", "delay.csv"});
    const Finished f = calibrate("delay", more);
    ASSERT_EQ(f.exit_code, 0) << f.err;
  }
  double contact(const Finished& f) const {
    const json result = json::parse(f.out);
    for (const json& m : result.at("measurements")) {
      if (m.at("name") == "penetration_contact") return m.at("value").get<double>();
    }
    ADD_FAILURE() << "no penetration_contact";
    return 0;
  }
};

TEST_F(AnalyzeWithFiled, TheyAreTakenAndNamed) {
  const Finished before = analyze({"--rig", "sim:seed=1", "--json"});
  ASSERT_EQ(before.exit_code, 0) << before.err;
  EXPECT_TRUE(json::parse(before.out).at("calibrations").empty());
  file({"--rig", "sim:seed=1"});
  const Finished text = analyze({"--rig", "sim:seed=1"});
  EXPECT_THAT(text.out, HasSubstr("with     C-000001, delay, valid until 2027-01-01"));
  const Finished after = analyze({"--rig", "sim:seed=1", "--json"});
  const json used = json::parse(after.out).at("calibrations");
  ASSERT_EQ(used.size(), 1U);
  EXPECT_EQ(used[0].at("id"), "C-000001");
  EXPECT_EQ(used[0].at("target"), "delay");
  // 12 µs in place of 10 at 1349 mm/s of contact speed.
  EXPECT_NEAR(contact(after) - contact(before), 0.0027, 0.0003);
  EXPECT_EQ(contact(analyze({"--rig", "sim:seed=1", "--json", "--records", "records"})), contact(after));
}

TEST_F(AnalyzeWithFiled, WhatCannotBeTakenIsRefusedAsForRuns) {
  std::string yaml = read_text(kSource + "/fixtures/rigs/simulated.yaml");
  yaml += "  required: [delay]\n";
  write("required.yaml", yaml);
  const Finished missing = analyze({"--rig", "required.yaml"});
  EXPECT_EQ(missing.exit_code, 3) << missing.out;
  EXPECT_THAT(missing.err, HasSubstr("requires a filed delay calibration of SIM-BENCH, and none was ever filed here"));
  file({"--fixture", "SIM-BENCH", "--date", "2025-12-01", "--due", "2025-12-31"});
  const Finished expired = analyze({"--rig", "sim:seed=1"});
  EXPECT_EQ(expired.exit_code, 3) << expired.out;
  EXPECT_THAT(expired.err, HasSubstr("C-000001 (delay) was due on 2025-12-31, and today is 2026-01-01"));
  EXPECT_THAT(expired.err, HasSubstr("nothing was measured"));
  // The capture was taken while it was in force.
  EXPECT_EQ(analyze({"--rig", "sim:seed=1", "--date", "2025-12-15"}).exit_code, 0);
  EXPECT_EQ(analyze({"--rig", "sim:seed=1", "--date", "2026-01-02"}).exit_code, 4) << "the future";
  EXPECT_EQ(analyze({"--rig", "sim:seed=1", "--date", "2025-10-31"}).exit_code, 3) << "before the description's own";
  EXPECT_EQ(analyze({"--rig", "sim:seed=1", "--records", "nowhere"}).exit_code, 4);
  EXPECT_EQ(analyze({"--records", "records"}).exit_code, 4) << "of which rig?";
}

}  // namespace
}  // namespace penrig::test
