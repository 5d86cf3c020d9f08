#include "reports/store/record_store.hpp"

#include <array>
#include <barrier>
#include <bit>
#include <cmath>
#include <csignal>
#include <functional>
#include <limits>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "reports/store/store_schema.hpp"
#include "tests/reports/as_nobody.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/record_bits.hpp"
#include "tests/reports/sample_record.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig {
namespace {

using testing::bits_of;
using testing::opened;
using testing::sample_record;
using testing::SampleEnd;
using testing::small_record;
using testing::Sqlite;
using testing::stored;

void expect_round_trip(RecordStore& store, RunRecord& run) {
  const std::string id = stored(store, run);
  if (!run.closed) run.outcome.reason = "the run was never closed: a program still holds it";  // this one
  EXPECT_EQ(bits_of(store.load_run(id).value()), bits_of(run));
}

class RoundTrip : public ::testing::TestWithParam<SampleEnd> {};

TEST_P(RoundTrip, GivesBackEveryFieldToTheBit) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = sample_record({.end = GetParam()});
  expect_round_trip(*store, run);
}

INSTANTIATE_TEST_SUITE_P(Ends, RoundTrip,
                         ::testing::Values(SampleEnd::pass, SampleEnd::fail, SampleEnd::error, SampleEnd::aborted,
                                           SampleEnd::interrupted));

TEST(RecordStore, GivesBackThirtySettings) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = sample_record({.depths_mm = {0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5}, .strokes = 40});
  expect_round_trip(*store, run);
}

TEST(RecordStore, KeepsTheBitsOfDoublesThatSqliteWouldLose) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  const double odd_nan = std::bit_cast<double>(std::uint64_t{0xFFF8'0000'0000'1234});
  Measurement& m = run.outcome.measurements.front();
  m.value = odd_nan;
  m.low = -0.0;
  m.high = std::numeric_limits<double>::infinity();
  m.expanded_u = std::nan("");
  m.k = std::numeric_limits<double>::denorm_min();
  m.realised = 0.1;
  m.budget.push_back({"odd", true, "none", odd_nan, -0.0, "µm/N", odd_nan, -0.0, -1e-300, "LASER-7"});
  m.interval = ToleranceInterval{-0.0, odd_nan, 1e308, 5e-324, -1e-300, 3, 9007199254740993.0};
  run.phases.front().values["nan_mm"] = std::nan("");
  run.phases.front().values["minus_zero_mm"] = -0.0;
  run.phases.front().values["minus_infinity_mm"] = -std::numeric_limits<double>::infinity();
  run.phases.front().started_s = -0.0;
  run.outcome.decisions.front().used = odd_nan;
  run.outcome.decisions.front().conformity = odd_nan;
  run.outcome.decisions.front().false_acceptance_max = -0.0;
  run.outcome.corrections.push_back({"odd", true, odd_nan, -0.0, "", ""});
  run.outcome.events.front().latency_ms = odd_nan;
  run.outcome.daq->tick_hz = -std::numeric_limits<double>::infinity();
  run.outcome.duration_s = std::nan("");
  expect_round_trip(*store, run);
}

TEST(RecordStore, TellsAnUnsetNumberFromOneThatIsNotANumber) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  run.outcome.measurements[0].value = std::nullopt;
  run.outcome.measurements[1].value = std::nan("");
  const RunRecord loaded = store->load_run(stored(*store, run)).value();
  EXPECT_FALSE(loaded.outcome.measurements[0].value.has_value());
  ASSERT_TRUE(loaded.outcome.measurements[1].value.has_value());
  EXPECT_TRUE(std::isnan(*loaded.outcome.measurements[1].value));
}

TEST(RecordStore, KeepsTextsWithAnyBytes) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  run.header.operator_name = "O'Brien \"; DROP TABLE runs; --\xF0\x9F\x96\x8A";
  run.outcome.reason = "tab\tnewline\n<b>";
  run.outcome.corrections.push_back({"'; --", false, 1, 2, "\xFF\n", std::string("nul ") + char{0} + "\x1B[31m"});
  run.outcome.measurements.front().budget.push_back({"\"", false, "", 1, 0, "]}", 1, 1, 1, "a\tb\\"});
  run.phases.front().error = std::string("nul ") + std::string(1, char{0}) + " inside";
  expect_round_trip(*store, run);
}

