#include <csignal>

#include <gtest/gtest.h>

#include "rig/spec/load.hpp"
#include "tests/system/over_ptys.hpp"
#include "tests/system/record_measurements.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

TEST_F(OverPtys, AGoodPenPassesAndItsNumbersAgreeWithVirtualTime) {
  start_rig();
  const Finished f = run_program(run_arguments("swarm-sweep.yaml"), folder());
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(cli::json_lines(f.out).back().at("verdict"), "PASS");
  EXPECT_EQ(read_text(folder() + "/result.xml").find("<error"), std::string::npos);
  EXPECT_EQ(read_text(folder() + "/result.xml").find("<failure"), std::string::npos);

  const Finished shown = run_program({"records", "show", "R-000001", "--json"}, folder());
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const auto real = nlohmann::json::parse(shown.out);
  const auto in_virtual_time = nlohmann::json::parse(run_virtual(VirtualRun{}).json);
  const auto a = measurements_of(real), b = measurements_of(in_virtual_time);
  ASSERT_EQ(a.size(), b.size());
  int compared = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::string name = a[i].at("measurand");
    ASSERT_EQ(name, b[i].at("measurand"));
    if (name != "stroke_rate" && name != "extension" && name != "penetration") continue;
    const double ua = a[i].at("expanded_u"), ub = b[i].at("expanded_u");
    const double va = a[i].at("value"), vb = b[i].at("value");
    EXPECT_LE(std::abs(va - vb), ua + ub) << name << ": " << va << " over ptys, " << vb << " in virtual time";
    ++compared;
  }
  EXPECT_EQ(compared, 9);
  EXPECT_EQ(real.at("verdict"), in_virtual_time.at("verdict"));
}

/// Real instants of a run, by what it says of itself.
const char* const kSaidAtInstants[] = {"\"set-up\"", "\"reference before\"", "\"0.5 mm at", "\"1.5 mm at"};

