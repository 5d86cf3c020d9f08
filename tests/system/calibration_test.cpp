#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/system/example_bench.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

/// The program as a laboratory uses it: points are filed, looked at, and taken by runs.
class CalibrationCommands : public ::testing::Test {
 protected:
  CalibrationCommands() {
    std::string points = "# ten forces, three times\nforce_n,reading_counts\n";
    for (int r = 0; r < 3; ++r) {
      for (int i = 0; i <= 10; ++i) points += fmt::format("{},{}\n", i, 120 + 4985 * i + (i * 7 + r * 5) % 4 - 2);
    }
    write("cell.csv", points);
  }

  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  Finished calibrate(const std::vector<std::string>& more, bool with_u = true) const {
    std::vector<std::string> words{"calibrate",  "load-cell", "--points",   "cell.csv",
                                   "--operator", "A. Meier",  "--standard", "REF-LC-7, PTB 51042/26"};
    if (with_u) words.insert(words.end(), {"--u-standard", "0.02 %"});
    words.insert(words.end(), more.begin(), more.end());
    return program(words);
  }
  Finished run(const std::string& rig, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"run", kSource + "/rig/plans/smoke.yaml", "--rig", rig, "--serial-number", "PRO-0001"});
    return program(more);
  }
  /// A real rig whose ports are nowhere: what is refused before anything moves is refused before they are opened.
  void write_bench(const std::string& required) const {
    write("bench.yaml", example_bench() + "  required: " + required + "\n");
  }
  void expect_refused(const std::string& because) const {
    write_bench("[load-cell]");
    const Finished f = run("bench.yaml", {"--junit", "r.xml"});
    EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
    EXPECT_NE(f.err.find(because), std::string::npos) << f.err;
    EXPECT_NE(f.err.find("nothing has moved, no record was opened"), std::string::npos) << f.err;
    EXPECT_NE(f.err.find("penrig calibrate load-cell --points FILE --fixture BENCH-2"), std::string::npos) << f.err;
    EXPECT_NE(read_text(path("r.xml")).find("<error"), std::string::npos) << read_text(path("r.xml"));
    EXPECT_EQ(program({"records", "list"}).out, "no run matches\n");
  }

  ScratchDirectory folder_;
};

TEST_F(CalibrationCommands, FileListAndShow) {
  const Finished filed =
      calibrate({"--fixture", "BENCH-2", "--date", "2026-02-10", "--due", "2027-02-09", "--temperature-c", "21.5"});
  ASSERT_EQ(filed.exit_code, 0) << filed.err;
  for (const char* part : {"REF-LC-7, PTB 51042/26, u 0.02 %", "lack of fit", "LLF", "force_n_per_count = 0.0002006",
                           "C-000001 in records, valid from 2026-02-10 to 2027-02-09"}) {
    EXPECT_NE(filed.out.find(part), std::string::npos) << part << "\n" << filed.out;
  }
  const Finished list = program({"calibration", "list"});
  EXPECT_NE(list.out.find("C-000001  load-cell"), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("BENCH-2"), std::string::npos) << list.out;
  const auto lines = cli::json_lines(program({"calibration", "list", "--json"}).out);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].at("due"), "2027-02-09");
  const Finished shown = program({"calibration", "show", "C-000001"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_NE(shown.out.find("21.5 °C"), std::string::npos) << shown.out;
  const auto whole = cli::json_lines(program({"calibration", "show", "--json"}).out);
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].at("id"), "C-000001");
  EXPECT_EQ(whole[0].at("points").at("columns").at("force_n").size(), 33U);
  EXPECT_NEAR(whole[0].at("value").get<double>(), 1 / 4985.0, 1e-8);
  EXPECT_EQ(program({"calibration", "show", "C-000009"}).exit_code, 4);
}