TEST(RecordStore, NumbersRunsByItsOwnSequence) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  EXPECT_EQ(stored(*store, run), "R-000001");
  EXPECT_EQ(stored(*store, run), "R-000002");
  EXPECT_EQ(opened(folder.path())->open_run(run.header).value(), "R-000003");
}

TEST(RecordStore, ListsARunThatNobodyClosedAsAnError) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record(SampleEnd::interrupted);
  const std::string id = stored(*store, run);
  const auto rows = store->list_runs({}).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_FALSE(rows[0].closed);
  EXPECT_EQ(rows[0].verdict, Verdict::error);
  const RunRecord loaded = store->load_run(id).value();
  EXPECT_FALSE(loaded.closed);
  EXPECT_EQ(loaded.outcome.verdict, Verdict::error);
  EXPECT_NE(loaded.outcome.reason.find("never closed"), std::string::npos);
}

TEST(RecordStore, ListsWhatTheFilterAsksFor) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord pass = small_record(), fail = small_record(SampleEnd::fail), open = small_record(SampleEnd::interrupted);
  fail.header.serial_number = "PRO-000777";
  stored(*store, pass);
  stored(*store, fail);
  stored(*store, open);
  const auto ids = [&](const RunFilter& filter) {
    std::string all;
    for (const RunRow& row : store->list_runs(filter).value()) all += row.run_id + " ";
    return all;
  };
  EXPECT_EQ(ids({}), "R-000001 R-000002 R-000003 ");
  EXPECT_EQ(ids({.serial_number = "PRO-000777"}), "R-000002 ");
  EXPECT_EQ(ids({.verdict = Verdict::error}), "R-000003 ");
  EXPECT_EQ(ids({.verdict = Verdict::pass}), "R-000001 ");
  EXPECT_EQ(ids({.newest = 2}), "R-000002 R-000003 ");
  EXPECT_EQ(ids({.product_name = "pen-home"}), "");
}

TEST(RecordStore, RefusesEveryUpdateAndDelete) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  const std::string id = stored(*store, run);
  Sqlite other(folder.path());
  for (const char* table : {"runs", "documents", "run_documents", "phases", "strokes", "traces", "outcomes",
                            "measurements", "decisions", "events", "spots_taken", "corrections"}) {
    EXPECT_NE(other.run(fmt::format("DELETE FROM {}", table)), "") << table;
    EXPECT_NE(other.run(fmt::format("UPDATE {} SET id = id", table)), "") << table;
    EXPECT_NE(other.run(fmt::format("INSERT OR REPLACE INTO {0} SELECT * FROM {0}", table)), "") << table;
  }
  EXPECT_EQ(bits_of(store->load_run(id).value()), bits_of(run));
}

TEST(RecordStore, ReplacesNoOutcomeUnderAnotherId) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record(SampleEnd::fail);
  stored(*store, run);
  EXPECT_EQ(Sqlite(folder.path())
                .run("INSERT OR REPLACE INTO outcomes(id, run, verdict, reason, safe_state_confirmed, ended_utc_ns) "
                     "VALUES(99, 1, 1, '', 1, 0)"),
            "the run is closed");
}

TEST(RecordStore, ClosesARunOnce) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record(SampleEnd::fail);
  const std::string id = stored(*store, run);
  RunOutcome better = run.outcome;
  better.verdict = Verdict::pass;
  EXPECT_FALSE(store->close_run(id, better).has_value());
  EXPECT_FALSE(store->add_phase(id, run.phases.front()).has_value());
  EXPECT_EQ(bits_of(store->load_run(id).value()), bits_of(run));
}

TEST(RecordStore, SaysHowManyRunsThereAreWhenAskedForAnUnknownOne) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  EXPECT_NE(store->load_run("R-000001").error().message.find("no runs yet"), std::string::npos);
  RunRecord run = small_record();
  stored(*store, run);
  for (const char* id : {"R-000002", "R-", "R-0x1", "391", "", "R-99999999999999999999"}) {
    const auto missing = store->load_run(id);
    ASSERT_FALSE(missing.has_value()) << id;
    EXPECT_EQ(missing.error().code, Errc::usage);
    EXPECT_NE(missing.error().message.find("runs in the store: 1, the newest is R-000001"), std::string::npos)
        << missing.error().message;
  }
}

