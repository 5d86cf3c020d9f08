#include <vector>

#include <gtest/gtest.h>

#include "tools/penrig/commands.hpp"

namespace penrig::cli {
namespace {

struct Said {
  int code;
  std::string out, err;
};

Said run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "penrig");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = command_line(static_cast<int>(arguments.size()), arguments.data());
  Said said{code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  return said;
}

TEST(CommandLine, EveryMistakeInItEndsWithFour) {
  EXPECT_EQ(run({}).code, 4);
  EXPECT_EQ(run({"fly"}).code, 4);
  EXPECT_EQ(run({"run"}).code, 4);
  EXPECT_EQ(run({"run", "plan.yaml", "--rig", "sim:seed=1"}).code, 4) << "no serial number";
  EXPECT_EQ(run({"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--no-such-option"}).code, 4);
  EXPECT_EQ(run({"sim", "--slots", "0"}).code, 4);
  EXPECT_EQ(run({"sim", "--seed", "many"}).code, 4);
  EXPECT_EQ(run({"plan"}).code, 4);
  EXPECT_EQ(run({"records", "show"}).code, 4);
  EXPECT_EQ(run({"report", "R-000001"}).code, 4) << "where to?";
}

TEST(CommandLine, NamesWhatIsMissing) {
  EXPECT_NE(run({"run", "plan.yaml", "--rig", "sim:"}).err.find("--serial-number"), std::string::npos);
}

TEST(CommandLine, HelpTeachesWithExamples) {
  for (const char* command : {"run", "sim", "ports", "report"}) {
    const Said said = run({command, "--help"});
    EXPECT_EQ(said.code, 0);
    EXPECT_NE(said.out.find("Example"), std::string::npos) << command;
    EXPECT_NE(said.out.find(std::string("penrig ") + command), std::string::npos) << command;
  }
}

TEST(CommandLine, SaysItsVersionWithTheCommit) {
  const Said said = run({"--version"});
  EXPECT_EQ(said.code, 0);
  EXPECT_TRUE(said.out.starts_with("penrig 0.1.0 (")) << said.out;
}

TEST(CommandLine, AMissingPlanIsAMistakeWithAName) {
  const Said said = run({"plan", "check", "no-such-folder/no-such-plan.yaml"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.out.find("no-such-folder/no-such-plan.yaml"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("no such file"), std::string::npos) << said.out;
}

TEST(CommandLine, AllMistakesOfARunAreSaidAtOnce) {
  const Said said = run({"run", "no-such-plan.yaml", "--rig", "no-such-rig.yaml", "--serial-number", "PRO-0001"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("no-such-plan.yaml"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("no-such-rig.yaml"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("2 mistakes in 2 files; nothing has moved, no record was opened."), std::string::npos)
      << said.err;
}

TEST(CommandLine, AnUnknownRigSchemeIsAMistake) {
  const Said said = run({"run", "no-such-plan.yaml", "--rig", "tcp:somewhere", "--serial-number", "PRO-0001"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("tcp:somewhere"), std::string::npos) << said.err;
}

TEST(CommandLine, AnUnknownDefectIsAMistakeAndTheNextNameIsSuggested) {
  const Said said = run({"sim", "--defect", "slow-moter"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("slow-motor"), std::string::npos) << said.err;
}

TEST(CommandLine, ListsDefects) {
  const Said said = run({"sim", "--list-defects"});
  EXPECT_EQ(said.code, 0);
  EXPECT_NE(said.out.find("stuck-encoder"), std::string::npos);
}

TEST(CommandLine, RecordsThatAreNotThereAreAMistake) {
  EXPECT_EQ(run({"records", "list", "--records", "no-such-records"}).code, 4);
}

}  // namespace
}  // namespace penrig::cli
