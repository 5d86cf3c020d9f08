#include <fstream>

#include <gtest/gtest.h>

#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

const std::string kSource = PENRIG_SOURCE_DIR;

/// A folder with copies of the shipped smoke plan, product and rig, for a test to spoil.
class BadInput : public testing::Test {
 protected:
  BadInput() {
    write("product.yaml", read_text(kSource + "/fixtures/products/pen-pro.yaml"));
    std::string plan = read_text(kSource + "/rig/plans/smoke.yaml");
    replace(plan, "../../fixtures/products/pen-pro.yaml", "product.yaml");
    write("plan.yaml", plan);
    write("rig.yaml", read_text(kSource + "/fixtures/rigs/bench-example.yaml"));
  }

  static void replace(std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << "'" << from << "' is not in the shipped file any more";
    text.replace(at, from.size(), to);
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_.path() / name) << text; }
  void spoil(const std::string& name, const std::string& from, const std::string& to) {
    std::string text = read_text(folder_.path() / name);
    replace(text, from, to);
    write(name, text);
  }
  Finished run(const std::string& rig = "sim:seed=1", const std::string& plan = "plan.yaml") {
    return run_program({"run", plan, "--rig", rig, "--serial-number", "PRO-0001"}, folder_.path().string());
  }
  /// Exit 4, the words in the output, and no record.
  void expect_refused(const Finished& f, const std::string& words) {
    EXPECT_EQ(f.exit_code, 4) << f.out << f.err;
    EXPECT_NE((f.out + f.err).find(words), std::string::npos) << f.out << f.err;
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "records" / "records.db"));
  }

  TemporaryFolder folder_;
};

TEST_F(BadInput, AMissingPlanIsNamed) { expect_refused(run("sim:seed=1", "nowhere.yaml"), "nowhere.yaml"); }

TEST_F(BadInput, AYamlSyntaxErrorIsShownAtItsPlace) {
  write("plan.yaml", "plan: [unclosed\nrevision: 1\n");
  expect_refused(run(), "plan.yaml:");
}

TEST_F(BadInput, AnUnknownKeyIsShownWithASuggestion) {
  spoil("plan.yaml", "revision:", "revison:");
  expect_refused(run(), "did you mean 'revision'?");
}

TEST_F(BadInput, AWrongUnitIsShownWithWhatToWrite) {
  spoil("plan.yaml", "depth_mm:", "depth_um:");
  expect_refused(run(), "depth_mm");
}

TEST_F(BadInput, AWrongTypeIsShown) {
  spoil("plan.yaml", "sample_rate_hz: ", "sample_rate_hz: fast #");
  expect_refused(run(), "a number was expected");
}

TEST_F(BadInput, ADuplicateKeyIsRefused) {
  write("plan.yaml", read_text(folder_.path() / "plan.yaml") + "\nrevision: 2\n");
  expect_refused(run(), "given twice");
}

TEST_F(BadInput, ALimitOnNothingIsRefused) {
  spoil("plan.yaml", "judge: [", "judge: [S3, ");
  expect_refused(run(), "S3");
}

TEST_F(BadInput, ASettingOutsideTheProductIsRefused) {
  spoil("plan.yaml", "depth_mm: [", "depth_mm: [2.75, ");
  expect_refused(run(), "2.75");
}

TEST_F(BadInput, ARigWithoutADaqIsRefused) {
  std::string rig = read_text(folder_.path() / "rig.yaml");
  const auto at = rig.find("daq: serial");
  ASSERT_NE(at, std::string::npos);
  rig.replace(at, 3, "# d");
  write("rig.yaml", rig);
  expect_refused(run("rig.yaml"), "daq");
}

TEST_F(BadInput, AnUnknownUriSchemeIsRefused) {
  spoil("rig.yaml", "daq: serial:", "daq: telnet:");
  expect_refused(run("rig.yaml"), "telnet");
}

TEST_F(BadInput, AnUnknownDefectIsRefusedWithASuggestion) {
  expect_refused(run("sim:seed=1&defect=too-dep"), "too-deep");
}

TEST_F(BadInput, StreamsBeyondTheLinksCapacityAreRefused) {
  std::string rig = read_text(folder_.path() / "rig.yaml");
  const auto at = rig.find("daq: serial:");
  const auto baud = rig.find("baud=", at);
  ASSERT_NE(baud, std::string::npos);
  rig.replace(baud, rig.find_first_not_of("0123456789", baud + 5) - baud, "baud=115200");
  write("rig.yaml", rig);
  expect_refused(run("rig.yaml"), "80 %");
}

TEST_F(BadInput, ASerialNumberThatDoesNotFitTheProductIsRefused) {
  const Finished f =
      run_program({"run", "plan.yaml", "--rig", "sim:seed=1", "--serial-number", "XYZ"}, folder_.path().string());
  expect_refused(f, "XYZ");
}

TEST_F(BadInput, AnUnknownOptionIsAUsageError) {
  EXPECT_EQ(run_program({"run", "--no-such-option"}, folder_.path().string()).exit_code, 4);
  EXPECT_EQ(run_program({"no-such-command"}, folder_.path().string()).exit_code, 4);
}

TEST_F(BadInput, APortThatDoesNotExistIsAnErrorWithARecord) {
  const Finished f = run("rig.yaml");
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_NE((f.out + f.err).find("PEN-DOCK-1"), std::string::npos) << f.out << f.err;
}

TEST_F(BadInput, AJunitFileOfYesterdayIsRedBeforeThePlanIsRead) {
  write("result.xml", "<testsuite tests=\"1\" failures=\"0\"/>");
  write("plan.yaml", "plan: [\n");
  const Finished f =
      run_program({"run", "plan.yaml", "--rig", "sim:seed=1", "--serial-number", "PRO-0001", "--junit", "result.xml"},
                  folder_.path().string());
  EXPECT_EQ(f.exit_code, 4);
  EXPECT_NE(read_text(folder_.path() / "result.xml").find("<error"), std::string::npos);
}

}  // namespace
}  // namespace penrig::test
