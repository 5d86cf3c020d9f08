#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/scratch_directory.hpp"
#include "tests/reports/scratch_store.hpp"
#include "tests/system/program.hpp"
#include "tests/tools/json_lines.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::test {
namespace {

/// Studies of what does not suffice for one: a clear answer or a clear refusal, never a number that means nothing.
class OddStudy : public ::testing::Test {
 protected:
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_.path() / name) << text; }
  void refused(const std::vector<std::string>& arguments, const std::string& words) const {
    const Finished f = program(arguments);
    EXPECT_EQ(f.exit_code, 4) << words << "\n" << f.out << f.err;
    EXPECT_EQ(f.out, "");
    EXPECT_NE(f.err.find(words), std::string::npos) << words << "\n" << f.err;
  }
  void run(const std::string& plan, int seed, const std::string& pen) const {
    const Finished f = program({"run", plan, "--rig", "sim:seed=" + std::to_string(seed), "--serial-number", pen});
    ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  }
  std::string smoke(const std::string& revision) {
    const std::string from = std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml";
    std::string text = cli::read_text(from).value();
    const auto replace = [&](const std::string& what, const std::string& to) {
      text.replace(text.find(what), what.size(), to);
    };
    replace("../../fixtures", std::string(PENRIG_SOURCE_DIR) + "/fixtures");
    replace("revision: 1", "revision: " + revision);
    write("smoke-" + revision + ".yaml", text);
    return "smoke-" + revision + ".yaml";
  }
  ScratchDirectory folder_;
};

TEST_F(OddStudy, OfRunsThatAreNotThereIsRefused) {
  for (const char* what : {"capability", "spc", "yield"}) {
    refused({what}, "there are no records");
  }
  run(smoke("1"), 1, "PRO-0001");
  for (const char* what : {"capability", "spc", "yield"})
    refused({what, "plan=nosuch"}, "no run matches 'plan=nosuch'");
  refused({"study", "stability", "plan=nosuch"}, "no run matches 'plan=nosuch'");
  refused({"compare", "firmware=1", "firmware=2"}, "BASE: no run matches 'firmware=1'");
  refused({"capability", "plon=smoke"}, "did you mean 'plan'?");
}

TEST_F(OddStudy, OfOneRunSaysWhatIsLacking) {
  run(smoke("1"), 1, "PRO-0001");
  const Finished yield = program({"yield", "--json"});
  EXPECT_EQ(yield.exit_code, 0) << yield.err;
  const auto y = cli::json_lines(yield.out).front();
  EXPECT_EQ(y.at("first_pass").at("hits"), 1);
  EXPECT_LT(y.at("first_pass").at("low"), 0.03) << "of one pen nothing is known";
  refused({"spc", "--measurand", "penetration"}, "limits need at least 10");
  const Finished spc = program({"spc", "--subgroup", "4"});
  EXPECT_NE(spc.out.find("have no chart: 0 points of reference: limits need at least 10"), std::string::npos)
      << spc.out << spc.err;
  EXPECT_NE(spc.out.find("(mean and standard deviation; "), std::string::npos) << spc.out;
  const Finished stability = program({"study", "stability", "--only", "peak force"});
  EXPECT_EQ(stability.exit_code, 4) << stability.out << stability.err;
  const Finished c = program({"capability", "--measurand", "peak_force"});
  EXPECT_NE(c.exit_code, 0) << "one value is capable of nothing: " << c.out << c.err;
  refused({"compare", "R-000001", "R-000001"}, "BASE and NEW have 1 run in common (the first: R-000001)");
}

TEST_F(OddStudy, OfABaselineThatIsNotThereIsAMistakeInJsonToo) {
  run(smoke("1"), 1, "PRO-0001");
  EXPECT_EQ(program({"baseline", "show", "--json"}).exit_code, 0) << "none is pinned, and that was the question";
  ASSERT_EQ(program({"baseline", "pin", "release-2.4", "R-000001"}).exit_code, 0);
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"baseline", "show", "release-2.5"}, {"baseline", "show", "release-2.5", "--json"}})
    refused(line, "no baseline 'release-2.5' is pinned in records (did you mean 'release-2.4'?)");
  EXPECT_NE(program({"baseline", "show"}).out.find("  release-2.4  1 run, R-000001  by "), std::string::npos);
  for (const std::string& name : {std::string("two\nlines"), std::string("\x1b[31mred"), std::string(201, 'x')})
    refused({"baseline", "pin", name, "R-000001"}, "NAME: is no name (one line of UTF-8 text");
}

