#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

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

TEST(CommandLine, NamesACommandThatItDoesNotKnow) {
  EXPECT_NE(run({"rnu", "plan.yaml"}).err.find("unknown command 'rnu' (did you mean 'run'?)"), std::string::npos);
  EXPECT_NE(run({"plan", "chekc"}).err.find("unknown command 'plan chekc' (did you mean 'plan check'?)"),
            std::string::npos);
  EXPECT_NE(run({"zzzzzz"}).err.find("known: run, sim, "), std::string::npos);
  EXPECT_EQ(run({"rnu"}).code, 4);
}

TEST(CommandLine, AnEmptyNameIsAMistakeAndNotNone) {
  for (const char* option : {"--rig", "--junit", "--records"}) {
    const Said said = run({"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", option, ""});
    EXPECT_EQ(said.code, 4) << option;
    EXPECT_NE(said.err.find(option), std::string::npos) << said.err;
  }
  EXPECT_NE(run({"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--junit", ""}).err.find("empty"),
            std::string::npos);
  EXPECT_EQ(run({"plan", "check", ""}).code, 4);
  EXPECT_EQ(run({"report", "R-000001", "--html", ""}).code, 4);
}

TEST(CommandLine, AMistakeInItLeavesNoGreenJunitFile) {
  const std::string file = testing::TempDir() + "penrig-command-line-" + std::to_string(getpid()) + ".xml";
  for (const char* mistake : {"--no-such-option", "--slot"}) {
    std::ofstream(file) << "green";
    EXPECT_EQ(run({"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--junit", file.c_str(), mistake}).code,
              4);
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_NE(text.str().find("a mistake in the command line"), std::string::npos) << mistake << text.str();
  }
  std::ofstream(file) << "green";
  EXPECT_EQ(run({"run", "plan.yaml", "--junit", file.c_str(), "--help"}).code, 0);
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str(), "green") << "a question is no run";
  std::remove(file.c_str());
}

TEST(CommandLine, ASeedIsAWholeNumber) {
  for (const char* seed : {"-1", "1.5", "1e3", "", "99999999999999999999"}) {
    const Said said = run({"sim", "--list-defects", "--seed", seed});
    EXPECT_EQ(said.code, 4) << seed;
    EXPECT_NE(said.err.find("no whole number from 0 to 2^64 - 1"), std::string::npos) << said.err;
  }
  EXPECT_EQ(run({"sim", "--list-defects", "--seed", "18446744073709551615"}).code, 0);
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

TEST(CommandLine, AFileWithoutAnEndIsAMistake) {
  const Said said = run({"plan", "check", "/dev/zero"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.out.find("larger than 16 MiB"), std::string::npos) << said.out;
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
