#include <algorithm>
#include <functional>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/evidence/audit_entry.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/export/bundle.hpp"
#include "reports/export/bundle_parts.hpp"
#include "tests/reports/bundle_sample.hpp"
#include "tests/reports/output_of.hpp"

namespace penrig {
namespace {

using testing::BundleSample;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Files = std::map<std::string, std::string>;  ///< bytes by the name beneath the folder

/// What somebody does who knows the format and has a key of their own, which has the name of the right one: changes
/// files and signs the list anew.
class BundleForgery : public ::testing::Test {
 protected:
  std::shared_ptr<const KeyRing> other_keys(const char* name = "M. Okafor") {
    if (!other_) other_ = KeyRing::create(sample_.scratch() / "other-keys", name).value();
    return other_;
  }

  std::string packed_by(const KeyRing& by, const std::string& zip, const std::function<void(Files&)>& change) {
    Files files;
    std::string folder;
    for (ArchiveEntry& e : entries_of_zip(zip).value()) {
      const std::size_t slash = e.name.find('/');
      folder = e.name.substr(0, slash + 1);
      files[e.name.substr(slash + 1)] = std::move(e.bytes);
    }
    change(files);
    for (const char* name : {"SHA256SUMS", "SHA256SUMS.sig"}) files.erase(name);
    files["exporter"] = bundle::exporter_line(by.current().key.public_key(), by.current().name);
    std::vector<ArchiveEntry> listed;
    for (const auto& [name, bytes] : files) listed.push_back({name, bytes});
    const std::string sums = bundle::sums_of(listed);
    files["SHA256SUMS"] = sums;
    files["SHA256SUMS.sig"] = ssh_signature(by.current().key, bundle::kSpace, sums);
    std::vector<ArchiveEntry> entries;
    for (const auto& [name, bytes] : files) entries.push_back({folder + name, bytes});
    return zip_of(entries).value();
  }
  /// By the right key.
  std::string packed(const std::string& zip, const std::function<void(Files&)>& change) {
    return packed_by(*sample_.keys(), zip, change);
  }

  /// A bundle of a run that was declared void; the entry is `entry_`.
  std::string of_voided() {
    AuditEntry entry{.at_utc_ns = testing::kNow, .who = "M. Okafor", .action = audit::kRunVoided};
    entry.subject = sample_.passed();
    entry.reason = "wrong cartridge";
    entry_ = "audit/" + sample_.store().add_audit(entry).value();
    return sample_.bundle(sample_.passed());
  }
  /// The bundle of a voided run with its entry changed.
  std::string with_entry(const std::function<void(AuditEntry&)>& change, const KeyRing* signed_by) {
    return packed(of_voided(), [&](Files& files) {
      AuditEntry entry = audit_entry_of(files.at(entry_ + ".json")).value();
      change(entry);
      const std::string bytes = audit_json_text(entry);
      files[entry_ + ".json"] = bytes;
      files.erase(entry_ + ".sig");
      if (signed_by != nullptr) files[entry_ + ".sig"] = ssh_signature(signed_by->current().key, kAuditSpace, bytes);
    });
  }
  static void change_standing(Files& files, const std::function<void(RunStanding&)>& change) {
    bundle::Packed packed = bundle::packed_of(files.at("packed.json")).value();
    change(packed.standing);
    files["packed.json"] = packed_text(packed);
  }
  /// The bundle with a database that was written to.
  std::string with_rows(const std::string& sql) {
    return packed(sample_.bundle(sample_.passed()), [&](Files& files) {
      const auto folder = sample_.scratch() / "unpacked";
      std::filesystem::create_directories(folder);
      testing::write_bytes(folder / "records.db", files.at("records.db"));
      testing::tamper(folder, sql);
      files["records.db"] = testing::bytes_in(folder / "records.db");
    });
  }
  int status_of_script(const std::string& zip) {
    testing::write_bytes(sample_.scratch() / "b.zip", zip);
    const testing::Output said = testing::output_of("bash " PENRIG_SOURCE_DIR "/tests/reports/verify_bundle.sh '" +
                                                    (sample_.scratch() / "b.zip").string() + "'");
    said_ = said.text;
    return said.status;
  }

