#include "tools/penrig/certifying.hpp"

#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "reports/store/approvals.hpp"
#include "tests/reports/evidence_store.hpp"

namespace penrig::cli {
namespace {

using penrig::testing::kNow;
using penrig::testing::opened;

/// A real rig, a plan and a product, a key, and a store that approves all three.
class CertifyingRun : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.serial_number = "PRO-000123";
    options_.operator_name = "tester";
    prepared_.inputs =
        load_inputs(PENRIG_SOURCE_DIR "/rig/plans/eol-pro.yaml", PENRIG_SOURCE_DIR "/fixtures/rigs/bench-example.yaml");
    ASSERT_TRUE(prepared_.inputs.has_plan && prepared_.inputs.has_product && prepared_.inputs.has_rig);
    keys_ = penrig::testing::new_ring(folder_.path());
    store_ = opened(folder_.path() / "records");
    store_->sign_with(keys_, {"tester", kNow - 1000}).value();
  }
  void enter(AuditEntry entry) {
    entry.who = "tester";
    entry.at_utc_ns = kNow - 500;
    entry.reason = "for the test";
    store_->add_audit(entry).value();
  }
  void approve(std::string_view except = {}) {
    for (const SourceDocument& d : prepared_.inputs.documents) {
      if (d.kind != except) enter(approval_entry(d));
    }
  }
  /// An earlier run of this pen.
  std::string earlier(bool engineering = false, penrig::testing::SampleEnd end = penrig::testing::SampleEnd::fail,
                      bool pen_answered = true) {
    penrig::testing::SampleOptions sample{.end = end, .depths_mm = {0.5}, .rates_per_min = {9000}, .strokes = 30};
    sample.simulated = false;
    sample.engineering = engineering;
    RunRecord run = penrig::testing::sample_record(sample);
    run.header.product_name = prepared_.inputs.product.name;
    if (!pen_answered) run.outcome.pen.reset();
    return penrig::testing::stored(*store_, run);
  }
  Result<Certifying> decide(std::int64_t utc_ns = kNow) {
    return decide_certifying(*store_, options_, prepared_, filed_, keys_, utc_ns);
  }
  std::string because() {
    const auto decided = decide();
    if (!decided) return decided.error().message;
    return decided->certifies ? "" : decided->because;
  }
  static Calibration file_calibration(RecordStore& store) {
    Calibration c;
    c.target = "load-cell";
    c.date = c.due = {20000, "2024-10-04"};
    return store.load_calibration(store.file_calibration(c).value()).value();
  }
  std::size_t clock_steps() {
    std::size_t n = 0;
    for (const TrailEntry& item : store_->audit_trail().value()) n += item.entry.action == audit::kClockStep ? 1U : 0U;
    return n;
  }
  RunOptions options_;
  PreparedRun prepared_;
  std::vector<Calibration> filed_;
  std::shared_ptr<const KeyRing> keys_;
  std::unique_ptr<RecordStore> store_;
  penrig::ScratchDirectory folder_;
};

TEST_F(CertifyingRun, NeedsAKeyAndAllThreeDescriptionsApproved) {
  EXPECT_NE(because().find("not approved: plan eol-pro rev"), std::string::npos) << because();
  approve();
  EXPECT_EQ(because(), "");
  RunHeader header;
  enter_certifying(header, decide().value());
  EXPECT_FALSE(header.engineering);
  EXPECT_EQ(header.engineering_because, "");
  keys_ = nullptr;
  EXPECT_NE(because().find("no key signs it"), std::string::npos) << because();
  enter_certifying(header, decide().value());
  EXPECT_TRUE(header.engineering);
  EXPECT_EQ(header.engineering_because, because());
}

TEST_F(CertifyingRun, NeedsEachOfTheThree) {
  for (const char* kind : {"plan", "product", "rig"}) {
    store_ = opened(folder_.path() / (std::string("without-") + kind));
    store_->sign_with(keys_, {"tester", kNow - 1000}).value();
    approve(kind);
    EXPECT_NE(because().find(std::string("not approved: ") + kind), std::string::npos) << because();
  }
}

