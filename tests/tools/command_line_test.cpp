#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/reports/file_bytes.hpp"
#include "tests/tools/json_lines.hpp"
#include "tests/tools/run_line.hpp"

namespace penrig::cli {
namespace {

using penrig::testing::bytes_in;

TEST(CommandLine, HelpOfAGroupEndsInNoExamplesOfAnother) {
  EXPECT_THAT(run_line({"--help"}).out, ::testing::HasSubstr("Start here:"));
  for (const char* group : {"suite", "keys", "plan", "study", "records"}) {
    EXPECT_THAT(run_line({group, "--help"}).out, ::testing::Not(::testing::HasSubstr("Start here:"))) << group;
  }
}

TEST(CommandLine, EveryMistakeInItEndsWithFour) {
  EXPECT_EQ(run_line({}).code, 4);
  EXPECT_EQ(run_line({"fly"}).code, 4);
  EXPECT_EQ(run_line({"run"}).code, 4);
  EXPECT_EQ(run_line({"run", "plan.yaml", "--rig", "sim:seed=1"}).code, 4) << "no serial number";
  EXPECT_EQ(run_line({"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--no-such-option"}).code, 4);
  EXPECT_EQ(run_line({"sim", "--slots", "0"}).code, 4);
  EXPECT_EQ(run_line({"sim", "--seed", "many"}).code, 4);
  EXPECT_EQ(run_line({"plan"}).code, 4);
  EXPECT_EQ(run_line({"records", "show", ""}).code, 4);
  EXPECT_EQ(run_line({"report", "R-000001"}).code, 4) << "where to?";
  EXPECT_EQ(run_line({"--version", "run", "--rig"}).code, 4);
}

TEST(CommandLine, NamesWhatIsMissing) {
  EXPECT_NE(run_line({"run", "plan.yaml", "--rig", "sim:"}).err.find("--serial-number"), std::string::npos);
}

TEST(CommandLine, NamesACommandThatItDoesNotKnow) {
  EXPECT_NE(run_line({"rnu", "plan.yaml"}).err.find("unknown command 'rnu' (did you mean 'run'?)"), std::string::npos);
  EXPECT_NE(run_line({"plan", "chekc"}).err.find("unknown command 'plan chekc' (did you mean 'plan check'?)"),
            std::string::npos);
  EXPECT_NE(run_line({"zzzzzz"}).err.find("known: run, station, sim, "), std::string::npos);
  EXPECT_EQ(run_line({"rnu"}).code, 4);
  EXPECT_NE(run_line({"suit", "run", "nightly.yaml"}).err.find("unknown command 'suit' (did you mean 'suite'?)"),
            std::string::npos)
      << "though 'run' is a command as well";
}

TEST(CommandLine, NamesAnOptionThatItDoesNotKnowAndTheOneThatWasMeant) {
  const auto said = [](const std::vector<std::string>& words) {
    const Said all = run_line(words);
    EXPECT_EQ(all.code, 4);
    return all.err.substr(0, all.err.find('\n'));
  };
  EXPECT_EQ(said({"suite", "run", "nightly.yaml", "--jnuit", "x.xml"}),
            "unknown option '--jnuit' (did you mean '--junit'?)");
  EXPECT_EQ(said({"compare", "--mesurand=penetration", "a", "b"}),
            "unknown option '--mesurand' (did you mean '--measurand'?)");
  EXPECT_EQ(said({"run", "plan.yaml", "--rig", "sim:", "--serial-nmber", "X"}),
            "unknown option '--serial-nmber' (did you mean '--serial-number'?)")
      << "before that --serial-number is required";
  EXPECT_EQ(said({"--hlep"}), "unknown option '--hlep' (did you mean '--help'?)");
  EXPECT_EQ(said({"yield", "--no-such-thing", "--leas", "98"}),
            "unknown option '--no-such-thing'; unknown option '--leas' (did you mean '--least'?)");
  EXPECT_EQ(said({"spc", "plan=smoke", "plan=eol", "third"}), "not expected: plan=eol third");
}

/// The names that stand under "Subcommands:".
std::vector<std::string> commands_in(const std::string& help) {
  std::vector<std::string> names;
  std::istringstream lines(help.substr(std::min(help.find("Subcommands:"), help.size())));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line.starts_with("  ")) {
    if (line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

// Each by itself: only the options of the one that is named are there.
TEST(CommandLine, EveryCommandThatHelpListsIsThere) {
  const std::vector<std::string> commands = commands_in(run_line({"--help"}).out);
  EXPECT_THAT(commands, ::testing::IsSupersetOf({"run", "records", "verify", "audit", "spc", "study", "swarm"}));
  for (const std::string& command : commands) {
    const Said said = run_line({command, "--help"});
    EXPECT_EQ(said.code, 0) << command << ": " << said.err;
    EXPECT_NE(said.out.find("Usage: penrig " + command), std::string::npos) << said.out;
    for (const std::string& below : commands_in(said.out)) {
      const Said its = run_line({command, below, "--help"});
      EXPECT_EQ(its.code, 0) << command << ' ' << below << ": " << its.err;
      EXPECT_NE(its.out.find("Usage: penrig " + command + ' ' + below), std::string::npos) << its.out;
    }
  }
  EXPECT_THAT(commands_in(run_line({"records", "--help"}).out), ::testing::IsSupersetOf({"list", "void", "comment"}));
}

TEST(CommandLine, AnEmptyNameIsAMistakeAndNotNone) {
  for (const char* option : {"--rig", "--junit", "--records"}) {
    const Said said = run_line({"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", option, ""});
    EXPECT_EQ(said.code, 4) << option;
    EXPECT_NE(said.err.find(option), std::string::npos) << said.err;
  }
  EXPECT_NE(run_line({"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--junit", ""}).err.find("empty"),
            std::string::npos);
  EXPECT_EQ(run_line({"plan", "check", ""}).code, 4);
  EXPECT_EQ(run_line({"report", "R-000001", "--html", ""}).code, 4);
  EXPECT_NE(run_line({"report", "", "--html", "x.html"}).err.find("empty"), std::string::npos);
  EXPECT_NE(run_line({"records", "show", ""}).err.find("empty"), std::string::npos);
}

TEST(CommandLine, AnOptionThatLacksItsValueIsNamedAndTakesNoOtherForIt) {
  const std::vector<std::vector<std::string>> lines{
      {"run", "plan.yaml", "--serial-number", "X", "--rig", "--json"},
      {"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--operator", "--json"},
      {"sim", "--list-defects", "--write-rig", "--json"},
      {"records", "list", "--serial-number", "--json"}};
  for (const auto& line : lines) {
    const Said said = run_line(line);
    EXPECT_EQ(said.code, 4) << said.err;
    const std::string option = line[line.size() - 2];
    EXPECT_NE(said.err.find(option + ": has no value: '--json' follows it"), std::string::npos) << said.err;
  }
}

TEST(CommandLine, NeverReplacesADescriptionByJunit) {
  const std::string plan = ::testing::TempDir() + "penrig-plan-" + std::to_string(getpid()) + ".yaml";
  std::ofstream(plan) << "name: mine";
  // As a shell leaves it of `--junit $JUNIT plan.yaml` with an empty variable.
  const Said said = run_line({"run", "--junit", plan, "--rig", "sim:", "--serial-number", "X"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("is a description"), std::string::npos) << said.err;
  EXPECT_EQ(bytes_in(plan), "name: mine");
  std::remove(plan.c_str());
}

TEST(CommandLine, AMistakeInItLeavesNoGreenJunitFile) {
  const std::string named = ::testing::TempDir() + "penrig-command-line-" + std::to_string(getpid()) + ".xml";
  const std::string joined = "--junit=" + named;
  const char* const file = named.c_str();
  const std::vector<std::vector<std::string>> mistakes{
      {"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--junit", file, "--no-such-option"},
      {"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--junit", file, "--slot"},
      {"run", "plan.yaml", "--rig", "--junit", file, "--serial-number", "X"},
      {"run", "plan.yaml", "--rig", joined, "--serial-number", "X"},
      {"run", "plan.yaml", "--no-such-option", "--junit", file},
      {"rnu", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--junit", file},
      {"rnu", joined}};
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    std::ofstream(named) << "green";
    EXPECT_EQ(run_line(mistakes[i]).code, 4) << i;
    EXPECT_NE(bytes_in(named).find("a mistake in the command line"), std::string::npos) << i << bytes_in(named);
  }
  std::ofstream(named) << "green";
  EXPECT_EQ(run_line({"run", "plan.yaml", "--junit", file, "--help"}).code, 0);
  EXPECT_EQ(bytes_in(named), "green") << "a question is no run";
  std::remove(file);
}

TEST(CommandLine, CallsASlotWhatItsCommandCallsIt) {
  const Said said =
      run_line({"unlock", "9", "--rig", PENRIG_SOURCE_DIR "/fixtures/rigs/bench-example.yaml", "--reason", "looked"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("SLOT: rig 'bench-example' has no slot '9'"), std::string::npos) << said.err;
}

TEST(CommandLine, ASeedIsAWholeNumber) {
  for (const char* seed : {"-1", "1.5", "1e3", "", "99999999999999999999"}) {
    const Said said = run_line({"sim", "--list-defects", "--seed", seed});
    EXPECT_EQ(said.code, 4) << seed;
    EXPECT_NE(said.err.find("no whole number from 0 to 2^64 - 1"), std::string::npos) << said.err;
  }
  EXPECT_EQ(run_line({"sim", "--list-defects", "--seed", "18446744073709551615"}).code, 0);
}

// A second line under a certificate could have been anybody's.
TEST(CommandLine, WhoDoesSomethingHasANameInOneLine) {
  for (const std::string& name : {std::string("A. Example\nreleased by B. Other"), std::string("\x1b[31mred"),
                                  std::string("\xff"), std::string(201, 'x')}) {
    for (std::vector<std::string> words : {std::vector<std::string>{"run", "plan.yaml", "--rig", "sim:"},
                                           {"records", "comment", "R-000001", "--reason", "x"},
                                           {"calibrate", "encoder", "--standard", "R, C"}}) {
      words.insert(words.end(), {"--operator", name});
      const Said said = run_line(words);
      EXPECT_EQ(said.code, 4) << words.front();
      EXPECT_NE(said.both().find("--operator: is no name"), std::string::npos) << words.front() << said.both();
    }
  }
  const Said good = run_line({"records", "comment", "R-000001", "--reason", "x", "--records", "no-such-records",
                              "--operator", "Žofie Ångström"});
  EXPECT_EQ(good.both().find("is no name"), std::string::npos) << good.both();
}

TEST(CommandLine, HelpTeachesWithExamples) {
  for (const char* command : {"run", "sim", "ports", "report"}) {
    const Said said = run_line({command, "--help"});
    EXPECT_EQ(said.code, 0);
    EXPECT_NE(said.out.find("Example"), std::string::npos) << command;
    EXPECT_NE(said.out.find(std::string("penrig ") + command), std::string::npos) << command;
  }
}

TEST(CommandLine, SaysItsVersionWithTheCommit) {
  const Said said = run_line({"--version"});
  EXPECT_EQ(said.code, 0);
  if (!std::filesystem::exists(PENRIG_SOURCE_DIR "/.git")) GTEST_SKIP() << "outside git nobody knows the commit";
  EXPECT_THAT(said.out, ::testing::MatchesRegex("penrig [0-9]+\\.[0-9]+\\.[0-9]+ \\([0-9a-f]{12}(-dirty)?\\)\n"));
}

TEST(CommandLine, AMissingPlanIsAMistakeWithAName) {
  const Said said = run_line({"plan", "check", "no-such-folder/no-such-plan.yaml"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.out.find("no-such-folder/no-such-plan.yaml"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("no such file"), std::string::npos) << said.out;
}

TEST(CommandLine, AFileWithoutAnEndIsAMistake) {
  const Said said = run_line({"plan", "check", "/dev/zero"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.out.find("a pipe or a device, not a file"), std::string::npos) << said.out;
}

TEST(CommandLine, AllMistakesOfARunAreSaidAtOnce) {
  const Said said = run_line({"run", "no-such-plan.yaml", "--rig", "no-such-rig.yaml", "--serial-number", "PRO-0001"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("no-such-plan.yaml"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("no-such-rig.yaml"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("2 mistakes in 2 files; nothing has moved, no record was opened."), std::string::npos)
      << said.err;
}

TEST(CommandLine, AnUnknownRigSchemeIsAMistake) {
  const Said said = run_line({"run", "no-such-plan.yaml", "--rig", "tcp:somewhere", "--serial-number", "PRO-0001"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("tcp:somewhere"), std::string::npos) << said.err;
}

TEST(CommandLine, AnUnknownDefectIsAMistakeAndTheNextNameIsSuggested) {
  const Said said = run_line({"sim", "--defect", "slow-moter"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("slow-motor"), std::string::npos) << said.err;
}

TEST(CommandLine, ListsDefects) {
  const Said said = run_line({"sim", "--list-defects"});
  EXPECT_EQ(said.code, 0);
  EXPECT_NE(said.out.find("stuck-encoder"), std::string::npos);
}

TEST(CommandLine, ListsPortsForPeopleAndForPrograms) {
  const Said people = run_line({"ports"}), programs = run_line({"ports", "--json"});
  EXPECT_EQ(people.code, 0);
  EXPECT_EQ(programs.code, 0);
  const auto ports = json_lines(programs.out);
  EXPECT_EQ(ports.empty(), people.out.find("no serial port is there") != std::string::npos) << people.out;
  for (const auto& port : ports) {
    EXPECT_TRUE(port.at("uri").get<std::string>().starts_with("serial:")) << port;
    EXPECT_NE(people.out.find(port.at("uri")), std::string::npos) << people.out;
  }
}

TEST(CommandLine, RecordsThatAreNotThereAreAMistake) {
  EXPECT_EQ(run_line({"records", "list", "--records", "no-such-records"}).code, 4);
}

}  // namespace
}  // namespace penrig::cli
