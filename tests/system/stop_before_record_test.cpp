#include <csignal>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "reports/store/sqlite_database.hpp"
#include "tests/system/example_bench.hpp"
#include "tests/system/failing_disk.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

class StopBeforeTheRecord : public ::testing::Test {
 protected:
  StopBeforeTheRecord() { std::ofstream(folder_.path() / "bench.yaml") << example_bench(); }
  std::string folder() const { return folder_.path().string(); }

  ScratchDirectory folder_;
};

TEST_F(StopBeforeTheRecord, EndsWithNothingRunHoweverTimeRuns) {
  const Shim shim("opened:" + kSmokePlan);
  for (const char* rig : {"sim:seed=1", "bench.yaml"}) {
    Program run({"run", kSmokePlan, "--rig", rig, "--serial-number", "PRO-0001", "--junit", "r.xml"}, folder());
    int status = 0;
    ASSERT_EQ(::waitpid(run.pid(), &status, WUNTRACED), run.pid());
    ASSERT_TRUE(WIFSTOPPED(status)) << run.out() << run.err();
    run.signal(SIGINT);
    run.signal(SIGCONT);
    EXPECT_EQ(run.wait_for_exit(10'000), 5) << rig << run.out() << run.err();
    EXPECT_NE(run.err().find("SIGINT came before the run began: nothing ran"), std::string::npos) << run.err();
    EXPECT_NE(read_text(folder() + "/r.xml").find("nothing ran"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder() + "/records"));
  }
}

TEST_F(StopBeforeTheRecord, IsNoExcuseForARecordThatCannotBeOpened) {
  const std::vector<std::string> on_bench{"run",      kSmokePlan, "--rig", "bench.yaml", "--serial-number",
                                          "PRO-0001", "--json"};
  ASSERT_EQ(run_program(on_bench, folder()).exit_code, 3) << "its ports are nowhere, but there are records now";
  sqlite::Database holder(folder() + "/records/records.db", sqlite::Database::Access::existing, 1000);
  holder.run("BEGIN IMMEDIATE");
  Program run(on_bench, folder());
  ASSERT_TRUE(run.wait_for_output("\"header\"", 10'000)) << run.out() << run.err();
  run.signal(SIGINT);
  EXPECT_EQ(run.wait_for_exit(10'000), 3) << run.out() << run.err();
  EXPECT_NE(run.out().find("the record could not be opened"), std::string::npos) << run.out();
  holder.run("ROLLBACK");
}

}  // namespace
}  // namespace penrig::test
