#include <csignal>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "reports/store/record_store.hpp"
#include "tests/suites/suite_folder.hpp"
#include "tests/tools/json_lines.hpp"
#include "tools/penrig/suite_view.hpp"

namespace penrig::test {
namespace {

TEST_F(SuiteRun, RunsPlansTimesPensTimesLinksTimesRepeats) {
  write("suite.yaml", head_ +
                          "  - {run: a, plan: smoke.yaml, links: [serial, ble], repeats: 2, tags: [quick]}\n"
                          "  - {run: b, plan: smoke.yaml, pens: [PRO-0003]}\n");
  const Finished f = suite({"--json"});
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(items().size(), 9U);
  EXPECT_TRUE(items().contains("a, PRO-0002, over ble, 2 of 2: passed"));
  EXPECT_EQ(suites_in_junit(), 10U) << "the suite, and each run";
  const auto lines = cli::json_lines(f.out);
  EXPECT_EQ(lines.back().at("passed"), 9);
  // The runs are of the suite, certify nothing, and were driven over the link that it names.
  const auto run = cli::json_lines(program({"records", "show", "R-000003", "--json"}).out).front();
  EXPECT_NE(run.dump().find("suite s rev 1, A-000001, item 3: a, PRO-0001, over ble, 1 of 2"), std::string::npos);
  EXPECT_NE(run.dump().find("\"via\":\"ble\""), std::string::npos);
  EXPECT_EQ(program({"verify"}).exit_code, 0);
}

TEST_F(SuiteRun, HasOneOrderPerSeedAndTheSameRunsInEach) {
  const std::string entry = "  - {run: a, plan: smoke.yaml, repeats: 3}\n";
  write("suite.yaml", head_ + entry);
  const std::string fixed = program({"suite", "check", "suite.yaml"}).out;
  write("suite.yaml", "order: random\nseed: 5\n" + head_ + entry);
  const std::string shuffled = program({"suite", "check", "suite.yaml"}).out;
  EXPECT_EQ(shuffled, program({"suite", "check", "suite.yaml"}).out);
  EXPECT_NE(shuffled.substr(shuffled.find('\n')), fixed.substr(fixed.find('\n')));
  write("suite.yaml", "order: random\nseed: 6\n" + head_ + entry);
  EXPECT_NE(shuffled, program({"suite", "check", "suite.yaml"}).out);
}

TEST_F(SuiteRun, APlanThatCannotStartIsAnErrorAndTheOthersRun) {
  write("broken.yaml", plan("broken") + "\nstroke: 4\n");
  write("suite.yaml", head_ +
                          "  - {run: broken, plan: broken.yaml}\n  - {run: gone, plan: gone.yaml}\n"
                          "  - {run: a, plan: smoke.yaml, pens: [PRO-0001, XYZ]}\n");
  const Finished f = suite();
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_EQ(items(),
            (std::set<std::string>{"broken, PRO-0001: error", "broken, PRO-0002: error", "gone, PRO-0001: error",
                                   "gone, PRO-0002: error", "a, PRO-0001: passed", "a, XYZ: error"}));
  const Finished check = program({"suite", "check", "suite.yaml"});
  EXPECT_EQ(check.exit_code, 4);
  for (const char* part : {"broken.yaml:", "unknown key 'stroke'", "gone.yaml: no such file",
                           "suite.yaml:8:49: 'XYZ' is no serial number of pen-pro"})
    EXPECT_NE(check.out.find(part), std::string::npos) << part << "\n" << check.out;
}

TEST_F(SuiteRun, AFailureIsExpectedForItsRequirementsUntilItsDay) {
  const auto with = [&](const std::string& requirements, const std::string& until, const std::string& rig) {
    write("suite.yaml", head_ + "  - run: a\n    plan: smoke.yaml\n    pens: [PRO-0001]\n    rig: " + rig +
                            "\n    expected_failure: {requirements: [" + requirements +
                            "], reason: ticket 12, until: " + until + "}\n");
    return suite();
  };
  const std::string deep = "'sim:seed=1&defect=slow-motor'";
  const Finished f = with("R1", "2999-01-01", deep);
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(items(), std::set<std::string>{"a, PRO-0001: skipped"});
  EXPECT_EQ(suites_in_junit(), 1U);
  EXPECT_EQ(with("R1", "2020-01-01", deep).exit_code, 3) << "expired: nobody has said anew that it may";
  EXPECT_EQ(items(), std::set<std::string>{"a, PRO-0001: error"});
  const Finished check = program({"suite", "check", "suite.yaml"});
  EXPECT_EQ(check.exit_code, 4);
  EXPECT_NE(check.out.find("this failure was expected until 2020-01-01, which is over"), std::string::npos)
      << check.out;
  EXPECT_EQ(with("F1", "2999-01-01", deep).exit_code, 1) << "another requirement";
  EXPECT_EQ(with("R1, F1, D1", "2999-01-01", deep).exit_code, 1) << "some of them pass";
  EXPECT_EQ(items(), std::set<std::string>{"a, PRO-0001: failure"});
  EXPECT_NE(read_text(folder_.path() / "suite.xml").find("F1, D1 passed (take them out of expected_failure)"),
            std::string::npos);
  EXPECT_EQ(with("R1", "2999-01-01", "sim:seed=1").exit_code, 1) << "it passed";
  EXPECT_EQ(items(), std::set<std::string>{"a, PRO-0001: failure"});
}

// What an entry is there for may be its rig: on another one its failure would not come, and would count as mended.
TEST_F(SuiteRun, AnEntryStaysOnItsOwnRigWhereAnotherIsGivenForTheSuite) {
  write("suite.yaml", head_ +
                          "  - {run: a, plan: smoke.yaml, pens: [PRO-0001]}\n"
                          "  - run: slow\n    plan: smoke.yaml\n    pens: [PRO-0002]\n"
                          "    rig: 'sim:seed=1&defect=slow-motor'\n"
                          "    expected_failure: {requirements: [R1], reason: ticket 12, until: 2999-01-01}\n");
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--rig", "sim:seed=2"}, {"--rig", "sim:seed=2&slots=2", "--slots", "1,2"}}) {
    const Finished f = suite(more);
    EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
    EXPECT_EQ(items(), (std::set<std::string>{"a, PRO-0001: passed", "slow, PRO-0002: skipped"}));
    EXPECT_NE(f.out.find("own rig  slow stays on sim:seed=1&defect=slow-motor"), std::string::npos) << f.out;
  }
  const auto store = RecordStore::open(folder_.path() / "records").value();
  EXPECT_TRUE(store->load_run("R-000001").value().header.simulation.starts_with("sim:seed=2"));
  EXPECT_NE(store->load_run("R-000002").value().header.simulation.find("slow-motor"), std::string::npos);
}

TEST_F(SuiteRun, OfAKeyThatIsNotThereRunsNothing) {
  write("suite.yaml", head_ + "  - {run: a, plan: smoke.yaml}\n");
  const Finished f = suite({"--keys", "none"});
  EXPECT_EQ(f.exit_code, 4) << f.out << f.err;
  EXPECT_NE(f.err.find("none: there is no key"), std::string::npos) << f.err;
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "records"));
}

