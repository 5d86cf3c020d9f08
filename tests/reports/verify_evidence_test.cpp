// What verify finds of evidence that was left out, put beside the log, or entered by somebody without the key.

#include <gtest/gtest.h>

#include "tests/reports/evidence_store.hpp"
#include "tests/reports/old_store.hpp"

namespace penrig {
namespace {

using testing::faults_in;
using testing::kByTester;
using testing::opened;
using testing::small_record;
using testing::stored;
using testing::tamper;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

class VerifyEvidence : public ::testing::Test {
 protected:
  std::filesystem::path records() const { return folder_.path() / "records"; }
  std::string with_keys() const {
    VerifyOptions options;
    options.keys = keys_;
    return faults_in(records(), options);
  }
  /// A store, signing or not.
  std::unique_ptr<RecordStore> store(bool with_key) const {
    auto store = opened(records());
    if (with_key) store->sign_with(keys_, kByTester).value();
    return store;
  }
  static void enter(RecordStore& store, const char* action) {
    AuditEntry entry{.at_utc_ns = testing::kNow, .who = "tester", .action = action, .subject = "R-000001"};
    entry.reason = "for the test";
    store.add_audit(entry).value();
  }
  static void add_run(RecordStore& store) {
    RunRecord run = small_record();
    stored(store, run);
  }

  ScratchDirectory folder_;
  std::shared_ptr<const KeyRing> keys_ = testing::new_ring(folder_.path());
};

TEST_F(VerifyEvidence, AStoreThatNobodySignedIsNotTheOneOfTheKeysThatWereNamed) {
  add_run(*store(false));
  EXPECT_EQ(faults_in(records()), "");
  EXPECT_TRUE(has(with_keys(), "keys: nothing here is signed")) << with_keys();
}

TEST_F(VerifyEvidence, BehindTheKeyEveryCheckpointIsSignedWhereKeysAreNamed) {
  enter(*store(false), audit::kComment);
  add_run(*store(true));
  EXPECT_EQ(with_keys(), "") << "what came before the key is only noted";
  enter(*store(false), audit::kComment);
  EXPECT_EQ(faults_in(records()), "");
  EXPECT_TRUE(has(with_keys(), "log, checkpoint 4: it is not signed")) << with_keys();
}

TEST_F(VerifyEvidence, ACertifyingRunIsNeverOlderThanTheLog) {
  std::filesystem::create_directories(records());
  testing::write_old_store(records(), 4);
  opened(records());
  EXPECT_EQ(faults_in(records()), "");
  tamper(records(), "UPDATE runs SET engineering = 0, simulated = 0 WHERE id = 5");
  EXPECT_TRUE(has(faults_in(records()), "R-000005: it is a certifying run, and has no leaf")) << faults_in(records());
}

TEST_F(VerifyEvidence, ARunThatIsNamedAndThatNothingSealsIsNotVerified) {
  const auto all = store(true);
  add_run(*all);
  ASSERT_EQ(all->open_run(small_record().header).value(), "R-000002");
  EXPECT_EQ(faults_in(records()), "") << "of a store that is at work it is only noted";
  EXPECT_EQ(faults_in(records(), {.runs = {"R-000001"}}), "");
  const std::string named = faults_in(records(), {.runs = {"R-000001", "R-000002"}});
  EXPECT_TRUE(named.starts_with("R-000002: it is not closed: nothing seals it yet")) << named;
}

TEST_F(VerifyEvidence, ARunThatIsNamedAndOlderThanTheLogIsNotVerified) {
  std::filesystem::create_directories(records());
  testing::write_old_store(records(), 4);
  opened(records());
  EXPECT_EQ(faults_in(records()), "");
  const std::string named = faults_in(records(), {.runs = {"R-000005"}});
  EXPECT_EQ(named, "R-000005: it was closed before there was a log: nothing seals it\n");
}

TEST_F(VerifyEvidence, AnEntryBesideTheLogIsNamed) {
  enter(*store(true), audit::kComment);
  tamper(records(),
         "INSERT INTO audit_entries(bytes) SELECT replace(bytes, 'comment', 'run voided') FROM "
         "audit_entries WHERE id = 2");
  EXPECT_EQ(faults_in(records()), "A-000003: it stands beside the log: no leaf has it\n");
}

TEST_F(VerifyEvidence, ARunThatCannotBeReadHidesNoOther) {
  {
    const auto all = store(true);
    for (int i = 0; i < 3; ++i) add_run(*all);
  }
  tamper(records(), "UPDATE outcomes SET pen_json = '{' WHERE run = 2; UPDATE outcomes SET reason = 'x' WHERE run = 3");
  const std::string faults = faults_in(records());
  EXPECT_TRUE(has(faults, "R-000002: ")) << faults;
  EXPECT_TRUE(has(faults, "R-000003: it is not what was closed")) << faults;
  EXPECT_FALSE(has(faults, "R-000001")) << faults;
}

TEST_F(VerifyEvidence, WhatDecidesWhatCertifiesIsSignedOnceTheLogHasAKey) {
  enter(*store(false), audit::kRunVoided);
  {
    const auto signing = store(true);
    for (const char* action : {audit::kRunVoided, audit::kApproved, audit::kComment}) enter(*signing, action);
  }
  enter(*store(false), audit::kComment);
  EXPECT_EQ(faults_in(records()), "");
  const auto nobody = store(false);
  for (const char* action : {audit::kRunVoided, audit::kApproved, audit::kApprovalWithdrawn}) enter(*nobody, action);
  Calibration calibration;
  calibration.target = "load-cell";
  calibration.date = calibration.due = {20000, "2024-10-04"};
  nobody->file_calibration(calibration).value();
  const std::string faults = faults_in(records());
  for (const char* entry : {"A-000007: 'run voided R-000001': nobody signed it", "A-000008: 'approval given",
                            "A-000009: 'approval withdrawn", "A-000010: 'calibration filed C-000001'"})
    EXPECT_TRUE(has(faults, entry)) << entry << "\n" << faults;
  EXPECT_TRUE(has(faults, "M. Okafor")) << faults;
}

TEST_F(VerifyEvidence, ACalibrationIsFiledOnce) {
  const auto all = store(false);
  AuditEntry entry{.at_utc_ns = testing::kNow, .who = "tester", .action = audit::kCalibrationFiled};
  entry.subject = "C-000001";
  entry.new_value = {{"sha256", 1}};  // no text: it names nothing, and harms nobody
  all->add_audit(entry).value();
  all->add_audit(entry).value();
  EXPECT_TRUE(has(faults_in(records()), "A-000002: C-000001 was filed before")) << faults_in(records());
}

}  // namespace
}  // namespace penrig
