#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "reports/scratch_directory.hpp"
#include "tests/system/program.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

/// `penrig study grr` of the simulated rig, in a folder of its own.
class GrrOfTheRig : public ::testing::Test {
 protected:
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  static std::vector<std::string> study(std::vector<std::string> more = {}) {
    std::vector<std::string> all{"study",      "grr",        kSmokePlan,
                                 "--rig",      "sim:seed=1", "--rig",
                                 "sim:seed=2", "--pens",     "PRO-0001,PRO-0002,PRO-0003",
                                 "--trials",   "2"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ScratchDirectory folder_;
};

TEST_F(GrrOfTheRig, RunsInARandomOrderBlindlyAndEvaluates) {
  const Finished f = program(study({"--json"}));
  EXPECT_TRUE(f.exit_code == 0 || f.exit_code == 1) << f.out << f.err;
  const auto lines = cli::json_lines(f.out);
  ASSERT_EQ(lines.size(), 14U) << f.out;
  std::map<std::string, int> cells;
  for (const auto& line : lines) {
    if (line.value("event", "") != "run") continue;
    EXPECT_EQ(line.at("verdict"), "") << "whoever clamps must not know";
    EXPECT_EQ(line.at("reason"), "");
    const std::string title = line.at("title");
    ++cells[title.substr(0, title.rfind(','))];
  }
  EXPECT_EQ(cells.size(), 6U);
  for (const auto& [cell, n] : cells) EXPECT_EQ(n, 2) << cell;
  bool seen = false;
  for (const auto& m : lines.back().at("measurements")) {
    if (!m.at("measurement").get<std::string>().starts_with("parked_extension@")) continue;
    seen = true;
    // One pen is the same on both benches: what differs is the pen, not bench nor trial.
    double grr = 0, part = 0;
    for (const auto& c : m.at("grr").at("components")) {
      if (c.at("source") == "gage R&R") grr = c.at("sd").at("value");
      if (c.at("source") == "part to part") part = c.at("sd").at("value");
    }
    EXPECT_GT(part, 5 * grr) << m.dump(1);
  }
  EXPECT_TRUE(seen) << lines.back().dump(1);
  // Again from what is kept.
  const auto again = cli::json_lines(program({"study", "grr", "--of", "A-000001", "--json"}).out);
  EXPECT_EQ(again.back(), lines.back());
  EXPECT_EQ(program({"verify"}).exit_code, 0);
}

TEST_F(GrrOfTheRig, OfSlotsRunsThemAtTheSameTimeAndSaysIntervalsThatHoldTogether) {
  const std::vector<std::string> of_slots{"study",
                                          "grr",
                                          kSmokePlan,
                                          "--rig",
                                          "sim:seed=1&slots=2",
                                          "--slots",
                                          "all",
                                          "--pens",
                                          "PRO-0001,PRO-0002,PRO-0003",
                                          "--trials",
                                          "2"};
  std::vector<std::string> arguments = of_slots;
  arguments.emplace_back("--sheet");
  const std::string sheet = program(arguments).out;
  EXPECT_NE(sheet.find("slots    all: in 7 rounds"), std::string::npos) << sheet;
  arguments.back() = "--json";
  const Finished f = program(arguments);
  EXPECT_TRUE(f.exit_code == 0 || f.exit_code == 1) << f.out << f.err;
  const auto survey = cli::json_lines(f.out).back();
  EXPECT_NE(survey.at("source").get<std::string>().find("3 pens on 2 benches, 12 runs"), std::string::npos);
  std::size_t told = 0;
  for (const auto& m : survey.at("measurements")) {
    if (!m.contains("grr")) continue;
    const auto& both = m.at("grr").at("simultaneous");
    for (const auto& c : m.at("grr").at("components")) {
      const std::string source = c.at("source");
      if (source != "repeatability" && source != "part to part") continue;
      const auto& wide = both.at(source == "repeatability" ? "repeatability" : "part_to_part");
      EXPECT_LE(wide.at("low"), c.at("sd").at("low")) << m.dump(1);
      EXPECT_GE(wide.at("high"), c.at("sd").at("high")) << m.dump(1);  // a reading without any spread has none
      told += wide.at("high") > c.at("sd").at("high") ? 1U : 0U;
    }
    EXPECT_EQ(both.at("method"), "Bonferroni");
  }
  EXPECT_GT(told, 0U);
  const Finished one = program({"study", "grr", "--of", "A-000001", "--only", "parked"});
  EXPECT_NE(one.out.find("Repeatability and part to part at once"), std::string::npos) << one.out << one.err;
  EXPECT_NE(one.out.find("σ, simultaneous 95 %"), std::string::npos) << one.out;
}

TEST_F(GrrOfTheRig, SaysItsOrderAndMovesNothing) {
  const std::string one = program(study({"--sheet", "--seed", "1"})).out;
  EXPECT_EQ(one, program(study({"--sheet", "--seed", "1"})).out);
  EXPECT_NE(one.substr(one.find('\n')), program(study({"--sheet", "--seed", "2"})).out.substr(one.find('\n')));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "records"));
}