TEST(RecordStore, ServesTwoProgramsAtOnce) {
  const ScratchDirectory folder;
  const auto a = opened(folder.path()), b = opened(folder.path());
  RunRecord first = small_record(), second = small_record(SampleEnd::fail);
  first.header.run_id = a->open_run(first.header).value();
  second.header.run_id = b->open_run(second.header).value();
  for (std::size_t i = 0; i < first.phases.size(); ++i) {
    a->add_phase(first.header.run_id, first.phases[i]).value();
    b->add_phase(second.header.run_id, second.phases[i]).value();
  }
  b->close_run(second.header.run_id, second.outcome).value();
  a->close_run(first.header.run_id, first.outcome).value();
  EXPECT_NE(first.header.run_id, second.header.run_id);
  EXPECT_EQ(bits_of(b->load_run(first.header.run_id).value()), bits_of(first));
  EXPECT_EQ(bits_of(a->load_run(second.header.run_id).value()), bits_of(second));
}

// SQLite gives up at once, without its way of waiting, where two connections make one file a WAL file.
TEST(RecordStore, IsMadeByTwoProgramsAtOnce) {
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    const ScratchDirectory folder;
    std::barrier together(2);
    std::array<std::string, 2> complaints;
    const auto make = [&](std::string& complaint) {
      together.arrive_and_wait();
      // Patient: how long the other one's disk takes is not what is asked here.
      const auto store = RecordStore::open(folder.path(), {.busy_timeout_ms = 60'000});
      if (!store) complaint = store.error().message;
    };
    { const std::jthread first(make, std::ref(complaints[0])), second(make, std::ref(complaints[1])); }
    EXPECT_EQ(complaints[0] + complaints[1], "") << "round " << round;
  }
}

TEST(RecordStore, SaysWhichFileAnotherProgramHolds) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path(), {.busy_timeout_ms = 1});
  Sqlite other(folder.path());
  ASSERT_EQ(other.run("BEGIN IMMEDIATE"), "");
  const auto refused = store->open_run(small_record().header);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::locked);
  EXPECT_NE(refused.error().message.find("records.db"), std::string::npos);
  other.run("ROLLBACK");
  EXPECT_TRUE(store->open_run(small_record().header).has_value());
}

TEST(RecordStore, SaysNoSpaceWhenItsQuotaIsUsedUpAndKeepsWhatItHas) {
  const ScratchDirectory folder;
  RunRecord run = small_record();
  const auto store = opened(folder.path(), {.file_max_kib = 400});
  const std::string id = store->open_run(run.header).value();
  Result<void> written;
  std::size_t phases = 0;
  while ((written = store->add_phase(id, run.phases[2])).has_value()) ASSERT_LT(++phases, 100U);
  EXPECT_EQ(written.error().code, Errc::no_space);
  EXPECT_EQ(store->load_run(id).value().phases.size(), phases);
  EXPECT_FALSE(store->load_run(id).value().closed);
}

TEST(RecordStore, SaysNoSpaceWhenTheSystemRefusesTheBytes) {
  const ScratchDirectory folder;
  RunRecord run = small_record();
  const auto store = opened(folder.path());
  const std::string id = store->open_run(run.header).value();
  // The system's own limit on the size of a file stands in for a full disk: the write itself fails.
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit tiny{static_cast<rlim_t>(std::filesystem::file_size(folder.path() / "records.db-wal")) + 4096,
                    before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tiny), 0);
  const auto written = store->add_phase(id, run.phases[2]);
  const auto closed = store->close_run(id, run.outcome);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, Errc::no_space) << written.error().message;
  ASSERT_FALSE(closed.has_value());
  EXPECT_TRUE(store->load_run(id).value().phases.empty());
  EXPECT_TRUE(store->add_phase(id, run.phases[2]).has_value()) << "with space again it goes on";
}

TEST(RecordStore, RefusesAFolderThatCannotBeMade) {
  const ScratchDirectory folder;
  testing::write_bytes(folder.path() / "file", "x");
  const auto store = RecordStore::open(folder.path() / "file" / "records");
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, Errc::io);
  EXPECT_NE(store.error().message.find("file"), std::string::npos);
}

TEST(RecordStore, RefusesAReadOnlyFolder) {
  const ScratchDirectory folder;
  using std::filesystem::perms;
  std::filesystem::permissions(folder.path(), perms::owner_read | perms::owner_exec | perms::group_read |
                                                  perms::group_exec | perms::others_read | perms::others_exec);
  const auto store = [&] {
    const test::AsNobody nobody;
    return RecordStore::open(folder.path());
  }();
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, Errc::io);
  EXPECT_NE(store.error().message.find("Permission denied; make file and folder writable"), std::string::npos)
      << store.error().message;
}