TEST_F(CalibrationCommands, ShowEveryMistakeAndFileNothing) {
  write("cell.csv", "force_n,reading_counts\n0,1o2\n1,\n");
  const Finished f = calibrate({"--date", "yesterday"});
  EXPECT_EQ(f.exit_code, 4);
  for (const char* part : {"cell.csv:2:3: reading_counts is a number in counts, not '1o2'", "cell.csv:3:3:",
                           "--fixture", "--date: a date was expected, not 'yesterday'", "nothing was filed"}) {
    EXPECT_NE(f.err.find(part), std::string::npos) << part << "\n" << f.err;
  }
  EXPECT_FALSE(std::filesystem::exists(path("records")));
  write("cell.csv", "force_n,reading_counts\n1,5\n1,6\n1,7\n");
  const Finished same = calibrate({"--fixture", "X"});
  EXPECT_EQ(same.exit_code, 4);
  EXPECT_NE(same.err.find("at least 3"), std::string::npos) << same.err;
  EXPECT_EQ(calibrate({"--fixture", "X", "--date", "9000-01-01"}).exit_code, 4) << "the future";
  EXPECT_EQ(calibrate({"--fixture", "X", "--u-standard", "1 %"}).exit_code, 4) << "two for one standard";
  EXPECT_EQ(program({"calibrate", "load-cell", "--points", "none.csv", "--fixture", "X", "--operator", "A",
                     "--standard", "R, C"})
                .exit_code,
            4);
  EXPECT_EQ(program({"calibrate", "load-cell", "--points", "cell.csv", "--fixture", "X", "--operator", "A",
                     "--standard", "no certificate"})
                .exit_code,
            4);
}

TEST_F(CalibrationCommands, ASimulatedRunTakesWhatIsFiledAndSaysSo) {
  ASSERT_EQ(calibrate({"--rig", "sim:seed=1"}).exit_code, 0);
  const Finished f = run("sim:seed=1");
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_NE(f.out.find("with     C-000001, load-cell, valid until 2027-01-01"), std::string::npos) << f.out;
  const auto record = cli::json_lines(program({"records", "show", "--json"}).out).at(0);
  EXPECT_NE(program({"records", "show"}).out.find("with     C-000001, load-cell"), std::string::npos);
  const auto used = record.at("header").at("calibrations");
  ASSERT_EQ(used.size(), 1U);
  EXPECT_EQ(used[0].at("id"), "C-000001");
  EXPECT_NEAR(used[0].at("value").get<double>(), 1 / 4985.0, 1e-8);
  EXPECT_NE(read_text(path("records/R-000001/report.html")).find("Filed calibrations that the run measured with"),
            std::string::npos);
}

TEST_F(CalibrationCommands, AFiledFactorIsTheOneThatIsMeasuredWith) {
  // A cell that is filed with 10 % more newtons a count measures 10 % more force.
  const auto peak = [&](const std::string& records) {
    EXPECT_EQ(run("sim:seed=1", {"--records", records}).exit_code, 0);
    const auto record = cli::json_lines(program({"records", "show", "--json", "--records", records}).out).at(0);
    for (const auto& phase : record.at("phases")) {
      for (const auto& m : phase.at("measurements")) {
        if (m.at("measurand") == "peak_force") return m.at("value").get<double>();
      }
    }
    return 0.0;
  };
  const double before = peak("one");
  std::string points = "force_n,reading_counts\n";
  for (int i = 0; i <= 10; ++i) points += fmt::format("{},{}\n", i * 0.1, i * 455);
  write("cell.csv", points);
  ASSERT_EQ(calibrate({"--rig", "sim:seed=1", "--records", "two"}).exit_code, 0);
  EXPECT_GT(before, 0);
  EXPECT_NEAR(peak("two") / before, 1.1, 0.02);
}

TEST_F(CalibrationCommands, SimulatedRunsStayTheSameBytes) {
  std::string first;
  for (const char* records : {"one", "two"}) {
    ASSERT_EQ(calibrate({"--rig", "sim:seed=1", "--records", records}).exit_code, 0);
    ASSERT_EQ(run("sim:seed=1", {"--records", records}).exit_code, 0);
    const std::string shown = program({"records", "show", "--json", "--records", records}).out;
    EXPECT_GT(shown.size(), 1000U);
    EXPECT_TRUE(first.empty() || shown == first) << records;
    first = shown;
  }
}

TEST_F(CalibrationCommands, ARunIsRefusedWhereARequiredOneIsMissing) { expect_refused("none was ever filed here"); }