  BundleSample sample_;
  std::shared_ptr<const KeyRing> other_;
  std::string entry_, said_;
};

TEST_F(BundleForgery, ThatChangesNothingFits) {
  const std::string zip = packed(of_voided(), [](Files&) {});
  EXPECT_THAT(check_bundle(zip).faults, IsEmpty());
  EXPECT_THAT(check_bundle(zip).notes, IsEmpty());
  EXPECT_EQ(status_of_script(zip), 0) << said_;
}

TEST_F(BundleForgery, WhollyWithAnotherKeyOfTheSameNameIsSeenByWhoNamesKeys) {
  BundleSample theirs;
  const std::string forged = theirs.bundle(theirs.passed());
  EXPECT_THAT(check_bundle(forged).faults, IsEmpty()) << "it fits together, which is all that was asked";
  EXPECT_THAT(check_bundle(forged, theirs.keys().get()).faults, IsEmpty());
  const BundleCheck check = check_bundle(forged, sample_.keys().get());
  for (const char* file : {"record.sig", "checkpoint", "SHA256SUMS.sig"}) {
    EXPECT_THAT(check.faults,
                Contains(AllOf(HasSubstr(std::string(file) + ": is signed by " + check.signer_fingerprint),
                               HasSubstr("none of your keys"))));
  }
}

TEST_F(BundleForgery, WhatNobodySignedIsAFaultForWhoNamesKeys) {
  BundleSample unsigned_one(false);
  const BundleCheck check = check_bundle(unsigned_one.bundle(unsigned_one.passed()), sample_.keys().get());
  for (const char* file : {"record.json", "checkpoint", "SHA256SUMS"})
    EXPECT_THAT(check.faults, Contains(HasSubstr(std::string(file) + ": nobody signed it")));
}

TEST_F(BundleForgery, KeysThatWereReplacedAreYoursAsWell) {
  const auto rotated = KeyRing::rotate(sample_.scratch() / "keys", "M. Okafor").value();
  EXPECT_THAT(check_bundle(sample_.bundle(sample_.passed()), rotated.get()).faults, IsEmpty());
}

TEST_F(BundleForgery, AnEntryThatNamesAKeyAndHasNoSignatureIsFound) {
  const std::string zip = with_entry([](AuditEntry&) {}, nullptr);
  EXPECT_THAT(check_bundle(zip).faults, Contains(HasSubstr(entry_ + ".sig: is missing: the entry names SHA256:")));
  EXPECT_EQ(status_of_script(zip), 1);
  EXPECT_THAT(said_, HasSubstr(entry_ + ".json names a key, and has no signature"));
}

TEST_F(BundleForgery, AVoidThatNobodySignedIsFoundWhereTheRecordIsSigned) {
  const std::string zip = with_entry([](AuditEntry& e) { e.key = ""; }, nullptr);
  EXPECT_THAT(check_bundle(zip).faults, Contains(HasSubstr("nobody signed that the run is void")));
}

TEST_F(BundleForgery, AnEntrySignedByAnotherThanItNamesIsFound) {
  const std::string zip = with_entry([](AuditEntry&) {}, other_keys().get());
  EXPECT_THAT(check_bundle(zip).faults, Contains(AllOf(HasSubstr(entry_ + ".sig: is the signature of SHA256:"),
                                                       HasSubstr(", and the entry names SHA256:"))));
  EXPECT_EQ(status_of_script(zip), 1);
  EXPECT_THAT(said_, HasSubstr(entry_ + ".json is signed by another key than it names"));
}

TEST_F(BundleForgery, AnEntryOfAKeyThatTheLogNeverHadIsFound) {
  const std::string zip = with_entry(
      [&](AuditEntry& e) { e.key = fingerprint(other_keys()->current().key.public_key()); }, other_keys().get());
  EXPECT_THAT(check_bundle(zip).faults, Contains(HasSubstr("and the log's key was SHA256:")));
}

TEST_F(BundleForgery, AnEntryOfAKeyThatWasReplacedSinceFits) {
  of_voided();
  const auto rotated = KeyRing::rotate(sample_.scratch() / "keys", "M. Okafor").value();
  sample_.store().sign_with(rotated, testing::kByTester).value();
  AuditEntry comment{.at_utc_ns = testing::kNow, .who = "b", .action = audit::kComment, .subject = sample_.passed()};
  comment.reason = "seen";
  sample_.store().add_audit(comment).value();
  const BundleCheck check =
      check_bundle(bundle_of(sample_.store(), sample_.passed(), {.exporter = "penrig test", .keys = rotated}).value(),
                   rotated.get());
  EXPECT_THAT(check.faults, IsEmpty());
  EXPECT_THAT(check.notes, Contains(HasSubstr("packed by another than signed the record")));
}

TEST_F(BundleForgery, AReasonThatWasRewrittenIsFoundThoughItsSignerPackedItToo) {
  const std::string zip =
      with_entry([](AuditEntry& e) { e.reason = "wrong serial, pen is fine"; }, sample_.keys().get());
  EXPECT_THAT(check_bundle(zip).faults, Contains(HasSubstr("packed.json: says otherwise than the audit trail")));
}

TEST_F(BundleForgery, AVoidThatIsLeftOutOnOneSideIsFound) {
  const std::string zip = of_voided();
  const std::string hidden =
      packed(zip, [](Files& files) { change_standing(files, [](RunStanding& s) { s.voided.reset(); }); });
  EXPECT_THAT(check_bundle(hidden).faults, Contains(HasSubstr("packed.json: does not say that the run is void")));
  EXPECT_EQ(status_of_script(hidden), 1);
  EXPECT_THAT(said_, HasSubstr("packed.json does not say that the run is void"));
  const std::string invented = packed(sample_.bundle(sample_.failed()), [](Files& files) {
    change_standing(files, [](RunStanding& s) { s.voided = RunRemark{"M. Okafor", "never happened", testing::kNow}; });
  });
  EXPECT_THAT(check_bundle(invented).faults,
              Contains(HasSubstr("packed.json: says that the run is void, and no entry")));
  EXPECT_EQ(status_of_script(invented), 1);
}

TEST_F(BundleForgery, CommentsAndSignaturesThatThePackerInventedAreFound) {
  const std::string zip = sample_.bundle(sample_.passed());
  const auto with = [&](const std::function<void(RunStanding&)>& change) {
    return check_bundle(packed(zip, [&](Files& files) { change_standing(files, change); })).faults;
  };
  EXPECT_THAT(with([](RunStanding& s) {
                s.comments = {{"QA", "approved", 1}};
              }),
              Contains(HasSubstr("other comments")));
  EXPECT_THAT(with([](RunStanding& s) { s.signatures[0].name = "Dr. Boss"; }), Contains(HasSubstr("by Dr. Boss")));
  EXPECT_THAT(with([](RunStanding& s) { s.signatures.clear(); }), Contains(HasSubstr("names no signature")));
  EXPECT_THAT(with([](RunStanding& s) { s.signatures[0].signed_utc_ns = 1; }), Contains(HasSubstr("at another time")));
}

TEST_F(BundleForgery, APackerWhoIsNotTheSignerIsNamed) {
  const std::string zip = packed_by(*other_keys(), sample_.bundle(sample_.passed()), [](Files&) {});
  const BundleCheck check = check_bundle(zip);
  EXPECT_EQ(check.packer, "M._Okafor");
  EXPECT_EQ(check.exporter_fingerprint, fingerprint(other_keys()->current().key.public_key()));
  EXPECT_THAT(check.notes, Contains(HasSubstr("packed by another than signed the record")));
  EXPECT_THAT(check_bundle(zip, sample_.keys().get()).faults, Contains(HasSubstr("SHA256SUMS.sig: is signed by")));
}

TEST_F(BundleForgery, ASecondRunInTheDatabaseIsFound) {
  const std::string zip = with_rows(
      "CREATE TEMP TABLE r AS SELECT * FROM runs; UPDATE r SET id = 7, serial_number = 'PRO-6666';"
      "INSERT INTO runs SELECT * FROM r");
  EXPECT_THAT(check_bundle(zip).faults,
              Contains(HasSubstr("records.db: its table runs holds 1 rows that are none of " + sample_.passed())));
  EXPECT_EQ(status_of_script(zip), 1);
}

TEST_F(BundleForgery, RowsOfTheStoreThatNoExtractHasAreFound) {
  const std::string hash(64, 'a');
  for (const auto& [table, sql] :
       {std::pair<std::string, std::string>{"audit_entries", "INSERT INTO audit_entries(id, bytes) VALUES(99, '{}')"},
        {"calibrations", "INSERT INTO calibrations VALUES(1, 'force', 'B', '', '', 0, 1, '" + hash + "', x'00')"},
        {"archives", "INSERT INTO archives VALUES(1, 1, 'a.zip', '" + hash + "')"},
        {"documents", "INSERT INTO documents VALUES(99, '" + hash + "', x'00')"}}) {
    const std::string zip = with_rows(sql);
    EXPECT_THAT(check_bundle(zip).faults, Contains(HasSubstr("records.db: its table " + table + " holds 1 rows")));
    if (table != "documents") {
      EXPECT_EQ(status_of_script(zip), 1) << table;
    }
  }
  const std::string zip = with_rows("UPDATE log_origin SET origin = replace(origin, '/3/1', '/1/1')");
  EXPECT_THAT(check_bundle(zip).faults, Contains(HasSubstr("says of itself that it begins at")));
}

}  // namespace
}  // namespace penrig