TEST_F(SuiteRun, StopsByItsRuleAndWhatWasNotRunIsNotAbsent) {
  write("suite.yaml", "stop: {after_failures: 2}\n" + head_ +
                          "  - {run: a, plan: smoke.yaml, rig: 'sim:seed=1&defect=slow-motor', repeats: 2}\n");
  const Finished f = suite();
  EXPECT_EQ(f.exit_code, 1) << f.out << f.err;
  EXPECT_EQ(items(), (std::set<std::string>{"a, PRO-0001, 1 of 2: failure", "a, PRO-0002, 1 of 2: failure",
                                            "a, PRO-0001, 2 of 2: error", "a, PRO-0002, 2 of 2: error"}));
  EXPECT_EQ(suite({"--resume"}).exit_code, 4) << "it ended";
}

TEST_F(SuiteRun, FiltersByTagEntryPenAndLink) {
  write("suite.yaml", head_ + "  - {run: a, plan: smoke.yaml, tags: [quick]}\n  - {run: b, plan: smoke.yaml}\n");
  EXPECT_EQ(suite({"--filter", "quick,pen=PRO-0002"}).exit_code, 0);
  EXPECT_EQ(items(), std::set<std::string>{"a, PRO-0002: passed"});
  const Finished none = suite({"--filter", "slow"});
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_NE(none.err.find("'slow' takes none of this suite's runs (its entries: a, b; its tags: quick)"),
            std::string::npos)
      << none.err;
  EXPECT_EQ(items().size(), 1U) << "not the green one of before";
  EXPECT_EQ(suite({"--filter", "pin=1"}).exit_code, 4);
}

