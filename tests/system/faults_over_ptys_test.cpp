#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/over_ptys.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

/// `penrig sim --faults` with this script, in the folder of the test.
std::unique_ptr<Program> served(const std::string& folder, const std::string& rig, const std::string& faults) {
  std::ofstream(folder + "/broken.yaml") << "name: broken\nfaults:\n" << faults;
  auto sim = std::make_unique<Program>(
      std::vector<std::string>{"sim", "--seed", "1", "--write-rig", rig, "--faults", "broken.yaml"}, folder);
  if (!sim->wait_for_output("Ctrl-C", 30'000)) ADD_FAILURE() << sim->out() << sim->err();
  return sim;
}

struct Outcome {
  int exit_code;
  std::string verdict, reason, all;
};

Outcome run_smoke(const std::vector<std::string>& arguments, const std::string& folder) {
  const Finished f = run_program(arguments, folder);
  const auto result = cli::json_lines(f.out).back();
  return {f.exit_code, result.value("verdict", ""), result.value("reason", ""), f.out + f.err};
}

TEST_F(OverPtys, AGoodPenPassesOverALinkThatCutsDelaysAndSendsGarbage) {
  const auto sim = served(folder(), rig(),
                          "  - {what: split, at_s: 0, piece_bytes: 100}\n"
                          "  - {what: delay, at_s: 0, delay_ms: 3}\n"
                          "  - {what: garbage, device: pen, at_s: 2, garbage_bytes: 300}\n");
  const Outcome run = run_smoke(run_arguments("smoke.yaml"), folder());
  EXPECT_EQ(run.exit_code, 0) << run.all;
  sim->signal(SIGTERM);
  EXPECT_EQ(sim->wait_for_exit(10'000), 0) << sim->err();
  EXPECT_THAT(sim->out(), HasSubstr("begins: pen and DAQ link: split"));
}

TEST_F(OverPtys, ADaqThatFallsSilentAndALinkThatStallsEndInAnErrorThatNamesTheLink) {
  for (const char* fault : {"  - {what: mute, device: daq, at_s: 1.5}\n",
                            "  - {what: stall, link: pen, direction: to-host, at_s: 1.5, for_s: 1}\n"}) {
    const auto sim = served(folder(), rig(), fault);
    const Outcome run = run_smoke(run_arguments("smoke.yaml"), folder());
    EXPECT_EQ(run.exit_code, 3) << run.all;
    EXPECT_EQ(run.verdict, "ERROR");
    EXPECT_THAT(run.reason, HasSubstr("/dev/pts/")) << fault;
    std::filesystem::remove(rig());
  }
}

TEST_F(OverPtys, ALinkThatComesBackUnderAnotherNameIsInTheDescriptionThatIsWrittenAnew) {
  const auto sim = served(folder(), rig(), "  - {what: reconnect, link: pen, at_s: 1.5, for_s: 0.3}\n");
  const Outcome run = run_smoke(run_arguments("smoke.yaml"), folder());
  EXPECT_EQ(run.exit_code, 3) << run.all;
  EXPECT_EQ(run.verdict, "ERROR");
  ASSERT_TRUE(sim->wait_for_output(" now", 10'000)) << sim->out() << sim->err();
  const Outcome again = run_smoke(run_arguments("smoke.yaml"), folder());
  EXPECT_EQ(again.exit_code, 0) << again.all;
}

TEST_F(OverPtys, AScriptWithAMistakeOrWhatAServedBenchCannotDoIsRefusedWithItsPlace) {
  std::ofstream(folder() + "/broken.yaml") << "name: x\nfaults:\n  - what: stal\n    at_s: 1\n";
  const Finished misspelt = run_program({"sim", "--faults", "broken.yaml"}, folder());
  EXPECT_EQ(misspelt.exit_code, 4);
  EXPECT_THAT(misspelt.err, HasSubstr("broken.yaml:3:11: unknown fault 'stal' (did you mean 'stall'?)"));
  EXPECT_THAT(misspelt.err, HasSubstr("^~~~"));
  std::ofstream(folder() + "/host.yaml") << "name: x\nfaults:\n  - what: disk-full\n    at_s: 1\n";
  const Finished host = run_program({"sim", "--faults", "host.yaml"}, folder());
  EXPECT_EQ(host.exit_code, 4);
  EXPECT_THAT(host.err, HasSubstr("host.yaml:3:11"));
  const Finished run = run_program(
      {"run", kSource + "/rig/plans/smoke.yaml", "--rig", "sim:seed=1&faults=broken.yaml", "--serial-number", "P"},
      folder());
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.err, HasSubstr("broken.yaml:3:11"));
}

TEST_F(OverPtys, AScriptOfASimulatedRigInProcessStandsInItsRecord) {
  const std::string script = "name: full\nfaults:\n  - what: encoder-stuck\n    at_progress: 0.3\n";
  std::ofstream(folder() + "/stuck.yaml") << script;
  const Outcome run = run_smoke({"run", kSource + "/rig/plans/smoke.yaml", "--rig", "sim:seed=1&faults=stuck.yaml",
                                 "--serial-number", "PRO-0001", "--json"},
                                folder());
  EXPECT_EQ(run.exit_code, 3) << run.all;
  EXPECT_THAT(run.reason, AnyOf(HasSubstr("needle encoder"), HasSubstr("needle zero"), HasSubstr("spot ")));
  const Finished shown = run_program({"records", "show", "R-000001", "--json"}, folder());
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("faults=stuck.yaml"));
  EXPECT_THAT(shown.out, HasSubstr("\"kind\":\"faults\",\"name\":\"full\""));
}

}  // namespace
}  // namespace penrig::test