TEST_F(OddStudy, OfEqualValuesSaysThatNothingVaries) {
  std::string rows = "value,pen\n", grr = "part,appraiser,value\n";
  for (int i = 0; i < 20; ++i) rows += "1.5,P" + std::to_string(i) + "\n";
  for (const char* part : {"a", "b"})
    for (const char* who : {"x", "y"})
      for (int i = 0; i < 2; ++i) grr += std::string(part) + "," + who + ",1.5\n";
  write("equal.csv", rows);
  write("grr.csv", grr);
  refused({"spc", "--csv", "equal.csv"}, "spread");
  const Finished c = program({"capability", "--csv", "equal.csv", "--lower", "1", "--upper", "2"});
  EXPECT_NE(c.exit_code, 0) << c.out << c.err;
  const Finished g = program({"study", "grr", "--csv", "grr.csv"});
  EXPECT_NE(g.exit_code, 0) << g.out << g.err;
  const Finished d = program({"compare", "equal.csv", "equal.csv"});
  EXPECT_TRUE(d.exit_code == 0 || d.exit_code == 1) << d.out << d.err;
  EXPECT_EQ(d.out.find("changed and matters"), std::string::npos) << d.out;
}

TEST_F(OddStudy, WithMissingOrMixedValuesIsRefusedAtItsPlace) {
  write("holes.csv", "part,appraiser,value\na,x,1\na,x,2\na,y,1\na,y,\nb,x,1\nb,x,2\nb,y,1\nb,y,2\n");
  refused({"study", "grr", "--csv", "holes.csv"}, "holes.csv:5:5");
  write("short.csv", "part,appraiser,value\na,x,1\na,x,2\na,y,1\nb,x,1\nb,x,2\nb,y,1\nb,y,2\n");
  refused({"study", "grr", "--csv", "short.csv"}, "short.csv");
  write("units.csv", "value\n1.5\n1500 um\n1.6\n");
  refused({"spc", "--csv", "units.csv"}, "units.csv:3:1");
  refused({"compare", "units.csv", "plan=smoke"}, "both have to be of one kind");
}

TEST_F(OddStudy, BetweenLimitsThatAreSwappedIsAMistakeAndNoFault) {
  std::string rows = "value\n";
  for (int i = 0; i < 30; ++i) rows += std::to_string(15 + i * 7 % 10) + "\n";
  write("values.csv", rows);
  for (const char* what : {"capability", "spc"})
    refused({what, "--csv", "values.csv", "--lower", "30", "--upper", "10"},
            "--lower, --upper: value: the lower limit 30 is not below the upper one 10");
  run(smoke("1"), 1, "PRO-0001");
  refused({"capability", "--measurand", "penetration_ti", "--lower", "2.35"},
          "penetration of strokes, 1.0 mm, 7500/min: the lower limit 2.35 is not below the upper one 1.15");
}

TEST_F(OddStudy, OfATableWithHolesIsNoPass) {
  std::string rows = "value\n", lots = "lot,value\n";
  // Near enough to a normal distribution, and without an order.
  for (int i = 0; i < 60; ++i) {
    const std::string value = std::to_string(1500 + i * 7 % 10 + i * 3 % 11 + i * 5 % 12);
    rows += value + "\n";
    lots += "A," + value + "\n";
  }
  write("whole.csv", rows);
  write("holes.csv", rows + "nan\n");
  write("lots.csv", lots);
  write("lot-without.csv", lots + "B,\n");
  const auto of = [&](const std::string& what, const std::string& table, std::vector<std::string> more) {
    std::vector<std::string> arguments{what, "--csv", table, "--json"};
    if (what == "study") arguments.insert(arguments.begin() + 1, "stability");
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished f = program(arguments);
    const auto lines = cli::json_lines(f.out);
    return lines.empty() ? f.err : fmt::format("{} {}", f.exit_code, lines.front().at("verdict").get<std::string>());
  };
  const std::vector<std::string> limits{"--lower", "1000", "--upper", "2000"},
      per_lot{"--lower", "1000", "--upper", "2000", "--per", "lot"};
  EXPECT_EQ(of("capability", "whole.csv", limits), "0 PASS");
  EXPECT_EQ(of("capability", "holes.csv", limits), "1 INDETERMINATE");
  EXPECT_EQ(of("spc", "whole.csv", {"--rules", "limits"}), "0 PASS");
  EXPECT_EQ(of("spc", "holes.csv", {"--rules", "limits"}), "1 INDETERMINATE");
  EXPECT_EQ(of("study", "whole.csv", {}), "0 PASS");
  EXPECT_EQ(of("study", "holes.csv", {}), "1 INDETERMINATE");
  EXPECT_EQ(of("capability", "lots.csv", per_lot), "0 PASS");
  EXPECT_EQ(of("capability", "lot-without.csv", per_lot), "1 INDETERMINATE") << "a lot that has no value is told, too";
}

