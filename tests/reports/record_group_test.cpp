#include "reports/store/record_group.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reports/record_json.hpp"
#include "reports/store/verify_store.hpp"
#include "tests/reports/evidence_store.hpp"

namespace penrig {
namespace {

using testing::faults_in;
using ::testing::HasSubstr;
using testing::opened;
using testing::small_record;
using testing::Sqlite;

/// Stores a run in the group, as a sequencer would.
std::string recorded(RecordSink& sink, const RunRecord& run) {
  const std::string id = sink.open_run(run.header).value();
  for (const PhaseRecord& phase : run.phases) {
    if (phase.spot) sink.take_spot(id, {phase.spot->name, 0, 0}).value();
    sink.add_phase(id, phase).value();
  }
  sink.close_run(id, run.outcome).value();
  return id;
}

std::size_t runs_in(const std::filesystem::path& folder) { return opened(folder)->list_runs().value().size(); }

TEST(RecordGroup, IsThereAsAWholeOnceCommitted) {
  const ScratchDirectory folder;
  {
    const auto store = opened(folder.path());
    const auto group = RecordGroup::begin(*store).value();
    const std::string first = recorded(*group, small_record()), second = recorded(*group, small_record());
    EXPECT_EQ(group->runs(), 2U);
    ASSERT_TRUE(group->commit());
    EXPECT_EQ(store->load_run(first).value().outcome.verdict, Verdict::pass);
    EXPECT_TRUE(store->load_run(second).value().closed);
  }
  EXPECT_EQ(runs_in(folder.path()), 2U);
  EXPECT_EQ(faults_in(folder.path()), "");
}

/// Puts other bytes of the same length in the place of some, wherever they stand in the file.
void replace_in(const std::filesystem::path& file, const std::string& bytes, const std::string& others) {
  std::ifstream in(file, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  for (std::size_t at = whole.find(bytes); at != std::string::npos; at = whole.find(bytes, at + 1)) {
    out.seekp(static_cast<std::streamoff>(at));
    out << others;
  }
}

// What a verification reads is what is on disk, not what the group still had in memory.
TEST(RecordGroup, IsReadFromItsFileOnceCommitted) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  run.header.operator_name = "Q. Unmistakable";
  const auto group = RecordGroup::begin(*store).value();
  const std::string id = recorded(*group, run);
  ASSERT_TRUE(group->commit());
  for (const char* const name : {"records.db", "records.db-wal"})
    replace_in(folder.path() / name, run.header.operator_name, "Q. Unmistakabel");
  const Verification found = verify_store(*store, {}).value();
  ASSERT_EQ(found.faults.size(), 1U);
  EXPECT_EQ(found.faults.front().where, id);
}

TEST(RecordGroup, HoldsTheSameRecordAsTheStoreAlone) {
  const ScratchDirectory alone_in, group_in;
  const auto alone = opened(alone_in.path()), store = opened(group_in.path());
  const std::string id = recorded(*alone, small_record());
  const auto group = RecordGroup::begin(*store).value();
  ASSERT_EQ(recorded(*group, small_record()), id);
  group->commit().value();
  EXPECT_EQ(record_json_text(store->load_run(id).value()), record_json_text(alone->load_run(id).value()));
}

TEST(RecordGroup, ThatIsDroppedLeavesNothingAndTheStoreGoesOn) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  const std::string before = recorded(*store, small_record());
  std::string begun;
  {
    const auto group = RecordGroup::begin(*store).value();
    const RunRecord run = small_record();
    begun = group->open_run(run.header).value();
    group->add_phase(begun, run.phases.back()).value();
    recorded(*group, small_record());
    EXPECT_EQ(store->list_runs().value().size(), 3U);  // the store itself sees them
  }
  EXPECT_EQ(store->list_runs().value().size(), 1U);
  EXPECT_EQ(recorded(*store, small_record()), begun);  // nothing of the run that had its number
  EXPECT_EQ(runs_in(folder.path()), 2U);
  EXPECT_EQ(faults_in(folder.path()), "");
}

/// The whole point: whoever is killed before the commit has told nobody of a PASS, and leaves none.
TEST(RecordGroup, OfAProgramThatIsKilledLeavesNoneOfItsRuns) {
  const ScratchDirectory folder;
  { recorded(*opened(folder.path()), small_record()); }
  for (int runs = 1; runs <= 3; ++runs) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = opened(folder.path());
      const auto group = RecordGroup::begin(*store).value();
      for (int i = 0; i < runs; ++i) recorded(*group, small_record());
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    EXPECT_EQ(runs_in(folder.path()), 1U) << runs;
    EXPECT_EQ(faults_in(folder.path()), "") << runs;
  }
}

TEST(RecordGroup, InWhichAnythingFailedLeavesNoneOfItsRuns) {
  const ScratchDirectory folder;
  { recorded(*opened(folder.path()), small_record()); }
  const auto store = opened(folder.path(), {.file_max_kib = 4096});
  const auto group = RecordGroup::begin(*store).value();
  recorded(*group, small_record());
  const RunRecord run = small_record();
  const std::string id = group->open_run(run.header).value();
  // Grows until the quota of the database is used up.
  Result<void> grown{};
  for (int i = 0; i < 400 && grown; ++i) grown = group->add_phase(id, run.phases[2]);
  ASSERT_FALSE(grown);
  EXPECT_EQ(grown.error().code, Errc::no_space);
  (void)group->close_run(id, run.outcome);
  const Result<void> committed = group->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, Errc::no_space);
  EXPECT_EQ(store->list_runs().value().size(), 1U);
  EXPECT_EQ(runs_in(folder.path()), 1U);
}

