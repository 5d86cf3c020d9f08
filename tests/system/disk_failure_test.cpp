#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "reports/store/record_store.hpp"
#include "tests/reports/scratch_store.hpp"
#include "tests/system/failing_disk.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

const std::vector<std::string> kRun{"run", kSmokePlan, "--rig", "sim:seed=1", "--serial-number", "PRO-0001", "--json"};

/// What a run says at its end to programs; empty where it says nothing.
std::string said(const std::string& out) {
  std::string verdict;
  for (const auto& line : cli::json_lines(out)) {
    if (line.value("event", "") == "result") verdict = line.value("verdict", "");
  }
  return verdict;
}

class DiskFailure : public ::testing::Test {
 protected:
  Finished run() const { return run_program(kRun, folder_.path().string()); }
  std::filesystem::path records() const { return folder_.path() / "records"; }
  /// Runs whose record says PASS.
  std::size_t passes() const {
    if (!std::filesystem::exists(records() / "records.db")) return 0;
    auto store = RecordStore::open(records()).value();
    store->close_interrupted(kVirtualEpochUtcNs).value();
    return store->list_runs({.verdict = Verdict::pass}).value().size();
  }
  /// ERROR, exit 3, a message; and neither said nor recorded as PASS.
  void expect_error(const Finished& f, const std::string& message, const std::string& where = "") const {
    EXPECT_EQ(f.exit_code, 3) << where << f.out << f.err;
    EXPECT_NE(said(f.out), "PASS") << where;
    EXPECT_EQ(f.out.find("\"verdict\":\"PASS\",\"reason\""), std::string::npos) << where;
    EXPECT_NE((f.out + f.err).find(message), std::string::npos) << where << f.out << f.err;
  }

  ScratchDirectory folder_;
};

struct Counts {
  int calls = 0, syncs = 0;
};
Counts counts_of_a_good_run(const std::string& folder) {
  const std::string file = folder + "/counts";
  const Shim shim("", file);
  EXPECT_EQ(run_program(kRun, folder).exit_code, 0);
  Counts counts;
  std::ifstream(file) >> counts.calls >> counts.syncs;
  return counts;
}

TEST_F(DiskFailure, NoSyncThatFailsEndsInAPass) {
  const Counts good = counts_of_a_good_run(folder_.path().string());
  ASSERT_GT(good.syncs, 10);
  const std::size_t before = passes();
  ASSERT_EQ(before, 1U);
  // The last are those of the closing, of the report, and of the database as it is closed: the record is durable by
  // then. Of the others some.
  constexpr int kLast = 14, kOthers = 12;
  int errors = 0;
  for (int i = 1; i <= good.syncs; i += i < good.syncs - kLast ? std::max(1, good.syncs / kOthers) : 1) {
    const Shim shim("sync:" + std::to_string(i));
    const Finished f = run();
    const std::size_t now = passes();
    if (f.exit_code == 0 && said(f.out) == "PASS") {
      EXPECT_GT(now, before) << "sync " << i << ": a PASS was said that is not in the record";
      EXPECT_GT(i, good.syncs / 2) << f.out << f.err;
      break;
    }
    ++errors;
    expect_error(f, "", "sync " + std::to_string(i) + ": ");
    EXPECT_FALSE(f.err.empty() && said(f.out).empty()) << "sync " << i << ": nothing was said";
    EXPECT_EQ(now, before) << "sync " << i << ": what was said to be an ERROR is recorded as a PASS\n"
                           << f.out << f.err;
    if (HasFailure()) break;
  }
  EXPECT_GT(errors, 5);
}

TEST_F(DiskFailure, NoFullDiskEndsInAPassWhereverItFillsUp) {
  const Counts good = counts_of_a_good_run(folder_.path().string());
  ASSERT_GT(good.calls, 30);
  constexpr int kPlaces = 25;
  int errors = 0;
  for (int k = 0; k < kPlaces; ++k) {
    const int call = 1 + good.calls * k / kPlaces;
    const std::size_t before = passes();
    const Shim shim("full:" + std::to_string(call));
    const Finished f = run();
    const std::size_t now = passes();
    if (said(f.out) == "PASS") {
      EXPECT_GT(now, before) << "call " << call;
      continue;  // the record was durable before the disk was full
    }
    ++errors;
    expect_error(f, "o space left", "call " + std::to_string(call) + ": ");
    EXPECT_EQ(now, before) << "call " << call;
    if (HasFailure()) break;
  }
  EXPECT_GT(errors, kPlaces / 2);
}

