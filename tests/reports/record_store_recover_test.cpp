#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reports/verdict_word.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/record_bits.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig {
namespace {

using testing::bits_of;
using testing::opened;
using testing::SampleEnd;
using testing::small_record;
using testing::Sqlite;
using testing::stored;

constexpr std::int64_t kLater = 1'800'000'000'000'000'000;

/// A run that its program left open; the store of that program is gone.
RunRecord left_open(const std::filesystem::path& folder) {
  RunRecord run = small_record(SampleEnd::interrupted);
  stored(*opened(folder), run);
  return run;
}

std::size_t lock_files(const std::filesystem::path& folder) {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder / "running")) ++n;
  return n;
}

TEST(RecoverRecords, ClosesARunWhoseProgramIsGoneWithAllThatWasRecorded) {
  const ScratchDirectory folder;
  RunRecord run = left_open(folder.path());
  const auto store = opened(folder.path());
  const auto closed = store->close_interrupted(kLater).value();
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].run_id, "R-000001");
  EXPECT_EQ(closed[0].serial_number, run.header.serial_number);
  EXPECT_EQ(closed[0].phases, run.phases.size());
  std::size_t measurements = 0;
  for (const PhaseRecord& phase : run.phases) measurements += phase.measurements.size();
  ASSERT_GT(measurements, 0U);
  EXPECT_EQ(closed[0].measurements, measurements);

  RunRecord loaded = store->load_run("R-000001").value();
  EXPECT_FALSE(loaded.closed);
  EXPECT_TRUE(loaded.outcome.interrupted);
  EXPECT_EQ(verdict_word(loaded), "INTERRUPTED");
  EXPECT_EQ(counted_verdict(loaded), Verdict::error);
  EXPECT_EQ(loaded.outcome.verdict, Verdict::error);
  EXPECT_EQ(loaded.outcome.ended_utc_ns, kLater);
  EXPECT_NE(loaded.outcome.reason.find("never closed"), std::string::npos) << loaded.outcome.reason;
  loaded.outcome = run.outcome;
  EXPECT_EQ(bits_of(loaded), bits_of(run)) << "what was recorded before is as it was";
}

TEST(RecoverRecords, TakesNothingMoreForARunThatItClosed) {
  const ScratchDirectory folder;
  RunRecord run = left_open(folder.path());
  const auto store = opened(folder.path());
  store->close_interrupted(kLater).value();
  EXPECT_FALSE(store->add_phase("R-000001", run.phases.front()).has_value());
  RunOutcome pass;
  pass.verdict = Verdict::pass;
  EXPECT_FALSE(store->close_run("R-000001", pass).has_value());
  EXPECT_EQ(store->load_run("R-000001").value().outcome.verdict, Verdict::error);
}

TEST(RecoverRecords, CanMakeNoPassOfAnInterruptedRun) {
  const ScratchDirectory folder;
  RunRecord run = small_record();
  run.outcome.interrupted = true;
  const auto store = opened(folder.path());
  run.header.run_id = store->open_run(run.header).value();
  EXPECT_FALSE(store->close_run(run.header.run_id, run.outcome).has_value());
}

TEST(RecoverRecords, LeavesARunAloneThatAProgramStillHolds) {
  const ScratchDirectory folder;
  RunRecord run = small_record();
  const auto writer = opened(folder.path());
  const std::string id = writer->open_run(run.header).value();
  const auto other = opened(folder.path());
  EXPECT_TRUE(other->close_interrupted(kLater).value().empty());
  EXPECT_TRUE(other->list_runs().value().at(0).running);
  EXPECT_NE(other->load_run(id).value().outcome.reason.find("still holds it"), std::string::npos);
  EXPECT_TRUE(writer->add_phase(id, run.phases.front()).has_value());
  EXPECT_TRUE(writer->close_run(id, run.outcome).has_value());
  const auto rows = other->list_runs().value();
  EXPECT_TRUE(rows.at(0).closed);
  EXPECT_FALSE(rows.at(0).running);
}

TEST(RecoverRecords, FindsNothingMoreTheSecondTime) {
  const ScratchDirectory folder;
  left_open(folder.path());
  EXPECT_EQ(lock_files(folder.path()), 1U);
  const auto store = opened(folder.path());
  EXPECT_EQ(store->close_interrupted(kLater).value().size(), 1U);
  EXPECT_TRUE(store->close_interrupted(kLater).value().empty());
  EXPECT_EQ(lock_files(folder.path()), 0U);
}

TEST(RecoverRecords, ClosesARunFromBeforeThereWereLocks) {
  const ScratchDirectory folder;
  left_open(folder.path());
  std::filesystem::remove_all(folder.path() / "running");
  const auto store = opened(folder.path());
  EXPECT_FALSE(store->list_runs().value().at(0).running);
  EXPECT_EQ(store->close_interrupted(kLater).value().size(), 1U);
}

TEST(RecoverRecords, LeaveNoLockBehindAClosedRun) {
  const ScratchDirectory folder;
  RunRecord run = small_record();
  stored(*opened(folder.path()), run);
  EXPECT_EQ(lock_files(folder.path()), 0U);
}

TEST(RecoverRecords, OpenNoRunThatCannotSayThatItLives) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  testing::write_bytes(folder.path() / "running", "where the folder of locks should be");
  const auto opened_run = store->open_run(small_record().header);
  ASSERT_FALSE(opened_run.has_value());
  EXPECT_NE(opened_run.error().message.find("running"), std::string::npos) << opened_run.error().message;
  EXPECT_TRUE(store->list_runs().value().empty());
}

TEST(RecoverRecords, SeeThatAKilledProgramIsGone) {
  const ScratchDirectory folder;
  opened(folder.path());
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    RunRecord run = small_record(SampleEnd::interrupted);
    const auto store = opened(folder.path());
    stored(*store, run);
    const ssize_t told = ::write(ready[1], "x", 1);
    while (told == 1) ::pause();
    ::_exit(1);
  }
  char x = 0;
  ASSERT_EQ(::read(ready[0], &x, 1), 1);
  const auto store = opened(folder.path());
  EXPECT_TRUE(store->close_interrupted(kLater).value().empty()) << "its program lives";
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(store->close_interrupted(kLater).value().size(), 1U);
  EXPECT_EQ(Sqlite(folder.path()).first("PRAGMA integrity_check"), "ok");
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace penrig
