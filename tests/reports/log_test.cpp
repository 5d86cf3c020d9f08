#include <fstream>

#include <gtest/gtest.h>

#include "reports/evidence/ssh_key.hpp"
#include "reports/record_json.hpp"
#include "reports/store/run_evidence.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/old_store.hpp"

namespace penrig {
namespace {

using testing::faults_in;
using testing::kByTester;
using testing::new_ring;
using testing::opened;
using testing::shell;
using testing::small_record;
using testing::Sqlite;
using testing::stored;
using testing::tamper;
using testing::write_bytes;

class Log : public ::testing::Test {
 protected:
  /// A store with three signed runs, a void and a comment.
  void fill(bool signed_ones = true) {
    const auto store = opened(records());
    if (signed_ones) store->sign_with(new_ring(folder_.path()), kByTester).value();
    for (int i = 0; i < 3; ++i) {
      RunRecord run = small_record();
      stored(*store, run);
    }
    AuditEntry entry{.at_utc_ns = testing::kNow, .who = "tester", .action = audit::kRunVoided, .subject = "R-000002"};
    entry.reason = "wrong pen was clamped";
    store->add_audit(entry).value();
    entry.action = audit::kComment;
    entry.subject = "R-000001";
    entry.reason = "seen";
    store->add_audit(entry).value();
  }
  std::string newest_checkpoint() const { return opened(records())->log_state().value().leaves.back().checkpoint; }
  VerifyOptions kept(const std::string& note) const {
    VerifyOptions options;
    options.kept_checkpoint = note;
    return options;
  }
  std::filesystem::path records() const { return folder_.path() / "records"; }
  ScratchDirectory folder_;
};

TEST_F(Log, HasALeafForEveryClosedRunAndAuditEntryAndVerifies) {
  fill();
  const auto store = opened(records());
  const Verification v = verify_store(*store, {}).value();
  EXPECT_TRUE(v.faults.empty()) << faults_in(records());
  EXPECT_EQ(v.log_size, 6U);
  EXPECT_EQ(v.runs, 3U);
  EXPECT_EQ(v.signed_runs, 3U);
  EXPECT_EQ(v.audit_entries, 3U);
  EXPECT_EQ(v.key_name, "M. Okafor");
  EXPECT_EQ(faults_in(records(), kept(newest_checkpoint())), "");
}

TEST_F(Log, SaysThatARecordWithoutAKeyIsUnsigned) {
  fill(false);
  const Verification v = verify_store(*opened(records()), {}).value();
  EXPECT_TRUE(v.faults.empty()) << faults_in(records());
  EXPECT_EQ(v.signed_runs, 0U);
  ASSERT_FALSE(v.notes.empty());
  EXPECT_NE(v.notes[0].find("3 of the closed runs, certifying or not, are unsigned"), std::string::npos) << v.notes[0];
  EXPECT_TRUE(opened(records())->load_run("R-000001").value().standing.signatures.empty());
}

TEST_F(Log, SignsTheBytesThatRecordsShowPrintsSoThatStockSshKeygenChecksThem) {
  if (shell(folder_.path(), "command -v ssh-keygen") != 0) GTEST_SKIP() << "no ssh-keygen here";
  fill();
  const auto store = opened(records());
  const RunEvidence e = store->evidence_of("R-000002").value();
  EXPECT_EQ(e.record, record_json_text(store->load_run("R-000002").value()));
  write_bytes(folder_.path() / "record.json", e.record);
  write_bytes(folder_.path() / "record.sig", e.signature);
  write_bytes(folder_.path() / "allowed", e.allowed_signers);
  const std::string check =
      "ssh-keygen -Y verify -f allowed -I " + e.principal + " -n penrig-record -s record.sig < record.json";
  EXPECT_EQ(shell(folder_.path(), check), 0);
  std::string other = e.record;
  other[other.find("PASS")] = 'F';
  write_bytes(folder_.path() / "record.json", other);
  EXPECT_NE(shell(folder_.path(), check), 0);
}

TEST_F(Log, ProvesARecordToAStrangerAndNothingElse) {
  fill();
  const auto store = opened(records());
  const RunEvidence good = store->evidence_of("R-000002").value();
  EXPECT_TRUE(faults_of(good).empty());
  EXPECT_EQ(proof_of(proof_text(good.proof)).value(), good.proof);
  RunEvidence bad = good;
  bad.record[10] ^= 1;
  EXPECT_EQ(faults_of(bad).size(), 2U);  // signature and leaf
  bad = good;
  bad.signature = store->evidence_of("R-000001").value().signature;
  EXPECT_EQ(faults_of(bad).size(), 1U);
  bad = good;
  bad.leaf = 1;
  EXPECT_FALSE(faults_of(bad).empty());
  bad = good;
  bad.checkpoint[bad.checkpoint.find("\n6\n") + 1] = '7';
  EXPECT_FALSE(faults_of(bad).empty());
}

TEST_F(Log, ASignatureThatWasMovedToAnotherRecordIsNamed) {
  fill();
  tamper(records(), "UPDATE log_leaves SET signature = (SELECT signature FROM log_leaves WHERE run = 1) WHERE run = 2");
  const std::string faults = faults_in(records());
  EXPECT_NE(faults.find("R-000002: "), std::string::npos) << faults;
  EXPECT_EQ(faults.find("R-000001: "), std::string::npos) << faults;
  const RunStanding standing = opened(records())->load_run("R-000002").value().standing;
  EXPECT_TRUE(standing.signatures.empty());
  EXPECT_NE(standing.signature_fault, "");
}

TEST_F(Log, AnUnsignedRecordThatWasChangedIsNamedToo) {
  fill(false);
  tamper(records(), "UPDATE outcomes SET reason = 'never mind' WHERE run = 2");
  EXPECT_EQ(faults_in(records()),
            "R-000002: it is not what was closed: its rows do not give the bytes that hash to its leaf of the log\n");
}

/// The signature fits the record, and is not of a key that the log knows.
TEST_F(Log, ASignatureByAnotherKeyIsNamed) {
  fill();
  ScratchDirectory thief;
  const auto theirs = new_ring(thief.path());
  const std::string record = opened(records())->evidence_of("R-000001").value().record;
  tamper(records(), "UPDATE log_leaves SET signature = '" + ssh_signature(theirs->current().key, kRecordSpace, record) +
                        "' WHERE run = 1");
  const std::string faults = faults_in(records());
  EXPECT_NE(faults.find("R-000001: is signed by " + fingerprint(theirs->current().key.public_key())), std::string::npos)
      << faults;
  EXPECT_NE(opened(records())->load_run("R-000001").value().standing.signature_fault, "");
}

TEST_F(Log, ASignatureThatWasTakenAwayIsNamed) {
  fill();
  tamper(records(), "UPDATE log_leaves SET signature = '' WHERE run = 3");
  EXPECT_NE(faults_in(records()).find("R-000003: its signature is gone"), std::string::npos) << faults_in(records());
}

/// Whoever may write the store can take its newest leaves away so that the rest fits: only a checkpoint that was kept
/// elsewhere tells.
TEST_F(Log, ADeletedNewestRecordIsNoticedAgainstAKeptCheckpoint) {
  for (const bool signed_ones : {true, false}) {
    ScratchDirectory other;
    const auto folder = other.path() / "records";
    std::string note;
    {
      const auto store = opened(folder);
      if (signed_ones) store->sign_with(new_ring(other.path()), kByTester).value();
      for (int i = 0; i < 2; ++i) {
        RunRecord run = small_record();
        stored(*store, run);
      }
      note = store->log_state().value().leaves.back().checkpoint;
    }
    std::string sql;
    for (const char* table : {"run_documents", "spots_taken", "measurements", "decisions", "events", "corrections"})
      sql += std::string("DELETE FROM ") + table + " WHERE run = 2;";
    for (const char* table : {"strokes", "traces", "waveforms"})
      sql += std::string("DELETE FROM ") + table + " WHERE phase IN (SELECT id FROM phases WHERE run = 2);";
    sql +=
        "DELETE FROM phases WHERE run = 2; DELETE FROM log_leaves WHERE run = 2; DELETE FROM outcomes WHERE run = 2;"
        "DELETE FROM runs WHERE id = 2";
    tamper(folder, sql);
    EXPECT_EQ(faults_in(folder), "") << "it fits by itself";
    EXPECT_NE(faults_in(folder, kept(note)).find("the newest were removed"), std::string::npos)
        << faults_in(folder, kept(note));
    // And a run that takes its place does not make up for it.
    RunRecord run = small_record();
    run.header.serial_number = "PRO-000999";
    const auto store = opened(folder);
    stored(*store, run);
    EXPECT_NE(faults_in(folder, kept(note)).find("are not those that it had then"), std::string::npos)
        << faults_in(folder, kept(note));
  }
}

TEST_F(Log, AKeptCheckpointOfAnotherLogOrWithAnAlteredSignatureDoesNotCount) {
  fill();
  const std::string note = newest_checkpoint();
  ScratchDirectory other;
  RunRecord run = small_record();
  stored(*opened(other.path()), run);
  EXPECT_NE(faults_in(other.path(), kept(note)).find("it is of log"), std::string::npos);
  std::string altered = note;
  altered[altered.size() - 10] = altered[altered.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_NE(faults_in(records(), kept(altered)), "");
}

TEST_F(Log, ALogThatAnotherProgramLengthenedGoesOnWhereItEnds) {
  const auto first = opened(records()), second = opened(records());
  for (int i = 0; i < 6; ++i) {
    RunRecord run = small_record();
    stored(i % 2 == 0 ? *first : *second, run);
  }
  EXPECT_EQ(faults_in(records()), "");
  EXPECT_EQ(first->log_state().value().leaves.size(), 6U);
}

TEST_F(Log, ARunWhoseLeafCannotBeWrittenIsNotClosed) {
  fill();
  RunRecord run = small_record();
  const auto store = opened(records());
  run.header.run_id = store->open_run(run.header).value();
  ASSERT_EQ(
      Sqlite(records()).run("CREATE TRIGGER full BEFORE INSERT ON log_leaves BEGIN SELECT RAISE(ABORT, 'full'); END"),
      "");
  EXPECT_FALSE(store->close_run(run.header.run_id, run.outcome));
  EXPECT_FALSE(store->load_run(run.header.run_id).value().closed);
  ASSERT_EQ(Sqlite(records()).run("DROP TRIGGER full"), "");
  EXPECT_TRUE(store->close_run(run.header.run_id, run.outcome));
  EXPECT_TRUE(store->load_run(run.header.run_id).value().closed);
  EXPECT_EQ(faults_in(records()), "");
}

TEST_F(Log, ALeafThatWasRolledBackLeavesNothingBehind) {
  fill();
  sqlite::Database db(records() / "records.db", sqlite::Database::Access::existing, 2000);
  RecordLog log(db);
  AuditEntry entry{.who = "tester", .action = audit::kComment, .subject = "R-000001"};
  {
    const sqlite::Transaction given_up(db);
    log.append_audit(entry);
    log.append_audit(entry);
  }
  EXPECT_EQ(db.integer("SELECT count(*) FROM log_leaves"), 6);
  entry.subject = "R-000003";
  sqlite::Transaction transaction(db);
  log.append_audit(entry);
  transaction.commit();
  EXPECT_EQ(db.integer("SELECT count(*) FROM log_leaves"), 7);
  EXPECT_EQ(faults_in(records()), "");
  EXPECT_TRUE(log.standing_of("R-000001").comments.size() == 1 && log.standing_of("R-000003").comments.size() == 1);
}

TEST_F(Log, TakesNoUpdateNoDeleteNoReplacementAndNoLeafOutOfOrder) {
  fill();
  Sqlite db(records());
  for (const char* table : {"audit_entries", "log_leaves", "log_origin"}) {
    const std::string name = table;
    EXPECT_EQ(db.run("UPDATE " + name + " SET id = id"), "records are append-only") << name;
    EXPECT_EQ(db.run("DELETE FROM " + name), "records are append-only") << name;
    EXPECT_NE(db.run("INSERT OR REPLACE INTO " + name + " SELECT * FROM " + name + " LIMIT 1"), "") << name;
  }
  const std::string insert = "INSERT OR REPLACE INTO log_leaves(id, run, audit, hash, signature, checkpoint) VALUES(";
  EXPECT_EQ(db.run(insert + "7, 1, NULL, zeroblob(32), '', '')"), "records are append-only") << "a run has one leaf";
  EXPECT_EQ(db.run(insert + "7, NULL, 2, zeroblob(32), '', '')"), "records are append-only");
  RunRecord open = small_record(testing::SampleEnd::interrupted);
  stored(*opened(records()), open);
  EXPECT_EQ(db.run(insert + "7, 4, NULL, zeroblob(32), '', '')"), "the run is open");
  EXPECT_EQ(db.run("INSERT INTO audit_entries(bytes) VALUES('x')"), "");
  EXPECT_EQ(db.run(insert + "8, NULL, 4, zeroblob(32), '', '')"), "leaves come in order");
  EXPECT_NE(db.run(insert + "7, NULL, NULL, zeroblob(32), '', '')"), "");
  EXPECT_NE(db.run(insert + "7, NULL, 4, zeroblob(31), '', '')"), "");
  EXPECT_NE(db.run(insert + "7, NULL, 99, zeroblob(32), '', ''); PRAGMA foreign_key_check"), "x");
}

TEST_F(Log, ATriggerOrTableThatWasTakenAwayIsNamed) {
  fill();
  EXPECT_EQ(Sqlite(records()).run("DROP TRIGGER log_leaves_no_delete"), "");
  EXPECT_NE(faults_in(records()).find("its tables or triggers are not those"), std::string::npos);
}

TEST_F(Log, AnAuditEntryThatWasChangedIsNamed) {
  fill();
  tamper(records(), "UPDATE audit_entries SET bytes = replace(bytes, 'wrong', 'right') WHERE id = 2");
  EXPECT_NE(faults_in(records()).find("A-000002: it is not what was entered"), std::string::npos)
      << faults_in(records());
}

TEST_F(Log, ShowsVoidAndCommentsBesideTheRecordWhoseBytesDoNotChange) {
  fill();
  const auto store = opened(records());
  const RunRecord run = store->load_run("R-000002").value();
  ASSERT_TRUE(run.standing.voided);
  EXPECT_EQ(run.standing.voided->text, "wrong pen was clamped");
  EXPECT_EQ(run.standing.voided->who, "tester");
  ASSERT_EQ(run.standing.signatures.size(), 1U);
  EXPECT_EQ(run.standing.signatures[0].name, "M. Okafor");
  EXPECT_EQ(store->load_run("R-000001").value().standing.comments.at(0).text, "seen");
  const std::string entry = store->log_state().value().leaves.at(4).audit_bytes;
  EXPECT_NE(entry.find("\"reason\":\"wrong pen was clamped\",\"old\":null,\"new\":null"), std::string::npos) << entry;
  for (const RunRow& row : store->list_runs().value()) EXPECT_EQ(row.voided, row.run_id == "R-000002");
}

TEST_F(Log, ARunOfAStoreThatHadNoLogIsSaidToBeOlder) {
  testing::write_old_store(folder_.path(), 3);
  opened(folder_.path());
  const Verification v = verify_store(*opened(folder_.path()), {}).value();
  EXPECT_TRUE(v.faults.empty()) << faults_in(folder_.path());
  EXPECT_GT(v.runs_before_log, 0U);
  EXPECT_EQ(v.runs, 0U);
  // One that claims to be older does not get through.
  RunRecord run = small_record();
  stored(*opened(folder_.path()), run);
  tamper(folder_.path(), "DELETE FROM log_leaves");
  EXPECT_NE(faults_in(folder_.path()).find(run.header.run_id + ": it is closed and has no leaf"), std::string::npos)
      << faults_in(folder_.path());
}

}  // namespace
}  // namespace penrig