TEST_F(CertifyingRun, NeedsThePicturesOfItsPromptsApprovedAsItShowsThem) {
  approve();
  const std::string plan = prepared_.inputs.documents.front().name;
  ASSERT_EQ(prepared_.inputs.documents.front().kind, "plan");
  for (const char* name : {"whole.png", "bent.png"})
    prepared_.inputs.documents.push_back({"picture", name, std::string("plans/") + name, name, sha256_hex(name)});
  EXPECT_NE(because().find("not approved: picture " + plan + ": whole.png"), std::string::npos) << because();
  EXPECT_EQ(because().find("whole.png --reason"), std::string::npos) << "a picture is approved by its plan";
  const auto approved_as = [&](const std::string& of_plan, SourceDocument picture) {
    picture.name = picture_name(of_plan, picture.name);
    enter(approval_entry(picture));
  };
  SourceDocument& whole = *(prepared_.inputs.documents.end() - 2);
  SourceDocument& bent = prepared_.inputs.documents.back();
  approved_as("another rev 1", whole);
  approved_as(plan, bent);
  EXPECT_NE(because().find("whole.png"), std::string::npos) << "approved for another plan";
  approved_as(plan, whole);
  EXPECT_EQ(because(), "");
  std::swap(whole.sha256, bent.sha256);
  EXPECT_NE(because().find("whole.png"), std::string::npos) << "the one under the other's name";
  EXPECT_NE(because().find("bent.png"), std::string::npos);
}

TEST_F(CertifyingRun, IsOfTheVeryBytesThatWereApproved) {
  approve();
  for (SourceDocument& d : prepared_.inputs.documents) {
    const std::string before = d.sha256;
    d.sha256 = sha256_hex(d.bytes + "\n");
    EXPECT_NE(because(), "") << d.kind;
    d.sha256 = before;
  }
  EXPECT_EQ(because(), "");
  // A plan that was approved is not thereby a product that was.
  prepared_.inputs.documents[1].sha256 = prepared_.inputs.documents[0].sha256;
  EXPECT_NE(because(), "");
}

TEST_F(CertifyingRun, EndsWithTheApprovalAndComesBackWithANewOne) {
  approve();
  const auto approvals = approvals_in(*store_).value();
  enter(withdrawal_entry(approvals.at(2)));
  EXPECT_NE(because().find("not approved: rig"), std::string::npos) << because();
  enter(approval_entry(prepared_.inputs.documents.back()));
  EXPECT_EQ(because(), "");
}

TEST_F(CertifyingRun, TakesNoApprovalThatNobodySigned) {
  const auto unsigned_store = opened(folder_.path() / "records");  // signs with nothing
  for (const SourceDocument& d : prepared_.inputs.documents) unsigned_store->add_audit(approval_entry(d)).value();
  EXPECT_NE(because().find("not approved"), std::string::npos) << because();
  EXPECT_EQ(approvals_in(*store_).value().at(0).fault, "it is not signed");
}

TEST_F(CertifyingRun, TakesNoFiledCalibrationThatNoKeyOfTheStoreStandsBehind) {
  approve();
  filed_ = {file_calibration(*store_)};
  EXPECT_EQ(because(), "");
  const Calibration vouched_for = filed_[0];
  const auto nobody = opened(folder_.path() / "records");  // signs with nothing
  filed_.push_back(file_calibration(*nobody));
  EXPECT_NE(because().find("calibration C-000002 load-cell (nobody signed A-"), std::string::npos) << because();
  EXPECT_NE(because().find("have it filed anew by who has the key"), std::string::npos) << because();
  EXPECT_EQ(because().find("C-000001"), std::string::npos) << because();
  EXPECT_EQ(retest_lacks(*store_, options_, prepared_, filed_, keys_).value(), StartLacks::nothing);
  // In hand is another than the one that was filed.
  filed_ = {vouched_for};
  filed_[0].note = "another";
  EXPECT_NE(because().find("is not the one that A-"), std::string::npos) << because();
  // Rows and trail: somebody wrote it into the store alone, or over the one that was filed.
  const std::string sql =
      "INSERT INTO calibrations(id, target, fixture_id, date, due, simulated, filed_utc_ns, sha256, "
      "bytes) SELECT 3, target, fixture_id, date, due, simulated, filed_utc_ns, sha256, bytes FROM "
      "calibrations WHERE id = 1";
  penrig::testing::tamper(folder_.path() / "records", sql);
  filed_ = {vouched_for};
  filed_[0].id = "C-000003";
  EXPECT_NE(because(), "");
  penrig::testing::tamper(folder_.path() / "records",
                          "UPDATE calibrations SET (sha256, bytes) = (SELECT sha256, bytes FROM calibrations WHERE id "
                          "= 2) WHERE id = 1");
  filed_ = {vouched_for};
  EXPECT_NE(because(), "");
}

TEST_F(CertifyingRun, IsNotOneWithLessThanEverythingOrWhereNobodyWantsIt) {
  approve();
  options_.without = {"channel delay"};
  EXPECT_NE(because().find("--without"), std::string::npos);
  options_.without.clear();
  options_.engineering = true;
  EXPECT_EQ(because(), "--engineering");
}

