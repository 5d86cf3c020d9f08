#include <csignal>

#include <gtest/gtest.h>

#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

/// `penrig records list` and `recover`, as people and programs use them.
class RecordsQuery : public ::testing::Test {
 protected:
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  void run_once(const std::string& serial_number, const std::string& rig = "sim:seed=1", int expected = 0) const {
    const Finished f = program({"run", std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml", "--rig", rig,
                                "--serial-number", serial_number});
    ASSERT_EQ(f.exit_code, expected) << f.out << f.err;
  }
  /// Ids of the runs that are listed: "1 2 ".
  std::string listed(std::vector<std::string> options) const {
    options.insert(options.begin(), {"records", "list", "--json"});
    const Finished f = program(options);
    EXPECT_EQ(f.exit_code, 0) << f.err;
    std::string ids;
    for (const auto& line : cli::json_lines(f.out)) ids += line.at("run").get<std::string>().substr(7) + " ";
    return ids;
  }

  ScratchDirectory folder_;
};

TEST_F(RecordsQuery, FindsRunsByWhatTheyAreAndWhatTheyMeasured) {
  run_once("PRO-0001");
  run_once("PRO-0002", "sim:seed=7&defect=too-deep", 1);
  EXPECT_EQ(listed({}), "1 2 ");
  EXPECT_EQ(listed({"--serial", "PRO-0002"}), "2 ");
  EXPECT_EQ(listed({"--verdict", "pass"}), "1 ");
  EXPECT_EQ(listed({"--verdict", "FAIL", "--plan", "smoke", "--product", "pen-pro", "--slot", "1"}), "2 ");
  EXPECT_EQ(listed({"--firmware", "2.4.1", "--newest", "1"}), "2 ");
  EXPECT_EQ(listed({"--firmware", "9.9"}), "");
  EXPECT_EQ(listed({"--since", "2026-01-01", "--until", "2026-01-01"}), "1 2 ") << "virtual time begins that day";
  EXPECT_EQ(listed({"--since", "2026-01-02"}), "");
  EXPECT_EQ(listed({"--where", "penetration > 1.1"}), "2 ");
  EXPECT_EQ(listed({"--where", "penetration > 1100 um and firmware = '2.4.1'"}), "2 ");
  EXPECT_EQ(listed({"--where", "not penetration > 1.1 mm"}), "1 ");
}

TEST_F(RecordsQuery, ShowsAMeasurandBesideEachRun) {
  run_once("PRO-0001");
  const Finished people = program({"records", "list", "--measurand", "stroke_rate"});
  EXPECT_NE(people.out.find("PASS           7470"), std::string::npos) << people.out;
  const Finished csv = program({"records", "list", "--measurand", "stroke_rate", "--csv"});
  EXPECT_NE(csv.out.find(",duration_s,stroke_rate_n,stroke_rate_least_per_min,stroke_rate_greatest_per_min\r\n"),
            std::string::npos)
      << csv.out;
  EXPECT_NE(csv.out.find("R-000001,2026-01-01T00:00:00.000Z,PRO-0001,smoke,pen-pro,,1,2.4.1,PASS,"), std::string::npos)
      << csv.out;
  const Finished as_json = program({"records", "list", "--measurand", "firmware", "--json"});
  EXPECT_EQ(cli::json_lines(as_json.out).at(0).at("measured").at("text"), "2.4.1");
}

TEST_F(RecordsQuery, ShowsEveryMistakeAtOnceWithItsPlace) {
  const Finished f = program({"records", "list", "--where", "penetraton > 1", "--verdict", "PAS", "--since",
                              "2026-02-30", "--measurand", "peak_forze"});
  EXPECT_EQ(f.exit_code, 4);
  EXPECT_EQ(f.out, "");
  for (const char* part :
       {"--where:1:1: unknown measurand 'penetraton' (did you mean 'penetration'?)\n     1 | penetraton > 1\n",
        "       | ^~~~~~~~~~\n", "--verdict: unknown verdict 'PAS' (did you mean PASS?)",
        "--since: '2026-02-30' is no day", "--measurand: unknown measurand 'peak_forze' (did you mean 'peak_force'?)",
        "no run was looked for."}) {
    EXPECT_NE(f.err.find(part), std::string::npos) << part << "\n" << f.err;
  }
}

TEST_F(RecordsQuery, RunsThatAreLeftOpenAreClosedByRecoverAndByTheNextRunWhichSaySo) {
  run_once("PRO-0001");
  for (int i = 0; i < 2; ++i) {
    Program killed({"run", std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml", "--rig", "sim:seed=1",
                    "--serial-number", "PRO-0001", "--json"},
                   folder_.path().string());
    ASSERT_TRUE(killed.wait_for_output("\"name\":\"set-up\"", 30'000));
    killed.signal(SIGKILL);
    killed.wait_for_exit(30'000);
    const std::string id = i == 0 ? "R-000002" : "R-000003";
    if (program({"records", "show", id}).out.find("INTERRUPTED") == std::string::npos) continue;  // it was quicker
    if (i == 0) {
      const Finished f = program({"records", "recover"});
      EXPECT_EQ(f.exit_code, 0) << f.err;
      EXPECT_NE(f.out.find("R-000002 (PRO-0001, plan smoke) was left open by a program that is gone: closed as "
                           "INTERRUPTED, with "),
                std::string::npos)
          << f.out;
    } else {
      const Finished f = program({"run", std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml", "--rig",
                                  "sim:seed=1", "--serial-number", "PRO-0001"});
      EXPECT_EQ(f.exit_code, 0) << f.err;
      EXPECT_NE(f.err.find("R-000003 (PRO-0001, plan smoke) was left open"), std::string::npos) << f.err;
    }
    EXPECT_NE(program({"records", "show", id}).out.find("INTERRUPTED"), std::string::npos);
  }
  const Finished again = program({"records", "recover"});
  EXPECT_EQ(again.out, "every run is closed, or its program still holds it\n");
  EXPECT_EQ(program({"records", "recover", "--records", "none"}).exit_code, 4);
}

}  // namespace
}  // namespace penrig::test
