#include <gtest/gtest.h>

#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

const std::string kPlan = std::string(PENRIG_SOURCE_DIR) + "/rig/plans/eol-pro.yaml";

struct Left {
  std::string json, report, said;
};

/// What a run of the program leaves in a fresh folder.
Left run_in_a_fresh_folder() {
  const ScratchDirectory folder;
  const std::string in = folder.path().string();
  const Finished run = run_program({"run", kPlan, "--rig", "sim:seed=1", "--serial-number", "PRO-0001"}, in);
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  const Finished shown = run_program({"records", "show", "R-000001", "--json"}, in);
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  return {shown.out, read_text(folder.path() / "records" / "R-000001" / "report.html"), run.out};
}

TEST(Program, LeavesTheSameBytesInTwoFreshFolders) {
  const Left first = run_in_a_fresh_folder(), second = run_in_a_fresh_folder();
  EXPECT_GT(first.json.size(), 10'000U);
  EXPECT_GT(first.report.size(), 100'000U);
  EXPECT_EQ(first.json, second.json);
  EXPECT_EQ(first.report, second.report);
  EXPECT_EQ(first.said, second.said);
}

TEST(Program, ARepeatedSeedInOneStoreIsANewRun) {
  const ScratchDirectory folder;
  const std::string in = folder.path().string();
  const std::string smoke = std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(run_program({"run", smoke, "--rig", "sim:seed=1", "--serial-number", "PRO-0001"}, in).exit_code, 0);
  }
  const Finished listed = run_program({"records", "list"}, in);
  EXPECT_NE(listed.out.find("R-000001"), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find("R-000002"), std::string::npos) << listed.out;
}

}  // namespace
}  // namespace penrig::test
