// What a person, a terminal, a pipe or an operating system does to a run that drives a rig.
#include <csignal>

#include <gtest/gtest.h>

#include "tests/system/over_ptys.hpp"
#include "tests/system/terminal_program.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

/// The newest run of the folder's records, as `records show --json` has it.
nlohmann::json newest_record(const std::string& folder) {
  const Finished list = run_program({"records", "list", "--json"}, folder);
  const auto runs = cli::json_lines(list.out);
  if (runs.empty()) return {};
  const std::string id = runs.back().at("run");
  return nlohmann::json::parse(run_program({"records", "show", id, "--json"}, folder).out);
}

void expect_aborted(const nlohmann::json& record, const std::string& why) {
  ASSERT_FALSE(record.is_null());
  EXPECT_EQ(record.at("verdict"), "ABORTED") << record.at("reason");
  EXPECT_EQ(record.at("safe_state_confirmed"), true) << record.at("reason");
  EXPECT_NE(record.at("reason").get<std::string>().find(why), std::string::npos) << record.at("reason");
}

TEST_F(OverPtys, AStopOrQuitKeyEndsInTheSafeStateNotInASleepingProgramWithARunningMotor) {
  start_rig();
  for (const auto& [number, name] : {std::pair{SIGTSTP, "SIGTSTP"}, std::pair{SIGQUIT, "SIGQUIT"}}) {
    Program run(run_arguments("swarm-sweep.yaml"), folder());
    ASSERT_TRUE(run.wait_for_output("\"0.5 mm at", 30'000)) << run.out() << run.err();
    run.signal(number);
    EXPECT_EQ(run.wait_for_exit(10'000), 2) << name << run.out() << run.err();
    expect_aborted(newest_record(folder()), name);
  }
}

TEST_F(OverPtys, ASecondSignalIsAnsweredAndDoesNotSkipTheSafeState) {
  start_rig();
  Program run(run_arguments("swarm-sweep.yaml"), folder());
  ASSERT_TRUE(run.wait_for_output("\"0.5 mm at", 30'000)) << run.out() << run.err();
  run.signal(SIGINT);
  ASSERT_TRUE(run.wait_for_output("\"abort\"", 5'000)) << run.out() << run.err();
  run.signal(SIGTERM);
  EXPECT_EQ(run.wait_for_exit(10'000), 2) << run.out() << run.err();
  EXPECT_NE(run.err().find("SIGTERM again: the safe state is not skipped"), std::string::npos) << run.err();
  EXPECT_NE(run.err().find("that takes 10 s at most"), std::string::npos) << run.err();
  expect_aborted(newest_record(folder()), "SIGINT");
}

TEST_F(OverPtys, APipeThatNobodyReadsAnyMoreEndsInTheSafeState) {
  start_rig();
  for (const bool is_output : {true, false}) {
    Program run(run_arguments("swarm-sweep.yaml"), folder());
    ASSERT_TRUE(run.wait_for_output("\"0.5 mm at", 30'000)) << run.out() << run.err();
    is_output ? run.leave_output() : run.leave_error();
    EXPECT_EQ(run.wait_for_exit(10'000), 2) << run.out() << run.err();
    if (is_output) {
      EXPECT_NE(run.err().find("stopping after the loss of its standard output"), std::string::npos) << run.err();
    }
    expect_aborted(newest_record(folder()),
                   is_output ? "the loss of its standard output" : "the loss of its standard error");
  }
}

TEST_F(OverPtys, ATerminalThatIsClosedOrWhoseStopKeyIsPressedEndsInTheSafeState) {
  start_rig();
  std::vector<std::string> arguments = run_arguments("swarm-sweep.yaml");
  std::erase(arguments, "--json");
  for (const bool closes : {true, false}) {
    TerminalProgram run(arguments, folder());
    ASSERT_TRUE(run.wait_for("0.5 mm at", 30'000)) << run.screen();
    closes ? run.close_window() : run.press("\x1a");
    EXPECT_EQ(run.wait_for_exit(10'000), 2) << run.screen();
    const auto record = newest_record(folder());
    ASSERT_FALSE(record.is_null());
    EXPECT_EQ(record.at("verdict"), "ABORTED") << record.at("reason");
    EXPECT_EQ(record.at("safe_state_confirmed"), true);
  }
  EXPECT_EQ(run_program(run_arguments("smoke.yaml"), folder()).exit_code, 0) << "the rig can run again";
}

/// What the record says of a stall: "this program's event loop stood still for 612 ms"; 0 if nothing.
int stalled_ms(const nlohmann::json& record) {
  const std::string words = "event loop stood still for ";
  for (const auto& event : record.at("events")) {
    const std::string text = event.at("text");
    if (const auto at = text.find(words); at != std::string::npos) return std::stoi(text.substr(at + words.size()));
  }
  return 0;
}

TEST_F(OverPtys, AProgramThatWasStoppedAsAWholeEndsInAnErrorWithTheLengthOfTheStall) {
  start_rig();
  Program run(run_arguments("swarm-sweep.yaml"), folder());
  ASSERT_TRUE(run.wait_for_output("\"0.5 mm at", 30'000)) << run.out() << run.err();
  run.signal(SIGSTOP);
  run.wait_for_output("never said", 600);  // what is left in the pipe, then nothing
  run.wait_for_output("never said", 600);
  run.signal(SIGCONT);
  EXPECT_EQ(run.wait_for_exit(15'000), 3) << run.out() << run.err();
  const auto record = newest_record(folder());
  EXPECT_EQ(record.at("verdict"), "ERROR") << record.at("reason");
  EXPECT_GE(stalled_ms(record), 600) << record.at("reason");
  if (record.at("safe_state_confirmed") == false) {  // its links may have counted it for gone meanwhile
    EXPECT_NE(run.err().find("is locked: R-000001"), std::string::npos) << run.err();
  }
  EXPECT_EQ(run_program(run_arguments("smoke.yaml"), folder()).exit_code, 0) << "the rig can run again";
}

TEST_F(OverPtys, ALoopThatIsHeldByItsOutputIsNoticedWhileItStandsAndEndsInAnError) {
  start_rig();
  Program run(run_arguments("swarm-sweep.yaml"), folder());
  ASSERT_TRUE(run.wait_for_output("\"0.5 mm at", 30'000)) << run.out() << run.err();
  run.clog_output();  // the next line waits until somebody reads
  ASSERT_TRUE(run.wait_for_error("the event loop has stood still for ", 30'000)) << run.err();
  const std::string said = run.err().substr(run.err().find("stood still for ") + 16);
  // That it is 200 ms wherever the watchdog just is says StallDetector's test, whose clock nobody takes away.
  EXPECT_LE(std::stoi(said), 1000) << "ms until it was noticed";
  EXPECT_EQ(run.wait_for_exit(15'000), 3) << run.out() << run.err();  // reads on
  const auto record = newest_record(folder());
  EXPECT_EQ(record.at("verdict"), "ERROR") << record.at("reason");
  EXPECT_GE(stalled_ms(record), 140) << record.at("reason");
}

TEST_F(OverPtys, ARunThatLeftItsSlotUnsafeLocksItUntilTheSensorsOrAHandSayOtherwise) {
  start_rig();
  const auto lose_the_rig = [&] {
    Program run(run_arguments("swarm-sweep.yaml"), folder());
    ASSERT_TRUE(run.wait_for_output("\"0.5 mm at", 30'000)) << run.out() << run.err();
    sim_->signal(SIGKILL);
    EXPECT_EQ(run.wait_for_exit(10'000), 3) << run.out() << run.err();
    EXPECT_NE(run.err().find("is locked: R-"), std::string::npos) << run.err();
    EXPECT_NE(run.err().find("penrig unlock 1 --rig "), std::string::npos) << run.err();
    std::filesystem::remove(rig());
    start_rig();
  };
  const auto run_again = [&] { return run_program(run_arguments("smoke.yaml"), folder()); };
  lose_the_rig();
  const Finished by_sensors = run_again();
  EXPECT_EQ(by_sensors.exit_code, 0) << by_sensors.out << by_sensors.err;
  EXPECT_NE(by_sensors.err.find("is locked: R-000001"), std::string::npos) << by_sensors.err;
  EXPECT_EQ(run_again().err.find("locked"), std::string::npos) << "the sensors have unlocked it";

  lose_the_rig();
  const std::vector<std::string> unlock{"unlock", "1", "--rig", rig(), "--reason", "pen stands, stage is back"};
  const Finished unlocked = run_program(unlock, folder());
  EXPECT_EQ(unlocked.exit_code, 0) << unlocked.err;
  EXPECT_NE(run_program({"audit"}, folder()).out.find("slot unlocked slot 1 of "), std::string::npos);
  const Finished by_hand = run_again();
  EXPECT_EQ(by_hand.exit_code, 0) << by_hand.err;
  EXPECT_EQ(by_hand.err.find("locked"), std::string::npos) << by_hand.err;
  const Finished twice = run_program(unlock, folder());
  EXPECT_EQ(twice.exit_code, 4) << twice.err;
  EXPECT_NE(twice.err.find("is not locked"), std::string::npos) << twice.err;
}

}  // namespace
}  // namespace penrig::test