TEST_F(CalibrationCommands, ARunIsRefusedWithAnExpiredOne) {
  ASSERT_EQ(calibrate({"--fixture", "BENCH-2", "--date", "2020-01-01", "--due", "2021-01-01"}).exit_code, 0);
  expect_refused("C-000001 (load-cell) was due on 2021-01-01");
}

TEST_F(CalibrationCommands, ARunIsRefusedWithAForeignOne) {
  ASSERT_EQ(calibrate({"--fixture", "BENCH-1"}).exit_code, 0);
  expect_refused("C-000001 (load-cell) belongs to fixture BENCH-1, and this rig is BENCH-2");
}

TEST_F(CalibrationCommands, ARunIsRefusedWithOneWithoutUncertainty) {
  const Finished f = calibrate({"--fixture", "BENCH-2"}, false);
  ASSERT_EQ(f.exit_code, 0);
  EXPECT_NE(f.out.find("no run will take it"), std::string::npos) << f.out;
  expect_refused("C-000001 (load-cell) has no uncertainty");
}

TEST_F(CalibrationCommands, ASimulatedRunTakesNeitherOneOfTheFutureNorAnExpiredOne) {
  // Virtual time begins on 2026-01-01, whatever the clock of this machine says; the description's certificate is of
  // 2025-11-01. What is newer than that and not in force stops the run, what is older is only named.
  const struct {
    const char *date, *due, *because;
    int exit_code;
  } cases[] = {{"2026-01-02", "2030-01-01", "is dated 2026-01-02, and today is 2026-01-01", 3},
               {"2025-12-01", "2025-12-31", "was due on 2025-12-31, and today is 2026-01-01", 3},
               {"2025-01-01", "2025-12-31", "was due on 2025-12-31, and today is 2026-01-01", 0}};
  for (const auto& c : cases) {
    ASSERT_EQ(calibrate({"--fixture", "SIM-BENCH", "--date", c.date, "--due", c.due, "--records", c.date}).exit_code,
              0);
    const Finished f = run("sim:seed=1", {"--records", c.date});
    EXPECT_EQ(f.exit_code, c.exit_code) << c.date << f.out << f.err;
    EXPECT_NE((c.exit_code == 0 ? f.out : f.err).find(c.because), std::string::npos) << f.out << f.err;
    if (c.exit_code != 0) {
      EXPECT_NE(f.err.find("nothing has moved, no record was opened"), std::string::npos) << f.err;
      EXPECT_NE(f.err.find("calibrate it (penrig calibrate load-cell"), std::string::npos) << f.err;
    }
  }
}

TEST_F(CalibrationCommands, AFactorBeyondItsRangeIsNeitherFiledNorMeasuredWith) {
  write("p.csv", "delay_us\n10000\n10002\n10001\n");
  const Finished f = program({"calibrate", "delay", "--points", "p.csv", "--rig", "sim:seed=1", "--operator", "A",
                              "--standard", "S, C", "--u-standard", "0.1 %"});
  EXPECT_EQ(f.exit_code, 4) << f.out;
  EXPECT_NE(f.err.find("force_delay_us comes out as 10001, and must be from -1000 to 1000 µs"), std::string::npos)
      << f.err;
}

TEST_F(CalibrationCommands, OneThatANewerOneTookThePlaceOfIsNotTakenAgain) {
  ASSERT_EQ(calibrate({"--fixture", "SIM-BENCH", "--date", "2025-11-10", "--due", "2099-12-31"}).exit_code, 0);
  ASSERT_EQ(calibrate({"--fixture", "SIM-BENCH", "--date", "2025-12-01", "--due", "2025-12-31"}).exit_code, 0);
  const auto lines = cli::json_lines(program({"calibration", "list", "--json"}).out);
  EXPECT_EQ(lines.at(0).at("state"), "superseded");
  const Finished f = run("sim:seed=1");
  EXPECT_EQ(f.exit_code, 3) << f.out;
  EXPECT_NE(f.err.find("C-000002 (load-cell) was due on 2025-12-31, and today is 2026-01-01, and C-000001 of "
                       "2025-11-10 does not do in its place"),
            std::string::npos)
      << f.err;
}