TEST(RecordStore, OpensOnlyWhatIsThereForReading) {
  const ScratchDirectory folder;
  const auto missing = RecordStore::open_existing(folder.path() / "nothing");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Errc::usage);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "nothing"));
  RunRecord run = small_record();
  const std::string id = stored(*opened(folder.path()), run);
  EXPECT_EQ(bits_of(RecordStore::open_existing(folder.path()).value()->load_run(id).value()), bits_of(run));
}

TEST(RecordStore, HasNoRecordsInAnEmptyFile) {
  const ScratchDirectory folder;
  testing::write_bytes(folder.path() / "records.db", "");
  const auto empty = RecordStore::open_existing(folder.path());
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Errc::usage);
  EXPECT_NE(empty.error().message.find("there are no records in it"), std::string::npos) << empty.error().message;
}

TEST(RecordStore, RefusesAFileThatIsNoDatabase) {
  const ScratchDirectory folder;
  testing::write_bytes(folder.path() / "records.db", std::string(8192, 'x'));
  const auto store = RecordStore::open(folder.path());
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, Errc::io);
  EXPECT_NE(store.error().message.find("is not a record store"), std::string::npos) << store.error().message;
  EXPECT_EQ(testing::bytes_in(folder.path() / "records.db"), std::string(8192, 'x'));
}

TEST(RecordStore, SaysThatAFileIsDamaged) {
  const ScratchDirectory folder;
  RunRecord run = small_record();
  const std::string id = stored(*opened(folder.path()), run);
  std::string bytes = testing::bytes_in(folder.path() / "records.db");
  ASSERT_GT(bytes.size(), 40'000U);
  for (std::size_t i = 4096; i < bytes.size(); ++i) bytes[i] = static_cast<char>(0xA5);
  testing::write_bytes(folder.path() / "records.db", bytes);
  const auto store = RecordStore::open(folder.path());
  const Error error = store.has_value() ? store.value()->load_run(id).error() : store.error();
  EXPECT_EQ(error.code, Errc::io);
  EXPECT_NE(error.message.find("damaged"), std::string::npos) << error.message;
}

TEST(RecordStore, RefusesTheDatabaseOfAnotherProgram) {
  const ScratchDirectory folder;
  ASSERT_EQ(Sqlite(folder.path()).run("CREATE TABLE theirs(x)"), "");
  const auto store = RecordStore::open(folder.path());
  ASSERT_FALSE(store.has_value());
  EXPECT_NE(store.error().message.find("another program"), std::string::npos);
}

TEST(RecordStore, RefusesALaterVersion) {
  const ScratchDirectory folder;
  opened(folder.path());
  ASSERT_EQ(Sqlite(folder.path()).run("PRAGMA user_version = 4711"), "");
  const auto store = RecordStore::open(folder.path());
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, Errc::io);
  EXPECT_NE(store.error().message.find("version 4711"), std::string::npos);
}

TEST(RecordStore, KeepsWriteAheadAndVersion) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  Sqlite other(folder.path());
  EXPECT_EQ(other.first("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(other.first("PRAGMA user_version"), std::to_string(kStoreVersion));
  EXPECT_EQ(other.first("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT "
                        "LIKE 'sqlite%' AND strict = 0"),
            "0");
}

TEST(RecordStore, RefusesADocumentWhoseHashDoesNotFit) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  run.header.documents[0].bytes += "# changed";
  EXPECT_FALSE(store->open_run(run.header).has_value());
  EXPECT_TRUE(store->list_runs({}).value().empty());
}

TEST(RecordStore, KeepsADocumentOfManyRunsOnce) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  stored(*store, run);
  stored(*store, run);
  EXPECT_EQ(Sqlite(folder.path()).first("SELECT count(*) FROM documents"), "3");
  EXPECT_EQ(Sqlite(folder.path()).first("SELECT count(*) FROM run_documents"), "6");
}

TEST(RecordStore, NoticesADocumentThatWasChangedBehindItsBack) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  const std::string id = stored(*store, run);
  ASSERT_EQ(
      Sqlite(folder.path()).run("DROP TRIGGER documents_no_update; UPDATE documents SET bytes = x'00' WHERE id = 1"),
      "");
  const auto loaded = store->load_run(id);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, Errc::bad_data);
}

}  // namespace
}  // namespace penrig