TEST_F(CertifyingRun, IsNeverASimulatedOne) {
  approve();
  prepared_.inputs.rig.simulated = true;
  EXPECT_EQ(because(), "a simulated rig certifies nothing");
  prepared_.inputs.rig.simulated = false;
  prepared_.inputs.simulated = sim::SimulatedRigUri{};
  EXPECT_EQ(because(), "a simulated rig certifies nothing");
}

TEST_F(CertifyingRun, ARetestNeedsAReasonAndNamesTheRunsBefore) {
  approve();
  const std::string first = earlier();
  earlier(true);  // an engineering run is no test to repeat
  auto again = decide(kNow);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::usage);
  EXPECT_NE(again.error().message.find(first), std::string::npos) << again.error().message;
  options_.reason = "new cartridge";
  again = decide();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->certifies);
  EXPECT_EQ(again->earlier_runs, std::vector<std::string>{first});
  EXPECT_EQ(again->reason, "new cartridge");
  options_.serial_number = "PRO-000124";
  EXPECT_TRUE(decide()->earlier_runs.empty()) << "another pen";
}

TEST_F(CertifyingRun, ARetestMayNeedASecondSignature) {
  approve();
  earlier();
  prepared_.inputs.product.second_signature = true;
  const auto lacks = [&] { return retest_lacks(*store_, options_, prepared_, filed_, keys_).value(); };
  EXPECT_EQ(lacks(), StartLacks::reason);
  options_.reason = " \t";
  EXPECT_EQ(lacks(), StartLacks::reason) << "blanks say nothing";
  options_.reason = "new cartridge";
  EXPECT_EQ(lacks(), StartLacks::second);
  const auto alone = decide();
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Errc::usage);
  options_.second = "grace";
  EXPECT_EQ(lacks(), StartLacks::nothing);
  const auto both = decide();
  ASSERT_TRUE(both);
  EXPECT_EQ(both->reason, "new cartridge (second signature: grace)");
  options_.second.clear();
  prepared_.inputs.product.second_signature = false;
  EXPECT_EQ(lacks(), StartLacks::nothing);
  options_.reason.clear();
  options_.serial_number = "PRO-000124";
  EXPECT_EQ(lacks(), StartLacks::nothing) << "another pen";
}

TEST_F(CertifyingRun, HasNoRetestBeyondTheProductsBoundWhateverBecameOfTheRunsBefore) {
  approve();
  options_.reason = "again";
  prepared_.inputs.product.max_certifying = 3;
  for (const auto end : {penrig::testing::SampleEnd::fail, penrig::testing::SampleEnd::aborted}) {
    earlier(false, end);
    EXPECT_EQ(because(), "");
  }
  const std::string open = earlier(false, penrig::testing::SampleEnd::interrupted);
  const auto beyond = decide();
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Errc::refused);
  EXPECT_NE(beyond.error().message.find(open), std::string::npos) << beyond.error().message;
  options_.engineering = true;
  EXPECT_TRUE(decide());
}

TEST_F(CertifyingRun, CountsNoRunThatEndedBeforeAPenAnswered) {
  approve();
  earlier(false, penrig::testing::SampleEnd::error, false);
  EXPECT_EQ(because(), "");
  const std::string answered = earlier(false, penrig::testing::SampleEnd::error);
  options_.reason = "again";
  EXPECT_EQ(decide()->earlier_runs, std::vector<std::string>{answered});
}

TEST_F(CertifyingRun, ComesAfterEverythingThatIsRecorded) {
  approve();
  earlier();
  options_.reason = "again";
  const std::int64_t newest = store_->newest_utc().value()->utc_ns;
  EXPECT_TRUE(decide(newest));
  EXPECT_EQ(clock_steps(), 0U);
  const auto before = decide(newest - 1);
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code, Errc::refused);
  EXPECT_NE(before.error().message.find("clock"), std::string::npos);
  EXPECT_EQ(clock_steps(), 1U);
  // An engineering run goes on, and the step is entered too.
  options_.engineering = true;
  EXPECT_TRUE(decide(newest - 1));
  EXPECT_EQ(clock_steps(), 2U);
  EXPECT_EQ(penrig::testing::faults_in(folder_.path() / "records"), "");
}

TEST_F(CertifyingRun, IsNotHeldUpByRunsOfARigThatHasAClockOfItsOwn) {
  approve();
  penrig::testing::SampleOptions sample{.depths_mm = {0.5}, .rates_per_min = {9000}, .strokes = 30};
  RunRecord run = penrig::testing::sample_record(sample);
  ASSERT_NE(run.header.simulation, "");
  run.header.started_utc_ns = run.outcome.ended_utc_ns = kNow * 2;
  penrig::testing::stored(*store_, run);
  EXPECT_EQ(because(), "");
}

}  // namespace
}  // namespace penrig::cli
