#include <csignal>
#include <fstream>

#include <gtest/gtest.h>

#include "reports/evidence/key_ring.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/record_store.hpp"
#include "tests/reports/output_of.hpp"
#include "tests/system/program.hpp"
#include "tests/system/real_looking_rig.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

using Json = nlohmann::json;
using penrig::testing::output_of;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// The program as a laboratory uses it: a rig that says that it is real, files of its own, a key, approvals.
class OverPtysCertifying : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_CONFIG_HOME", folder().c_str(), 1);
    write("rig.yaml", rig_.yaml());
    write("product.yaml", replaced(read_text(kSource + "/fixtures/products/pen-pro.yaml"), "\nrequirements:\n",
                                   "\nretests:\n  max_certifying: 2\n\nrequirements:\n"));
    write("plan.yaml", replaced(read_text(kSource + "/rig/plans/smoke.yaml"), "../../fixtures/products/pen-pro.yaml",
                                "product.yaml"));
  }
  std::string folder() const { return folder_.path().string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder() + "/" + name) << text; }
  Finished penrig(const std::vector<std::string>& arguments) const { return run_program(arguments, folder()); }
  static std::vector<std::string> run_arguments(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"run",      "plan.yaml",  "--rig",    "rig.yaml", "--serial-number",
                                       "PRO-0001", "--operator", "A. Meier", "--json",   "--no-report"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  Json record(const std::string& run) const {
    const Finished shown = penrig({"records", "show", run, "--json"});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return shown.exit_code == 0 ? Json::parse(shown.out) : Json();
  }
  /// Begins a run, stops it, and says why it does not certify; empty: it does.
  std::string why_engineering() const {
    Program run(run_arguments(), folder());
    EXPECT_TRUE(run.wait_for_output("\"set-up\"", 30'000)) << run.out() << run.err();
    run.signal(SIGINT);
    EXPECT_EQ(run.wait_for_exit(10'000), 2) << run.out() << run.err();
    const Finished listed = penrig({"records", "list", "--json", "--newest", "1"});
    const Json header = record(cli::json_lines(listed.out).back().at("run")).at("header");
    EXPECT_NE(header.at("engineering").get<bool>(), header.at("engineering_because").is_null());
    return header.at("engineering").get<bool>() ? header.at("engineering_because").get<std::string>() : "";
  }
  void make_key() const { ASSERT_EQ(penrig({"keys", "init", "--name", "M. Okafor"}).exit_code, 0); }
  void approve(const std::vector<std::string>& files) const {
    std::vector<std::string> arguments{"approve"};
    arguments.insert(arguments.end(), files.begin(), files.end());
    arguments.insert(arguments.end(), {"--reason", "reviewed"});
    const Finished f = penrig(arguments);
    ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  }
  std::string certificate(const std::string& run) const {
    EXPECT_EQ(penrig({"report", run, "--pdf", run + ".pdf"}).exit_code, 0);
    if (const char* const keep = std::getenv("PENRIG_KEEP_CERTIFICATES"))
      std::filesystem::copy_file(folder() + "/" + run + ".pdf", std::string(keep) + "/" + run + ".pdf",
                                 std::filesystem::copy_options::overwrite_existing);
    return output_of("pdftotext -layout '" + folder() + "/" + run + ".pdf' -").text;
  }

  ScratchDirectory folder_;
  RealLookingRig rig_{"PRO-0001"};
};

TEST_F(OverPtysCertifying, AGoodPenOnAnApprovedRigGetsACertificateThatVerifies) {
  make_key();
  approve({"plan.yaml", "product.yaml", "rig.yaml"});
  const Finished f = penrig(run_arguments({"--trace"}));
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(cli::json_lines(f.out).front().at("mode"), "certifying");
  const Json run = record("R-000001");
  EXPECT_EQ(run.at("verdict"), "PASS");
  EXPECT_EQ(run.at("void_as_certificate"), "");
  EXPECT_EQ(run.at("header").at("engineering"), false);
  EXPECT_EQ(run.at("header").at("simulated"), false);
  EXPECT_EQ(run.at("header").at("earlier_certifying_runs"), Json::array());
  EXPECT_EQ(run.at("devices").at("pen").at("simulated"), false);
  EXPECT_EQ(run.at("devices").at("daq").at("simulated"), false);

  const std::string text = certificate("R-000001");
  for (const char* mark : {"VOID", "SIMULATED", "ENGINEERING", "no certificate", "not a certificate"})
    EXPECT_EQ(text.find(mark), std::string::npos) << mark << text;
  for (const char* there : {"PASS", "M. Okafor", "R-000001", "PRO-0001"})
    EXPECT_NE(text.find(there), std::string::npos) << there << text;

  const Finished verified = penrig({"verify", "--json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(Json::parse(verified.out).at("signed_runs"), 1);
  EXPECT_EQ(Json::parse(verified.out).at("link_traces"), 1);
  EXPECT_EQ(penrig({"recompute", "R-000001"}).exit_code, 0);
  ASSERT_EQ(penrig({"export", "R-000001", "--bundle", "b.zip"}).exit_code, 0);
  EXPECT_EQ(penrig({"verify", "--bundle", "b.zip"}).exit_code, 0);
  EXPECT_EQ(output_of("bash " + kSource + "/tests/reports/verify_bundle.sh '" + folder() + "/b.zip'").text,
            "verified\n");

  // The trace of a real run over ttys, in its own time.
  const Finished shown = penrig({"records", "trace", "R-000001", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  std::size_t replies = 0, bad = 0;
  for (const Json& line : cli::json_lines(shown.out)) {
    bad += line.at("bad").get<bool>() ? 1U : 0U;
    replies += line.at("message") == "daq_reply" ? 1U : 0U;
    EXPECT_NE(line.at("link_name").get<std::string>().find("serial:/dev/pts/"), std::string::npos);
  }
  EXPECT_EQ(bad, 0U);
  EXPECT_GT(replies, 20U);
}

TEST_F(OverPtysCertifying, ARetestNeedsAReasonIsListedAndHasAnEnd) {
  make_key();
  approve({"plan.yaml", "product.yaml", "rig.yaml"});
  // One that was stopped counts: else one could stop those that look bad.
  EXPECT_EQ(why_engineering(), "");
  const Finished no_reason = penrig(run_arguments());
  EXPECT_EQ(no_reason.exit_code, 4) << no_reason.out;
  EXPECT_NE(no_reason.err.find("why again?"), std::string::npos) << no_reason.err;
  const Finished again = penrig(run_arguments({"--reason", "the cable was loose"}));
  ASSERT_EQ(again.exit_code, 0) << again.out << again.err;
  const Json run = record("R-000002");
  EXPECT_EQ(run.at("void_as_certificate"), "");
  EXPECT_EQ(run.at("header").at("reason"), "the cable was loose");
  EXPECT_EQ(run.at("header").at("earlier_certifying_runs"), Json::array({"R-000001"}));
  const std::string text = certificate("R-000002");
  EXPECT_NE(text.find("R-000001"), std::string::npos) << text;
  EXPECT_NE(text.find("the cable was loose"), std::string::npos) << text;
  const Finished third = penrig(run_arguments({"--reason", "once more"}));
  EXPECT_EQ(third.exit_code, 3) << third.out;
  EXPECT_NE(third.err.find("no retest is left"), std::string::npos) << third.err;
  EXPECT_EQ(cli::json_lines(penrig({"records", "list", "--json"}).out).size(), 2U);
  EXPECT_EQ(penrig({"verify"}).exit_code, 0);
}

TEST_F(OverPtysCertifying, NothingCertifiesWithoutKeyOrApprovalOrWithAnotherByte) {
  EXPECT_NE(why_engineering().find("no key signs it"), std::string::npos);
  make_key();
  EXPECT_NE(why_engineering().find("not approved: plan"), std::string::npos);
  approve({"plan.yaml", "product.yaml"});
  EXPECT_NE(why_engineering().find("not approved: rig"), std::string::npos);
  approve({"rig.yaml"});
  for (const char* file : {"plan.yaml", "product.yaml", "rig.yaml"}) {
    const std::string before = read_text(folder() + "/" + file);
    write(file, before + "# one more line\n");
    EXPECT_NE(why_engineering().find("not approved: "), std::string::npos) << file;
    write(file, before);
  }
  const std::string text = certificate("R-000006");
  EXPECT_NE(text.find("ENGINEERING"), std::string::npos) << text;
  EXPECT_EQ(why_engineering(), "");
}

TEST_F(OverPtysCertifying, APlanIsApprovedWithItsPictures) {
  make_key();
  std::filesystem::copy(kSource + "/rig/plans/pictures", folder() + "/pictures");
  write("plan.yaml", replaced(read_text(kSource + "/rig/plans/inspect-pro.yaml"),
                              "../../fixtures/products/pen-pro.yaml", "product.yaml"));
  const auto approved = [&](const std::string& what, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"approve", what, "--reason", "reviewed", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished f = penrig(arguments);
    std::string kinds;
    if (f.exit_code == 0)
      for (const Json& line : cli::json_lines(f.out)) kinds += line.at("kind").get<std::string>() + " ";
    return f.exit_code == 0 ? kinds : f.err;
  };
  EXPECT_EQ(approved("plan.yaml"), "plan picture picture ");
  EXPECT_NE(approved("plan.yaml").find("approved already"), std::string::npos);
  const std::string bent = "pictures/tip-bent.svg";
  write(bent, read_text(folder() + "/" + bent) + "<!-- another -->\n");
  EXPECT_EQ(approved("plan.yaml"), "picture ") << "the plan's bytes are the same";
  std::filesystem::remove(folder() + "/" + bent);
  EXPECT_NE(approved("plan.yaml").find("tip-bent.svg"), std::string::npos) << "at its place in the plan";
  EXPECT_EQ(approved("plan.yaml", {"--withdraw"}), "plan picture picture picture ") << "whatever is there no more";
  EXPECT_NE(approved("plan.yaml", {"--withdraw"}).find("nothing to withdraw"), std::string::npos);
}

TEST_F(OverPtysCertifying, AClockBehindTheNewestRecordIsAnErrorAndNothingMoves) {
  make_key();
  approve({"plan.yaml", "product.yaml", "rig.yaml"});
  {
    const auto store = RecordStore::open(folder() + "/records").value();
    const std::shared_ptr<const KeyRing> keys = KeyRing::open(folder() + "/penrig/keys").value();
    const std::int64_t tomorrow = store->newest_utc().value()->utc_ns + 86'400'000'000'000;
    store->sign_with(keys, {"tester", tomorrow}).value();
    AuditEntry entry{.at_utc_ns = tomorrow, .who = "tester", .action = audit::kComment};
    entry.subject = "R-000001";
    entry.reason = "as somebody whose clock was right could have said";
    store->add_audit(entry).value();
  }
  const Finished f = penrig(run_arguments());
  EXPECT_EQ(f.exit_code, 3) << f.out;
  EXPECT_NE(f.err.find("this machine's clock says"), std::string::npos) << f.err;
  EXPECT_EQ(penrig({"records", "list", "--json"}).out, "");
  const Finished engineering = penrig({"audit"});
  EXPECT_NE(engineering.out.find("clock"), std::string::npos) << engineering.out;
}

}  // namespace
}  // namespace penrig::test
