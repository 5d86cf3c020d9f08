#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "reports/store/sqlite_database.hpp"
#include "rig/base/file_descriptor.hpp"
#include "tests/system/example_bench.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

class StopBeforeTheRecord : public ::testing::Test {
 protected:
  StopBeforeTheRecord() { std::ofstream(folder_.path() / "bench.yaml") << example_bench(); }
  std::string folder() const { return folder_.path().string(); }

  /// Waits until the program has opened the pipe to read it.
  FileDescriptor open_for_writing(Program& program, const std::string& pipe) const {
    FileDescriptor writer;
    for (int i = 0; i < 200 && !writer; ++i) {
      writer.reset(::open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
      if (!writer) program.wait_for_output("never said", 50);
    }
    return writer;
  }

  ScratchDirectory folder_;
};

TEST_F(StopBeforeTheRecord, EndsWithNothingRunHoweverTimeRuns) {
  const std::string pipe = folder() + "/plan.yaml";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const char* rig : {"sim:seed=1", "bench.yaml"}) {
    Program run({"run", pipe, "--rig", rig, "--serial-number", "PRO-0001", "--junit", "r.xml"}, folder());
    FileDescriptor writer = open_for_writing(run, pipe);
    ASSERT_TRUE(writer) << rig;
    run.signal(SIGINT);
    writer.reset();
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