TEST_F(OddStudy, OfWhatNeverChangedInTheReferenceIsJudgedBehindIt) {
  std::string rows = "value\n";
  for (int i = 0; i < 30; ++i) rows += i == 25 ? "3\n" : "0\n";
  write("strokes.csv", rows);
  const Finished f = program({"spc", "--csv", "strokes.csv", "--reference", "20", "--json"});
  EXPECT_EQ(f.exit_code, 1) << f.err;
  EXPECT_EQ(cli::json_lines(f.out).front().at("verdict"), "FAIL") << f.out;
}

TEST_F(OddStudy, OfSeveralRevisionsOfAPlanIsRefusedUnlessAskedFor) {
  for (int i = 1; i <= 2; ++i) run(smoke(std::to_string(i)), i, "PRO-000" + std::to_string(i));
  for (const char* what : {"capability", "spc", "yield"}) refused({what}, "several revisions of the plan");
  refused({"study", "stability"}, "several revisions of the plan");
  refused({"compare", "plan_revision=1", "plan_revision=2"}, "revision of the plan");
  EXPECT_EQ(program({"yield", "--mixed-revisions"}).exit_code, 0);
}

// Of runs that were chosen for their PASS every pen is one.
TEST_F(OddStudy, AYieldOfRunsThatWereChosenByTheirVerdictIsRefused) {
  run(smoke("1"), 1, "PRO-0001");
  refused({"yield", "plan=smoke,verdict=PASS", "--least", "2"}, "a yield counts verdicts");
  ASSERT_EQ(program({"baseline", "pin", "good", "plan=smoke"}).exit_code, 0);
  refused({"yield", "baseline:good"}, "a baseline leaves out the runs that ended in an ERROR");
}

TEST_F(OddStudy, OfRunsThatWereMeasuredByAnotherAlgorithmIsNoComparisonUnlessAskedFor) {
  for (int i = 1; i <= 2; ++i) run(smoke("1"), i, "PRO-0001");
  // As an earlier version of the program left it.
  penrig::testing::Sqlite sqlite(folder_.path() / "records");
  ASSERT_EQ(sqlite.run("DROP TRIGGER runs_no_update; UPDATE runs SET algorithm_version = '1' WHERE id = 1"), "");
  refused({"compare", "R-000001", "R-000002"}, "BASE and NEW are of another algorithm: 1 and ");
  EXPECT_NE(program({"yield"}).out.find(", algorithms 1, "), std::string::npos) << "it is said where it does no harm";
  EXPECT_LE(program({"compare", "R-000001", "R-000002", "--mixed-revisions"}).exit_code, 1);
}

TEST_F(OddStudy, OfRunsThatWereJudgedByDifferentLimitsIsRefusedUnlessAskedFor) {
  const auto copy = [&](const std::string& from, const std::string& name, const std::string& what,
                        const std::string& to) {
    std::string text = cli::read_text(std::string(PENRIG_SOURCE_DIR) + from).value();
    text.replace(text.find(what), what.size(), to);
    write(name, text);
  };
  copy("/rig/plans/smoke.yaml", "smoke.yaml", "../../fixtures/products/pen-pro.yaml", "pen.yaml");
  for (const char* tolerance : {"0.150", "0.200"}) {
    copy("/fixtures/products/pen-pro.yaml", "pen.yaml", "tolerance_mm: 0.150",
         "tolerance_mm: " + std::string(tolerance));
    run("smoke.yaml", 1, "PRO-0001");
  }
  std::vector<std::string> study{"capability", "--measurand", "penetration_ti"};
  refused(study, "R-000001 was judged by 0.85 … 1.15, R-000002 by 0.8 … 1.2");
  study.insert(study.end(), {"--lower", "0.9"});
  refused(study, "R-000001 was judged by 0.9 … 1.15, R-000002 by 0.9 … 1.2");
  study.insert(study.end(), {"--upper", "1.1"});
  EXPECT_EQ(program(study).exit_code, 1) << "two values are too few, by whatever limits";
  study.resize(3);
  study.emplace_back("--mixed-revisions");
  EXPECT_NE(program(study).out.find("limits differ between runs; those of the newest count"), std::string::npos);
}