/// While it lives, every sync of a write-ahead log that is opened meanwhile can be made to fail.
class FailingSync {
 public:
  FailingSync() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "failing-sync";
    vfs_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int rc = real_->xOpen(real_, name, file, flags, out);
      if (rc != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return rc;
      methods_ = *file->pMethods;
      sync_ = methods_.xSync;
      methods_.xSync = [](sqlite3_file* f, int how) { return fails ? SQLITE_IOERR_FSYNC : sync_(f, how); };
      file->pMethods = &methods_;
      return rc;
    };
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FailingSync() {
    fails = false;
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  FailingSync(const FailingSync&) = delete;
  FailingSync& operator=(const FailingSync&) = delete;
  static inline bool fails = false;

 private:
  static inline sqlite3_vfs* real_ = nullptr;
  static inline sqlite3_vfs vfs_{};
  static inline sqlite3_io_methods methods_{};
  static inline int (*sync_)(sqlite3_file*, int) = nullptr;
};

/// What was not synced lies in the write-ahead log all the same; a program that comes after a crash must not find it.
TEST(RecordGroup, WhoseSyncFailsIsNotFoundByTheNextProgramEither) {
  const ScratchDirectory folder;
  const pid_t child = ::fork();
  if (child == 0) {
    FailingSync sync;
    const auto store = opened(folder.path());
    recorded(*store, small_record());  // so that the log's head is synced already, and the group's pages get into it
    const auto group = RecordGroup::begin(*store).value();
    recorded(*group, small_record());
    FailingSync::fails = true;
    const bool refused = !group->commit();
    ::_exit(refused ? 0 : 1);  // as after a crash: nothing is tidied up
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the commit was not refused";
  EXPECT_EQ(runs_in(folder.path()), 1U);
  EXPECT_EQ(faults_in(folder.path()), "");
}

TEST(RecordGroup, TakesNoRunOfARealRigAndNoMoreThanItsNumber) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  const auto group = RecordGroup::begin(*store).value();
  RunHeader real = small_record().header;
  real.simulated = false;
  EXPECT_EQ(group->open_run(real).error().code, Errc::usage);
  for (std::size_t i = 0; i < RecordGroup::kRunsMax; ++i) ASSERT_TRUE(group->open_run(small_record().header));
  EXPECT_EQ(group->open_run(small_record().header).error().code, Errc::usage);
  EXPECT_EQ(RecordGroup::begin(*store).error().code, Errc::usage);  // one at a time
}

/// A waveform of some samples, kept by the group.
WaveformRecord kept_waveform(RecordSink& sink, const std::string& run) {
  WaveformHead head;
  head.clock.tick_hz = 10e6;
  head.may_wait = head.written_at_end = true;
  const auto writer = sink.begin_waveform(run, head);
  const std::vector<std::int32_t> counts{1, 2, 3, 4};
  writer->samples({.ticks_per_sample = 200, .force = counts, .position = counts, .stage = counts});
  writer->end();
  return writer->finish().value();
}

// The name of a file that nobody made durable may be gone after a crash, and the rows that name it are not.
TEST(RecordGroup, MakesTheFoldersOfItsWaveformsDurableBeforeItsRows) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  const auto group = RecordGroup::begin(*store).value();
  const WaveformRecord waveform = kept_waveform(*group, recorded(*group, small_record()));
  const std::filesystem::path holding = (folder.path() / waveform_path(waveform)).parent_path();
  std::filesystem::remove_all(holding);
  const Result<void> committed = group->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code, Errc::io);
  EXPECT_THAT(committed.error().message, HasSubstr(holding.string() + ": cannot be made durable"));
  EXPECT_EQ(runs_in(folder.path()), 0U);
}

// The log that is left is as durable as the file that it was not folded into.
TEST(RecordGroup, InAShortLivedStoreIsFoundByWhoeverOpensItsFolderAllTheSame) {
  const ScratchDirectory folder;
  {
    const auto store = opened(folder.path(), {.short_lived = true});
    const auto group = RecordGroup::begin(*store).value();
    recorded(*group, small_record());
    ASSERT_TRUE(group->commit());
  }
  EXPECT_GT(std::filesystem::file_size(folder.path() / "records.db-wal"), 0U);
  EXPECT_EQ(runs_in(folder.path()), 1U);
  EXPECT_EQ(faults_in(folder.path()), "");
}

// Their files are copies of one, but each log has a name of its own, by which a checkpoint is known.
TEST(RecordGroup, InAShortLivedStoreGoesIntoALogOfItsOwnName) {
  std::set<std::string> checkpoints;
  for (int i = 0; i < 3; ++i) {
    const ScratchDirectory folder;
    const auto store = opened(folder.path(), {.short_lived = true});
    const auto group = RecordGroup::begin(*store).value();
    recorded(*group, small_record());
    ASSERT_TRUE(group->commit());
    const std::string note = store->log_state().value().leaves.back().checkpoint;
    EXPECT_THAT(note, ::testing::StartsWith("penrig-records/"));
    checkpoints.insert(note.substr(0, note.find('\n')));
  }
  EXPECT_EQ(checkpoints.size(), 3U);
}

}  // namespace
}  // namespace penrig
