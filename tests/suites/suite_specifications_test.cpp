#include <csignal>

#include <gtest/gtest.h>

#include "reports/store/record_store.hpp"
#include "tests/suites/suite_folder.hpp"

namespace penrig::test {
namespace {

/// What a suite goes by besides its own file.
class SuiteSpecifications : public SuiteRun {
 protected:
  /// Runs until the first item is told of, and is killed.
  void kill_after_one(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"suite", "run", "suite.yaml", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Program program(arguments, folder_.path().string());
    ASSERT_TRUE(program.wait_for_output("\"item\":1,", 120'000)) << program.out() << program.err();
    program.signal(SIGKILL);
    program.wait_for_exit(30'000);
  }
  void expect_refused(const std::string& words) {
    const Finished f = suite({"--resume"});
    EXPECT_EQ(f.exit_code, 4) << f.out << f.err;
    EXPECT_NE(f.err.find(words), std::string::npos) << words << "\n" << f.err;
    EXPECT_NE(f.err.find("A-000001 began by other specifications"), std::string::npos) << f.err;
  }
  std::string in_folder(const std::string& name) const { return read_text(folder_.path() / name); }
};

TEST_F(SuiteSpecifications, ThatAreOthersThanItBeganWithAreNotTakenUpAgain) {
  write("suite.yaml",
        "name: s\nrevision: 1\nrig: 'sim:seed=1&faults=late.yaml'\npens: [PRO-0001]\nruns:\n"
        "  - {run: a, plan: smoke.yaml, repeats: 20}\n");
  write("late.yaml", "name: late\nfaults:\n  - {what: delay, delay_ms: 1, at_s: 0, for_s: 1}\n");
  kill_after_one();
  for (const char* name : {"product.yaml", "smoke.yaml", "late.yaml"}) {
    const std::string as_it_was = in_folder(name);
    write(name, as_it_was + "# another\n");
    expect_refused(std::string(name) + " is another");
    write(name, as_it_was);
  }
  const std::string plan = in_folder("smoke.yaml");
  std::filesystem::remove(folder_.path() / "smoke.yaml");
  expect_refused("product.yaml is not read any more, smoke.yaml is not read any more");
  write("smoke.yaml", plan);
  EXPECT_EQ(suite({"--resume"}).exit_code, 0);
}

TEST_F(SuiteSpecifications, ThatChangeWhileItRunsStopIt) {
  write("suite.yaml", head_ + "  - {run: a, plan: smoke.yaml, repeats: 40}\n");
  Program program({"suite", "run", "suite.yaml", "--json"}, folder_.path().string());
  ASSERT_TRUE(program.wait_for_output("\"item\":1,", 120'000)) << program.out() << program.err();
  // As an editor does it: the file is there at any time.
  write("next.yaml", in_folder("product.yaml") + "# another\n");
  std::filesystem::rename(folder_.path() / "next.yaml", folder_.path() / "product.yaml");
  EXPECT_EQ(program.wait_for_exit(120'000), 4) << program.out();
  EXPECT_NE(program.err().find("product.yaml is another"), std::string::npos) << program.err();
}

TEST_F(SuiteSpecifications, OfASuiteThatGoesOnAreItsOwn) {
  write("suite.yaml", head_ + "  - {run: a, plan: smoke.yaml, repeats: 200}\n");
  Program program({"suite", "run", "suite.yaml", "--json"}, folder_.path().string());
  ASSERT_TRUE(program.wait_for_output("\"item\":1,", 120'000)) << program.out() << program.err();
  const Finished second = suite({"--resume"});
  EXPECT_EQ(second.exit_code, 3) << second.out << second.err;
  EXPECT_NE(second.err.find("A-000001 (suite s rev 1) is held by another penrig, pid "), std::string::npos)
      << second.err;
  program.signal(SIGKILL);
  program.wait_for_exit(30'000);
  EXPECT_EQ(suite({"--resume", "--filter", "pen=PRO-0001"}).exit_code, 4)
      << "nobody holds it, and it is asked for more";
}

}  // namespace
}  // namespace penrig::test
