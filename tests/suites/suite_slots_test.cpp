#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "reports/store/record_store.hpp"
#include "tests/suites/suite_folder.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

/// Suites in several slots at once.
class SuiteSlots : public SuiteRun {
 protected:
  static std::string head(const std::string& rig, const std::string& pens) {
    return "name: s\nrevision: 1\nrig: '" + rig + "'\npens: [" + pens + "]\nruns:\n";
  }
  std::vector<RunRecord> runs() const {
    const auto store = RecordStore::open(folder_.path() / "records").value();
    std::vector<RunRecord> all;
    for (const RunRow& row : store->list_runs().value()) all.push_back(store->load_run(row.run_id).value());
    return all;
  }
  /// Of each whole run: what of the suite it is, in which slot, and what it measured.
  using Values = std::vector<std::optional<double>>;
  std::map<std::string, std::pair<std::string, Values>> whole_runs() const {
    std::map<std::string, std::pair<std::string, Values>> all;
    for (const RunRecord& run : runs()) {
      if (run.outcome.interrupted || run.outcome.verdict != Verdict::pass) continue;
      const std::string title = run.header.reason.substr(run.header.reason.find("item "));
      EXPECT_FALSE(all.contains(title)) << title << " ran twice";
      all[title].first = run.header.slot;
      for (const Measurement& m : run.outcome.measurements) all[title].second.push_back(m.value);
    }
    return all;
  }
};

TEST_F(SuiteSlots, RunAsManyAtOnceAndNoPenInTwo) {
  write("suite.yaml",
        head("sim:seed=1&slots=2", "PRO-0001, PRO-0002, PRO-0003") + "  - {run: a, plan: smoke.yaml, repeats: 2}\n");
  const Finished check = program({"suite", "check", "suite.yaml", "--slots", "all"});
  EXPECT_EQ(check.exit_code, 0) << check.out;
  EXPECT_NE(check.out.find("slots    all: in 3 rounds, at the same time"), std::string::npos) << check.out;
  const Finished f = suite({"--slots", "all"});
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(items().size(), 6U);
  const auto together = whole_runs();
  ASSERT_EQ(together.size(), 6U);
  EXPECT_EQ(together.at("item 1: a, PRO-0001, 1 of 2").first, "1");
  EXPECT_EQ(together.at("item 2: a, PRO-0002, 1 of 2").first, "2");
  EXPECT_EQ(together.at("item 3: a, PRO-0003, 1 of 2").first, "1") << "the next round";
  EXPECT_EQ(program({"verify"}).exit_code, 0);
  // One pen cannot be in two slots.
  std::filesystem::remove_all(folder_.path() / "records");
  EXPECT_EQ(suite({"--slots", "all", "--filter", "pen=PRO-0001"}).exit_code, 0);
  for (const auto& [title, run] : whole_runs()) EXPECT_EQ(run.first, "1") << title;
}

TEST_F(SuiteSlots, MeasureTheSameBitsAsOneAfterTheOther) {
  const std::string rig = "sim:seed=1&slots=2";
  write("suite.yaml", head(rig, "PRO-0001") + "  - {run: a, plan: smoke.yaml, slot: '1'}\n" +
                          "  - {run: b, plan: smoke.yaml, slot: '2', pens: [PRO-0002]}\n");
  ASSERT_EQ(suite({"--slots", "all"}).exit_code, 0);
  const auto together = whole_runs();
  std::filesystem::remove_all(folder_.path() / "records");
  ASSERT_EQ(suite().exit_code, 0);
  EXPECT_EQ(together.size(), 2U);
  EXPECT_EQ(together, whole_runs());
}