TEST_F(SuiteRun, TellsAProgramOfItsMistakesToo) {
  write("suite.yaml", head_ + "  - {run: a, plan: smoke.yaml, pins: [X]}\n");
  const Finished f = suite({"--json"});
  EXPECT_EQ(f.exit_code, 4);
  const auto lines = cli::json_lines(f.out);
  ASSERT_EQ(lines.size(), 1U) << f.out;
  EXPECT_EQ(lines[0].at("event"), "mistake");
  EXPECT_EQ(lines[0].at("file"), "suite.yaml");
  EXPECT_NE(lines[0].at("message").get<std::string>().find("unknown key 'pins'"), std::string::npos) << f.out;
  EXPECT_NE(f.err.find("unknown key 'pins'"), std::string::npos) << "and whoever reads the log";
}

TEST_F(SuiteRun, AMistakeInItRunsNothing) {
  for (const auto& [text, words] :
       {std::pair<std::string, std::string>{head_ + "  - {run: a}\n", "plan"},
        {head_ + "  - {run: a, plan: smoke.yaml, links: [usb]}\n", "'usb' is no link of a pen"},
        {head_ + "  - {run: a, plan: smoke.yaml}\n  - {run: a, plan: smoke.yaml}\n", "run 'a' is there already"},
        {"seed: 3\n" + head_ + "  - {run: a, plan: smoke.yaml}\n", "a fixed order takes no seed"},
        {"name: s\nrevision: 1\nruns:\n  - {run: a, plan: smoke.yaml, rig: sim:seed=1}\n", "there are no pens"},
        {"name: s\nrevision: 1\npens: [PRO-0001]\nruns:\n  - {run: a, plan: smoke.yaml}\n", "this has no rig"},
        {head_ + "  - run: a\n    plan: smoke.yaml\n"
                 "    expected_failure: {requirements: [R9], reason: x, until: 2999-01-01}\n",
         "suite.yaml:8:5: 'R9' is expected to fail, and plan 'smoke' does not judge it"},
        {head_ + "  - run: a\n    plan: smoke.yaml\n    expected_failure: {reason: x, until: 2026-02-30}\n",
         "'2026-02-30' is no date"}}) {
    write("suite.yaml", text);
    const Finished f = suite();
    EXPECT_EQ(f.exit_code, 4) << text << f.out << f.err;
    EXPECT_NE(f.err.find(words), std::string::npos) << words << "\n" << f.err;
    EXPECT_TRUE(items().begin()->ends_with("error"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "records"));
}

TEST_F(SuiteRun, ThatWasKilledGoesOnWhereItStoodAndShowsTheSeam) {
  write("suite.yaml", head_ + "  - {run: a, plan: smoke.yaml, repeats: 6}\n");
  std::size_t kills = 0;
  std::vector<std::string> arguments{"suite", "run", "suite.yaml", "--junit", "suite.xml", "--json"};
  for (const char* after : {"\"item\":3,", "\"item\":7,"}) {
    Program program(arguments, folder_.path().string());
    ASSERT_TRUE(program.wait_for_output(after, 120'000)) << program.out() << program.err();
    program.signal(SIGKILL);
    program.wait_for_exit(30'000);
    ++kills;
    if (kills == 1) arguments.emplace_back("--resume");
    EXPECT_EQ(items().size(), 12U) << "nothing is absent";
    std::size_t errors = 0;
    for (const std::string& item : items()) errors += item.ends_with("error") ? 1U : 0U;
    EXPECT_GT(errors, 0U) << "a killed suite is not green";
  }
  // Another suite, filter or file is not that one.
  const std::string whole = read_text(folder_.path() / "suite.yaml");
  write("suite.yaml", whole + "# changed\n");
  EXPECT_EQ(suite({"--resume"}).exit_code, 4);
  write("suite.yaml", whole);
  EXPECT_EQ(suite({"--resume", "--filter", "pen=PRO-0001"}).exit_code, 4);
  const Finished f = suite({"--resume"});
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  for (const std::string& item : items()) EXPECT_TRUE(item.ends_with("passed")) << item;
  EXPECT_EQ(items().size(), 12U);
  EXPECT_EQ(suites_in_junit(), 13U);
  EXPECT_NE(f.out.find("resumed  "), std::string::npos) << f.out;
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_file((folder_.path() / "suite.xml").c_str()));
  std::size_t seams = 0;
  for (const auto& p : xml.child("testsuites").child("testsuite").child("properties").children())
    seams += std::string_view(p.attribute("name").value()) == "resumed" ? 1U : 0U;
  EXPECT_EQ(seams, kills);
  // Each item once in the trail, and of the runs only those that were killed are more.
  const std::string trail = audit();
  std::size_t resumed = 0;
  for (std::size_t at = trail.find("suite resumed"); at != std::string::npos; at = trail.find("suite resumed", at + 1))
    ++resumed;
  EXPECT_EQ(resumed, kills) << trail;
  const auto store = RecordStore::open(folder_.path() / "records").value();
  std::multiset<std::string> whole_runs;
  std::size_t interrupted = 0;
  for (const RunRow& row : store->list_runs().value()) {
    const RunRecord run = store->load_run(row.run_id).value();
    if (run.outcome.interrupted) ++interrupted;
    if (!run.outcome.interrupted) whole_runs.insert(run.header.reason);
  }
  EXPECT_LE(interrupted, kills);
  EXPECT_EQ(whole_runs.size(), 12U);
  EXPECT_EQ(std::set<std::string>(whole_runs.begin(), whole_runs.end()).size(), 12U) << "no item ran twice";
  EXPECT_EQ(program({"verify"}).exit_code, 0);
}

// It counted as the PASS that it was before.
TEST_F(SuiteRun, RunsAgainWhatWasDeclaredVoidWhileItDidNotGoOn) {
  write("suite.yaml", head_ + "  - {run: a, plan: smoke.yaml, repeats: 6}\n");
  Program program({"suite", "run", "suite.yaml", "--json"}, folder_.path().string());
  ASSERT_TRUE(program.wait_for_output("\"item\":3,", 120'000)) << program.out() << program.err();
  program.signal(SIGKILL);
  program.wait_for_exit(30'000);
  ASSERT_EQ(this->program({"records", "void", "R-000001", "--reason", "another pen was clamped"}).exit_code, 0);
  const Finished f = suite({"--resume"});
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_NE(f.out.find("R-000001"), std::string::npos) << "it is said which is run again: " << f.out;
  EXPECT_EQ(read_text(folder_.path() / "suite.xml").find("declared void"), std::string::npos);
  EXPECT_EQ(items().size(), 12U);
  std::size_t first = 0;
  const auto store = RecordStore::open(folder_.path() / "records").value();
  for (const RunRow& row : store->list_runs().value()) {
    const RunRecord run = store->load_run(row.run_id).value();
    if (run.header.reason.find("item 1: ") != std::string::npos) ++first;
  }
  EXPECT_EQ(first, 2U);
}

TEST_F(SuiteRun, ThatIsStoppedByHandSaysSoAndCanGoOn) {
  write("suite.yaml", head_ + "  - {run: a, plan: smoke.yaml, repeats: 20}\n");
  Program program({"suite", "run", "suite.yaml", "--json"}, folder_.path().string());
  ASSERT_TRUE(program.wait_for_output("\"item\":2,", 120'000));
  program.signal(SIGINT);
  const int exit = program.wait_for_exit(60'000);
  // Between two runs nothing catches the signal: then it ends at once.
  EXPECT_TRUE(exit == 2 || exit == 128 + SIGINT) << exit << program.err();
  const Finished f = suite({"--resume"});
  EXPECT_EQ(f.exit_code, 0) << "what was stopped is run again: " << f.out << f.err;
  EXPECT_EQ(items().size(), 40U);
  // Stopped before it had a record there is nothing to be cut short.
  const bool cut = this->program({"records", "list"}).out.find("ABORTED") != std::string::npos;
  const bool ran_on = !cut || f.out.find("was cut short, and is run again") != std::string::npos;
  EXPECT_TRUE(ran_on) << f.out;
}

TEST(SuiteView, SaysTheCommandThatTakesItUpAgainWithAllItsOptions) {
  cli::SuiteOptions o;
  o.path = "rig/suites/nightly.yaml";
  EXPECT_EQ(cli::resume_command(o), "penrig suite run rig/suites/nightly.yaml --resume");
  o.records = "suk";
  o.rig = "sim:seed=1&slots=4";
  o.slots = "all";
  o.filter = "quick,pen=PRO-0001";
  o.junit_path = "my suite.xml";
  o.operator_name = "A. Meier";
  o.keys = "keys";
  o.report = true;
  EXPECT_EQ(cli::resume_command(o),
            "penrig suite run rig/suites/nightly.yaml --resume --records suk --rig 'sim:seed=1&slots=4' --slots all "
            "--filter quick,pen=PRO-0001 --junit 'my suite.xml' --operator 'A. Meier' --keys keys --reports");
}

TEST_F(SuiteRun, ShippedHasNoMistakes) {
  const Finished f = program({"suite", "check", std::string(PENRIG_SOURCE_DIR) + "/rig/suites/nightly.yaml"});
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
}

}  // namespace
}  // namespace penrig::test