TEST_F(DiskFailure, ADiskThatFillsUpDuringARunIsAnErrorThatSaysSo) {
  const SmallDisk disk(records(), "40m");
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs (root)";
  ASSERT_EQ(run().exit_code, 0);
  const std::size_t before = passes();
  const Shim shim("stop:40");
  Program program(kRun, folder_.path().string());
  int status = 0;
  ASSERT_GT(::waitpid(-1, &status, WUNTRACED), 0);
  ASSERT_TRUE(WIFSTOPPED(status)) << "the run made fewer than 40 calls";
  disk.fill();
  program.signal(SIGCONT);
  const int exit_code = program.wait_for_exit(30'000);
  expect_error({exit_code, program.out(), program.err()}, "o space left");
  std::filesystem::remove(records() / "filler");
  EXPECT_EQ(passes(), before);
}

TEST_F(DiskFailure, ARunThatMayNotFitIsRefusedWithFiguresBeforeAnythingMoves) {
  const SmallDisk disk(records(), "8m");
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs (root)";
  const Finished f = run();
  expect_error(f, "this run needs ");
  EXPECT_NE(f.err.find("and the disk has "), std::string::npos) << f.err;
  EXPECT_NE(f.err.find("nothing has moved, no record was opened"), std::string::npos) << f.err;
  EXPECT_TRUE(RecordStore::open(records()).value()->list_runs().value().empty());
}

TEST_F(DiskFailure, AReadOnlyFolderIsAnErrorThatSaysSo) {
  const SmallDisk disk(records(), "40m");
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs (root)";
  ASSERT_EQ(run().exit_code, 0);
  ASSERT_TRUE(disk.make_read_only());
  const Finished f = run();
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_NE(said(f.out), "PASS");
  EXPECT_NE(f.err.find("read-only"), std::string::npos) << f.err;
}

TEST_F(DiskFailure, ADatabaseThatAnotherProgramHoldsIsWaitedForAndThenAnError) {
  ASSERT_EQ(run().exit_code, 0);
  const std::size_t before = passes();
  penrig::testing::Sqlite other(records());
  ASSERT_EQ(other.run("BEGIN IMMEDIATE"), "");
  const Finished f = run();
  expect_error(f, "held by another program");
  EXPECT_NE(f.err.find("another program writes to it; waiting for it"), std::string::npos) << f.err;
  ASSERT_EQ(other.run("ROLLBACK"), "");
  EXPECT_EQ(passes(), before);
}

TEST_F(DiskFailure, AShortWaitForAnotherProgramIsSaidAndEndsInAPass) {
  ASSERT_EQ(run().exit_code, 0);
  penrig::testing::Sqlite other(records());
  ASSERT_EQ(other.run("BEGIN IMMEDIATE"), "");
  Program program(kRun, folder_.path().string());
  for (int i = 0; i < 2000 && program.err().find("waiting for it") == std::string::npos; ++i) program.wait_for_exit(10);
  ASSERT_EQ(other.run("ROLLBACK"), "");
  EXPECT_EQ(program.wait_for_exit(30'000), 0) << program.out() << program.err();
  EXPECT_EQ(said(program.out()), "PASS");
  EXPECT_NE(program.err().find("another program writes to it; waiting for it, 5 s at most"), std::string::npos)
      << program.err();
}

TEST_F(DiskFailure, TwoProgramsOnOneStoreBothSucceed) {
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    const ScratchDirectory fresh;  // they make it both
    Program first(kRun, fresh.path().string()), second(kRun, fresh.path().string());
    EXPECT_EQ(first.wait_for_exit(30'000), 0) << first.out() << first.err();
    EXPECT_EQ(second.wait_for_exit(30'000), 0) << second.out() << second.err();
    EXPECT_EQ(said(first.out()), "PASS");
    EXPECT_EQ(said(second.out()), "PASS");
    const auto store = RecordStore::open(fresh.path() / "records").value();
    EXPECT_EQ(store->list_runs({.verdict = Verdict::pass}).value().size(), 2U);
  }
}

}  // namespace
}  // namespace penrig::test