// A pen's pattern is seen by another slot's DAQ only while both run.
TEST_F(SuiteSlots, RunAtTheSameTime) {
  write("suite.yaml",
        head("sim:seed=1&slots=3&crossed=2,3", "PRO-0001, PRO-0002, PRO-0003") + "  - {run: a, plan: smoke.yaml}\n");
  const Finished f = suite({"--slots", "all"});
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_EQ(items(), (std::set<std::string>{"a, PRO-0001: passed", "a, PRO-0002: error", "a, PRO-0003: error"}));
  EXPECT_NE(f.out.find("slot 2's pen moves slot 3's DAQ"), std::string::npos) << f.out;
  EXPECT_NE(f.out.find("slot 3's pen moves slot 2's DAQ"), std::string::npos) << f.out;
}

TEST_F(SuiteSlots, APlanThatCannotStartKeepsNoOtherSlotFromRunning) {
  write("broken.yaml", plan("broken") + "\nstroke: 4\n");
  write("suite.yaml", head("sim:seed=1&slots=2", "PRO-0001") + "  - {run: a, plan: broken.yaml}\n" +
                          "  - {run: b, plan: smoke.yaml, pens: [PRO-0002]}\n");
  EXPECT_EQ(suite({"--slots", "all"}).exit_code, 3);
  EXPECT_EQ(items(), (std::set<std::string>{"a, PRO-0001: error", "b, PRO-0002: passed"}));
}

TEST_F(SuiteSlots, ThatAreNotThereAreRefused) {
  write("suite.yaml", head("sim:seed=1&slots=2", "PRO-0001") + "  - {run: a, plan: smoke.yaml, slot: '2'}\n");
  const Finished none = suite({"--slots", "1,3"});
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_NE(none.err.find("has no slot '3'"), std::string::npos) << none.err;
  const Finished left_out = suite({"--slots", "1"});
  EXPECT_EQ(left_out.exit_code, 4);
  EXPECT_NE(left_out.err.find("suite.yaml:6:"), std::string::npos) << left_out.err;
  EXPECT_NE(left_out.err.find("slot '2' is none of --slots 1"), std::string::npos) << left_out.err;
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "records"));
}

TEST_F(SuiteSlots, ThatWereStoppedTwiceByHandAndKilledGoOn) {
  write("suite.yaml",
        head("sim:seed=1&slots=2", "PRO-0001, PRO-0002, PRO-0003") + "  - {run: a, plan: smoke.yaml, repeats: 6}\n");
  std::vector<std::string> arguments{"suite", "run", "suite.yaml", "--slots", "all", "--json"};
  const auto begin = [&] { return std::make_unique<Program>(arguments, folder_.path().string()); };
  auto stopped = begin();
  ASSERT_TRUE(stopped->wait_for_output("\"item\":2,", 120'000)) << stopped->err();
  stopped->signal(SIGINT);
  stopped->signal(SIGINT);  // whoever is impatient skips nothing
  const int exit = stopped->wait_for_exit(60'000);
  // Between two rounds nothing catches the signal: then it ends at once.
  EXPECT_TRUE(exit == 2 || exit == 128 + SIGINT) << exit << stopped->err();
  arguments.emplace_back("--resume");
  auto killed = begin();
  ASSERT_TRUE(killed->wait_for_output("\"item\":8,", 120'000)) << killed->out() << killed->err();
  killed->signal(SIGKILL);
  killed->wait_for_exit(30'000);
  const Finished alone = suite({"--resume"});
  EXPECT_EQ(alone.exit_code, 4) << "other slots: each pen would be elsewhere";
  EXPECT_NE(alone.err.find("--slots 'all'"), std::string::npos) << alone.err;
  const Finished f = suite({"--slots", "all", "--resume"});
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(items().size(), 18U);
  for (const std::string& item : items()) EXPECT_TRUE(item.ends_with("passed")) << item;
  const auto resumed = whole_runs();
  EXPECT_EQ(resumed.size(), 18U);
  EXPECT_EQ(program({"verify"}).exit_code, 0);
  // Each pen where it would have been, and the same bits, as if nothing had happened.
  std::filesystem::remove_all(folder_.path() / "records");
  ASSERT_EQ(suite({"--slots", "all"}).exit_code, 0);
  EXPECT_EQ(resumed, whole_runs());
}

}  // namespace
}  // namespace penrig::test