TEST_F(GrrOfTheRig, ThatWasKilledIsNotEvaluatedUntilItIsWhole) {
  Program killed(study({"--json"}), folder_.path().string());
  ASSERT_TRUE(killed.wait_for_output("\"event\":\"run\"", 60'000)) << killed.err();
  killed.signal(SIGKILL);
  killed.wait_for_exit(30'000);
  const Finished holes = program({"study", "grr", "--of", "A-000001"});
  EXPECT_EQ(holes.exit_code, 3);
  EXPECT_NE(holes.err.find("a study with holes is not evaluated"), std::string::npos) << holes.err;
  const Finished f = program(study({"--resume"}));
  EXPECT_TRUE(f.exit_code == 0 || f.exit_code == 1) << f.out << f.err;
  EXPECT_NE(f.out.find("resumed  "), std::string::npos) << f.out;
  EXPECT_NE(f.out.find("3 pens on 2 benches, 12 runs"), std::string::npos) << f.out;
}

TEST_F(GrrOfTheRig, ThatIsTakenUpAgainWithOtherOptionsSaysWhich) {
  Program killed(study({"--json"}), folder_.path().string());
  ASSERT_TRUE(killed.wait_for_output("\"event\":\"run\"", 60'000)) << killed.err();
  killed.signal(SIGKILL);
  killed.wait_for_exit(30'000);
  const auto expect_refused = [&](const std::vector<std::string>& arguments, const std::string& words) {
    const Finished f = program(arguments);
    EXPECT_EQ(f.exit_code, 4) << words << f.out << f.err;
    EXPECT_NE(f.err.find("A-000001 began with other " + words), std::string::npos) << words << "\n" << f.err;
  };
  expect_refused(study({"--resume", "--seed", "9"}), "options: --seed '1', not '9'");
  std::vector<std::string> more = study({"--resume"});
  more[more.size() - 2] = "3";
  expect_refused(more, "options: 12 runs, not 18 (--pens, --trials)");
  std::vector<std::string> pens = study({"--resume"});
  *std::ranges::find(pens, std::string("PRO-0001,PRO-0002,PRO-0003")) = "PRO-0001,PRO-0002,PRO-0004";
  expect_refused(pens, "--pens, or another " + kSmokePlan);
}

TEST_F(GrrOfTheRig, ThatCannotBeOneIsRefused) {
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& words) {
    const Finished f = program(arguments);
    EXPECT_EQ(f.exit_code, 4) << words << f.out << f.err;
    EXPECT_NE(f.err.find(words), std::string::npos) << words << "\n" << f.err;
  };
  refused({"study", "grr"}, "nothing to study is named");
  refused(study({"--csv", "x.csv"}), "not several");
  refused({"study", "grr", kSmokePlan, "--rig", "sim:seed=1", "--pens", "PRO-0001,PRO-0002"}, "no reproducibility");
  refused({"study", "grr", kSmokePlan, "--rig", "sim:seed=1", "--rig", "sim:seed=2", "--pens", "PRO-0001"},
          "at least two pens");
  refused({"study", "grr", kSmokePlan, "--rig", "sim:seed=1", "--rig", "sim:seed=2", "--pens", "PRO-0001,XYZ"},
          "'XYZ' is no serial number of pen-pro");
  refused(study({"--nested"}), "--nested");
  refused(study({"--resume"}), "there are no records");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "records")) << "nothing was run";
}

}  // namespace
}  // namespace penrig::test
