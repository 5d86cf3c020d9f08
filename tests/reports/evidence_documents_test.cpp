#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/export/bundle.hpp"
#include "reports/html_report.hpp"
#include "reports/pdf/certificate.hpp"
#include "reports/store/measured_values.hpp"
#include "reports/verdict_word.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/output_of.hpp"

namespace penrig {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::kByTester;

/// A certifying retest in a store of its own, signed.
class EvidenceInDocuments : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = testing::opened(records());
    store_->sign_with(testing::new_ring(folder_.path()), kByTester).value();
    testing::SampleOptions sample{.depths_mm = {0.5}, .rates_per_min = {9000}, .strokes = 30};
    sample.simulated = sample.engineering = false;
    RunRecord run = testing::sample_record(sample);
    run.header.reason = "cartridge replaced";
    run.header.earlier_certifying = {"R-000007", "R-000008"};
    for (SourceDocument& d : run.header.documents) {
      if (d.kind != "rig") continue;
      d.bytes = testing::bytes_in(PENRIG_SOURCE_DIR "/fixtures/rigs/bench-example.yaml") +
                "laboratory:\n  name: Pen Test Laboratory\n  address: 1 Example Road\n";
      d.sha256 = sha256_hex(d.bytes);
    }
    id_ = testing::stored(*store_, run);
  }
  RunRecord load() { return store_->load_run(id_).value(); }
  std::string certificate() {
    testing::write_bytes(folder_.path() / "c.pdf", certificate_pdf(load(), {}));
    const std::string laid_out = testing::output_of("pdftotext '" + (folder_.path() / "c.pdf").string() + "' -").text;
    // Where lines break does not matter.
    std::string text;
    for (const char c : laid_out) text += c == '\n' ? ' ' : c;
    return text;
  }
  std::filesystem::path records() const { return folder_.path() / "records"; }
  std::unique_ptr<RecordStore> store_;
  std::string id_;
  ScratchDirectory folder_;
};

TEST_F(EvidenceInDocuments, ACertificateTakesLaboratorySignatureAndEarlierRunsFromTheRecord) {
  const std::string text = certificate();
  for (const char* part : {"Test certificate", "Pen Test Laboratory", "1 Example Road", "M. Okafor",
                           "R-000007, R-000008", "cartridge replaced", "record closed and filed"})
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  const std::string key = store_->log_state().value().keys.current()->name;
  EXPECT_EQ(key, "M. Okafor");
}

TEST_F(EvidenceInDocuments, TheReportNamesSignerLogAndRetest) {
  const std::string page = html_report(load());
  for (const char* part : {"M. Okafor", "SHA256:", "leaf 1 of the store", "retest after R-000007, R-000008"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("nobody: this is not a certificate"), std::string::npos);
}

TEST_F(EvidenceInDocuments, AVoidRunIsVoidInBoth) {
  AuditEntry entry{.at_utc_ns = testing::kNow, .who = "tester", .action = audit::kRunVoided, .subject = id_};
  entry.reason = "wrong pen <clamped>";
  entry.new_value = {{"superseded_by", "R-000002"}};
  store_->add_audit(entry).value();
  EXPECT_EQ(void_mark(load()), "VOID");
  const std::string text = certificate();
  for (const char* part :
       {"VOID: not a certificate", "wrong pen <clamped>", "Run R-000002 counts instead", "Test record"})
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  EXPECT_EQ(text.find("Test certificate"), std::string::npos);
  EXPECT_NE(text.find("by nobody"), std::string::npos) << "a void document bears no release";
  const std::string page = html_report(load());
  EXPECT_NE(page.find("VOID: not a certificate"), std::string::npos);
  EXPECT_NE(page.find("wrong pen &lt;clamped&gt;"), std::string::npos);
}

TEST_F(EvidenceInDocuments, WithoutASignatureThatHoldsNothingIsACertificate) {
  testing::tamper(records(), "UPDATE log_leaves SET signature = replace(signature, 'A', 'B') WHERE run = 1");
  EXPECT_EQ(void_mark(load()), "UNSIGNED");
  EXPECT_NE(certificate().find("UNSIGNED: not a certificate"), std::string::npos);
  EXPECT_NE(html_report(load()).find("<b>does not count</b>"), std::string::npos);
  testing::tamper(records(), "UPDATE log_leaves SET signature = '' WHERE run = 1");
  EXPECT_EQ(void_mark(load()), "UNSIGNED");
  EXPECT_NE(testing::faults_in(records()).find("it is a certifying run, and nobody signed it"), std::string::npos);
}

// Taking a run out of the log must not make a certificate of it.
TEST_F(EvidenceInDocuments, WithoutALeafInTheLogNothingIsACertificate) {
  testing::tamper(records(), "DELETE FROM log_leaves WHERE run = 1");
  EXPECT_EQ(void_mark(load()), "UNSIGNED");
  EXPECT_NE(void_reason(load()).find("the store's log has no leaf for it"), std::string::npos) << void_reason(load());
  const std::string text = certificate();
  EXPECT_NE(text.find("UNSIGNED: not a certificate"), std::string::npos) << text;
  EXPECT_EQ(text.find("Test certificate"), std::string::npos) << text;
  EXPECT_TRUE(store_->list_runs({}).value().front().certifying_unsigned);
  const BundleCheck check = check_bundle(bundle_of(*store_, id_, {}).value());
  EXPECT_THAT(check.faults, Contains(HasSubstr("is of a certifying run, and no signature holds for it")));
}

// What stands beside the log was said by nobody.
TEST_F(EvidenceInDocuments, NobodyDeclaresARunVoidBesideTheLog) {
  AuditEntry entry{.at_utc_ns = testing::kNow, .who = "tester", .action = audit::kRunVoided, .subject = id_};
  entry.reason = "wrong pen";
  store_->add_audit(entry).value();
  EXPECT_TRUE(store_->list_runs({}).value().front().voided);
  testing::tamper(records(), "DELETE FROM log_leaves WHERE audit = (SELECT max(id) FROM audit_entries)");
  EXPECT_FALSE(store_->list_runs({}).value().front().voided);
  EXPECT_FALSE(runs_to_study(records(), {}).value().front().voided);
}

// A list must show which run it is that nobody can read.
TEST_F(EvidenceInDocuments, ADamagedCellHidesNoRunFromTheList) {
  testing::tamper(records(), "UPDATE outcomes SET pen_json = 'x' || pen_json, not_real = 'y'");
  const auto listed = store_->list_runs({});
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_EQ(listed->front().run_id, id_);
  EXPECT_EQ(listed->front().firmware, "");
  const auto studied = runs_to_study(records(), {});
  ASSERT_FALSE(studied);
  EXPECT_THAT(studied.error().message, HasSubstr(id_ + " is damaged"));
  const auto run = store_->load_run(id_);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::bad_data) << run.error().message;
}

TEST_F(EvidenceInDocuments, AnEngineeringRunSaysWhy) {
  testing::SampleOptions sample{.depths_mm = {0.5}, .rates_per_min = {9000}, .strokes = 30};
  sample.simulated = false;
  RunRecord run = testing::sample_record(sample);
  run.header.engineering_because = "not approved: plan eol-pro rev 4";
  id_ = testing::stored(*store_, run);
  EXPECT_NE(certificate().find("not approved: plan eol-pro rev 4"), std::string::npos);
  EXPECT_NE(html_report(load()).find("not approved: plan eol-pro rev 4"), std::string::npos);
}

}  // namespace
}  // namespace penrig