TEST_F(CalibrationCommands, ARunOnARealRigGoesOnToItsPortsWithOneInForce) {
  ASSERT_EQ(calibrate({"--fixture", "BENCH-2"}).exit_code, 0);
  write_bench("[load-cell]");
  const Finished f = run("bench.yaml");
  EXPECT_EQ(f.exit_code, 3);
  EXPECT_NE(f.out.find("with     C-000001, load-cell"), std::string::npos) << f.out << f.err;
  EXPECT_EQ(f.err.find("requires a filed"), std::string::npos) << f.err;
}

TEST_F(CalibrationCommands, APlanCanDemandAGoldenPen) {
  std::string golden = read_text(kSource + "/rig/plans/smoke.yaml");
  replace_first(golden, "../../fixtures", kSource + "/fixtures");
  std::string daily = golden;
  replace_first(golden, "name: smoke", "name: golden");
  write("golden.yaml", golden);
  write("daily.yaml", daily + "\ngolden_check: {plan: golden, within_h: 24}\n");
  const auto judge = [&](const char* plan, const std::string& rig = "sim:seed=1") {
    return program({"run", plan, "--rig", rig, "--serial-number", "PRO-0001", "--no-report"});
  };
  const Finished before = judge("daily.yaml");
  EXPECT_EQ(before.exit_code, 3) << before.out;
  EXPECT_NE(
      before.err.find("demands a PASS of golden plan 'golden' on rig 'simulated', slot '1', within 24 h, and there "
                      "is none"),
      std::string::npos)
      << before.err;
  ASSERT_EQ(judge("golden.yaml").exit_code, 0);
  EXPECT_EQ(judge("daily.yaml").exit_code, 0);
  // A check that ended in an error, or was stopped, left the one before it in force.
  EXPECT_EQ(judge("golden.yaml", "sim:seed=1&defect=stuck-encoder").exit_code, 3);
  const Finished broken = judge("daily.yaml");
  EXPECT_EQ(broken.exit_code, 3) << broken.out;
  EXPECT_NE(broken.err.find("the last is R-000003, ERROR, of 2026-01-01"), std::string::npos) << broken.err;
  ASSERT_EQ(judge("golden.yaml").exit_code, 0);
  EXPECT_EQ(judge("daily.yaml").exit_code, 0);
  // Any plan of that name opened the gate, for any pen.
  std::filesystem::create_directory(folder_.path() / "mine");
  std::string lenient = golden;
  replace_first(lenient, "judge: [D1, R1, S2, P1, M1, F1, I1]", "judge: [I1]");
  write("mine/golden.yaml", lenient);
  ASSERT_EQ(judge("mine/golden.yaml", "sim:seed=1&defect=too-deep").exit_code, 0);
  const Finished other = judge("daily.yaml");
  EXPECT_EQ(other.exit_code, 3) << other.out;
  EXPECT_NE(other.err.find("the last is R-000006, PASS, of 2026-01-01"), std::string::npos) << other.err;
  EXPECT_NE(other.err.find("by another plan than golden.yaml"), std::string::npos) << other.err;
  EXPECT_EQ(judge("golden.yaml", "sim:seed=1&defect=too-deep").exit_code, 1);
  const Finished after = judge("daily.yaml");
  EXPECT_EQ(after.exit_code, 3) << "the golden pen failed since";
  EXPECT_NE(after.err.find("the last is R-000007, FAIL"), std::string::npos) << after.err;
}

TEST_F(CalibrationCommands, AGoldenPlanStandsBesideThePlanThatDemandsIt) {
  std::string daily = read_text(kSource + "/rig/plans/smoke.yaml");
  replace_first(daily, "../../fixtures", kSource + "/fixtures");
  write("daily.yaml", daily + "golden_check: {plan: golden, within_h: 24}\n");
  const auto check = [&] { return program({"plan", "check", "daily.yaml"}).out; };
  EXPECT_NE(check().find("daily.yaml:18:22: golden plan 'golden' is looked for beside this plan, in golden.yaml: no "
                         "such file"),
            std::string::npos)
      << check();
  write("golden.yaml", daily);
  EXPECT_NE(check().find("and that is plan 'smoke'"), std::string::npos) << check();
  replace_first(daily, "name: smoke", "name: golden");
  write("golden.yaml", daily);
  EXPECT_EQ(program({"plan", "check", "daily.yaml"}).exit_code, 0) << check();
}

}  // namespace
}  // namespace penrig::test