TEST(Yield, CountsPensByTheirFirstAndLastRunAndNamesWhatTheyAreLostBy) {
  const ScratchDirectory folder;
  const std::string smoke = std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml";
  const auto run = [&](const std::string& rig, const std::string& pen) {
    return run_program({"run", smoke, "--rig", rig, "--serial-number", pen}, folder.path().string()).exit_code;
  };
  EXPECT_EQ(run("sim:seed=1&defect=slow-motor", "PRO-0001"), 1);
  EXPECT_EQ(run("sim:seed=2", "PRO-0001"), 0);
  EXPECT_EQ(run("sim:seed=3", "PRO-0002"), 0);
  EXPECT_EQ(run("sim:seed=4&defect=slow-motor", "PRO-0003"), 1);
  const Finished f = run_program({"yield", "--json"}, folder.path().string());
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const auto y = cli::json_lines(f.out).front();
  EXPECT_EQ(y.at("pens"), 3);
  EXPECT_EQ(y.at("first_pass").at("hits"), 1);
  EXPECT_EQ(y.at("final").at("hits"), 2);
  EXPECT_EQ(y.at("retested").at("hits"), 1);
  EXPECT_EQ(y.at("runs_not_passed"), 2);
  ASSERT_EQ(y.at("by_measurement").size(), 1U) << f.out;
  EXPECT_TRUE(y.at("by_measurement")[0].at("name").get<std::string>().starts_with("R1 stroke rate")) << f.out;
  EXPECT_EQ(y.at("by_measurement")[0].at("not_passed"), 2);
  EXPECT_TRUE(y.at("by_phase")[0].at("name").get<std::string>().ends_with("7500/min")) << f.out;
  EXPECT_EQ(y.at("by_slot")[0].at("runs"), 4);
  ASSERT_EQ(y.at("by_deciding").size(), 1U) << "each run once";
  EXPECT_TRUE(y.at("by_deciding")[0].at("cause").get<std::string>().starts_with("R1, ")) << f.out;
  EXPECT_EQ(y.at("by_deciding")[0].at("side"), "low");
  EXPECT_EQ(y.at("by_deciding")[0].at("runs"), 2);
  const Finished later = run_program({"yield", "R-000002..R-000003", "--json"}, folder.path().string());
  const auto l = cli::json_lines(later.out).front();
  EXPECT_EQ(l.at("first_pass").at("of"), 1) << "PRO-0001 had run before";
  EXPECT_EQ(l.at("seen_before"), 1);
  EXPECT_EQ(l.at("final").at("of"), 2);
  EXPECT_EQ(run_program({"yield", "--html", "y.html"}, folder.path().string()).exit_code, 0);
  EXPECT_NE(cli::read_text((folder.path() / "y.html").string()).value().find("Pareto plot: runs that did not pass"),
            std::string::npos);
  const auto exit_of = [&](const char* least) {
    return run_program({"yield", "--least", least}, folder.path().string()).exit_code;
  };
  EXPECT_EQ(exit_of("99.9"), 1) << "it is less";
  EXPECT_EQ(exit_of("60"), 1) << "three pens cannot show that";
  EXPECT_EQ(exit_of("5"), 0);
}

TEST(Stability, FindsADriftAndAJumpAndNothingInNoise) {
  const ScratchDirectory folder;
  const auto table = [&](const char* name, auto value) {
    std::ofstream out(folder.path() / name);
    out << "value\n";
    // A fixed noise without a trend: the fractional parts of multiples of the golden ratio.
    for (int i = 0; i < 60; ++i) {
      const double noise = i * 0.6180339887 - static_cast<int>(i * 0.6180339887) - 0.5;
      out << value(i, noise) << '\n';
    }
  };
  table("still.csv", [](int, double noise) { return 1.5 + 0.01 * noise; });
  table("drift.csv", [](int i, double noise) { return 1.5 + 0.01 * noise + 0.0003 * i; });
  table("jump.csv", [](int i, double noise) { return 1.5 + 0.01 * noise + (i == 40 ? 0.1 : 0); });
  const auto of = [&](const char* name) {
    return run_program({"study", "stability", "--csv", name, "--json"}, folder.path().string());
  };
  EXPECT_EQ(of("still.csv").exit_code, 0) << of("still.csv").out;
  EXPECT_EQ(of("drift.csv").exit_code, 1);
  const auto drift = cli::json_lines(of("drift.csv").out).front().at("measurements")[0].at("drift");
  EXPECT_LE(drift.at("low"), 0.0003);
  EXPECT_GE(drift.at("high"), 0.0003);
  const auto jump = cli::json_lines(of("jump.csv").out).front().at("measurements")[0];
  EXPECT_EQ(jump.at("verdict"), "FAIL");
  EXPECT_GE(jump.at("beyond"), 1);
}

}  // namespace
}  // namespace penrig::test