TEST_F(OverPtys, AKilledSimulatorEndsInAnErrorWithARecordAtAnyPhase) {
  int number = 0;
  for (const char* instant : kSaidAtInstants) {
    start_rig();
    Program run(run_arguments("swarm-sweep.yaml"), folder());
    ASSERT_TRUE(run.wait_for_output(instant, 30'000)) << instant << run.out() << run.err();
    sim_->signal(SIGKILL);
    EXPECT_EQ(run.wait_for_exit(3'000), 3) << instant << run.out() << run.err();
    ++number;
    const Finished shown = run_program({"records", "list", "--json"}, folder());
    EXPECT_NE(shown.out.find("R-00000" + std::to_string(number)), std::string::npos) << shown.out;
    EXPECT_EQ(shown.out.find("PASS"), std::string::npos);
    EXPECT_NE(read_text(folder() + "/result.xml").find("<error"), std::string::npos);
    std::filesystem::remove(rig());
  }
}

TEST_F(OverPtys, AStopSignalEndsInTheSafeStateAndAnAbortedRecordAtAnyPhase) {
  constexpr std::pair<int, const char*> kSignals[] = {
      {SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}, {SIGINT, "SIGINT"}};
  static_assert(std::size(kSignals) == std::size(kSaidAtInstants));
  start_rig();
  for (std::size_t i = 0; i < std::size(kSaidAtInstants); ++i) {
    const auto [number, name] = kSignals[i];
    Program run(run_arguments("swarm-sweep.yaml"), folder());
    ASSERT_TRUE(run.wait_for_output(kSaidAtInstants[i], 30'000)) << kSaidAtInstants[i] << run.out() << run.err();
    run.signal(number);
    run.signal(number);  // a second one does not skip the safe state
    EXPECT_EQ(run.wait_for_exit(10'000), 2) << kSaidAtInstants[i] << run.out() << run.err();
    const auto result = cli::json_lines(run.out()).back();
    EXPECT_EQ(result.at("verdict"), "ABORTED");
    EXPECT_NE(result.at("reason").get<std::string>().find(name), std::string::npos) << result.at("reason");
    EXPECT_EQ(result.at("safe_state_confirmed"), true);
  }
  // The rig can run again.
  EXPECT_EQ(run_program(run_arguments("smoke.yaml"), folder()).exit_code, 0);
}

TEST_F(OverPtys, ASecondProgramOnTheSameRigIsRefusedAndTheFirstGoesOn) {
  start_rig();
  Program first(run_arguments("swarm-sweep.yaml"), folder());
  ASSERT_TRUE(first.wait_for_output("\"reference before\"", 30'000)) << first.out() << first.err();
  const Finished second =
      run_program({"run", kSource + "/rig/plans/smoke.yaml", "--rig", rig(), "--serial-number", "PRO-0001"}, folder());
  EXPECT_EQ(second.exit_code, 3) << second.out << second.err;
  EXPECT_EQ(first.wait_for_exit(120'000), 0) << first.out() << first.err();
}

TEST_F(OverPtys, AKilledHostLeavesARigThatCanRunAgain) {
  start_rig();
  Program killed(run_arguments("swarm-sweep.yaml"), folder());
  ASSERT_TRUE(killed.wait_for_output("\"reference before\"", 30'000)) << killed.out() << killed.err();
  killed.signal(SIGKILL);
  killed.wait_for_exit(5'000);
  EXPECT_NE(read_text(folder() + "/result.xml").find("<error"), std::string::npos) << "a killed run is not green";
  const Finished again = run_program(run_arguments("smoke.yaml"), folder());
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
}

TEST_F(OverPtys, EverySlotOfARigWithSeveralRunsAPenOfItsOwn) {
  start_rig({"--slots", "2"});
  const Loaded<RigDescription> written = load_rig(read_text(rig()), rig());
  ASSERT_TRUE(written.ok());
  ASSERT_EQ(written.value.slots.size(), 2U);
  EXPECT_NE(written.value.slots[0].pen_link, written.value.slots[1].pen_link);
  const Finished f = run_program({"run", kSource + "/rig/plans/smoke.yaml", "--rig", rig(), "--serial-number",
                                  "PRO-0002", "--slot", "2", "--json"},
                                 folder());
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(cli::json_lines(f.out).front().at("slot"), "2");
}

TEST_F(OverPtys, TheSimulatedRigEndsWellAtAStopSignal) {
  for (const int number : {SIGINT, SIGTERM}) {
    start_rig();
    sim_->signal(number);
    EXPECT_EQ(sim_->wait_for_exit(5'000), 0) << number << sim_->err();
    std::filesystem::remove(rig());
  }
}

TEST_F(OverPtys, ACalibrationThatIsStoppedKeepsItsPointsAndTheRigCanRun) {
  start_rig();
  Program series({"calibrate", "time-base", "--rig", rig(), "--operator", "A. Meier", "--standard", "NTP-1, none",
                  "--u-standard", "1 ppm", "--duration-s", "40"},
                 folder());
  ASSERT_TRUE(series.wait_for_output("2/21", 30'000)) << series.out() << series.err();
  series.signal(SIGINT);
  series.signal(SIGINT);
  EXPECT_EQ(series.wait_for_exit(10'000), 2) << series.out() << series.err();
  EXPECT_NE(series.err().find("stopped by SIGINT; nothing was filed"), std::string::npos) << series.err();
  EXPECT_NE(series.err().find("2 points are in time-base-points.csv"), std::string::npos) << series.err();
  EXPECT_EQ(run_program({"calibration", "list"}, folder()).out, "no calibration matches\n");
  EXPECT_EQ(run_program(run_arguments("smoke.yaml"), folder()).exit_code, 0);
}

TEST_F(OverPtys, ACalibrationThatLosesItsRigEndsInAnErrorWithItsPoints) {
  start_rig();
  Program series({"calibrate", "time-base", "--rig", rig(), "--operator", "A. Meier", "--standard", "NTP-1, none",
                  "--duration-s", "40"},
                 folder());
  ASSERT_TRUE(series.wait_for_output("2/21", 30'000)) << series.out() << series.err();
  sim_->signal(SIGKILL);
  EXPECT_EQ(series.wait_for_exit(5'000), 3) << series.out() << series.err();
  EXPECT_NE(series.err().find("2 points are in time-base-points.csv"), std::string::npos) << series.err();
}

TEST_F(OverPtys, ADefectThatOnlyTheHostLinkCanShowIsFound) {
  start_rig({"--defect", "ignores-dead-man"});
  EXPECT_EQ(run_program(run_arguments("swarm-sweep.yaml"), folder()).exit_code, 1);
}

}  // namespace
}  // namespace penrig::test
